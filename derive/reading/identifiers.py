"""Names as they are looked up: what the document, its setting, or nothing says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import terms
from derive.reading.combining import Values
from derive.reading.spelling import base_name, loss_kind, spelled
from derive.reading.syntax import Name, Node
from derive.reading.values import MATRIX, SCALAR, Reading, Unknown, Unsupported, Value, constant
from derive.terms import ones, size

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration


def read_name(reader: Elaboration, node: Name) -> Values:
    key = spelled(node)
    if reader.world.scalars and "bold" in node.style:
        reader.unknown.add(key)
        raise Unknown(f"the bold {key} among real numbers")
    found = reader.lookup(key)
    if found:
        return found
    if node.base.isdigit() and node.base != "1":
        return [constant(int(node.base))]
    if node.base == "1" and {"bold", "blackboard"} & set(node.style) and not reader.world.scalars:
        return [Value(ones(axis), reader.world.vectors) for axis in reader.axes()]
    if node.base == "1" and node.style:
        return [constant(1)]
    if node.base == "e" and not node.accents:
        raise Unsupported("the number e")
    axis = None if node.style or loss_kind(node) is not None else reader.world.ranges.get(key)
    if axis is not None and len(key) <= 3:
        reader.note_size(axis, node)
        return [Value(size(axis), SCALAR)]
    if node.base == "I" and not node.accents:
        return [Value(terms.identity(axis), MATRIX) for axis in reader.axes()]
    if entries := _matrix_of_entries(reader, key):
        return entries
    return guess_missing(reader, node)


def _matrix_of_entries(reader: Elaboration, key: str) -> Values:
    """E, where the document has defined all e_{ij}."""
    made = [v for v in reader.names.get(key.lower(), ()) if len(key) == 1 and v.rank == 2 and v.term.op == "let"]
    return [v.noted(Reading(key, f"the matrix with the entries {key.lower()}")) for v in made]


def guess_missing(reader: Elaboration, node: Node) -> Values:
    """A name without a meaning: guessed to be a scalar if that is allowed."""
    key = spelled(node)
    reader.unknown.add(key)
    name = base_name(node)
    plain = name is not None and not name.style and not name.accents and not name.base[0].isupper()
    if not reader.guess or len(key) > 12 or not plain:
        raise Unknown(f"the name {key}")
    value = Value(terms.tensor(key), SCALAR, assumed=frozenset({key}))
    return [value.noted(Reading(key, f"{key}, a real number"))]


__all__ = ["guess_missing", "read_name"]
