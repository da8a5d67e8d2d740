"""How a chain ends: in what it began with, in what the exercise asks for, in something that is still to be done."""

from __future__ import annotations

from dataclasses import replace

from derive import verdicts
from derive.reading.dossier import Candidate, Dossier, Step
from derive.reading.parsing import Link
from derive.reading.settings.choice import centre_of
from derive.reading.settings.choice import world as make_world
from derive.reading.settings.world import World
from derive.reading.sides import differentiates, is_chain_rule
from derive.reading.spelling import bare
from derive.reading.steps import Scope, judge_step, reader
from derive.reading.syntax import Derivative, Infix, Node
from derive.reading.values import Value
from derive.reading.worlds import judge_in_worlds

_RIGHT = (verdicts.PROVED, verdicts.DEFINITION)
_WRONG = (verdicts.REFUTED, verdicts.ILL_TYPED)


def judge_end(dossier: Dossier, start: int, candidates: list[Candidate]) -> None:
    """What a finding says of the end of the chain whose steps begin at `start`."""
    steps = dossier.steps[start:]
    if not steps:
        return
    where = steps[0].left.source.position(steps[0].left.operand.span[0])[0]
    if any(step.outcome.kind in _WRONG for step in steps):
        said = _after_an_error(dossier, steps, candidates)
    elif all(step.outcome.kind in _RIGHT for step in steps) and _against_exercise(dossier, steps):
        said = ("every step right, but not what was asked: with the exercise's own definitions the two ends differ")
    else:
        return
    if said:
        dossier.findings.append(f"line {where}: {said}")


def left_open(dossier: Dossier) -> list[str]:
    """Derivatives that a chain rule was written for, every step right, and that nothing carries out."""
    chains = [[step for step in dossier.steps if step.chain == number] for number in range(len(dossier.chains))]
    ends = [(steps[0], steps[-1]) for steps in chains if steps and all(s.outcome.kind in _RIGHT for s in steps)]
    found, carried_out = dict[str, Step](), set[str]()
    finished = [(s.place, s.exercise) for s in dossier.steps
                if s.outcome.kind in _RIGHT and not differentiates(s.right.operand)]
    for first, last in ends:
        if not differentiates(first.left.operand) or last.outcome.kind != verdicts.PROVED:
            continue
        wanted = _written(first.left)
        if _is_product_of_derivatives(last.right.operand):
            if not any(place > last.place and exercise == last.exercise for place, exercise in finished):
                found.setdefault(wanted, last)
        else:
            carried_out.add(wanted)
    elsewhere = {_written(side) for steps in chains for s in steps for side in (s.left, s.right)
                 if not is_chain_rule(s.left.operand) and not is_chain_rule(s.right.operand)}
    return [f"line {step.place[0]}: every step right, but the chain rule at its end is not carried out"
            for wanted, step in found.items() if wanted not in carried_out | elsewhere]


def _is_product_of_derivatives(node: Node) -> bool:
    node = bare(node)
    return isinstance(node, Infix) and not node.additive and sum(
        isinstance(bare(each), Derivative) for each in node.operands) > 1


def _written(side: Link) -> str:
    return "".join(side.written.split())


def _after_an_error(dossier: Dossier, steps: list[Step], candidates: list[Candidate]) -> str:
    """A wrong line in between: is the last one right all the same?"""
    first, last = steps[0], steps[-1]
    if len(steps) < 2:
        return ""
    whole = judge_in_worlds(dossier, first.left.operand, last.right.operand, candidates, last.conditions)
    if whole.kind == verdicts.PROVED:
        return "a wrong line in the middle, and the right result at the end"
    return "the chain does not end in what it began with" if whole.kind in _WRONG else ""


def _against_exercise(dossier: Dossier, steps: list[Step]) -> bool:
    """Whether the chain proves something of the document's own J or f that is false of the exercise's."""
    first, last = steps[0], steps[-1]
    world = last.outcome.world
    if last.outcome.kind != verdicts.PROVED or not differentiates(first.left.operand) or world is dossier.front.world:
        return False
    exercise, before = _as_set(dossier, world, first.left.operand, last.right.operand), _before_the_document(dossier)
    if exercise is None:
        return False
    theirs, ours = _values(first.left.operand, exercise, before), _values(first.left.operand, world, dossier.scope)
    if not theirs or any(a.term.same(b.term) for a in theirs for b in ours):
        return False
    outcome = judge_step(first.left.operand, last.right.operand, world, dossier.scope, last.conditions,
                         asked=(exercise, before))
    return outcome.kind == verdicts.REFUTED


def _as_set(dossier: Dossier, world: World, *nodes: Node) -> World | None:
    """The world of an exercise as the setting has it, none of the document's own layers in it."""
    name = next((name for name in dossier.names if make_world(name, world.vectors).name == world.name), None)
    if name is None:
        return None
    hidden = "sigmoid" if dossier.setting else dossier.hidden
    return make_world(name, world.vectors, dossier.logits, dossier.centre or centre_of(nodes), hidden=hidden)


def _before_the_document(dossier: Dossier) -> Scope:
    """What is known before the document defines anything."""
    return replace(dossier.scope, names={}, functions=dossier.front.functions, families=dossier.front.families)


def _values(node: Node, world: World, scope: Scope) -> list[Value]:
    try:
        return reader(world, scope).read(node)
    except Exception:  # what cannot be read asks for nothing
        return []


__all__ = ["judge_end", "left_open"]
