"""Names a document introduces, and names of an exercise that it takes for something of its own."""

from __future__ import annotations

import re
from dataclasses import replace

from derive import verdicts
from derive.reading.dossier import Candidate, Dossier, Step
from derive.reading.elaboration import Definition
from derive.reading.families import gathered, known_as, letters_of
from derive.reading.functions import FUNCTIONS
from derive.reading.overrides import application, layer_of
from derive.reading.parsing import Link
from derive.reading.settings.choice import LOGITS, other_vectors
from derive.reading.settings.choice import world as make_world
from derive.reading.settings.world import World
from derive.reading.sides import as_name
from derive.reading.spelling import bare, loss_kind, spelled
from derive.reading.steps import Outcome, judge_step, reader
from derive.reading.syntax import Derivative, Group, Infix, Name, Node, Number, Script, walk
from derive.reading.values import Value, names_in
from derive.reading.worlds import PASSING, exercise_world, plain_world, read_values, reads, speaks_of_loss
from derive.terms import let

_LET = re.compile(r"\b(?:let|define|denote|introduce|put|abbreviate|write)\b[^.;:]{0,40}$", re.IGNORECASE)

_AND = re.compile(r"\s*,?\s*(?:and|,)\s*(?:let\s*)?", re.IGNORECASE)


def judge_definition(dossier: Dossier, left: Link, right: Link, candidates: list[Candidate]) -> Outcome | None:
    """Whether the first equation of a chain introduces a name, and what is said of it."""
    node = bare(left.operand)
    if (key := extended_loss(dossier, node, right.operand, candidates)) is not None:
        return Outcome(verdicts.DEFINITION, f"introduces {key}", candidates[0].world)
    able = [c for c in candidates if reads(dossier, right.operand, c.world)]  # who cannot read it, cannot know its name
    key = new_name(dossier, node, able or candidates) or renamed_key(dossier, node, left, right, candidates)
    if key is None or (loss_kind(node) is not None and not any(
            reads(dossier, right.operand, c.world) for c in candidates)):
        return None
    dossier.renamed |= {key, spelled(node.base) if isinstance(node, Script) and letters_of(node) else key}
    world = candidates[0].world if candidates else plain_world()
    return Outcome(verdicts.DEFINITION, f"introduces {key}", world)


def named_at_end(dossier: Dossier, left: Link, right: Link, candidates: list[Candidate]) -> Outcome | None:
    """`... = dz^2`: the last side is a new name for what stands before it."""
    node = as_name(right.operand)
    if node is None or new_name(dossier, node, candidates) is None or len(spelled(node)) > 8:
        return None
    if not any(reads(dossier, left.operand, c.world) for c in candidates):
        return None
    define(dossier, node, [left.operand], candidates)
    world = candidates[0].world
    return Outcome(verdicts.DEFINITION, f"introduces {spelled(node)}", world)


def new_name(dossier: Dossier, node: Node, candidates: list[Candidate]) -> str | None:
    """The spelled name a side introduces: one that nothing gives a meaning to."""
    function, _ = application(node)
    if function is not None:
        key = spelled(function)
        if key in dossier.scope.functions or loss_kind(function) is not None:
            return None
        return key if not any(knows_function(dossier, key, c.world) for c in candidates) and len(key) <= 8 else None
    if not isinstance(node, Name | Script):
        return None
    if isinstance(node, Script) and (node.primes or not isinstance(node.base, Name) or not (
            node.sup is None or isinstance(bare(node.sup), Name | Number | Group))):
        return None
    if any(reads(dossier, node, c.world) for c in candidates) or spelled(node) in dossier.scope.names:
        return None
    return spelled(node)


def extended_loss(dossier: Dossier, node: Node, body: Node, candidates: list[Candidate]) -> str | None:
    """`J_2 = J + \\lambda ...`: a loss the document builds upon another one."""
    key, body = spelled(node), bare(body)
    known = key in dossier.scope.names or any(key in c.world.names for c in candidates)
    if loss_kind(node) is None or (isinstance(node, Name) and not node.accents) or known or not (
            isinstance(body, Infix) and body.additive):
        return None
    others = [each for each in map(bare, body.operands) if isinstance(each, Name | Script)]
    built = any(loss_kind(each) is not None and spelled(each) != key for each in others)
    return key if built and any(reads(dossier, body, c.world) for c in candidates) else None


def lets(dossier: Dossier, left: Link) -> bool:
    """Whether the prose introduces what follows: `let`, or `and` behind something that was let."""
    text = dossier.narration.before(left.block).text
    found = bool(_LET.search(text)) or (dossier.letting in (left.block, left.block - 1) and bool(_AND.fullmatch(text)))
    if found:
        dossier.letting = left.block
    return found


