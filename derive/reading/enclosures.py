"""What stands in brackets, under accents and roots; indicators; numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import terms
from derive.reading.arrays import read_list
from derive.reading.combining import Values, fraction
from derive.reading.functions import norm_of
from derive.reading.identifiers import guess_missing
from derive.reading.patterns import items_of
from derive.reading.spelling import bare, spelled
from derive.reading.subscripts import read_equality
from derive.reading.syntax import (
    Accent,
    Annotated,
    Differential,
    Group,
    Indicator,
    Listing,
    Name,
    Number,
    Range,
    Relation,
    Root,
)
from derive.reading.values import ROW, SCALAR, Unknown, Unsupported, Value, constant, each_entry
from derive.terms import size

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration

_BRACKETS = frozenset({"(", "[", "{", "\\{"})
"""Brackets that only hold together."""


def read_group(reader: Elaboration, node: Group) -> Values:
    if node.left == "|":
        axis = reader.world.ranges.get(spelled(node)) or reader.world.ranges.get(spelled(node.body))
        if axis is not None and not reader.lookup(spelled(node.body)):
            reader.note_size(axis, node.body)
            return [Value(size(axis), SCALAR)]
        found = [v for v in reader.read(node.body) if v.rank < 2]
        if not found:
            raise Unsupported("bars around a matrix")
        return [each_entry(terms.absolute, v) if not v.rank else norm_of(v) for v in found]
    if node.left == "||":
        return [norm_of(v) for v in reader.read(node.body)]
    items = items_of(node)
    if items is not None and len(items) > 2:
        return read_list(reader, items, ROW)
    if isinstance(node.body, Listing | Range | Relation):
        raise Unsupported("a list in brackets")
    if node.left not in _BRACKETS:
        raise Unsupported("a value taken at a place" if node.left == "." else f"brackets {node.left}")
    return reader.read(node.body)


def read_annotated(reader: Elaboration, node: Annotated) -> Values:
    circled = node.kind == "circled" and isinstance(node.body, Number | Name)
    if circled or node.kind in ("factorial", "quote", "not"):
        raise Unsupported(f"something {node.kind}")
    return reader.read(node.body)


def read_accent(reader: Elaboration, node: Accent) -> Values:
    found = reader.lookup(spelled(node))
    if found:
        return found
    if node.kind in ("vec", "bar"):
        return reader.read(node.body)
    raise Unknown(f"{node.kind} over {spelled(node.body)}")


def read_indicator(reader: Elaboration, node: Indicator) -> Values:
    condition = bare(node.condition)
    if isinstance(condition, Group):
        condition = bare(condition.body)
    if not isinstance(condition, Relation) or len(condition.signs) != 1:
        raise Unsupported("this indicator")
    if condition.signs == (">",) and spelled(condition.operands[1]) == "0":
        return [each_entry(lambda t: terms.where_positive(t, 1, 0), v) for v in reader.read(condition.operands[0])]
    found = read_equality(reader, *condition.operands)
    if condition.signs == ("=",):
        return found
    if condition.signs == ("\\ne",):
        return [Value(1 - v.term, SCALAR) for v in found]
    raise Unsupported(f"an indicator of {condition.signs[0]}")


def read_root(reader: Elaboration, node: Root) -> Values:
    if node.index is not None and spelled(node.index) != "2":
        raise Unsupported("a root other than the square root")
    return [each_entry(terms.sqrt, v) for v in reader.read(node.body)]


def read_differential(reader: Elaboration, node: Differential) -> Values:
    """`dW` as the author's name for a gradient."""
    key = "d" + spelled(node.operand)
    found = reader.lookup(key)
    return found or guess_missing(reader, Name(key, (), (), node.span))


def read_literal(reader: Elaboration, node: Number) -> Values:
    value = fraction(node.text)
    if value is None:
        raise Unsupported(f"the number {node.text[:20]}")
    return [constant(value)]


__all__ = ["read_accent", "read_annotated", "read_differential", "read_group", "read_indicator", "read_literal",
           "read_root"]
