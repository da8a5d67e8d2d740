"""Shapes a document states, `x \\in \\mathbb{R}^{1 \\times n}`, checked against what the names are."""

from __future__ import annotations

from dataclasses import replace

from derive import verdicts
from derive.reading.combining import or_none
from derive.reading.dossier import Candidate, Dossier, Step
from derive.reading.parsing import Link
from derive.reading.shapes import dimensions, factors, stated
from derive.reading.sides import is_side
from derive.reading.spelling import bare, spelled
from derive.reading.steps import Outcome, reader
from derive.reading.syntax import Listing, Name, Script, Sign
from derive.reading.worlds import plain_world, read_values, reads


def judge_shape(dossier: Dossier, number: int, left: Link, sign: Sign, right: Link,
                candidates: list[Candidate]) -> bool:
    """A stated shape, `x \\in \\mathbb{R}^{1 \\times n}`, checked; False if this is none."""
    sizes = dimensions(right.operand)
    if sizes is None or sign.text not in ("\\in", "=") or not is_side(left.operand):
        return False
    readable = [c for c in candidates if reads(dossier, left.operand, c.world)]
    if not readable:
        return sign.text == "\\in" and judge_unknown_shape(dossier, number, left, sign, right)
    found, world = None, readable[0].world
    for candidate in readable:
        try:
            values = reader(candidate.world, dossier.scope).read(left.operand)
        except Exception:  # as above
            continue
        if sign.text == "=" and not values[0].rank:
            return False
        here = stated(values, sizes, candidate.world, dossier.letters)
        if found is None or (here.kind == verdicts.PROVED and found.kind != verdicts.PROVED):
            found, world = here, candidate.world
    declared = dossier.system is not None and spelled(bare(left.operand)) in dossier.system.world.names
    if found is not None and found.kind == verdicts.ILL_TYPED and declared and not any(
            value.rank for value in read_values(dossier, left.operand, world)):
        found = None  # the exercise has a number by that letter, and the document a tensor
    if found is None:
        return sign.text == "\\in" and judge_unknown_shape(dossier, number, left, sign, right)
    dossier.letters |= found.letters
    outcome = Outcome(found.kind, found.reason, world)
    dossier.steps.append(Step(left, right, sign, number, (), dossier.narration.exercise(left), outcome))
    return True


def judge_unknown_shape(dossier: Dossier, number: int, left: Link, sign: Sign, right: Link) -> bool:
    """A shape stated of what nothing gives a meaning to: of a name, that declares it."""
    world, node = plain_world(), bare(left.operand)
    name = isinstance(node, Name | Script)
    outcome = Outcome(verdicts.DEFINITION, f"says what {spelled(node)} is", world) if name else Outcome(
        verdicts.UNDECIDED, "the shape of a side that could not be given a meaning", world, unknown=True)
    dossier.steps.append(Step(left, right, sign, number, (), dossier.narration.exercise(left), outcome))
    return True


def judge_shape_row(dossier: Dossier, number: int, links: list[Link]) -> None:
    """`1 \\times n \\quad n \\times i` under a product: the shapes of its factors."""
    product = next((link for step in reversed(dossier.steps[-2:]) for link in (step.right, step.left)
                    if len(factors(link.operand)) == len(links)), None)
    if product is None:
        return
    world = dossier.steps[-1].outcome.world
    elaboration = reader(world, dossier.scope)
    found = [stated(or_none(elaboration.read, factor), dimensions(link.operand) or (), world, dossier.letters)
             for factor, link in zip(factors(product.operand), links, strict=True)]
    worst = min(found, key=lambda shape: shape.kind == verdicts.PROVED)
    for shape in found:
        dossier.letters |= shape.letters
    operands = tuple(link.operand for link in links)
    row = Listing(operands, ("\\quad",) * (len(links) - 1), (operands[0].span[0], operands[-1].span[1]))
    sign = Sign("\\in", None, (row.span[0], row.span[0]))
    dossier.steps.append(Step(product, replace(links[0], operand=row), sign, number, (),
                            dossier.narration.exercise(links[0]), Outcome(worst.kind, worst.reason, world)))
