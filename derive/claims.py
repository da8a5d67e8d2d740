"""Claims and the hypotheses they rest on.

    >>> from derive.terms import tensor, total, log, softmax, onehot, cross_entropy
    >>> from derive.components import Axis, Index
    >>> n = Axis("n"); y, x = tensor("y", n), tensor("x", n)
    >>> Claim(total(softmax(x)), as_term(1))
    total(softmax(x)) == 1
    >>> (total(y) * x == x).given(sums_to_one(y))
    total(y) * x == x  given total(y) == 1
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.components import Index, IndexLike, MapSymbol, TensorSymbol, axes_text, axis_of, free_indices
from derive.errors import AxisError, UnboundIndexError
from derive.terms import Term, as_term, ones, outer, subterms, tensor, total


@dataclass(frozen=True, eq=False)
class Same:
    """Two indices of one axis are equal: the case i = k."""

    left: IndexLike
    right: IndexLike


@dataclass(frozen=True, eq=False)
class Distinct:
    """Two indices of one axis differ: the case i != k."""

    left: IndexLike
    right: IndexLike


@dataclass(frozen=True, eq=False)
class Injective:
    """A map takes no value twice: distinct negatives."""

    mapping: MapSymbol


@dataclass(frozen=True, eq=False)
class Avoids:
    """A map never takes the value of this index: no negative is the true word."""

    mapping: MapSymbol
    index: Index


@dataclass(frozen=True, eq=False)
class Sign:
    """The sign of a scalar term: relation is one of '>', '>=', '<'; compared with 0."""

    term: Term
    relation: str

    def __post_init__(self) -> None:
        if self.term.axes:
            raise AxisError(f"a sign condition on {self.term!r} with axes {axes_text(self.term.axes)}", "a scalar",
                            "one entry of it, x[i]")
        if self.relation not in (">", ">=", "<"):
            raise AxisError(f"sign condition {self.relation!r}", "'>', '>=' or '<'", "positive(x)")


@dataclass(frozen=True, eq=False)
class Equation:
    """An assumed equation, used to rewrite one entry or one sum of the left side.

    samples: for each tensor it constrains, a term that satisfies it by construction (the refuter draws the tensors of
    that term and computes this one). What a sample assumes beyond the equation narrows only where we look for
    counterexamples and never what is proved.
    """

    left: Term
    right: Term
    samples: tuple[tuple[TensorSymbol, Term], ...] = ()

    def __post_init__(self) -> None:
        if self.left.axes != self.right.axes:
            raise AxisError(f"the hypothesis {self.left!r} == {self.right!r} with axes {axes_text(self.left.axes)} "
                            f"and {axes_text(self.right.axes)}", "the same axes", "a transpose on one side")


Hypothesis = Same | Distinct | Injective | Avoids | Sign | Equation


def same(i: IndexLike, k: IndexLike) -> Same:
    """The case i = k."""
    _meet(i, k)
    return Same(i, k)


def distinct(i: IndexLike, k: IndexLike) -> Distinct:
    """The case i != k."""
    _meet(i, k)
    return Distinct(i, k)


def _meet(i: IndexLike, k: IndexLike) -> None:
    if axis_of(i) != axis_of(k):
        raise AxisError(f"{i} on axis {axis_of(i)} compared with {k} on axis {axis_of(k)}", "two indices of one axis",
                        "an index of the same axis")


def positive(x: Term) -> Sign:
    """x > 0."""
    return Sign(x, ">")


def negative(x: Term) -> Sign:
    """x < 0."""
    return Sign(x, "<")


def nonnegative(x: Term) -> Sign:
    """x >= 0."""
    return Sign(x, ">=")


def injective(mapping: MapSymbol) -> Injective:
    """No value twice."""
    return Injective(mapping)


def avoids(mapping: MapSymbol, index: Index) -> Avoids:
    """The index is no value of the map."""
    if mapping.target != index.axis:
        raise AxisError(f"{mapping.name} with values on {mapping.target} and {index} on {index.axis}", "one axis",
                        f"an index of {mapping.target}")
    return Avoids(mapping, index)


def sums_to_one(y: Term) -> Equation:
    """The entries of y (a vector, or every row of a matrix) sum to 1; nothing is said of their sign."""
    symbol: TensorSymbol = y.args[0]
    raw = tensor(symbol.name + "_raw", *y.axes)
    weights = raw * raw + ones(*y.axes)
    if len(y.axes) == 1:
        return Equation(total(y), as_term(1), ((symbol, weights / total(weights)),))
    last = y.axes[-1]
    return Equation(y @ ones(last), ones(*y.axes[:-1]),
                    ((symbol, weights / outer(weights @ ones(last), ones(last))),))


@dataclass(frozen=True, eq=False)
class Claim:
    """left == right (or left <= right, between axis sizes) for every size, every free index and all real values.

    hypotheses: what is assumed; for_all: free indices that stand on the right side only, on purpose.
    Raises AxisError where the sides have other axes, UnboundIndexError for an index that comes from nowhere.
    """

    left: Term
    right: Term
    hypotheses: tuple[Hypothesis, ...] = ()
    for_all: tuple[Index, ...] = ()
    relation: str = "=="

    def __post_init__(self) -> None:
        if self.left.axes != self.right.axes:
            raise AxisError(f"left side {self.left!r} has axes {axes_text(self.left.axes)}, right side {self.right!r} "
                            f"has axes {axes_text(self.right.axes)}", "the same axes on both sides",
                            _claim_hint(self.left, self.right))
        if self.relation not in ("==", "<="):
            raise AxisError(f"relation {self.relation!r}", "'==' or '<='", "==")

    def checked(self) -> Claim:
        """Itself, after a look at its indices. The kernel asks; `given` and `every` may still declare some before.

        UnboundIndexError: a free index of the right side that the left side, the hypotheses and for_all lack.
        """
        known = self.left.free | frozenset(self.for_all).union(*(mentioned(h) for h in self.hypotheses))
        unbound = sorted(self.right.free - known, key=str)
        if unbound:
            raise UnboundIndexError(
                f"index {', '.join(map(str, unbound))} of axis {unbound[0].axis} is free in the right side "
                f"{self.right!r} {axes_text(self.right.axes)} and not in the left side {self.left!r} "
                f"{axes_text(self.left.axes)}",
                "every index bound by a sum, or free on both sides", "sum_over(index, ...) around the term that has it")
        _expect_readable_names(self)
        _expect_one_meaning(self)
        return self

    def given(self, *hypotheses: Hypothesis) -> Claim:
        """The same claim under more hypotheses."""
        return replace(self, hypotheses=self.hypotheses + hypotheses)

    def every(self, *indices: Index) -> Claim:
        """The same claim, stated for every value of indices that stand on the right side only."""
        return replace(self, for_all=self.for_all + indices)

    def __bool__(self) -> bool:
        return self.left.same(self.right)

    def __repr__(self) -> str:
        from derive.rendering import claim_text

        return claim_text(self)


def _expect_readable_names(claim: Claim) -> None:
    """Names that start with a mark are the normal form's own."""
    free = claim.left.free | claim.right.free | frozenset[Index]().union(*(mentioned(h) for h in claim.hypotheses))
    for index in free:
        if not index.name or index.name[0] in "@#?":
            raise AxisError(f"an index named {index.name!r}", "a name that starts with a letter", "i, j, k, ...")