def renamed_key(dossier: Dossier, node: Node, left: Link, right: Link, candidates: list[Candidate]) -> str | None:
    """`Let s = ...`: a name the document takes for something of its own, though an exercise has one so called.

    Nothing is renamed that fits as it is; a result of the exercise only by something of another shape.
    """
    said_so, loss = lets(dossier, left), loss_kind(node) is not None
    if not isinstance(node, Name | Script) or (loss and not said_so) or not (
            spelled(node) in PASSING or said_so
            or any(c.world.layers.get(spelled(node), "").startswith("z") for c in candidates)):
        return None
    key = spelled(node)
    if any(spelled(each) == key for each in walk(right.operand) if isinstance(each, Name | Script)):
        return None
    base = spelled(node.base) if isinstance(node, Script) and letters_of(node) else key
    known = [value for c in candidates for value in c.world.names.get(key, c.world.names.get(base, ()))]
    known += [value for c in candidates if loss for value in read_values(dossier, node, c.world)]
    said = [value for c in candidates for value in read_values(dossier, right.operand, c.world)]
    apart = not {value.term.axes for value in known} & {value.term.axes for value in said}
    free = said_so or (all(value.term.op == "tensor" for value in known) and key not in PASSING)
    if not known or not said or not (free or apart):
        return None
    fits = any(judge_step(node, right.operand, c.world, dossier.scope, quick=True).proved for c in candidates)
    return None if fits else key


def define(dossier: Dossier, node: Node, bodies: list[Node], candidates: list[Candidate], sure: int = 1) -> None:
    """Remember what a name means: its last side first.

    sure: how many sides, from the first on, are proved to be one thing.
    """
    node = bare(node)
    function, parameters = application(node)
    if function is not None:
        definition = Definition(tuple(map(spelled, parameters)), bodies[sure - 1])
        dossier.scope = replace(dossier.scope, functions={**dossier.scope.functions, spelled(function): definition})
        return
    if isinstance(node, Script) and letters_of(node) and gather(dossier, node, bodies[0], candidates):
        return
    if isinstance(node, Script) and isinstance(node.sub, Name) and is_family(dossier, node, bodies):
        families = {**dossier.scope.families, spelled(node.base): (spelled(node.sub), bodies[0])}
        dossier.scope = replace(dossier.scope, families=families)
        return
    dossier.doubtful[spelled(node)] = bodies[sure:]
    values = meanings_of(dossier, node, bodies[:sure], candidates)
    apart = {value.term.axes for value in values}
    for body in bodies[sure:]:  # a side that is another thing is meant only where the name has to have another shape
        others = [v for v in meanings_of(dossier, node, [body], candidates) if v.term.axes not in apart]
        apart |= {value.term.axes for value in others}
        values = [*others, *values]
    if values:
        dossier.scope = replace(dossier.scope, names={**dossier.scope.names, spelled(node): tuple(values)})
        if speaks_of_loss(*bodies):
            read_in = [c.world.name for c in candidates if reads(dossier, bodies[0], c.world)]
            dossier.built[spelled(node)] = next(iter(read_in), "")


def gather(dossier: Dossier, node: Script, body: Node, candidates: list[Candidate]) -> bool:
    """Give the name without its letters a meaning as well; whether the name with them needs no other.

    It does where nothing is differentiated by it: there, what it means at each index is easier to work with.
    """
    key, letters = spelled(node.base), letters_of(node)
    if key in dossier.scope.names or not isinstance(node.base, Name) or any(c.world.names.get(key) for c in candidates):
        return False
    if len(letters) == 1 and not is_family(dossier, node, [body]):
        return False
    for candidate in [c for c in candidates if reads(dossier, body, c.world)][:1]:
        vectors = candidate.world.vectors
        made = [gathered(key, letters, value, vectors) for value in read_values(dossier, body, candidate.world)]
        known = [value for values in candidate.world.names.values() for value in values]
        found = tuple(known_as(value, known) for value in made if value is not None)[:2]
        if not found:
            return False
        dossier.scope = replace(dossier.scope, names={**dossier.scope.names, key: found})
        return len(letters) == 2 or any(v == key or v.startswith(f"{key}_") for v in dossier.variables)
    return False


def meanings_of(dossier: Dossier, node: Node, bodies: list[Node], candidates: list[Candidate]) -> list[Value]:

    found: list[Value] = []
    key = spelled(node)
    for body in reversed(bodies):
        for candidate in [c for c in candidates if reads(dossier, body, c.world)][:1]:
            elaboration = reader(candidate.world, dossier.scope)
            try:
                values = elaboration.read(body)
            except Exception:  # as above
                continue
            if layer := layer_meant(dossier, values, candidate.world):
                return [layer]
            if key in dossier.variables:
                values = [replace(v, term=let(key, v.term)) if not v.term.free else v for v in values[:1]]
            if isinstance(bare(body), Derivative) and len(bodies) > 1 and found:
                shape = values[0].term.axes
                found = [v for v in found if v.term.axes == shape] or found
            found += [v for v in values if not any(v.term.same(f.term) and v.lies == f.lies for f in found)]
    return found[:6]


