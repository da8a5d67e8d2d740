"""Shapes an author states: `z_1 \\in \\mathbb{R}^{1 \\times n}`, `W \\in m \\times l`.

A letter for a size belongs to one axis; the document's letters are learnt as they come. What contradicts an axis that
is known by name is ill-typed; what only contradicts an earlier letter is undecided, since letters are used again.

    >>> from derive.reading.parsing import parse
    >>> dimensions(parse(r"\\mathbb{R}^{1 \\times n}"))
    ('1', 'n')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive import verdicts
from derive.components import Axis
from derive.reading.parsing import Chain, Link
from derive.reading.settings.world import World
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Infix, Name, Node, Number, Script
from derive.reading.values import COLUMN, ROW, Value, described

_ONE = {ROW: 0, COLUMN: 1}
"""Where the 1 stands in the shape of a vector that lies so."""


@dataclass(frozen=True)
class Shape:
    """What was found of a stated shape. letters: what the letters of sizes stand for, if it fits."""

    kind: str
    reason: str
    letters: dict[str, Axis]


def dimensions(node: Node) -> tuple[str, ...] | None:
    """The sizes in `\\mathbb{R}^{a \\times b}` or `a \\times b`; None if it states no shape."""
    node = bare(node)
    if isinstance(node, Script) and isinstance(node.base, Name) and node.base.base == "R" and node.sup is not None:
        inside = bare(node.sup)
        if "blackboard" not in node.base.style or spelled(inside) in ("+", "-", "*") or node.sub is not None:
            return None
        return dimensions(inside) or (spelled(inside),)
    if isinstance(node, Infix) and set(node.operators) == {"\\times"} and all(map(_is_size, node.operands)):
        return tuple(map(spelled, node.operands))
    return None


def _is_size(node: Node) -> bool:
    node = bare(node)
    return isinstance(node, Name | Number) or (isinstance(node, Script) and isinstance(node.base, Name))


def factors(node: Node) -> tuple[Node, ...]:
    """The factors of a product; the node itself if it is none."""
    node = bare(node)
    if isinstance(node, Infix) and not node.additive and "/" not in node.operators:
        return node.operands
    return (node,)


def shapes_beside(several: Sequence[Chain], at: int) -> list[Link] | None:
    """Shapes beside each other in one block, from the first on; none at all for those behind it; None for no such row.

    `1 \\times n \\quad n \\times i` is two statements for the reader of rows.
    """
    if not _is_shape(several[at]):
        return None
    block = several[at].links[0].block
    row = [chain for chain in several if chain.links[0].block == block]
    if len(row) < 2 or not all(map(_is_shape, row)):
        return None
    return [chain.links[0] for chain in row] if row[0] is several[at] else []


def _is_shape(chain: Chain) -> bool:
    return len(chain.links) == 1 and not chain.relations and dimensions(chain.links[0].operand) is not None


def stated(values: list[Value], sizes: tuple[str, ...], world: World, letters: dict[str, Axis]) -> Shape:
    """Whether one of the readings of a side has the stated shape."""
    if not values:
        return Shape(verdicts.UNDECIDED, "the shape of a side that could not be given a meaning", {})
    found = [_fits(value, sizes, world, letters) for value in values]
    order = (verdicts.PROVED, verdicts.UNDECIDED, verdicts.ILL_TYPED)
    return min(found, key=lambda shape: order.index(shape.kind))


def _fits(value: Value, sizes: tuple[str, ...], world: World, letters: dict[str, Axis]) -> Shape:
    if value.rank > 2:
        return Shape(verdicts.UNDECIDED, f"{described(value)}, which no matrix is", {})
    wanted = [size for size in sizes if size != "1"] if value.rank < 2 else list(sizes)
    shown = " x ".join(sizes)
    if len(wanted) != value.rank or "1" in wanted:
        return Shape(verdicts.ILL_TYPED, f"{described(value)} is not {shown}", {})
    if len(sizes) == 2 and value.rank == 1 and value.lies in _ONE and sizes[_ONE[value.lies]] != "1":
        return Shape(verdicts.UNDECIDED, f"{described(value)} is {shown} only once it is transposed", {})
    learnt: dict[str, Axis] = {}
    for size, axis in zip(wanted, value.term.axes, strict=True):
        known = world.ranges.get(size) if len(size) > 1 or size.isupper() or world.closed else None
        if known is None and (world.closed or not size.replace("_", "").replace("|", "").isalpha()):
            return Shape(verdicts.UNDECIDED, f"{described(value)}: nothing says that {size} is the size of {axis}", {})
        if known is not None and known != axis:
            return Shape(verdicts.ILL_TYPED, f"{described(value)} is not {shown}", {})
        if letters.get(size, axis) != axis or learnt.get(size, axis) != axis:
            return Shape(verdicts.UNDECIDED, f"{size} is the size of {axis} here and of another axis elsewhere", {})
        learnt[size] = axis
    return Shape(verdicts.PROVED, f"{described(value)}, as stated", learnt)


__all__ = ["Shape", "dimensions", "stated"]
