"""The worlds a chain may live in, best first, and a step judged in them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from derive import verdicts
from derive.claims import Avoids, Injective
from derive.reading.dossier import Candidate, Dossier
from derive.reading.overrides import network_of
from derive.reading.parsing import Chain
from derive.reading.settings.choice import bonus, centre_of, logits_of, other_vectors, usual_vectors
from derive.reading.settings.choice import world as make_world
from derive.reading.settings.world import World
from derive.reading.spelling import LOSSES, bare, loss_kind, spelled
from derive.reading.steps import Outcome, judge_step, reader
from derive.reading.syntax import Condition, Derivative, Group, Name, Node, Script, walk
from derive.reading.values import Mistyped, Value
from derive.terms import Term, subterms, variables

PASSING = frozenset("abpqrstz")
"""Letters that exercises use in passing, and documents for what they please."""


def candidate_worlds(dossier: Dossier, chain: Chain, around: str) -> list[Candidate]:
    """The worlds a chain may live in, best first."""
    nodes = [link.operand for link in chain.links]
    nodes += [c.body for c in chain.conditions if c.body is not None]
    centre = dossier.centre or centre_of([link.operand for link in chain.links])
    found: list[Candidate] = []
    dossier.logits = logits_of(nodes, dossier.hints.logits)
    label = dossier.narration.exercise(chain.links[0])
    for name in dossier.names:
        world = exercise_world(dossier, name, vectors_of(dossier, name), dossier.logits, centre,
                           dossier.narration.repeated(around) or dossier.narration.part(
                               chain.links[0]) in dossier.repeats,
                           dossier.positive_factor, dossier.hidden, dossier.factor)
        readable = sum(reads(dossier, link.operand, world) for link in chain.links) / len(chain.links)
        score = 3 * readable + bonus(name, nodes, around) + 0.1 * min(3, dossier.used.get(name, 0))
        score += 1.0 if name in dossier.parts.get(label, ()) else 0.0
        score += 1.5 if name == "normalised" and dossier.parallel and _of_parallels(nodes) else 0.0
        score += 0.5 if name == "normalised" and dossier.parallel and _scales(nodes, dossier.factor) else 0.0
        found.append(Candidate(name, world, score if readable else -9.0))
    if dossier.front.world is not None:
        readable = sum(reads(dossier, link.operand, dossier.front.world) for link in chain.links) / len(chain.links)
        found.append(Candidate("front matter", dossier.front.world, 3 * readable + 2.0))
    if dossier.system is not None and (own := own_candidate(dossier, dossier.system.world, chain, found)) is not None:
        return [own]
    if not found:
        return []
    found.sort(key=lambda c: -c.score)
    best = found[0].score
    return [c for c in found if c.score > max(-9.0, best - 0.8)]


def _of_parallels(nodes: list[Node]) -> bool:
    """Whether a chain is about the two vectors that differ by a factor."""
    used = {spelled(each) for node in nodes for each in walk(node) if isinstance(each, Script)}
    return bool(used & {"u_x", "u_y"})


def _scales(nodes: list[Node], factor: str) -> bool:
    """Whether a norm stands in a side, or the factor by which two vectors differ."""
    return any((isinstance(each, Name) and spelled(each) == factor) or (isinstance(each, Group) and each.left == "||")
               for node in nodes for each in walk(node))


def own_candidate(dossier: Dossier, own: World, chain: Chain, found: list[Candidate]) -> Candidate | None:
    """The document's own names, where they give a meaning to a whole chain and no exercise does."""
    sides = [link.operand for link in chain.links]
    if dossier.system is not None and dossier.system.introduces(sides[0]):
        sides = sides[1:]
    losses = {spelled(name) for side in sides for name in walk(side) if isinstance(name, Name) and name.base in LOSSES}
    if any(value.term.op == "tensor" for key in losses for value in own.names.get(key, ())):
        return None  # a loss is no variable
    if len(chain.links) < 2 or any(all(fits(dossier, side, c.world) for side in sides) for c in found):
        return None
    return Candidate("own names", own, 3.0) if all(reads(dossier, side, own) for side in sides) else None


def fits(dossier: Dossier, node: Node, world: World) -> bool:
    """Whether a side can be read in a world, and is about it: what is differentiated there depends on by what."""
    return reads(dossier, node, world) and all(
        any(_depends(value.term) for value in values) for each in walk(node) if isinstance(each, Derivative)
        if (values := read_values(dossier, each, world)))


