"""How many operations it takes to evaluate a term, as formulas in axis sizes, read off the term's structure.

The cost model, so that a person can redo the count:

- A subterm is evaluated once for each value of the `sum_over` indices it depends on, and equal subterms are evaluated
  once: a factor that two gradients share is paid for once.
- Counted as multiplications: products, divisions, each step of an integer power.
- Counted as additions: sums, differences, comparisons. A contraction over n terms takes n products and n - 1 sums.
- Counted as exponentials: exp, log, square root. sigma is one exp, one addition and one division.
- Free of charge: a change of sign, reading an entry, a row or a transpose, a one-hot vector, repetition along an axis.
  An entry of a computed tensor costs what the whole tensor costs.

    >>> from derive.components import Axis, Index
    >>> from derive.terms import exp, sum_over, tensor
    >>> K, D = Axis("K"), Axis("D"); k = Index("k", K)
    >>> U, v = tensor("U", K, D), tensor("v", D)
    >>> operations(sum_over(k, exp(U[k] @ v))).multiplications
    K * D
    >>> operations(sum_over(k, exp(U[k] @ v))).additions
    K - 1 + K * (D - 1)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from derive.components import Axis, Index
from derive.errors import GradproofError
from derive.terms import Term, as_term, size


@dataclass(frozen=True)
class Operations:
    """Three counts, each a scalar term in axis sizes."""

    multiplications: Term
    additions: Term
    exponentials: Term

    @property
    def all(self) -> Term:
        """All three together."""
        return _plus(_plus(self.multiplications, self.additions), self.exponentials)


def operations(*terms: Term) -> Operations:
    """What it takes to evaluate all the given terms together, equal subterms once.

    GradproofError: a term holds a derivative or an abstract function, which nobody can evaluate as it stands.
    """
    seen: dict[Any, tuple[Term, tuple[Axis, ...]]] = {}
    for term in terms:
        _collect(term, frozenset(), seen)
    counted = [_scaled(_count(term), _entries(loops)) for term, loops in seen.values()]
    return Operations(*(reduce(_plus, column, as_term(0)) for column in zip(*counted, strict=True)))


Counts = tuple[Term, Term, Term]


def _collect(term: Term, bound: frozenset[Index], seen: dict[Any, tuple[Term, tuple[Axis, ...]]]) -> None:
    loops = sorted((index for index in term.free & bound), key=str)
    seen.setdefault(_key(term), (term, tuple(index.axis for index in loops)))
    inside = bound | {term.args[0]} if term.op == "sum" else bound
    for argument in term.args:
        if isinstance(argument, Term):
            _collect(argument, inside, seen)


def _key(term: Term) -> Any:
    return term.op, term.axes, tuple(_key(a) if isinstance(a, Term) else a for a in term.args)


def _plus(a: Term, b: Term) -> Term:
    if _is(a, 0):
        return b
    return a if _is(b, 0) else a + b


def _times(a: Term, b: Term) -> Term:
    if _is(a, 0) or _is(b, 0):
        return as_term(0)
    if _is(a, 1):
        return b
    return a if _is(b, 1) else a * b


def _is(term: Term, value: int) -> bool:
    return term.op == "number" and bool(term.args[0] == value)


def _scaled(counts: Counts, factor: Term) -> Counts:
    multiplications, additions, exponentials = counts
    return _times(factor, multiplications), _times(factor, additions), _times(factor, exponentials)


def _entries(axes: tuple[Axis, ...]) -> Term:
    return reduce(_times, (size(axis) for axis in axes), as_term(1))


def _count(term: Term) -> Counts:
    if term.op not in _COST:
        raise GradproofError(f"{term!r} in an operation count", "a formula that can be evaluated as it stands",
                             "the right side of a proved gradient in place of grad(...)")
    return _COST[term.op](term)


NONE, ONE = as_term(0), as_term(1)


def _elementwise(multiplications: int, additions: int, exponentials: int) -> Callable[[Term], Counts]:
    def counts(t: Term) -> Counts:
        return _scaled((as_term(multiplications), as_term(additions), as_term(exponentials)), _entries(t.axes))
    return counts


def _power(t: Term) -> Counts:
    exponent = t.args[1]
    if exponent.denominator != 1:
        return _elementwise(1, 0, 2)(t)
    steps = max(abs(int(exponent)) - 1, 0) + (exponent < 0)
    return _elementwise(steps, 0, 0)(t)


def _matmul(t: Term) -> Counts:
    inner, outside = size(t.args[0].axes[-1]), _entries(t.axes)
    return _times(outside, inner), _times(outside, inner - 1), NONE


def _softmax(t: Term) -> Counts:
    along = size(t.axes[-1])
    return _scaled((along, along - 1, along), _entries(t.axes[:-1]))


def _fewer(entries: Term) -> Term:
    return NONE if _is(entries, 1) else entries - 1


def _total(t: Term) -> Counts:
    return NONE, _fewer(_entries(t.args[0].axes)), NONE


def _norm(t: Term) -> Counts:
    entries = _entries(t.args[0].axes)
    return entries, _fewer(entries), ONE


def _cross_entropy(t: Term) -> Counts:
    entries = _entries(t.args[0].axes)
    return entries, _fewer(entries), entries


def _free_of_charge(t: Term) -> Counts:
    return NONE, NONE, NONE


# One row per operation: what one evaluation of it costs, its arguments being there already.
_COST: dict[str, Callable[[Term], Counts]] = {
    **dict.fromkeys(("tensor", "number", "size", "delta", "onehot", "ones", "zeros", "identity", "diag", "along",
                     "transpose", "item", "let", "neg", "parameters"), _free_of_charge),
    **dict.fromkeys(("add", "sub", "maximum", "where", "abs", "sign"), _elementwise(0, 1, 0)),
    **dict.fromkeys(("mul", "div", "outer"), _elementwise(1, 0, 0)),
    **dict.fromkeys(("exp", "log", "sqrt"), _elementwise(0, 0, 1)),
    "sigma": _elementwise(1, 1, 1),
    "pow": _power,
    "matmul": _matmul,
    "softmax": _softmax,
    "sum": lambda t: (NONE, _times(_entries(t.axes), size(t.args[0].axis) - 1), NONE),
    "total": _total,
    "norm": _norm,
    "cross_entropy": _cross_entropy,
}
