"""Sums over an index: what they bind, what stands under the sign, windows with and without their centre."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import terms
from derive.components import Index
from derive.reading.combining import Values, or_none, pairs
from derive.reading.indexing import Limits, limits, nested
from derive.reading.spelling import spelled
from derive.reading.syntax import BigOp, Node
from derive.reading.trees import unaccented
from derive.reading.values import Mistyped, Reading, Unsupported, Value, added, described
from derive.terms import Term, delta, sum_over

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration


def read_big(reader: Elaboration, node: BigOp) -> Values:
    if node.operator != "\\sum":
        raise Unsupported(f"{node.operator}")
    if (inner := nested(node)) is not None:
        return read_big(reader, inner)
    around = limits(node.sub, node.sup, reader.world)
    if around.axis is not None and not around.window:
        reader.note_size(around.axis, *(each for each in (node.sub, node.sup) if each is not None), but=around.letter)
    inside, marked = unaccented(node.body, around.letter)
    if marked in reader.bound:
        inside, marked = node.body, ""
    with reader.binding(around.letter, around.axis):
        bodies = reader.read(inside)
        if marked:
            said = Reading(marked, f"{around.letter}, which the sum runs over", True)
            bodies = [body.noted(said) for body in bodies]
        found = [v for body in bodies for v in or_none(close_sum, reader, body, around)]
    if not found:
        raise Mistyped(f"the sum over {around.letter} of {described(bodies[0])} that does not depend on it so")
    if around.whole:
        found = _with_centre(reader, found, inside, around)
    return found


def close_sum(reader: Elaboration, body: Value, around: Limits) -> Values:
    """The body summed over the index its letter became."""
    found = [i for i in body.term.free if i.name == around.letter]
    if around.axis is not None:
        right = [i for i in found if i.axis == around.axis]
        found = right if found else [Index(around.letter, around.axis)]
    if len(found) != 1:
        if not found and around.axis is None:
            raise Unsupported(f"what the sum over {around.letter} runs along")
        raise Mistyped(f"the sum over {around.letter}")
    term = body.term
    for first, second, same in around.conditions:
        term = _condition(reader, first, second, same, found[0]) * term
    return [Value(sum_over(found[0], term), body.lies, body.readings, body.needs, body.assumed)]


def _condition(reader: Elaboration, left: Node, right: Node, same: bool, index: Index) -> Term:
    """1 where two indices under a sum are the same, or differ."""
    targets = [index.axis, *(m.target for several in reader.world.maps.values() for m in several)]
    for axis in targets:
        a = or_none(reader.indices, left, axis)
        b = or_none(reader.indices, right, axis)
        pairs = [(i, k) for i in a for k in b if index in terms.delta(i, k).free]
        if pairs:
            met = delta(*pairs[0])
            return met if same else 1 - met
    raise Unsupported(f"the condition {spelled(left)}, {spelled(right)} under a sum")


def _with_centre(reader: Elaboration, sums: Values, body: Node, around: Limits) -> Values:
    """A window that does not leave out its centre has one position more."""
    centred, reader.centred = reader.centred, around.letter
    try:
        middle = reader.read(body)
    finally:
        reader.centred = centred
    return pairs(lambda a, b: [added(a, b, "+")], sums, middle)


__all__ = ["close_sum", "read_big"]
