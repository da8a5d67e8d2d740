"""Gradients written out in two ways that share nothing with the product's table of derivatives.

    backward     reverse mode on whole arrays: one adjoint per operation, as in back-propagation
    slope        forward mode on single entries: definitions opened into sums, then one rule per operation

Neither knows derivatives of an abstract function, of a gradient, or of pieces.
"""

from __future__ import annotations

from collections.abc import Callable

from derive import terms
from derive.components import Index, IndexLike, TensorSymbol
from derive.terms import Term, exp, log, number, outer, sum_over, total
from tests.generation.letters import Maker
from tests.generation.places import renamed

Adjoint = Callable[[Term, Term], list[tuple[Term, Term]]]


class NotWritten(Exception):
    """An operation whose derivative this module does not write out."""


# --- reverse mode -----------------------------------------------------------------------------------------------------


def backward(t: Term, by: TensorSymbol, g: Term) -> Term | None:
    """What g, the gradient by t, contributes to the gradient by a variable; None where t does not depend on it.

    g: axes of t; result: axes of the variable. NotWritten: no adjoint is known.
    """
    if t.op in ("tensor", "let") and t.args[0] == by:
        return g
    if t.op == "sum":
        index, body = _apart_from(g, *t.args)
        inside = backward(body, by, g)
        return None if inside is None else sum_over(index, inside)
    row = ADJOINTS.get(t.op)
    if row is None:
        raise NotWritten(t.op)
    result: Term | None = None
    for argument, adjoint in row(t, g):
        found = backward(argument, by, adjoint) if depends(argument, by) else None
        result = found if result is None else result if found is None else result + found
    return result


def depends(t: Term, by: TensorSymbol) -> bool:
    """Whether a tensor or let occurs in a term."""
    return (t.op in ("tensor", "let") and bool(t.args[0] == by)) or any(
        depends(a, by) for a in t.args if isinstance(a, Term))


def _apart_from(g: Term, index: Index, body: Term) -> tuple[Index, Term]:
    if index not in g.free:
        return index, body
    new = Index(f"{index.name}_", index.axis)
    return _apart_from(g, new, renamed(body, {index: new}))


def _mul(t: Term, g: Term) -> list[tuple[Term, Term]]:
    a, b = t.args
    if a.axes == b.axes:
        return [(a, g * b), (b, g * a)]
    scalar, tensor = (a, b) if not a.axes else (b, a)
    return [(scalar, total(g * tensor)), (tensor, scalar * g)]


def _div(t: Term, g: Term) -> list[tuple[Term, Term]]:
    a, b = t.args
    down = g * t / b
    return [(a, g / b if a.axes == t.axes else total(g / b)), (b, -down if b.axes == t.axes else -total(down))]


def _matmul(t: Term, g: Term) -> list[tuple[Term, Term]]:
    a, b = t.args
    return {(1, 1): lambda: [(a, g * b), (b, g * a)],
            (2, 1): lambda: [(a, outer(g, b)), (b, a.T @ g)],
            (1, 2): lambda: [(a, b @ g), (b, outer(a, g))],
            (2, 2): lambda: [(a, g @ b.T), (b, a.T @ g)]}[len(a.axes), len(b.axes)]()


def _softmax(t: Term, g: Term) -> list[tuple[Term, Term]]:
    if len(t.axes) == 2:
        ones = terms.ones(t.axes[1])
        return [(t.args[0], t * (g - outer((t * g) @ ones, ones)))]
    return [(t.args[0], t * g - (t @ g) * t)]


def _item(t: Term, g: Term) -> list[tuple[Term, Term]]:
    base, indices = t.args
    where = terms.onehot(indices[0])
    for index in indices[1:]:
        where = outer(where, terms.onehot(index))
    return [(base, g * where if not g.axes else outer(where, g))]


def _outer(t: Term, g: Term) -> list[tuple[Term, Term]]:
    a, b = t.args
    if len(a.axes) != 1 or len(b.axes) != 1:
        raise NotWritten("outer of matrices")
    return [(a, g @ b), (b, a @ g)]


def _entropy(t: Term, g: Term) -> list[tuple[Term, Term]]:
    y, p = t.args
    return [(y, -(g * log(p))), (p, -(g * (y / p)))]


# One row per operation: (t, gradient by t) -> each argument with the gradient by it.
ADJOINTS: dict[str, Adjoint] = {
    **{op: lambda t, g: [] for op in ("tensor", "number", "size", "delta", "onehot", "ones", "zeros", "identity")},
    "add":           lambda t, g: [(a, g) for a in t.args],
    "sub":           lambda t, g: [(t.args[0], g), (t.args[1], -g)],
    "neg":           lambda t, g: [(t.args[0], -g)],
    "mul":           _mul,
    "div":           _div,
    "pow":           lambda t, g: [(t.args[0], t.args[1] * g * t.args[0] ** (t.args[1] - 1))],
    "exp":           lambda t, g: [(t.args[0], g * t)],
    "log":           lambda t, g: [(t.args[0], g / t.args[0])],
    "sigma":         lambda t, g: [(t.args[0], g * t * (1 - t))],
    "matmul":        _matmul,
    "softmax":       _softmax,
    "item":          _item,
    "outer":         _outer,
    "total":         lambda t, g: [(t.args[0], g * terms.ones(*t.args[0].axes))],
    "transpose":     lambda t, g: [(t.args[0], g.T)],
    "cross_entropy": _entropy,
    "let":           lambda t, g: [(t.args[1], g)],
}


# --- one entry, opened into sums --------------------------------------------------------------------------------------


