"""Shapes an author states: `z_1 \\in \\mathbb{R}^{1 \\times n}`, `W \\in m \\times l`.

A letter for a size belongs to one axis; the document's letters are learnt as they come. What contradicts an axis that
is known by name is ill-typed; what only contradicts an earlier letter is undecided, since letters are used again.

    >>> from derive.reading.parsing import parse
    >>> dimensions(parse(r"\\mathbb{R}^{1 \\times n}"))
    ('1', 'n')
"""

from __future__ import annotations

from dataclasses import dataclass

from derive import verdicts
from derive.components import Axis
from derive.reading.settings.world import World
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Infix, Name, Node, Number, Script
from derive.reading.values import Value, described


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
        if "blackboard" not in node.base.style or spelled(inside) in ("+", "-", "*"):
            return None
        return dimensions(inside) or (spelled(inside),)
    if isinstance(node, Infix) and set(node.operators) == {"\\times"} and all(map(_is_size, node.operands)):
        return tuple(map(spelled, node.operands))
    return None


def _is_size(node: Node) -> bool:
    node = bare(node)
    return isinstance(node, Name | Number) or (isinstance(node, Script) and isinstance(node.base, Name))


def stated(values: list[Value], sizes: tuple[str, ...], world: World, letters: dict[str, Axis]) -> Shape:
    """Whether one of the readings of a side has the stated shape."""
    found = [_fits(value, sizes, world, letters) for value in values]
    order = (verdicts.PROVED, verdicts.UNDECIDED, verdicts.ILL_TYPED)
    return min(found, key=lambda shape: order.index(shape.kind))


def _fits(value: Value, sizes: tuple[str, ...], world: World, letters: dict[str, Axis]) -> Shape:
    wanted = [size for size in sizes if size != "1"] if value.rank < 2 else list(sizes)
    shown = " x ".join(sizes)
    if len(wanted) != value.rank:
        return Shape(verdicts.ILL_TYPED, f"{described(value)} is not {shown}", {})
    learnt: dict[str, Axis] = {}
    for size, axis in zip(wanted, value.term.axes, strict=True):
        known = world.ranges.get(size) if len(size) > 1 or size.isupper() else None
        if known is not None and known != axis:
            return Shape(verdicts.ILL_TYPED, f"{described(value)} is not {shown}", {})
        if letters.get(size, axis) != axis or learnt.get(size, axis) != axis:
            return Shape(verdicts.UNDECIDED, f"{size} is the size of {axis} here and of another axis elsewhere", {})
        learnt[size] = axis
    return Shape(verdicts.PROVED, f"{described(value)}, as stated", learnt)


__all__ = ["Shape", "dimensions", "stated"]
