"""Names with scripts: entries, rows, powers, transposes, one-hot vectors, deltas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import terms
from derive.components import Axis, Index
from derive.reading.combining import Values, one_of, or_none, pair_of, picked, rational, scripted, some, unbraced
from derive.reading.functions import plain, read_norm
from derive.reading.identifiers import guess_missing
from derive.reading.indexing import letter_of
from derive.reading.spelling import bare, base_name, spelled, split_transpose
from derive.reading.syntax import Annotated, Call, Group, Infix, Matrix, Name, Node, Script
from derive.reading.trees import replaced
from derive.reading.values import (
    MATRIX,
    SCALAR,
    Mistyped,
    Unknown,
    Unsupported,
    Value,
    derivatives,
    described,
    each_entry,
    names_in,
    raised,
    transposed,
)
from derive.terms import delta, onehot

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration


def read_script(reader: Elaboration, node: Script) -> Values:
    found = reader.lookup(spelled(node))
    if found:
        return found
    sup, turned = split_transpose(node.sup)
    if turned and reader.world.scalars:
        raise Unknown("a transpose among real numbers")
    if turned:
        return [transposed(v) for v in reader.read(scripted(node.base, node.sub, sup, node.primes, node))]
    if node.sup is not None:
        return read_superscript(reader, node)
    if node.primes:
        return _primed(reader, node)
    if node.sub is None:
        return reader.read(node.base)
    return read_subscript(reader, node.base, node.sub, node)


def _primed(reader: Elaboration, node: Script) -> Values:
    """`(\\log \\sigma(x))'`: the derivative by the one real variable that stands in it."""
    if not isinstance(node.base, Group | Call) or node.sub is not None or node.primes > 2:
        raise Unsupported(f"the prime of {spelled(node)}")
    try:
        values = reader.read(node.base)
    except Mistyped as error:  # vectors have no prime: it was not this world that was meant
        raise Unsupported(f"the prime of {spelled(node.base)}: {error}") from None
    found: Values = []
    for value in values:
        names = names_in(value.term)
        variable = Value(terms.tensor(next(iter(names)).name), SCALAR) if len(names) == 1 else None
        if value.rank or variable is None or variable.term.args[0] not in names:
            raise Unsupported(f"the prime of {spelled(node)}, which is no function of one real number")
        first = derivatives(value, variable)
        found += first if node.primes == 1 else [d for each in first for d in derivatives(each, variable)]
    return found


def read_superscript(reader: Elaboration, node: Script) -> Values:
    if node.sub is not None:
        layered = reader.lookup(spelled(Script(node.base, None, node.sup)))
        if layered:
            return pick_entries(reader, layered, node.sub, node)
    if isinstance(node.base, Name) and node.base.base == "e" and node.sub is None and not node.base.accents and (
            not reader.declared(node.base)):
        return [each_entry(terms.exp, v) for v in reader.read(unbraced(node.sup)) if plain(v)]
    base = scripted(node.base, node.sub, None, node.primes, node)
    if rows := _row_of(reader, node):
        return rows
    exponent = rational(node.sup)
    if exponent is None and (several := _of_examples(reader, node, base)):
        return several
    if exponent is None:
        raise Unknown(f"the superscript {spelled(node.sup)}")
    return some(lambda v: raised(v, exponent), reader.read(base))


def _row_of(reader: Elaboration, node: Script) -> Values:
    """`x^{(i)}`, `x_d^{(i)}`: row i of the matrix whose rows are called x."""
    matrix = reader.world.gathers.get(spelled(node.base))
    at = unbraced(node.sup) if node.sup is not None else None
    if matrix is None or not isinstance(at, Group) or at.left != "(":
        return []
    rows = read_subscript(reader, node.base, bare(at.body), node)
    return rows if node.sub is None else pick_entries(reader, rows, node.sub, node)


def _of_examples(reader: Elaboration, node: Script, base: Node) -> Values:
    """`\\delta^i` under a sum over i: what it is for example i, of which only the shape is known."""
    letter = letter_of(unbraced(node.sup))
    if letter is None and isinstance(bare(node.sup), Group):  # type: ignore[arg-type]
        letter = letter_of(bare(node.sup).body)  # type: ignore[arg-type, union-attr]
    if letter is None or letter not in reader.bound:
        return []
    axis = reader.bound[letter] or Axis("examples")
    key = f"{spelled(base)}^{letter}"
    return [Value(terms.tensor(key, axis, *v.term.axes)[Index(letter, axis)], v.lies, assumed=frozenset({key}))
            for v in reader.read(base) if v.rank and not v.term.free]


def read_subscript(reader: Elaboration, base: Node, sub: Node, whole: Node) -> Values:
    name = base_name(base) if isinstance(base, Name | Annotated) else None
    if name is not None and spelled(name) in reader.families:
        letter, body = reader.families[spelled(name)]
        return reader.read(replaced(body, letter, sub))
    if name is not None and name.base == "delta" and (pair := pair_of(sub)) and not any(
            v.rank == 2 for v in reader.declared(name)):
        return read_equality(reader, *pair)
    if name is not None and name.base in ("e", "1") and not reader.lookup(spelled(base)):
        return read_one_hots(reader, sub)
    if name is not None:
        matrix = reader.world.gathers.get(spelled(name))
        if matrix is not None and not name.accents and (pair := pair_of(sub)):
            return pick_entries(reader, [Value(matrix, MATRIX)], sub, whole)
        if matrix is not None and not name.accents:
            rows = [Value(matrix[at], reader.world.vectors) for at in reader.indices(sub, matrix.axes[0], True)]
            reader.touched.add(spelled(name))
            return rows
    if name is not None and spelled(name) in reader.world.others and letter_of(sub) is not None:
        other = terms.tensor(f"{spelled(name)}_{spelled(sub)}", reader.world.others[spelled(name)])
        return [Value(other, reader.world.vectors)]
    if isinstance(base, Group) and base.left in ("|", "||"):
        return read_norm(reader, base, spelled(sub))
    if isinstance(base, Matrix | Group) and isinstance(sub, Infix) and "\\times" in sub.operators:
        return reader.read(base)
    known = reader.lookup(spelled(name)) if name is not None else []
    if name is not None and not any(v.rank == 2 for v in known) and (pair := pair_of(sub)) and (
            layer := reader.lookup(f"{spelled(name)}_{spelled(pair[0])}")):
        return pick_entries(reader, layer, pair[1], whole)
    if name is not None and not known and spelled(name) not in reader.world.ranges:
        return guess_missing(reader, whole)
    return pick_entries(reader, reader.read(base), sub, whole)


def pick_entries(reader: Elaboration, values: Values, sub: Node, whole: Node) -> Values:
    """Entries picked by a subscript."""
    found: Values = []
    reasons: list[Exception] = []
    for value in values:
        try:
            found += _entries(reader, value, sub)
        except (Mistyped, Unsupported) as error:
            reasons.append(error)
    if not found:
        raise next((e for e in reasons if isinstance(e, Mistyped)), reasons[0]) if reasons else Unknown(
            f"the subscript of {spelled(whole)}")
    return found


def _entries(reader: Elaboration, value: Value, sub: Node) -> Values:
    if not value.rank:
        raise Unknown(f"a subscript {spelled(sub)} on {described(value)}")
    if value.rank == 1:
        return [picked(value, (at,), SCALAR) for at in reader.indices(one_of(sub), value.term.axes[0])]
    if value.rank == 2 and (pair := pair_of(sub)):
        return [picked(value, (i, k), SCALAR) for i in reader.indices(pair[0], value.term.axes[0])
                for k in reader.indices(pair[1], value.term.axes[1])]
    raise Unsupported(f"one subscript on {described(value)}")


def read_one_hots(reader: Elaboration, sub: Node) -> Values:
    found = [Value(onehot(at), reader.world.vectors) for axis in reader.axes()
             for at in or_none(reader.indices, sub, axis)]
    if not found:
        raise Unknown(f"e_{spelled(sub)}")
    return found


def read_equality(reader: Elaboration, left: Node, right: Node) -> Values:
    """delta of two indices, on every axis that both can be on."""
    found = []
    for axis in reader.axes():
        pairs = [(i, k) for i in or_none(reader.indices, left, axis)
                 for k in or_none(reader.indices, right, axis)]
        found += [Value(delta(i, k), SCALAR) for i, k in pairs]
    if not found:
        raise Unknown(f"{spelled(left)} = {spelled(right)}")
    return found


__all__ = ["pick_entries", "read_equality", "read_one_hots", "read_script", "read_subscript", "read_superscript"]