def _depends(term: Term) -> bool:
    """Whether a gradient is one by something that its value holds; anything else is no gradient."""
    grads = [part for part in subterms(term) if part.op == "grad"]
    return not grads or any(part.args[1].args[0] in variables(part.args[0]) for part in grads)


def plain_world() -> World:
    """A world with scalars only, for what belongs to no exercise."""
    return make_world("sigmoid", usual_vectors("sigmoid"))


def vectors_of(dossier: Dossier, name: str) -> str:
    """How vectors lie in an exercise, in this document."""
    said = dossier.lying.get(make_world(name, usual_vectors(name)).convention)
    return said.vectors if said is not None else usual_vectors(name)


def exercise_world(dossier: Dossier, name: str, vectors: str, *rest: Any, **named: Any) -> World:
    """The world of an exercise, with what the document defines otherwise in it."""
    if name == "network" and dossier.layers:
        return network_of(vectors, dossier.hidden, dossier.layers)
    world = make_world(name, vectors, *rest, **named)
    return renamed(world, *dossier.cross_entropy) if dossier.cross_entropy else world


@lru_cache(maxsize=64)
def renamed(world: World, target: str, prediction: str) -> World:
    """The world with the document's own letters for what a cross entropy compares."""
    if not {"y", "yhat"} <= set(world.names):
        return world
    names = {prediction: world.names["yhat"], **world.names, target: world.names["y"]}
    return replace(world, names=names)


def reads(dossier: Dossier, node: Node, world: World) -> bool:
    """Whether every name of a side means something in a world."""
    elaboration = reader(world, dossier.scope)
    try:
        elaboration.read(node)
    except Mistyped:
        return not elaboration.unknown
    except Exception:  # a defect of ours must cost one reading, never the document
        return False
    return True


def read_values(dossier: Dossier, node: Node, world: World) -> list[Value]:
    """What a side means in a world; empty if nothing."""
    try:
        return reader(world, dossier.scope).read(node)
    except Exception:  # as above
        return []


def judge_in_worlds(dossier: Dossier, left: Node, right: Node, candidates: list[Candidate],
                    conditions: tuple[Condition, ...], generous: bool = False) -> Outcome:
    """The outcome in the world that fits best; proved in any that fits is proved.

    A letter in passing means what the document said it does, until that does not type: then the exercise's again.
    """
    outcome = try_worlds(dossier, left, right, candidates, conditions, generous)
    kept = {key: values for key, values in dossier.scope.names.items() if key not in PASSING}
    if outcome.kind != verdicts.ILL_TYPED or len(kept) == len(dossier.scope.names):
        return outcome
    scope, dossier.scope = dossier.scope, replace(dossier.scope, names=kept)
    again = try_worlds(dossier, left, right, candidates, conditions, generous)
    dossier.scope = scope
    return again if again.proved else outcome


def try_worlds(dossier: Dossier, left: Node, right: Node, candidates: list[Candidate],
               conditions: tuple[Condition, ...], generous: bool) -> Outcome:
    """The outcome with all names as the document has them."""
    found: list[tuple[Candidate, Outcome]] = []
    settled = any(c.world is dossier.settled for c in candidates)  # the left side has its meaning from the step before
    for candidate in sorted(candidates, key=lambda c: c.world is not dossier.settled) if settled else candidates:
        outcome = judge_step(left, right, candidate.world, dossier.scope, conditions, generous=generous)
        home = next((o for _, o in found if o.kind == verdicts.REFUTED), None)
        if outcome.kind == verdicts.PROVED and home is not None:
            return home if outcome.hypotheses or speaks_of_loss(left, right) else replace(
                home, kind=verdicts.UNDECIDED, counterexample=None, reason=f"false in {home.world.name}, true in "
                f"{outcome.world.name}, and nothing says which is meant")
        if outcome.proved and rests_on_positions(outcome) and speaks_of_loss(left, right) and any(
                not o.unknown for _, o in found):
            outcome = replace(outcome, kind=verdicts.UNDECIDED, reason=f"true in {outcome.world.name}, under an "
                              "assumption of that exercise, and nothing says that its loss is meant")
        if outcome.kind == verdicts.PROVED:
            dossier.used[candidate.name] = dossier.used.get(candidate.name, 0) + 1
            if dossier.label:
                dossier.parts.setdefault(dossier.label, set()).add(candidate.name)
            return outcome
        found.append((candidate, outcome))
        if candidate.world is dossier.settled and outcome.kind in (verdicts.REFUTED, verdicts.ILL_TYPED):
            break
    turned = judge_turned(dossier, left, right, candidates, conditions, found, generous)
    if turned is not None:
        return turned
    if (by_own_names := judge_by_own_names(dossier, left, right, conditions, found)) is not None:
        return by_own_names
    known = [(c, o) for c, o in found if not o.unknown]
    if not settled and all(o.kind == verdicts.ILL_TYPED or o.unknown for _, o in found):
        elsewhere = judge_elsewhere(dossier, left, right, candidates, conditions)
        if elsewhere is not None:
            return elsewhere
    if not known:
        guess = judge_step(left, right, plain_world(), dossier.scope, conditions,
                           guess=True)
        return guess if guess.kind == verdicts.PROVED or not found else found[0][1]
    for kind in (verdicts.UNDECIDED, verdicts.REFUTED, verdicts.ILL_TYPED):
        for candidate, outcome in known:
            if outcome.kind == kind and candidate.score > known[0][0].score - 0.9:
                if kind == verdicts.REFUTED:
                    dossier.used[candidate.name] = dossier.used.get(candidate.name, 0) + 1
                return outcome
    return known[0][1]


