"""What a tree means, entry by entry: this package's own reading of each operation, as a graph of scalar nodes.

An entry of a tree at given positions becomes a node; equal nodes are one object. Bound positions live in numbered
slots, and a binder takes a number above those of every binder inside it, so no name is ever captured and two sums that
differ in the letter of their index only are the same node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from operator import itemgetter
from typing import Any

from derive.opinion.statement import Map, Place, Statement, Tree, trees_of

Spot = tuple[int, tuple[Map, ...]]
Key = tuple[str, tuple[str, ...]]
Env = dict[tuple[str, str], int]

# Nodes whose value is drawn, one level up, from what their arguments are: see docs/second-opinion.md.
ATOMS = ("exp", "log", "root", "abs", "max", "cond", "power", "function")


class Unreadable(Exception):
    """A tree outside what this package reads, in words."""


class Scalar:
    """A node. free: its slots; deps: the tensors a derivative of it sees; local: the drawn tensors it depends on
    outside of atoms; level: how deep its atoms nest."""

    __slots__ = ("args", "at", "data", "deps", "free", "id", "level", "local", "op")
    free: tuple[int, ...]
    deps: frozenset[Key]
    local: frozenset[Key]
    level: int

    def __init__(self, id: int, op: str, data: Any, args: tuple[Scalar, ...], slots: frozenset[int],
                 deps: frozenset[Key]) -> None:
        self.id, self.op, self.data, self.args = id, op, data, args
        bound = frozenset(data[0]) if op in ("sum", "function") else frozenset[int]()
        self.free = tuple(sorted(slots.union(*(a.free for a in args)) - bound))
        # The positions of its slots.
        self.at: Callable[[dict[int, int]], Any] = itemgetter(*self.free) if self.free else _nowhere
        inherited = () if op == "made" else args
        self.deps = deps.union(*(a.deps for a in inherited))
        atom = op in ATOMS
        self.local = frozenset((data[0],)) if op == "entry" else frozenset[Key]() if atom else (
            frozenset[Key]().union(*(a.local for a in args)))
        self.level = max((a.level for a in args), default=0) + atom


def _nowhere(env: Any) -> None:
    return None


class Reader:
    """Makes the nodes of one statement. made: tensors that a hypothesis determines, with the tree that gives them."""

    def __init__(self, statement: Statement, made: dict[Key, Tree]) -> None:
        self.statement, self.made = statement, made
        self._nodes: dict[Any, Scalar] = {}
        self._read: dict[Any, Scalar] = {}
        self._heights: dict[int, int] = {}
        self._kept: list[Any] = []
        self.closed: dict[Key, Env] = {}
        self.lets: dict[Key, Tree] = {}
        self.names: Env = {}  # what the free indices stand for
        self.zero, self.one = self.number(0), self.number(1)
        trees = list(trees_of(statement.left, statement.right, statement.hypotheses, tuple(made.values())))
        self.top = max((self.height(t) for t in trees), default=0)

    # --- nodes ---

    def node(self, op: str, data: Any = None, args: tuple[Scalar, ...] = (), slots: frozenset[int] = frozenset(),
             deps: frozenset[Key] = frozenset()) -> Scalar:
        key = (op, data, tuple(a.id for a in args))
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Scalar(len(self._nodes), op, data, args, slots, deps)
        return found

    def number(self, value: int | Fraction) -> Scalar:
        return self.node("number", Fraction(value))

    def add(self, *args: Scalar) -> Scalar:
        rest = tuple(a for a in args if a is not self.zero)
        return rest[0] if len(rest) == 1 else self.node("add", None, rest) if rest else self.zero

    def mul(self, *args: Scalar) -> Scalar:
        if self.zero in args:
            return self.zero
        rest = tuple(a for a in args if a is not self.one)
        return rest[0] if len(rest) == 1 else self.node("mul", None, rest) if rest else self.one

    def neg(self, a: Scalar) -> Scalar:
        return self.mul(self.number(-1), a)

    def inv(self, a: Scalar) -> Scalar:
        return self.node("inv", None, (a,))

    def exp(self, a: Scalar) -> Scalar:
        return self.node("exp", None, (a,))

    def sum(self, slot: int, axis: str, body: Scalar) -> Scalar:
        return self.node("sum", ((slot,), axis), (body,))

    def delta(self, a: Spot, b: Spot) -> Scalar:
        return self.one if a == b else self.node("delta", (a, b), slots=frozenset((a[0], b[0])))

    def power(self, a: Scalar, exponent: Fraction) -> Scalar:
        if exponent.denominator != 1:
            return self.node("power", exponent, (a,))
        whole = self._whole_power(a, abs(int(exponent)))
        return whole if exponent >= 0 else self.inv(whole)

    def _whole_power(self, a: Scalar, exponent: int) -> Scalar:
        if exponent > 2**16:
            raise Unreadable(f"the power {exponent}")
        if exponent < 4:
            return self.mul(*[a] * exponent)
        half = self._whole_power(a, exponent // 2)
        return self.mul(half, half, *[a] * (exponent % 2))

    # --- trees ---

    def height(self, tree: Tree) -> int:
        """An upper bound on how deep binders nest inside the tree."""
        known = self._heights.get(id(tree))
        if known is None:
            inner = [self.height(t) + (len(t.axes) if tree.op == "function" else 0)
                     for t in trees_of_args(tree.args)]
            made = self.made.get((tree.args[0], tree.axes)) if tree.op == "tensor" else None
            if made is not None:
                inner.append(self.height(made))
            known = self._heights[id(tree)] = max(inner, default=0) + _binders(tree)
            self._kept.append(tree)
        return known

    def spot(self, place: Place, env: Env) -> Spot:
        slot = env.get((place.name, place.axis))
        if slot is None:
            raise Unreadable(f"the index {place.name}, which nothing binds")
        return slot, place.maps

    def read(self, tree: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
        """The node of one entry. at: a position per axis; env: what free names stand for; opened: the lets that are
        read as variables, each with what its definition's free names stood for when that began."""
        key = (id(tree), at, id(env), id(opened))
        found = self._read.get(key)
        if found is None:
            row = READINGS.get(tree.op)
            if row is None:
                raise Unreadable(f"the operation {tree.op}")
            self._kept += (tree, env, opened)
            found = self._read[key] = row(self, tree, at, env, opened)
        return found

    def bound(self, tree: Tree, count: int) -> tuple[Spot, ...]:
        """Positions that a binder at this tree runs over."""
        above = self.height(tree)
        return tuple((above - k, ()) for k in range(count))


