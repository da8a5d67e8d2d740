"""The derivative of a component expression by one tensor entry: a table, one row per node.

Kronecker deltas appear where an entry meets itself; nothing is simplified. Bound indices are renamed away from the
entry's, so `d/dx_j sum_j x_j` is 1 and not n (sympy issue 21891).

    >>> from derive.components import Axis, Entry, Index, Sum, TensorSymbol
    >>> n = Axis("n"); x = TensorSymbol("x", n); j = Index("j", n)
    >>> derivative(Sum(j, Entry(x, j)**2), Entry(x, j))
    Sum(j1, 2*Delta(j1, j)*x[j1])
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import sympy
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Tuple

from derive.components import (
    Absolute,
    Delta,
    Entry,
    Formal,
    Grad,
    IfPositive,
    Index,
    IndexLike,
    Let,
    Maximum,
    Root,
    Sigma,
    Slot,
    Softmax,
    Sum,
    TensorSymbol,
    finite,
    free_indices,
    fresh_index,
    tensors_of,
)
from derive.errors import OutsideTheory

ZERO, ONE = Integer(0), Integer(1)


def derivative(e: Expr, x: Entry) -> Expr:
    """d e / d x for one entry x of a tensor, whose indices are free; in e every Grad and Let is carried out already.

    OutsideTheory: e holds a node that has no row in the table.
    """
    if x.tensor not in tensors_of(e):
        return ZERO
    row = TABLE.get(type(e))
    if row is None:
        raise OutsideTheory(f"the derivative of {e}", "sums, products, powers, exp, log and the nodes of components")
    return row(e, x)


@lru_cache(maxsize=2_000)
def without_gradients(e: Basic) -> Basic:
    """The same expression with every Grad and Let carried out."""
    if not e.has(Grad, Let):
        return e
    args = [without_gradients(a) for a in e.args]
    if isinstance(e, Grad):
        return derivative(*args)
    if isinstance(e, Let):
        return with_entries(args[2], args[0], args[1])
    return finite(e.func(*args))


def sigma_unfolded(a: Expr) -> Expr:
    """The definition of the logistic function, (1 + e^-a)^-1."""
    return Pow(ONE + sympy.exp(-a), -1)


def softmax_unfolded(at: Expr, index: Index, body: Expr) -> Expr:
    """The definition of softmax, e^at / sum_index e^body."""
    return sympy.exp(at) * Pow(Sum(index, sympy.exp(body)), -1)


def _entry(e: Expr, x: Entry) -> Expr:
    return Mul(*(Delta(i, j) if i != j else ONE for i, j in zip(e.args[1:], x.indices, strict=True)))


def _product(e: Expr, x: Entry) -> Expr:
    return Add(*(Mul(*e.args[:n], derivative(a, x), *e.args[n + 1:]) for n, a in enumerate(e.args)))


def _power(e: Expr, x: Entry) -> Expr:
    base, exponent = e.args
    if x.tensor in tensors_of(exponent):
        return e * derivative(exponent * sympy.log(base), x)
    return exponent * Pow(base, exponent - 1) * derivative(base, x)


def _sum(e: Expr, x: Entry) -> Expr:
    index, body = renamed_away(e.args[:1], e.args[1], x)
    return Sum(index[0], derivative(body, x))


def _formal(e: Expr, x: Entry) -> Expr:
    function, arguments, partials = e.args
    terms = []
    for number, slot in enumerate(arguments.args):
        if isinstance(slot, Slot):
            bound, body = renamed_away(slot.indices, slot.body, e, x)
            term = Formal(function, arguments, Tuple(*partials.args, Tuple(Integer(number), *bound)))
            term = term * derivative(body, x)
            for index in reversed(bound):
                term = Sum(index, term)
            terms.append(term)
    return Add(*terms)


# One row per node: (node e, entry x) -> de/dx.
TABLE: dict[type, Callable[[Expr, Entry], Expr]] = {
    Entry:      _entry,
    Add:        lambda e, x: Add(*(derivative(a, x) for a in e.args)),
    Mul:        _product,
    Pow:        _power,
    sympy.exp:  lambda e, x: e * derivative(e.args[0], x),
    sympy.log:  lambda e, x: derivative(e.args[0], x) / e.args[0],
    Sum:        _sum,
    Sigma:      lambda e, x: derivative(sigma_unfolded(e.args[0]), x),
    Softmax:    lambda e, x: derivative(softmax_unfolded(*e.args), x),
    Root:       lambda e, x: derivative(e.args[0], x) / (2 * e),
    Absolute:   lambda e, x: derivative(e.args[0], x) * e.args[0] / e,
    sympy.Abs:  lambda e, x: derivative(e.args[0], x) * e.args[0] / e,
    Maximum:    lambda e, x: IfPositive(e.args[0] - e.args[1], derivative(e.args[0], x), derivative(e.args[1], x)),
    IfPositive: lambda e, x: IfPositive(e.args[0], derivative(e.args[1], x), derivative(e.args[2], x)),
    Formal:     _formal,
}


# --- substitution without capture -------------------------------------------------------------------------------------


def renamed_away(bound: tuple[Index, ...], body: Expr, *others: Basic) -> tuple[tuple[Index, ...], Expr]:
    """The binder and its body with bound indices that nothing in `others` mentions free."""
    taken = frozenset[Index]().union(*(free_indices(o) for o in others))
    if not {i.name for i in taken} & {i.name for i in bound}:
        return bound, body
    taken |= free_indices(body)
    renaming: dict[Index, IndexLike] = {}
    for index in bound:
        renaming[index] = fresh_index(index, taken)
        taken |= {renaming[index]}
    return tuple(renaming[i] for i in bound), with_indices(body, renaming)


def with_indices(e: Basic, renaming: dict[Index, IndexLike]) -> Basic:
    """e with free indices replaced; binders that would capture are renamed first."""
    if not renaming or (not e.args and not isinstance(e, Index)):
        return e
    if isinstance(e, Index):
        return renaming.get(e, e)
    if isinstance(e, Sum):
        (index,), body = _entered((e.args[0],), e.args[1], renaming)
        return Sum(index, body)
    if isinstance(e, Softmax):
        (index,), body = _entered((e.args[1],), e.args[2], renaming)
        return Softmax(with_indices(e.args[0], renaming), index, body)
    if isinstance(e, Slot):
        bound, body = _entered(e.indices, e.body, renaming)
        return Slot(*bound, body)
    return finite(e.func(*(with_indices(a, renaming) for a in e.args)))


def _entered(bound: tuple[Index, ...], body: Basic, renaming: dict[Index, IndexLike]) -> tuple[tuple[Index, ...],
                                                                                               Basic]:
    inner = {i: j for i, j in renaming.items() if i not in bound}
    bound, body = renamed_away(bound, body, *inner, *inner.values())  # no new name is one that is replaced next
    return bound, with_indices(body, inner)


def with_entries(e: Basic, tensor: TensorSymbol, definition: Slot) -> Basic:
    """e with every entry of a tensor replaced by the body of its definition; e has no Grad and no Let."""
    if tensor not in tensors_of(e):
        return e
    if isinstance(e, Entry):
        return with_indices(definition.body, dict(zip(definition.indices, e.indices, strict=True)))
    if isinstance(e, Sum):
        bound, body = renamed_away((e.args[0],), e.args[1], definition)
        return Sum(bound[0], with_entries(body, tensor, definition))
    if isinstance(e, Softmax):
        bound, body = renamed_away((e.args[1],), e.args[2], definition)
        return Softmax(with_entries(e.args[0], tensor, definition), bound[0], with_entries(body, tensor, definition))
    if isinstance(e, Slot):
        bound, body = renamed_away(e.indices, e.body, definition)
        return Slot(*bound, with_entries(body, tensor, definition))
    return finite(e.func(*(with_entries(a, tensor, definition) for a in e.args)))


__all__ = ["TABLE", "derivative", "renamed_away", "sigma_unfolded", "softmax_unfolded",
           "with_entries", "with_indices", "without_gradients"]
