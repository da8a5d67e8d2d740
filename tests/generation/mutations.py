"""Near misses: one small change to a term, of the kinds that people make. Whether it is wrong is not known here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from derive import terms
from derive.components import Index, IndexLike
from derive.errors import AxisError
from derive.terms import Term
from tests.generation.letters import MAPS, MATRICES, VECTORS, Maker, Scope
from tests.generation.places import Place, places, put, renamed

Change = tuple[str, Callable[[], Term]]


def mutant(root: Term, maker: Maker, free: Scope) -> tuple[str, Term] | None:
    """(kind of the change, the changed term) for one change at a random place; None where none was found."""
    everywhere = list(places(root))
    for _ in range(12 if everywhere else 0):  # a number alone has no place
        place = maker.choices.pick(everywhere)
        changes = list(_changes(place, maker, (*free, *place.scope)))
        if not changes:
            continue
        kind, change = maker.choices.pick(changes)
        try:
            new = change()
        except AxisError:
            continue
        if new.axes == place.term.axes:
            return kind, put(root, place.path, new)
    return None


def _changes(place: Place, maker: Maker, scope: Scope) -> Iterator[Change]:
    t = place.term
    yield "sign", lambda: -t
    yield from _ROWS.get(t.op, _nothing)(t, maker, scope)
    if len(t.axes) == 2 and t.axes[0] == t.axes[1]:
        yield "transposed", lambda: t.T
    if t.op not in ("tensor", "item"):
        yield "added term", lambda: t + maker.leaf(t.axes, scope)
        yield "added factor", lambda: t * maker.leaf((), scope)


def _nothing(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    yield from ()


def _sums(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    a, b = t.args
    for _ in range(2):
        yield "sign", lambda: a - b if t.op == "add" else a + b
    if a.axes == t.axes:
        yield "dropped term", lambda: a
    if b.axes == t.axes:
        yield "dropped term", lambda: b if t.op == "add" else -b
    if t.op == "sub":
        yield "order", lambda: b - a


def _factors(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    a, b = t.args
    if a.axes == t.axes:
        yield "dropped factor", lambda: a
    if b.axes == t.axes:
        yield "dropped factor", lambda: b
    if t.op == "div":
        yield "order", lambda: b / a if a.axes == b.axes else a * b
    if t.op == "mul" and a.op == "sigma" and b.op == "sub":
        yield "missing prime factor", lambda: a


def _constants(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    base, exponent = t.args
    yield "constant", lambda: base ** (exponent + 1)
    if exponent == 2:
        yield "constant", lambda: base


def _bound(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    index, body = t.args
    others = [i for i in scope if i.axis == index.axis and i != index]
    if others:
        other = maker.choices.pick(others)
        yield "dropped sum", lambda: renamed(body, {index: other})
        yield "index", lambda: terms.sum_over(index, _with_one(body, index, other, maker))
    yield "constant", lambda: t / terms.size(index.axis)


def _with_one(body: Term, index: Index, other: Index, maker: Maker) -> Term:
    """The body with the index replaced in one of its places."""
    found = [p for p in places(body) if p.term.op in ("item", "onehot", "delta") and index in p.term.free
             and index not in p.scope]
    if not found:
        return body * terms.delta(index, other)
    place = maker.choices.pick(found)
    return put(body, place.path, renamed(place.term, {index: other}))


def _indexed(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    base, indices = t.args
    for number, old in enumerate(indices):
        others = _others(old, scope)
        if others:
            new = maker.choices.pick(others)
            yield "index", lambda n=number, i=new: base[(*indices[:n], i, *indices[n + 1:])]


def _others(old: IndexLike, scope: Scope) -> list[IndexLike]:
    found: list[IndexLike] = [i for i in scope if i.axis == old.axis and i != old]
    found += [m(i) for m in MAPS if m.target == old.axis for i in scope if i.axis == m.source and m(i) != old]
    return found


def _deltas(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    left, right = t.args
    others = [i for i in _others(left, scope) if i != right]
    yield "dropped factor", lambda: terms.number(1)
    yield "sign", lambda: 1 - t
    if others:
        other = maker.choices.pick(others)
        yield "index", lambda: terms.delta(other, right)


def _hot(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    others = _others(t.args[0], scope)
    if others:
        other = maker.choices.pick(others)
        yield "index", lambda: terms.onehot(other)
    yield "dropped factor", lambda: terms.ones(*t.axes)


def _products(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    a, b = t.args
    yield "order", lambda: b @ a
    yield "transposed", lambda: a.T @ b
    yield "transposed", lambda: a @ b.T


def _letters(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    names = [name for name in (VECTORS[t.axes[0]] if len(t.axes) == 1 else "st" if not t.axes else "") if
             name != t.args[0].name]
    if names:
        yield "variable", lambda: terms.tensor(maker.choices.pick(names), *t.axes)
    yield "constant", lambda: 2 * t
    if len(t.axes) == 2 and t.axes not in MATRICES:
        yield "variable", lambda: maker.variable(t.axes)


def _functions(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    (x,) = t.args
    yield "sign", lambda: Term(t.op, (-x,), t.axes)
    yield "constant", lambda: Term(t.op, (2 * x,), t.axes)
    if t.op == "sigma":
        yield "missing prime factor", lambda: t * (1 - t)
        yield "other function", lambda: 1 - t
    if t.op == "softmax":
        yield "other function", lambda: terms.exp(x)


def _taken(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    value, base, fixed = t.args
    if base.op == "tensor" and len(base.axes) == 1:
        other = maker.variable(base.axes)
        yield "variable", lambda: terms.grad(value, other[fixed] if fixed else other)


def _totals(t: Term, maker: Maker, scope: Scope) -> Iterator[Change]:
    x = t.args[0]
    if len(x.axes) == 1:
        at = maker.index(x.axes[0], scope)
        if at is not None:
            yield "dropped sum", lambda: x[at]


_ROWS: dict[str, Callable[[Term, Maker, Scope], Iterator[Change]]] = {
    "add": _sums, "sub": _sums, "mul": _factors, "div": _factors, "pow": _constants, "sum": _bound, "item": _indexed,
    "delta": _deltas, "onehot": _hot, "matmul": _products, "tensor": _letters, "grad": _taken, "total": _totals,
    **dict.fromkeys(("exp", "sigma", "softmax", "log"), _functions),
}
