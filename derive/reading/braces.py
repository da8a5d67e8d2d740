"""What stands under a brace: `\\underbrace{\\sum_i y_i}_{=1}`, `\\underbrace{x W_1}_{1 \\times H}`.

An equation there is a step like any other. A number alone may as well count the terms of a sum: it is a step if it is
right, and nothing is said of it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive import verdicts
from derive.reading.dossier import Candidate, Dossier, Step
from derive.reading.parsing import Link
from derive.reading.shapes import dimensions
from derive.reading.sides import EQUALS
from derive.reading.stating import judge_shape
from derive.reading.steps import Outcome
from derive.reading.syntax import Annotated, Blank, Node, Number, Relation, Sign, walk
from derive.reading.worlds import judge_in_worlds, plain_world, read_values

_BRACES = ("underbrace", "overbrace", "cancel")


def judge_braces(dossier: Dossier, number: int, links: tuple[Link, ...], candidates: list[Candidate]) -> None:
    """A step for each claim under a brace in the sides of a chain."""
    for link in links:
        for brace, label, said in _claims(link.operand):
            left, right = replace(link, operand=brace.body), replace(link, operand=label)
            if dimensions(label) is not None:
                if not _is_open(dossier, brace.body, candidates):
                    judge_shape(dossier, number, left, Sign("\\in", None, label.span), right, candidates)
                continue
            sign = Sign("=", None, (label.span[0], label.span[0]))
            step = Step(left, right, sign, number, (), dossier.narration.exercise(link),
                        Outcome(verdicts.UNDECIDED, dossier.watch.why, plain_world()))
            if dossier.watch.may_begin(step.piece):
                step.outcome = judge_in_worlds(dossier, brace.body, label, candidates, link.statement.conditions)
            if said or step.outcome.kind == verdicts.PROVED:
                dossier.steps.append(step)
                dossier.watch.reached(step)


def _is_open(dossier: Dossier, node: Node, candidates: list[Candidate]) -> bool:
    """Whether a side can be arrays of several shapes, as the derivative of a vector by a vector can."""
    return any(len({value.rank for value in read_values(dossier, node, c.world)}) > 1 for c in candidates)


def _claims(node: Node) -> Iterator[tuple[Annotated, Node, bool]]:
    """Braces, what stands under them, and whether it says that it is equal."""
    for each in walk(node):
        if not isinstance(each, Annotated) or each.kind not in _BRACES or each.label is None:
            continue
        label = each.label
        if isinstance(label, Relation) and len(label.signs) == 1 and label.signs[0] in EQUALS and isinstance(
                label.operands[0], Blank):
            yield each, label.operands[1], True
        elif isinstance(label, Number) or dimensions(label) is not None:
            yield each, label, False


__all__ = ["judge_braces"]