def trees_of_args(args: tuple[Any, ...]) -> list[Tree]:
    found: list[Tree] = []
    for a in args:
        if isinstance(a, Tree):
            found.append(a)
        elif isinstance(a, tuple):
            found += trees_of_args(a)
    return found


def _binders(tree: Tree) -> int:
    if tree.op in ("matmul", "softmax", "sum"):
        return 1
    return len(tree.args[0].axes) if tree.op in ("total", "norm", "cross_entropy") else 0


Row = Callable[[Reader, Tree, tuple[Spot, ...], Env, dict[Key, Env]], Scalar]


def _each(op: Callable[..., Scalar]) -> Row:
    def row(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
        return op(r, *(r.read(a, at if a.axes else (), env, opened) for a in t.args))
    return row


def _tensor(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    key = (t.args[0], t.axes)
    slots = frozenset(s for s, _ in at)
    if key in r.made:
        value = r.read(r.made[key], at, r.names, r.closed)
        return r.node("made", (key, at), (value,), slots, frozenset((key,)))
    return r.node("entry", (key, at), (), slots, frozenset((key,)))


def _let(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    name, definition = t.args
    key = (name, t.axes)
    if key not in opened:
        return r.read(definition, at, env, opened)
    began = opened[key]
    if any(began.get(n) != env.get(n) for n in _names(definition)):
        raise Unreadable(f"a gradient by {name}, whose definition has an index that is bound inside")
    value = r.read(definition, at, began, r.closed)
    return r.node("let", (key, at), (value,), frozenset(s for s, _ in at), frozenset((key,)))


def _item(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    base, places = t.args
    return r.read(base, (*(r.spot(p, env) for p in places), *at), env, opened)


def _matmul(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    left, right = t.args
    (k,), cut = r.bound(t, 1), len(left.axes) - 1
    return r.sum(k[0], left.axes[-1], r.mul(r.read(left, (*at[:cut], k), env, opened),
                                            r.read(right, (k, *at[cut:]), env, opened)))


def _outer(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    left, right = t.args
    cut = len(left.axes)
    return r.mul(r.read(left, at[:cut], env, opened), r.read(right, at[cut:], env, opened))


def _softmax(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    x = t.args[0]
    (j,) = r.bound(t, 1)
    below = r.sum(j[0], t.axes[-1], r.exp(r.read(x, (*at[:-1], j), env, opened)))
    return r.mul(r.exp(r.read(x, at, env, opened)), r.inv(below))


def _sum(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    place, body = t.args
    (k,) = r.bound(t, 1)
    inner = {**env, (place.name, place.axis): k[0]}
    return r.sum(k[0], place.axis, r.read(body, at, inner, opened))


def _over_all(r: Reader, t: Tree, entry: Callable[[tuple[Spot, ...]], Scalar]) -> Scalar:
    axes = t.args[0].axes
    at = r.bound(t, len(axes))
    found = entry(at)
    for (slot, _), axis in zip(reversed(at), reversed(axes), strict=True):
        found = r.sum(slot, axis, found)
    return found


def _norm(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    x = t.args[0]
    return r.node("root", None, (_over_all(r, t, lambda p: r.mul(r.read(x, p, env, opened),
                                                                 r.read(x, p, env, opened))),))


def _cross_entropy(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    y, p = t.args
    return r.neg(_over_all(r, t, lambda q: r.mul(r.read(y, q, env, opened),
                                                 r.node("log", None, (r.read(p, q, env, opened),)))))


def _parameters(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    return r.add(*(r.mul(*(r.node("size", a) for a in v.axes)) for v in t.args))


def _grad(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    value, base, places = t.args
    key, cut = (base.args[0], base.axes), len(value.axes)
    if any(_stands_on(r.lets[k], key) for k in opened if k != key):
        raise Unreadable(f"a gradient by {key[0]} inside one by something that depends on it")
    spots = (*(r.spot(p, env) for p in places), *at[cut:])
    if base.op == "let" and key not in opened:
        opened = {**opened, key: env}
        r.lets[key] = base.args[1]
    return r.node("grad", (key, spots), (r.read(value, at[:cut], env, opened),), frozenset(s for s, _ in spots))


def _names(tree: Tree) -> set[tuple[str, str]]:
    return {(p.name, p.axis) for t in trees_of(tree) for p in _places(t.args)}


def _places(args: tuple[Any, ...]) -> Iterator[Place]:
    for a in args:
        if isinstance(a, Place):
            yield a
        elif isinstance(a, tuple):
            yield from _places(a)


def _stands_on(tree: Tree, key: Key) -> bool:
    return any(t.op in ("tensor", "let") and (t.args[0], t.axes) == key for t in trees_of(tree))


def _function(r: Reader, t: Tree, at: tuple[Spot, ...], env: Env, opened: dict[Key, Env]) -> Scalar:
    name, signature, arguments, partial = t.args
    indices, values, binders = [], [], []
    for number, argument in enumerate(arguments):
        if isinstance(argument, Place):
            indices.append((number, r.spot(argument, env)))
        else:
            above = r.height(t)
            spots = tuple((above - k, ()) for k in range(len(argument.axes)))
            binders.append((number, tuple(s for s, _ in spots), argument.axes))
            values.append(r.read(argument, spots, env, opened))
    slots = tuple(dict.fromkeys(s for _, own, _ in binders for s in own))
    partials = () if partial is None else ((partial, at),)
    data = (slots, name, signature, tuple(indices), tuple(binders), partials)
    return r.node("function", data, tuple(values), frozenset((*(s[0] for _, s in indices), *(s for s, _ in at))))


# One row per operation: (reader, tree, positions, names, opened lets) -> the node of that entry.
READINGS: dict[str, Row] = {
    "tensor":        _tensor,
    "number":        lambda r, t, at, env, op: r.number(t.args[0]),
    "size":          lambda r, t, at, env, op: r.node("size", t.args[0]),
    "delta":         lambda r, t, at, env, op: r.delta(r.spot(t.args[0], env), r.spot(t.args[1], env)),
    "onehot":        lambda r, t, at, env, op: r.delta(at[0], r.spot(t.args[0], env)),
    "ones":          lambda r, t, at, env, op: r.one,
    "zeros":         lambda r, t, at, env, op: r.zero,
    "identity":      lambda r, t, at, env, op: r.delta(at[0], at[1]),
    "diag":          lambda r, t, at, env, op: r.mul(r.delta(at[0], at[1]), r.read(t.args[0], at[:1], env, op)),
    "along":         lambda r, t, at, env, op: r.read(t.args[0], at[1:], env, op),
    "transpose":     lambda r, t, at, env, op: r.read(t.args[0], at[::-1], env, op),
    "item":          _item,
    "let":           _let,
    "add":           _each(lambda r, a, b: r.add(a, b)),
    "sub":           _each(lambda r, a, b: r.add(a, r.neg(b))),
    "mul":           _each(lambda r, a, b: r.mul(a, b)),
    "div":           _each(lambda r, a, b: r.mul(a, r.inv(b))),
    "neg":           _each(lambda r, a: r.neg(a)),
    "pow":           lambda r, t, at, env, op: r.power(r.read(t.args[0], at, env, op), Fraction(t.args[1])),
    "exp":           _each(lambda r, a: r.exp(a)),
    "log":           _each(lambda r, a: r.node("log", None, (a,))),
    "sigma":         _each(lambda r, a: r.inv(r.add(r.one, r.exp(r.neg(a))))),
    "sqrt":          _each(lambda r, a: r.node("root", None, (a,))),
    "abs":           _each(lambda r, a: r.node("abs", None, (a,))),
    "sign":          _each(lambda r, a: r.mul(a, r.inv(r.node("abs", None, (a,))))),
    "maximum":       _each(lambda r, a, b: r.node("max", None, (a, b))),
    "where":         _each(lambda r, c, a, b: r.node("cond", None, (c, a, b))),
    "outer":         _outer,
    "matmul":        _matmul,
    "softmax":       _softmax,
    "sum":           _sum,
    "total":         lambda r, t, at, env, op: _over_all(r, t, lambda p: r.read(t.args[0], p, env, op)),
    "norm":          _norm,
    "cross_entropy": _cross_entropy,
    "parameters":    _parameters,
    "grad":          _grad,
    "function":      _function,
}
