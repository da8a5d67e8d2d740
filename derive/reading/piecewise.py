"""Definitions by cases as values: `x` where `x > 0`, `\\alpha x` where `x < 0`.

Two cases, told apart by the sign of one number. At zero itself the value is left open unless both cases agree there,
whichever of them the author gave the zero to.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.reading.combining import Values
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Case, Cases, Group, Infix, Node, Relation
from derive.reading.values import Unsupported, combined, described
from derive.terms import where_positive

_ABOVE, _BELOW = (">", "\\ge"), ("<", "\\le")


def parted(node: Cases, read: Callable[[Node], Values]) -> Values:
    """What a definition by two cases means; read: the meanings of a side.

    Unsupported: cases that are not told apart by the sign of one number.
    """
    first, second = _two(node)
    sign, difference = _sign(first)
    if second.condition is not None and second.condition.body is not None:
        other, again = _sign(second)
        if spelled(again) != spelled(difference) or (other in _ABOVE) == (sign in _ABOVE):
            raise Unsupported("cases that are not the two signs of one number")
    above, below = (first, second) if sign in _ABOVE else (second, first)
    found = [combined(where_positive(t.term, a.term, b.term), a.lies, t, a, b)
             for t in read(difference) if not t.rank
             for a in read(above.value) for b in read(below.value) if a.rank == b.rank == 0]
    if not found:
        raise Unsupported(f"cases of {described(read(above.value)[0])}")
    return found


def _two(node: Cases) -> tuple[Case, Case]:
    if len(node.rows) != 2 or node.rows[0].condition is None:
        raise Unsupported(f"a definition by {len(node.rows)} cases here")
    return node.rows[0], node.rows[1]


def _sign(row: Case) -> tuple[str, Node]:
    """The sign a case stands under, and the number that has it: `w^T z < 1` is `w^T z - 1 < 0`."""
    body = bare(row.condition.body) if row.condition is not None and row.condition.body is not None else None
    while isinstance(body, Group):
        body = bare(body.body)
    if not isinstance(body, Relation) or len(body.signs) != 1 or body.signs[0] not in (*_ABOVE, *_BELOW):
        raise Unsupported("cases that are not told apart by a sign")
    left, right = body.operands
    return body.signs[0], left if spelled(right) == "0" else Infix(("-",), (left, right), left.span)


__all__ = ["parted"]