def _expect_one_meaning(claim: Claim) -> None:
    """A let named as a variable of the same axes, or as another let, would be differentiated as one with it."""
    meaning: dict[TensorSymbol, Term] = {}
    for part in subterms(claim.left, claim.right, *(t for h in claim.hypotheses for t in hypothesis_terms(h))):
        if part.op in ("tensor", "let") and not meaning.setdefault(part.args[0], part).same(part):
            raise AxisError(f"the name {part.args[0].name} for two different things in one claim",
                            "one meaning per name", "another name for the intermediate result")


def at_most(left: Term, right: Term) -> Claim:
    """The claim left <= right, for terms in axis sizes."""
    return Claim(left, as_term(right), relation="<=")


def _claim_hint(left: Term, right: Term) -> str:
    if left.axes == right.axes[::-1]:
        return ".T on one side"
    if not right.axes:
        return "zeros(axis) or ones(axis) for a constant tensor, or one entry of the left side"
    return "an index, a sum or an outer product so that the axes agree"


def mentioned(hypothesis: Hypothesis) -> frozenset[Index]:
    """The free indices a hypothesis speaks of."""
    match hypothesis:
        case Same(i, k) | Distinct(i, k):
            return free_indices(i) | free_indices(k)
        case Avoids(_, index):
            return frozenset((index,))
        case Sign(term, _):
            return term.free
        case Equation(left, right, _):
            return left.free | right.free
        case _:
            return frozenset()


def hypothesis_terms(hypothesis: Hypothesis) -> tuple[Term, ...]:
    """The terms inside a hypothesis."""
    match hypothesis:
        case Sign(term, _):
            return (term,)
        case Equation(left, right, _):
            return (left, right)
        case _:
            return ()


__all__ = [
    "Avoids", "Claim", "Distinct", "Equation", "Hypothesis", "Injective", "Same", "Sign", "at_most", "avoids",
    "distinct", "hypothesis_terms", "injective", "mentioned", "negative", "nonnegative", "positive", "same",
    "sums_to_one",
]