def layer_meant(dossier: Dossier, values: list[Value], world: World) -> Value | None:
    """The result of the network that a new name stands for: z^{(2)} for z_1 where the input is layer 1."""
    layers = {value.term: value for key in world.layers for value in world.names.get(key, ())}
    return next((value for each in values for term, value in layers.items()
                 if term.op == "let" and value.lies == each.lies and term.args[1].same(each.term)), None)


def is_family(dossier: Dossier, node: Script, bodies: list[Node]) -> bool:
    """`s_k = u_k^T v`: the index of the name stands in what it means.

    Not where `s_o = ...` and `s_k = ...` are defined each in its own way.
    """
    letter = spelled(node.sub)
    apart = any(isinstance(other, Script) and spelled(other.base) == spelled(node.base) and spelled(other.sub) != letter
                for other in (bare(chain.links[0].operand) for chain in dossier.chains if len(chain.links) > 1))
    return node.sup is None and not (letter in ("o", "c") and apart) and any(
        isinstance(each, Script) and each.sub is not None and letter in map(spelled, walk(each.sub))
        for each in walk(bodies[0]))


def knows_function(dossier: Dossier, key: str, world: World) -> bool:

    return key.lower() in world.functions or key.lower() in FUNCTIONS


def override_setting(dossier: Dossier, step: Step, candidates: list[Candidate]) -> None:
    """A result of the setting that the document defines otherwise: its name is the document's from here on."""
    if step.outcome.kind not in (verdicts.REFUTED, verdicts.ILL_TYPED):
        return
    if "yhat" in dict(dossier.layers) and is_own_loss(dossier, step, candidates):
        return
    if is_loss_of_own_softmax(dossier, step, candidates):
        return
    for vectors in {c.world.vectors: None for c in candidates if c.name == "network"}:
        for lying in (vectors, other_vectors(vectors)):
            world = exercise_world(dossier, "network", lying, hidden=dossier.hidden)
            layer = layer_of(step.left.operand, step.right.operand, world)
            if layer is not None and layer not in dict(dossier.layers):
                dossier.layers = (*dossier.layers, (layer, step.right.operand))
                reason = f"the document's own {spelled(step.left.operand)}, which the exercise has otherwise"
                step.outcome = Outcome(verdicts.DEFINITION, reason, world)
                return


def is_own_loss(dossier: Dossier, step: Step, candidates: list[Candidate]) -> bool:
    """Whether a loss is defined on an output that is the document's own: then the loss is, too."""
    node = bare(step.left.operand)
    layers = [c for c in candidates if c.name == "network"]
    if not isinstance(node, Name | Script) or loss_kind(node) is None or spelled(node) in dossier.scope.names:
        return False
    values = meanings_of(dossier, node, [step.right.operand], layers)
    if len(values) != 1 or values[0].rank or values[0].term.free or "yhat" not in {
            symbol.name for symbol in names_in(values[0].term)}:
        return False
    dossier.scope = replace(dossier.scope, names={**dossier.scope.names, spelled(node): tuple(values)})
    step.outcome = Outcome(verdicts.DEFINITION, f"the document's own {spelled(node)}", layers[0].world)
    return True


def is_loss_of_own_softmax(dossier: Dossier, step: Step, candidates: list[Candidate]) -> bool:
    """Whether a loss is the cross entropy of a prediction the document named itself, `S_j` for the softmax of a."""
    node, right = bare(step.left.operand), step.right.operand
    named = {*dossier.scope.names, *dossier.scope.families}
    if not isinstance(node, Name | Script) or loss_kind(node) is None or spelled(node) in dossier.scope.names or (
            not any(spelled(each) in named for each in walk(right) if isinstance(each, Name | Script))):
        return False
    worlds = [c for c in candidates if c.name == "softmax"]
    values = meanings_of(dossier, node, [right], worlds)
    if len(values) != 1 or values[0].rank or values[0].term.free:
        return False
    for letter in {symbol.name for symbol in names_in(values[0].term)} & set(LOGITS):
        world = make_world("softmax", worlds[0].world.vectors, letter)
        if judge_step(node, right, world, dossier.scope, step.conditions, quick=True).proved:
            dossier.scope = replace(dossier.scope, names={**dossier.scope.names, spelled(node): tuple(values)})
            step.outcome = Outcome(verdicts.DEFINITION, f"the document's own {spelled(node)}", world)
            return True
    return False