def opened(t: Term, at: tuple[IndexLike, ...], maker: Maker) -> Term:
    """One entry of a term in numbers, entries, sums and elementary functions only.

    at: one index per axis. NotWritten: an operation that is not opened here.
    """
    if t.op in _EACH:
        args = [opened(a, at if a.axes else (), maker) if isinstance(a, Term) else a for a in t.args]
        return Term(t.op, tuple(args), ())
    row = _OPENED.get(t.op)
    if row is None:
        raise NotWritten(t.op)
    return row(t, at, maker)


def _opened_product(t: Term, at: tuple[IndexLike, ...], maker: Maker) -> Term:
    a, b = t.args
    k, cut = maker.fresh(a.axes[-1]), len(a.axes) - 1
    return sum_over(k, opened(a, (*at[:cut], k), maker) * opened(b, (k, *at[cut:]), maker))


def _opened_softmax(t: Term, at: tuple[IndexLike, ...], maker: Maker) -> Term:
    (x,) = t.args
    k = maker.fresh(x.axes[-1])
    return exp(opened(x, at, maker)) / sum_over(k, exp(opened(x, (*at[:-1], k), maker)))


def _opened_total(t: Term, maker: Maker, entry: Callable[..., Term]) -> Term:
    bound = tuple(maker.fresh(axis) for axis in t.args[0].axes)
    whole = entry(*(opened(a, bound, maker) for a in t.args))
    for index in reversed(bound):
        whole = sum_over(index, whole)
    return whole


def _opened_sum(t: Term, at: tuple[IndexLike, ...], maker: Maker) -> Term:
    k = maker.fresh(t.args[0].axis)
    return sum_over(k, opened(renamed(t.args[1], {t.args[0]: k}), at, maker))


def _opened_outer(t: Term, at: tuple[IndexLike, ...], maker: Maker) -> Term:
    cut = len(t.args[0].axes)
    return opened(t.args[0], at[:cut], maker) * opened(t.args[1], at[cut:], maker)


_EACH = ("number", "size", "delta", "add", "sub", "neg", "mul", "div", "pow", "exp", "log", "sigma")
_OPENED: dict[str, Callable[[Term, tuple[IndexLike, ...], Maker], Term]] = {
    "tensor":        lambda t, at, m: t[at] if at else t,
    "onehot":        lambda t, at, m: terms.delta(at[0], t.args[0]),
    "ones":          lambda t, at, m: number(1),
    "zeros":         lambda t, at, m: number(0),
    "identity":      lambda t, at, m: terms.delta(*at),
    "diag":          lambda t, at, m: terms.delta(*at) * opened(t.args[0], at[:1], m),
    "transpose":     lambda t, at, m: opened(t.args[0], at[::-1], m),
    "item":          lambda t, at, m: opened(t.args[0], (*t.args[1], *at), m),
    "let":           lambda t, at, m: opened(t.args[1], at, m),
    "matmul":        _opened_product,
    "softmax":       _opened_softmax,
    "outer":         _opened_outer,
    "sum":           _opened_sum,
    "total":         lambda t, at, m: _opened_total(t, m, lambda x: x),
    "cross_entropy": lambda t, at, m: -_opened_total(t, m, lambda y, p: y * log(p)),
}


# --- forward mode -----------------------------------------------------------------------------------------------------


def slope(t: Term, by: TensorSymbol, at: tuple[IndexLike, ...]) -> Term | None:
    """The derivative of an opened term by one entry of a tensor; None where it is 0."""
    if t.op == "item" or t.op == "tensor":
        return _slope_of_entry(t, by, at)
    if t.op == "sum":
        index, body = t.args
        if index in {_plain(i) for i in at}:
            index, body = (new := Index(f"{index.name}_", index.axis)), renamed(body, {index: new})
        inside = slope(body, by, at)
        return None if inside is None else sum_over(index, inside)
    slopes = [slope(a, by, at) if isinstance(a, Term) else None for a in t.args]
    if all(s is None for s in slopes):
        return None
    row = _SLOPES.get(t.op)
    if row is None:
        raise NotWritten(t.op)
    return row(t, *(number(0) if s is None else s for s in slopes[:2 if t.op in ("add", "sub", "mul", "div") else 1]))


def _plain(index: IndexLike) -> IndexLike:
    return index if isinstance(index, Index) else _plain(index.args[1])


def _slope_of_entry(t: Term, by: TensorSymbol, at: tuple[IndexLike, ...]) -> Term | None:
    base, indices = (t.args[0], t.args[1]) if t.op == "item" else (t, ())
    if base.args[0] != by:
        return None
    result: Term | None = None
    for i, k in zip(indices, at, strict=True):
        result = terms.delta(i, k) if result is None else result * terms.delta(i, k)
    return number(1) if result is None else result


# One row per operation: (t, derivative of its argument or arguments) -> derivative of t.
_SLOPES: dict[str, Callable[..., Term]] = {
    "add":   lambda t, a, b: a + b,
    "sub":   lambda t, a, b: a - b,
    "neg":   lambda t, a: -a,
    "mul":   lambda t, a, b: a * t.args[1] + t.args[0] * b,
    "div":   lambda t, a, b: (a * t.args[1] - t.args[0] * b) / t.args[1] ** 2,
    "pow":   lambda t, a: t.args[1] * t.args[0] ** (t.args[1] - 1) * a,
    "exp":   lambda t, a: t * a,
    "log":   lambda t, a: a / t.args[0],
    "sigma": lambda t, a: t * (1 - t) * a,
}
