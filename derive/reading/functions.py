"""Functions known by name, and their slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive import terms
from derive.components import Index
from derive.reading.combining import Values, pairs, some
from derive.reading.spelling import spelled
from derive.reading.syntax import Call, Group, Node
from derive.reading.values import MATRIX, SCALAR, Mistyped, Reading, Unsupported, Value, combined, each_entry
from derive.terms import Term, sum_over

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration

def argument_of(node: Call) -> Node:
    if len(node.arguments) != 1:
        raise Unsupported(f"{len(node.arguments)} arguments of {spelled(node.function)}")
    return node.arguments[0]


def _entrywise(function: Callable[[Term], Term]) -> Callable[[Elaboration, Call], Values]:
    return lambda self, node: [each_entry(function, v) for v in self.read(argument_of(node)) if plain(v)]


def plain(value: Value) -> bool:
    if value.rank > 2:
        raise Unsupported("a function of an array with three axes")
    return True


def _softmax(self: Elaboration, node: Call) -> Values:
    found: Values = []
    for value in self.read(argument_of(node)):
        if value.rank == 1:
            found.append(each_entry(terms.softmax, value))
        elif not value.rank:
            found += [_softmax_at(value, i) for i in sorted(value.term.free, key=str)]
        elif value.rank == 2:
            found.append(each_entry(terms.softmax, value))
    if not found:
        raise Mistyped("softmax of a scalar")
    return found


def _softmax_at(value: Value, index: Index) -> Value:
    """softmax(x_i): the i-th entry of the softmax over i."""
    top = terms.exp(value.term)
    said = Reading(f"softmax of an entry {index}", f"entry {index} of the softmax over all {index}")
    return Value(top / sum_over(index, top), SCALAR, value.readings, value.needs, value.assumed).noted(said)


def _maximum(self: Elaboration, node: Call) -> Values:
    if len(node.arguments) != 2:
        raise Unsupported("a maximum of other than two")
    left, right = (self.read(a) for a in node.arguments)
    return pairs(lambda a, b: [combined(terms.maximum(a.term, b.term), a.lies if a.rank else b.lies, a, b)],
                  left, right)


def _cross_entropy(self: Elaboration, node: Call) -> Values:
    if len(node.arguments) != 2:
        raise Unsupported("a cross entropy of other than two distributions")
    return pairs(lambda a, b: [combined(terms.cross_entropy(a.term, b.term), SCALAR, a, b)],
                  *(self.read(a) for a in node.arguments))


def _diag(self: Elaboration, node: Call) -> Values:
    return some(lambda v: Value(terms.diag(v.term), MATRIX, v.readings, v.needs), self.read(argument_of(node)))


def norm_of(value: Value) -> Value:
    return Value(terms.norm(value.term) if value.rank else terms.absolute(value.term), SCALAR, value.readings,
                 value.needs)


def read_norm(reader: Elaboration, node: Group, which: str) -> Values:
    """A norm that says which it is: Euclid's of a vector, Frobenius's of a matrix, the sum of absolute values."""
    found = [v for v in reader.read(node.body) if (v.rank == 2) == (which == "F") and v.rank < 3]
    if which not in ("1", "2", "F") or not found:
        raise Unsupported(f"a norm with the index {which}")
    if which == "1":
        return [Value(terms.total(terms.absolute(v.term)), SCALAR, v.readings, v.needs, v.assumed) for v in found]
    return [norm_of(v) for v in found]


FUNCTIONS: dict[str, Callable[[Elaboration, Call], Values]] = {
    "exp": _entrywise(terms.exp), "log": _entrywise(terms.log), "ln": _entrywise(terms.log),
    "sigma": _entrywise(terms.sigma), "sigmoid": _entrywise(terms.sigma), "softmax": _softmax, "sm": _softmax,
    "max": _maximum, "diag": _diag, "sign": _entrywise(terms.sign), "sgn": _entrywise(terms.sign),
    "tanh": _entrywise(lambda t: 2 * terms.sigma(2 * t) - 1), "crossentropy": _cross_entropy,
    "relu": _entrywise(lambda t: terms.maximum(t, 0)),
}
SLOPES: dict[str, Callable[[Term], Term]] = {
    "sigma": lambda t: terms.sigma(t) * (1 - terms.sigma(t)),
    "sigmoid": lambda t: terms.sigma(t) * (1 - terms.sigma(t)),
    "exp": terms.exp,
    "tanh": lambda t: 1 - (2 * terms.sigma(2 * t) - 1) ** 2,
    "log": lambda t: 1 / t,
    "relu": lambda t: terms.where_positive(t, 1, 0),
}

__all__ = ["FUNCTIONS", "SLOPES", "argument_of", "norm_of", "plain"]
