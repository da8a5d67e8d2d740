"""From the expression of one entry to stages: temporaries computed one after another by plain loops.

What the array path does with labelled axes, the loop path does with loops: every sum inside an expression, and every
factor that does not depend on the position within a row, becomes a stage of its own, computed once for all gradients
that need it. What is left of a gradient is a sum of coefficients times rows.

    >>> from derive.components import Axis, Entry, Index, Sigma, Sum, TensorSymbol
    >>> B, C, D = Axis("B"), Axis("C"), Axis("D")
    >>> V, X = TensorSymbol("V", B, D), TensorSymbol("X", C, D)
    >>> b, c, d, e = Index("b1", B), Index("c1", C), Index("d1", D), Index("d2", D)
    >>> stages = Stages(D)
    >>> gradient = Sum(c, Sigma(Sum(e, Entry(V, b, e) * Entry(X, c, e))) * Entry(X, c, d))
    >>> stages.terms(gradient, (b, d))
    (Term(coefficient=weights[b, c], row=X[c, d], summed=(c,)),)
    >>> for stage in stages.ordered():
    ...     print(stage)
    products[b, c] = sum over d of V[b, d]*X[c, d]
    weights[b, c] = Sigma(products[b, c])
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Add, Basic, Expr, Mul, Number, log

from derive.components import Axis, Entry, Index, Softmax, Sum, TensorSymbol, free_indices
from derive.derivative import with_indices
from derive.errors import GradproofError

Labels = tuple[Index, ...]


@dataclass(frozen=True)
class Stage:
    """A temporary: target[indices] = sum over `summed` of body, or the (log) softmax of body along `along`.

    body: without sums; entries of arguments and of earlier stages, in the one index that each axis has in loops.
    """

    target: TensorSymbol
    indices: Labels
    summed: Labels
    body: Expr
    level: int
    along: Index | None = None
    logarithm: bool = False

    def __str__(self) -> str:
        over = f"sum over {', '.join(map(str, self.summed))} of " if self.summed else ""
        over = f"{'log ' if self.logarithm else ''}softmax along {self.along} of " if self.along else over
        return f"{Entry(self.target, *self.indices)} = {over}{self.body}"


@dataclass(frozen=True)
class Term:
    """A part of a result: sum over `summed` of coefficient times row. The row alone depends on the row axis."""

    coefficient: Expr
    row: Expr
    summed: Labels


def loop_index(axis: Axis) -> Index:
    """The one index that an axis has in loops."""
    return Index(axis.name.lower(), axis)


class Stages:
    """The stages of several expressions that share them.

    row: the axis along which rows lie in memory. GradproofError: an expression that this form does not cover.
    """

    def __init__(self, row: Axis) -> None:
        self._row = row
        self._known: dict[tuple[Labels, Labels, Expr, Index | None, bool], Stage] = {}
        self._levels: dict[TensorSymbol, int] = {}

    def ordered(self) -> tuple[Stage, ...]:
        """Every stage after those that it needs."""
        return tuple(sorted(self._known.values(), key=lambda stage: stage.level))

    def terms(self, e: Expr, indices: Labels) -> tuple[Term, ...]:
        """A result as terms, in loop indices. indices: its own."""
        return tuple(self._term(part, indices) for part in Add.make_args(e))

    # --- what becomes a stage -----------------------------------------------------------------------------------------

    def _term(self, e: Expr, own: Labels) -> Term:
        number, rest = e.as_coeff_Mul()
        summed, body = _flattened(rest)
        body = number * self._without_sums(body)
        renaming = _loop_indices((*own, *summed))
        coefficient, row = self._split(body)
        return Term(with_indices(coefficient, renaming), with_indices(row, renaming), _renamed(summed, renaming))

    def _split(self, body: Expr) -> tuple[Expr, Expr]:
        """The factors that do not depend on the row axis, as one entry or number, and the others."""
        rows = [f for f in Mul.make_args(body) if any(i.axis == self._row for i in free_indices(f))]
        coefficient = Mul(*(f for f in Mul.make_args(body) if f not in rows))
        if rows and not isinstance(coefficient, Entry | Number):
            coefficient = self._stage((), coefficient, "weights")
        return coefficient, Mul(*(self._row_of(f) for f in rows))

    def _row_of(self, e: Expr) -> Expr:
        """A sum of rows with coefficients is a row of its own, computed once."""
        if isinstance(e, Add) and not all(isinstance(a, Entry) for a in e.args):
            return self._stage((), Add(*(Mul(*self._split(a)) for a in e.args)), "rows")
        return e

    def _without_sums(self, e: Expr) -> Expr:
        if isinstance(e, Sum):
            return self._summed(e)
        if isinstance(e, Softmax):
            return self._softmax(e, logarithm=False)
        if isinstance(e, log) and isinstance(e.args[0], Softmax):
            return self._softmax(e.args[0], logarithm=True)
        return e.func(*(self._without_sums(a) for a in e.args)) if _holds_binder(e) else e

    def _summed(self, e: Sum) -> Expr:
        summed, body = _flattened(e)
        body = self._without_sums(body)
        if any(i.axis == self._row for i in free_indices(e)):
            coefficient, row = self._split(body)
            return self._stage(summed, coefficient * row, "rows")
        return self._stage(summed, body, "products")

    def _softmax(self, e: Softmax, logarithm: bool) -> Expr:
        """A softmax read off at a position of its own axis: the scores are a stage, and so is what they become."""
        at, index, body = e.args
        place = next((i for i in free_indices(at) if i.axis == index.axis), None)
        scores = self._without_sums(body)
        if place is None or self._without_sums(at) != with_indices(scores, {index: place}):
            raise _not_covered(e)
        return self._stage((), with_indices(scores, {index: place}), "log_softmax" if logarithm else "softmax", place)

    def _stage(self, summed: Labels, body: Expr, name: str, along: Index | None = None) -> Expr:
        own = tuple(sorted(free_indices(body) - {*summed}, key=lambda i: (i.axis == self._row, i.axis.name)))
        renaming = _loop_indices((*own, *summed))
        key = (_renamed(own, renaming), _renamed(summed, renaming), with_indices(body, renaming),
               None if along is None else renaming[along], name == "log_softmax")
        if key not in self._known:
            taken = sum(stage.target.name.rstrip("0123456789") == name for stage in self._known.values())
            target = TensorSymbol(f"{name}{taken + 1 if taken else ''}", *(i.axis for i in own))
            self._levels[target] = 1 + max((self._levels.get(t, -1) for t in body.atoms(TensorSymbol)), default=-1)
            self._known[key] = Stage(target, *key[:3], self._levels[target], *key[3:])
        return Entry(self._known[key].target, *own)


def _flattened(e: Expr) -> tuple[Labels, Expr]:
    """The indices of sums that stand directly in one another, and what is summed."""
    summed: Labels = ()
    while isinstance(e, Sum):
        summed, e = (*summed, e.args[0]), e.args[1]
    return summed, e


def _holds_binder(e: Basic) -> bool:
    return e.has(Sum, Softmax)


def _loop_indices(indices: Iterable[Index]) -> dict[Index, Index]:
    renaming = {i: loop_index(i.axis) for i in indices}
    if len(set(renaming.values())) < len(renaming):
        raise GradproofError(f"two indices on one axis among {', '.join(map(str, renaming))}",
                             "an expression that loops over each axis once", 'backend="arrays"')
    return renaming


def _renamed(labels: Labels, renaming: dict[Index, Index]) -> Labels:
    return tuple(renaming[i] for i in labels)


def _not_covered(e: Expr) -> GradproofError:
    return GradproofError(f"{e} in an expression to be printed as loops", "sums, products, sigma, log and softmax",
                          'backend="arrays"')


