"""Random well-typed terms that have a value almost everywhere: what the generated claims are made of.

Logarithms are taken of what is positive by construction, denominators are positive by construction, and exponents are
tame, so that plain floating point loops can tell true from false.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from derive import terms
from derive.components import Axis, Index, IndexLike
from derive.terms import Term
from tests.generation.choices import Choices

N, V, D, K = Axis("n"), Axis("V"), Axis("D"), Axis("K")
AXES = (N, V, D, K)
VECTORS = {N: "xz", V: "ya", D: "vu", K: "bc"}
MATRICES = {(V, D): "U", (N, D): "W", (D, N): "M", (N, N): "A", (D, D): "B", (V, V): "C", (N, V): "P", (K, D): "R"}
WORDS = terms.index_map("w", K, V)
PLACES = terms.index_map("f", N, V)
MAPS = (WORDS, PLACES)
FREE = {N: "ij", V: "op", D: "de", K: "kl"}  # names of free indices; bound ones are named otherwise or again the same

Axes = tuple[Axis, ...]
Scope = tuple[Index, ...]
Shape = Callable[[], Term]


class Maker:
    """Makes terms by the decisions of one stream. scope: the indices that may occur, bound or free."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self._numbers = 0

    def number(self) -> int:
        """A number that was not given out before."""
        self._numbers += 1
        return self._numbers

    def fresh(self, axis: Axis) -> Index:
        """An index that occurs nowhere else."""
        return Index(f"{axis.name.lower()}{self.number()}", axis)

    def let(self, definition: Term) -> Term:
        """A name for a term."""
        return terms.let(f"h{self.number()}", definition)

    # --- atoms --------------------------------------------------------------------------------------------------------

    def axis(self) -> Axis:
        return self.choices.pick(AXES)

    def index(self, axis: Axis, scope: Scope) -> IndexLike | None:
        """An index of the axis in scope, or a map at one."""
        found: list[IndexLike] = [i for i in scope if i.axis == axis]
        found += [m(i) for m in MAPS if m.target == axis for i in scope if i.axis == m.source]
        return self.choices.pick(found) if found else None

    def variable(self, axes: Axes) -> Term:
        """A tensor that may be differentiated by."""
        if not axes:
            return terms.tensor(self.choices.pick("st"))
        if len(axes) == 1:
            return terms.tensor(self.choices.pick(VECTORS[axes[0]]), *axes)
        if axes in MATRICES:
            return terms.tensor(MATRICES[axes], *axes)
        if axes[::-1] in MATRICES:
            return terms.tensor(MATRICES[axes[::-1]], *axes[::-1]).T
        return terms.tensor(f"T{axes[0].name}{axes[1].name}", *axes)

    def leaf(self, axes: Axes, scope: Scope) -> Term:
        """A variable, or an entry or row of one."""
        choices = self.choices
        if len(axes) == 2 or (axes and choices.chance(60)) or not scope:
            return self.variable(axes)
        index = choices.pick(scope)
        of = [m for m in MAPS if m.source == index.axis]
        place: IndexLike = choices.pick(of)(index) if of and choices.chance(50) else index
        if axes or choices.chance(80):
            return self.variable((place.axis, *axes))[place]
        second = choices.pick(scope)
        return self.variable((place.axis, second.axis))[place, second]

    def coefficient(self) -> int | Fraction:
        return self.choices.pick((2, 3, -1, Fraction(1, 2), -2, Fraction(2, 3), 5))

    # --- terms --------------------------------------------------------------------------------------------------------

    def term(self, axes: Axes, depth: int, scope: Scope) -> Term:
        """Any term with these axes."""
        if depth <= 0:
            return self.leaf(axes, scope)
        options = self._common(axes, depth - 1, scope)
        options += (self._scalars, self._vectors, self._matrices)[len(axes)](axes, depth - 1, scope)
        return self.choices.pick(options)()

    def _common(self, axes: Axes, depth: int, scope: Scope) -> list[Shape]:
        def again() -> Term:
            return self.term(axes, depth, scope)
        return [
            lambda: self.leaf(axes, scope),
            lambda: again() + again(),
            lambda: again() - again(),
            lambda: again() * again(),
            lambda: again() * self.term((), depth - 1, scope),
            lambda: self.coefficient() * again(),
            lambda: -again(),
            lambda: again() / self.positive((), depth, scope),
            lambda: again() / self.positive(axes, depth, scope),
            lambda: terms.sigma(again()),
            lambda: terms.exp(self.tame(axes, depth, scope)),
            lambda: terms.log(self.positive(axes, depth, scope)),
            lambda: again() ** 2,
            lambda: 1 - again(),
            lambda: self._sum(axes, depth, scope),
        ]

    def _sum(self, axes: Axes, depth: int, scope: Scope) -> Term:
        index = self.fresh(self.axis())
        return terms.sum_over(index, self.term(axes, depth, (*scope, index)) * self.leaf((), (index,)))

    def _scalars(self, axes: Axes, depth: int, scope: Scope) -> list[Shape]:
        axis = self.axis()

        def vector() -> Term:
            return self.term((axis,), depth, scope)
        return [
            lambda: terms.total(vector()),
            lambda: vector() @ vector(),
            lambda: self.entry(terms.softmax(vector()), scope),
            lambda: self.entry(vector(), scope),
            lambda: terms.cross_entropy(self.variable((axis,)), terms.softmax(vector())),
            lambda: terms.log(self.entry(terms.softmax(vector()), scope)),
            lambda: self._sum((), depth, scope),
            lambda: self._delta(axis, scope) * self.term((), depth, scope),
        ]

    def entry(self, vector: Term, scope: Scope) -> Term:
        """One entry of a vector, or its total where no index of that axis is in scope."""
        index = self.index(vector.axes[0], scope)
        return terms.total(vector) if index is None else vector[index]

    def _delta(self, axis: Axis, scope: Scope) -> Term:
        left, right = self.index(axis, scope), self.index(axis, scope)
        return terms.number(1) if left is None or right is None else terms.delta(left, right)

    def _vectors(self, axes: Axes, depth: int, scope: Scope) -> list[Shape]:
        inner = self.axis()
        return [
            lambda: self.variable((*axes, inner)) @ self.term((inner,), depth, scope),
            lambda: self.term((inner,), depth, scope) @ self.variable((inner, *axes)),
            lambda: terms.softmax(self.term(axes, depth, scope)),
            lambda: terms.sigma(self.variable((*axes, inner)) @ self.leaf((inner,), scope) + self.leaf(axes, scope)),
            lambda: terms.softmax(self.variable((*axes, inner)) @ self.term((inner,), depth - 1, scope)),
            lambda: self._onehot(axes[0], scope) * self.term((), depth, scope),
            lambda: terms.diag(self.leaf(axes, scope)) @ self.term(axes, depth, scope),
        ]

    def _onehot(self, axis: Axis, scope: Scope) -> Term:
        index = self.index(axis, scope)
        return terms.ones(axis) if index is None else terms.onehot(index)

    def _matrices(self, axes: Axes, depth: int, scope: Scope) -> list[Shape]:
        first, last = axes
        inner = self.axis()
        return [
            lambda: terms.outer(self.term((first,), depth, scope), self.term((last,), depth, scope)),
            lambda: self.variable((first, inner)) @ self.variable((inner, last)),
            lambda: self.term((last, first), depth - 1, scope).T,
            lambda: terms.softmax(self.variable(axes)),
        ]

    def positive(self, axes: Axes, depth: int, scope: Scope) -> Term:
        """A term that is > 0 whatever the numbers."""
        if depth <= 0:
            return self.choices.pick((lambda: terms.exp(self.leaf(axes, scope)),
                                      lambda: terms.sigma(self.leaf(axes, scope))))()

        def again() -> Term:
            return self.positive(axes, depth - 1, scope)

        def any_term() -> Term:
            return self.term(axes, depth - 1, scope)
        options: list[Shape] = [
            lambda: 1 + again(), lambda: terms.exp(self.tame(axes, depth - 1, scope)), lambda: terms.sigma(any_term()),
            lambda: again() + again(), lambda: again() * again(), lambda: any_term() ** 2 + again(),
            lambda: again() / again(), lambda: self._positive_sum(axes, depth - 1, scope),
        ]
        if len(axes) == 1:
            options.append(lambda: terms.softmax(any_term()))
        if not axes:
            options.append(lambda: terms.total(self.positive((self.axis(),), depth - 1, scope)))
        return self.choices.pick(options)()

    def _positive_sum(self, axes: Axes, depth: int, scope: Scope) -> Term:
        index = self.fresh(self.axis())
        return terms.sum_over(index, self.positive(axes, depth, (*scope, index)))

    def tame(self, axes: Axes, depth: int, scope: Scope) -> Term:
        """A term that stays small, for exponents."""
        inner = self.axis()
        options: list[Shape] = [
            lambda: self.leaf(axes, scope), lambda: -self.leaf(axes, scope),
            lambda: self.leaf(axes, scope) + self.leaf(axes, scope),
            lambda: Fraction(1, 2) * self.leaf(axes, scope),
            lambda: terms.sigma(self.term(axes, min(depth, 1), scope)),
            lambda: self.leaf((), scope) * self.leaf(axes, scope),
        ]
        if len(axes) == 1:
            options.append(lambda: self.variable((*axes, inner)) @ self.leaf((inner,), scope))
        return self.choices.pick(options)()