def rests_on_positions(outcome: Outcome) -> bool:
    """Whether it is assumed that a word stands at none of the positions, or at no two."""
    hypotheses = outcome.claim.hypotheses if outcome.claim is not None else ()
    return any(isinstance(each, Avoids | Injective) for each in hypotheses)


def speaks_of_loss(*sides: Node) -> bool:
    """Whether a loss stands in one of the sides."""
    return any(loss_kind(each) is not None for side in sides for each in walk(side) if isinstance(each, Name | Script))


def judge_by_own_names(dossier: Dossier, left: Node, right: Node, conditions: tuple[Condition, ...],
                       found: list[tuple[Candidate, Outcome]]) -> Outcome | None:
    """The step with names as the document alone has them, if no exercise refutes it and it is proved so."""
    system = dossier.system
    if system is None or any(o.kind == verdicts.REFUTED or c.world is system.world for c, o in found):
        return None
    outcome = judge_step(left, right, system.world, dossier.scope, conditions)
    if outcome.proved and system.introduces(left):
        return Outcome(verdicts.DEFINITION, f"introduces {spelled(bare(left))}", system.world)
    return outcome if outcome.proved else None


def judge_elsewhere(dossier: Dossier, left: Node, right: Node, candidates: list[Candidate],
                    conditions: tuple[Condition, ...]) -> Outcome | None:
    """The step in a world the chain is not about, if it speaks of no loss and is proved there."""
    if speaks_of_loss(left, right):
        return None
    tried = {c.name for c in candidates}
    for name in dossier.names:
        if name not in tried:
            world = exercise_world(dossier, name, vectors_of(dossier, name), dossier.logits, hidden=dossier.hidden,
                                   factor=dossier.factor)
            outcome = judge_step(left, right, world, dossier.scope, conditions)
            if outcome.kind == verdicts.PROVED:
                return outcome
    return None


def judge_turned(dossier: Dossier, left: Node, right: Node, candidates: list[Candidate],
                 conditions: tuple[Condition, ...], found: list[tuple[Candidate, Outcome]],
                 generous: bool) -> Outcome | None:
    """The step with rows for columns, where the document leaves open which it is."""
    for candidate, outcome in found:
        which = candidate.world.convention
        if outcome.kind not in (verdicts.REFUTED, verdicts.ILL_TYPED) or not which:
            continue
        if which in dossier.lying and dossier.lying[which].pinned:
            continue
        vectors = other_vectors(candidate.world.vectors)
        if candidate.name == "front matter":
            continue
        named = candidate.world.names.items()
        centre = next((k for k, values in named if values and (k == "v" or k.startswith("v_"))), "v_c")
        world = exercise_world(dossier, candidate.name, vectors, dossier.logits, centre, hidden=dossier.hidden,
                               factor=dossier.factor)
        again = judge_step(left, right, world, dossier.scope, conditions, generous=generous)
        if again.kind == verdicts.PROVED:
            need = (candidate.world.convention, f"vectors are {vectors}s")
            return replace(again, needs=again.needs | {need})
    return None
