"""Arrays with labelled axes: aligned by label, added, multiplied, and contracted two by two as matrix products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from sympy import Basic, Expr, Symbol

from derive import components as c
from derive.components import Axis, Index, MapSymbol, TensorSymbol
from derive.errors import GradproofError
from numeric.printing import (
    EVERY,
    NEW,
    ONE,
    ZERO,
    Along,
    Axes,
    Item,
    Length,
    Matmul,
    Minus,
    Over,
    Plus,
    Reshape,
    Tensordot,
    Times,
)

BATCH = Index("batch", Axis("batch (leading axis)"))
_ONE_ROW = Index("row", Axis("one row"))  # stands for an axis of length 1 that a matrix product needs

Labels = tuple[Index, ...]
Variable = TensorSymbol | MapSymbol | Index | c.Size


@dataclass(frozen=True)
class Array:
    """An array expression and what each of its axes runs over."""

    node: Basic
    labels: Labels = ()


class Arrays:
    """What can be done with the arrays of one group of expressions.

    last: labels that come last where the layout is free, so that a softmax runs along contiguous memory.
    """

    def __init__(self, symbols: dict[Variable, Symbol], batched: frozenset[Variable]) -> None:
        self._rank = _axis_ranks(symbols)
        self._lengths = _lengths(symbols, batched)
        self.last: set[Index] = set()

    def _key(self, label: Index) -> tuple[int, int, int, str]:
        return (label != BATCH, label in self.last, self._rank.get(label.axis, len(self._rank)), label.name)

    def ordered(self, labels: Iterable[Index]) -> Labels:
        return tuple(sorted(labels, key=self._key))

    def union(self, arrays: list[Array]) -> Labels:
        everything = {label for a in arrays for label in a.labels}
        whole = [a.labels for a in arrays if len(a.labels) == len(everything)]
        return whole[0] if whole else self.ordered(everything)

    def aligned(self, array: Array, labels: Labels) -> Basic:
        """The node with its axes in the order of labels, length 1 for those it lacks."""
        order = [array.labels.index(i) if i in array.labels else NEW for i in labels]
        while order and order[0] == NEW:
            order.pop(0)
        if order == list(range(len(array.labels))):
            return array.node
        return Axes(array.node, *order)

    def length(self, label: Index) -> Basic:
        if label.axis not in self._lengths:
            raise GradproofError(f"the size of axis {label.axis}, which no argument has",
                                 "an argument with that axis", "a claim that mentions a tensor along it")
        return self._lengths[label.axis]

    def total(self, arrays: list[Array]) -> Array:
        """The sum entry by entry: what is added first, then what is subtracted, then a number."""
        labels = self.union(arrays)
        signed = [unsigned(a) for a in arrays]
        signed.sort(key=lambda pair: (pair[0].node.is_Number, pair[1]))
        if all(negative for _, negative in signed):
            return Array(Minus(Plus(*(self.aligned(a, labels) for a, _ in signed))), labels)
        if signed[0][1] or (signed[-1][0].node.is_Number and not signed[-1][1]):
            signed.sort(key=lambda pair: pair[1])
        return Array(Plus(*(Minus(self.aligned(a, labels)) if negative else self.aligned(a, labels)
                            for a, negative in signed)), labels)

    def quotient(self, above: Array, below: Array) -> Array:
        labels = self.union([above, below])
        return Array(Over(self.aligned(above, labels), self.aligned(below, labels)), labels)

    def contracted(self, arrays: list[Array], summed: Labels) -> Array:
        sizes = [Array(self.length(i)) for i in summed if not any(i in a.labels for a in arrays)]
        arrays = [self._presummed(n, arrays, summed) for n in range(len(arrays))]
        scalars = [a for a in arrays if not a.labels]
        arrays = [a for a in arrays if a.labels]
        while len(arrays) > 1:
            one, two = min(combinations(arrays, 2), key=lambda pair: self._cost(pair, arrays, summed))
            rest = [a for a in arrays if a is not one and a is not two]
            arrays = [*rest, self._pair(one, two, _only_in((one, two), rest, summed))]
        return self.times([*scalars, *sizes, *arrays])

    def _presummed(self, n: int, arrays: list[Array], summed: Labels) -> Array:
        """One factor, summed over the labels that no other factor has."""
        array = arrays[n]
        minus = isinstance(array.node, Minus)
        others = [a for k, a in enumerate(arrays) if k != n]
        array = self._summed(unsigned(array)[0], _only_in((array,), others, summed))
        return Array(Minus(array.node), array.labels) if minus else array

    def _cost(self, pair: tuple[Array, Array], arrays: list[Array], summed: Labels) -> tuple[int, int]:
        rest = [a for a in arrays if a is not pair[0] and a is not pair[1]]
        union = set(pair[0].labels) | set(pair[1].labels)
        return len(union), len(union) - len(_only_in(pair, rest, summed))

    def _pair(self, one: Array, two: Array, contracted: Labels) -> Array:
        """Two factors, summed over labels that both have."""
        if not contracted:
            return self.times([one, two])
        (one, minus), (two, also_minus) = unsigned(one), unsigned(two)
        if minus or also_minus:
            product = self._pair(one, two, contracted)
            return product if minus and also_minus else Array(Minus(product.node), product.labels)
        shared = tuple(i for i in one.labels if i in two.labels and i not in contracted)
        free = [tuple(i for i in a.labels if i not in contracted and i not in shared) for a in (one, two)]
        if free[1] and (not free[0] or self._key(free[1][0]) < self._key(free[0][0])):
            one, two, free = two, one, free[::-1]
        if len(contracted) == 1 and len(free[1]) < 2 and (not shared or len(free[0]) == len(free[1]) == 1):
            return self._matmul(one, two, shared, (free[0], free[1]), contracted[0])
        if not shared:
            contracted = tuple(i for i in one.labels if i in contracted)
            left, right = self.aligned(one, (*free[0], *contracted)), self.aligned(two, (*contracted, *free[1]))
            return Array(Tensordot(len(contracted), left, right), (*free[0], *free[1]))
        if not free[0] and (len(contracted) > 1 or shared != (BATCH,)):
            return self._summed(self.times([one, two]), contracted)
        return self._flattened(one, two, self.ordered(shared), (free[0], free[1]), contracted)

    def _summed(self, array: Array, summed: Labels) -> Array:
        """One array, summed over some of its labels."""
        if not summed:
            return array
        places = [n for n, label in enumerate(array.labels) if label in summed]
        kept = tuple(label for label in array.labels if label not in summed)
        axes = [-1] if places == [len(kept)] else places
        return Array(Along("sum", array.node, *axes), kept)

    def _flattened(self, one: Array, two: Array, shared: Labels, free: tuple[Labels, Labels], inner: Labels) -> Array:
        """Matrix products for every shared label: the free and the contracted labels, each group as one axis."""
        if not free[1] and len(free[0]) == len(inner) == 1 and one.labels == (*shared, *inner, *free[0]):
            one, two, free = two, one, free[::-1]
        left = self._matrix(one, shared, free[0], inner)
        right = self._matrix(two, shared, inner, free[1])
        product = Matmul(left, right)
        if any(len(f) > 1 for f in free):
            return Array(Reshape(product, *map(self.length, (*shared, *free[0], *free[1]))),
                         (*shared, *free[0], *free[1]))
        if not all(free):
            product = Item(product, *(EVERY for _ in shared), *(EVERY if f else ZERO for f in free))
        return Array(product, (*shared, *free[0], *free[1]))

    def _matrix(self, array: Array, shared: Labels, *groups: Labels) -> Basic:
        """The array with the shared axes first and then one axis for each group."""
        node = self.aligned(array, (*shared, *(label for group in groups for label in group or (_ONE_ROW,))))
        if all(len(group) < 2 for group in groups):
            return node
        lengths = [[self.length(label) for label in group] or [ONE] for group in groups]
        return Reshape(node, *map(self.length, shared), *(Times(*one) if len(one) > 1 else one[0] for one in lengths))

    def _matmul(self, one: Array, two: Array, shared: Labels, free: tuple[Labels, Labels], k: Index) -> Array:
        shared = self.ordered(shared)
        if not free[1] and len(free[0]) == 1 and one.labels == (k, *free[0]):
            return Array(Matmul(two.node, one.node), free[0])
        left = self.aligned(one, (*shared, *free[0], k))
        right = self.aligned(two, (*shared, k, *free[1]))
        return Array(Matmul(left, right), (*shared, *free[0], *free[1]))

    def times(self, arrays: list[Array]) -> Array:
        """The product entry by entry."""
        arrays = [a for a in arrays if a.node != 1 or a.labels]
        if not arrays:
            return Array(ONE)
        negative = sum(isinstance(a.node, Minus) for a in arrays) % 2
        arrays = [Array(a.node.args[0], a.labels) if isinstance(a.node, Minus) else a for a in arrays]
        labels = self.union(arrays)
        parts = [self.aligned(a, labels) for a in arrays]
        node = Times(*parts) if len(parts) > 1 else parts[0]
        return Array(Minus(node) if negative else node, labels)


def scaled(number: Expr, array: Array) -> Array:
    if number == 1:
        return array
    if number == 0:
        return Array(ZERO)
    if array.node == 1 and not array.labels:
        return Array(number)
    if isinstance(array.node, Minus):
        return scaled(-number, Array(array.node.args[0], array.labels))
    if number == -1:
        return Array(Minus(array.node), array.labels)
    if number < 0:
        return Array(Minus(Times(-number, array.node)), array.labels)
    return Array(Times(number, array.node), array.labels)


def unsigned(array: Array) -> tuple[Array, bool]:
    """The array without its minus sign, and whether it had one."""
    if isinstance(array.node, Minus):
        return Array(array.node.args[0], array.labels), True
    if array.node.is_Number and array.node.is_negative:
        return Array(-array.node), True
    return array, False


def _only_in(these: Sequence[Array], others: Iterable[Array], summed: Labels) -> Labels:
    elsewhere = {label for a in others for label in a.labels}
    return tuple(i for i in summed if i not in elsewhere and any(i in a.labels for a in these))


def _axis_ranks(symbols: Iterable[Variable]) -> dict[Axis, int]:
    """An order of axes in which most arguments are laid out, so that equal products are written equally."""
    layouts = [v.axes for v in sorted(symbols, key=str) if isinstance(v, TensorSymbol | MapSymbol)]
    left = list(dict.fromkeys(axis for layout in layouts for axis in layout))
    order: list[Axis] = []
    while left:
        later = {b for layout in layouts for a, b in pairwise(layout) if a in left and a != b}
        order.append(next((a for a in left if a not in later), left[0]))
        left.remove(order[-1])
    return {axis: n for n, axis in enumerate(order)}


def _lengths(symbols: dict[Variable, Symbol], batched: frozenset[Variable]) -> dict[Axis, Basic]:
    found: dict[Axis, Basic] = {}
    for variable, symbol in symbols.items():
        if isinstance(variable, c.Size):
            found[variable.axis] = symbol
        axes = carried(variable)
        for place, axis in enumerate((BATCH.axis, *axes) if variable in batched else axes):
            found.setdefault(axis, Length(symbol, place))
    return found


def carried(variable: Variable) -> tuple[Axis, ...]:
    """The axes of the array that stands for a variable, without the batch."""
    if isinstance(variable, MapSymbol):
        return (variable.source,)
    return variable.axes if isinstance(variable, TensorSymbol) else ()
