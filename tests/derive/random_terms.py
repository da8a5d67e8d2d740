"""Random well-typed terms, hypotheses and near misses, small enough to evaluate by loops."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from derive import claims, terms
from derive.claims import Hypothesis
from derive.components import Axis, Index, IndexLike
from derive.errors import AxisError
from derive.terms import Function, Term

N, M, K = Axis("N"), Axis("M"), Axis("K")
AXES = (N, M, K)
# Maps of one name on different axes, and one from an axis to itself, on purpose.
MAPS = (terms.index_map("w", K, N), terms.index_map("w", N, N), terms.index_map("u", K, N), terms.index_map("w", M, K))
F = Function("F", N, (N,), ())
G = Function("G", (M,))

Axes = tuple[Axis, ...]


class Maker:
    """Makes terms from one random generator. names: indices in scope, written by the same few letters."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lets = 0

    def term(self, axes: Axes, depth: int, scope: tuple[Index, ...] = ()) -> Term:
        """A term with the given axes."""
        rng = self.rng
        if depth <= 0:
            return self.leaf(axes, scope)
        makers = [self.elementwise] * 5 + [self.arithmetic] * 5 + [self.leaf_of] + [self.item] * 2 + [self.summed] * 3
        makers += [[self.scalar] * 5 + [self.gradient_item] * 2, [self.vector] * 5, [self.matrix] * 4][len(axes)]
        return rng.choice(makers)(axes, depth - 1, scope)

    def index(self, axis: Axis, scope: tuple[Index, ...]) -> IndexLike:
        """A free or bound index of an axis, or a map applied to one."""
        rng = self.rng
        if rng.random() < 0.3:
            into = [m for m in MAPS if m.target == axis]
            if into:
                mapping = rng.choice(into)
                return mapping(self.index(mapping.source, scope))
        bound = [i for i in scope if i.axis == axis]
        return rng.choice(bound) if bound and rng.random() < 0.7 else Index(rng.choice("ij"), axis)

    def leaf(self, axes: Axes, scope: tuple[Index, ...]) -> Term:
        rng = self.rng
        if not axes:
            choices: list[Any] = [
                lambda: terms.tensor(rng.choice(["s", "t"])),
                lambda: terms.number(rng.choice([1, 2, -1, 3, Fraction(1, 2)])),
                lambda: self._delta(scope), lambda: self._delta(scope),
                lambda: terms.size(rng.choice(AXES)),
                lambda: self._entry(scope), lambda: self._entry(scope), lambda: self._entry(scope),
            ]
            return rng.choice(choices)()
        if len(axes) == 1:
            return rng.choice([
                lambda: terms.tensor(rng.choice("xy"), *axes), lambda: terms.tensor(rng.choice("xy"), *axes),
                lambda: terms.tensor(rng.choice("xy"), *axes), lambda: terms.ones(*axes),
                lambda: terms.onehot(self.index(axes[0], scope)),
            ])()
        if axes[0] == axes[1] and rng.random() < 0.4:
            return terms.identity(axes[0])
        return terms.tensor(rng.choice("AB"), *axes)

    def leaf_of(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        return self.leaf(axes, scope)

    def _delta(self, scope: tuple[Index, ...]) -> Term:
        axis = self.rng.choice((N, N, K))
        return terms.delta(self.index(axis, scope), self.index(axis, scope))

    def _entry(self, scope: tuple[Index, ...]) -> Term:
        axis = self.rng.choice(AXES)
        if self.rng.random() < 0.3:
            return terms.tensor("A", axis, N)[self.index(axis, scope), self.index(N, scope)]
        return terms.tensor(self.rng.choice("xy"), axis)[self.index(axis, scope)]

    def elementwise(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        rng, x = self.rng, self.term(axes, depth, scope)
        op = rng.choice(["exp", "log", "sigma", "sqrt", "absolute", "pow", "pow", "neg", "let", "maximum", "where",
                         "sign"])
        if op == "pow":
            return x ** rng.choice([2, -1, 3, 2, -2, Fraction(1, 2), Fraction(1, 3), Fraction(-1, 2)])
        if op == "neg":
            return -x
        if op == "let":
            self.lets += 1
            return terms.let(f"h{self.lets}", x)
        if op == "maximum":
            return terms.maximum(x, self.term(axes, depth, scope))
        if op == "where":
            return terms.where_positive(x, self.term(axes, depth - 1, scope), self.term(axes, depth - 1, scope))
        found: Term = getattr(terms, op)(x)
        return found

    def arithmetic(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        rng = self.rng
        a, b = self.term(axes, depth, scope), self.term(axes, depth, scope)
        return rng.choice([lambda: a + b, lambda: a - b, lambda: a * b, lambda: a / b, lambda: a * b,
                           lambda: a * self.term((), depth - 1, scope)])()

    def item(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        if len(axes) == 2:
            return self.arithmetic(axes, depth, scope)
        axis = self.rng.choice(AXES)
        return self.term((axis, *axes), depth, scope)[self.index(axis, scope)]

    def summed(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        index = Index(self.rng.choice("ij"), self.rng.choice(AXES))
        return terms.sum_over(index, self.term(axes, depth, (*scope, index)))

    def scalar(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        rng, axis = self.rng, self.rng.choice(AXES)
        a = self.term((axis,), depth, scope)
        choices: list[Any] = [
            lambda: terms.total(a), lambda: terms.norm(a), lambda: terms.softmax(a)[self.index(axis, scope)],
            lambda: a @ self.term((axis,), depth, scope),
            lambda: terms.cross_entropy(self.term((axis,), depth - 1, scope), terms.softmax(a)),
            lambda: F(self.index(N, scope), self.term((N,), depth - 1, scope), self.term((), depth - 1, scope)),
            lambda: G(self.term((M,), depth - 1, scope)),
        ]
        return rng.choice(choices)()

    def vector(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        rng, other = self.rng, self.rng.choice(AXES)
        choices: list[Any] = [
            lambda: terms.softmax(self.term(axes, depth, scope)),
            lambda: self.term((*axes, other), depth, scope) @ self.term((other,), depth, scope),
            lambda: self.term((other,), depth, scope) @ self.term((other, *axes), depth, scope),
            lambda: terms.grad(self.term((), depth, scope), self.variable(axes)),
            lambda: terms.grad(self.term((), depth, scope), self.variable(axes)),
            lambda: terms.grad(self.term(axes, depth, scope), terms.tensor("s")),
            lambda: terms.grad(self.term((), depth, scope), terms.tensor("A", other, *axes)[self.index(other, scope)]),
            lambda: self._let_gradient(axes, depth, scope),
            lambda: self.term((), depth, scope) * terms.ones(*axes),
        ]
        if axes == (N,):
            choices.append(lambda: F.partial(1)(self.index(N, scope), self.term((N,), depth - 1, scope),
                                                self.term((), depth - 1, scope)))
        return rng.choice(choices)()

    def variable(self, axes: Axes) -> Term:
        return terms.tensor(self.rng.choice("xy"), *axes)

    def _let_gradient(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        self.lets += 1
        h = terms.let(f"h{self.lets}", self.term(axes, depth, ()))
        if h.free:
            return h
        return terms.grad(terms.total(h * h * self.term(axes, depth - 1, scope)), h)

    def gradient_item(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        axis = self.rng.choice(AXES)
        return terms.grad(self.term((), depth, scope), self.variable((axis,))[self.index(axis, scope)])

    def matrix(self, axes: Axes, depth: int, scope: tuple[Index, ...]) -> Term:
        rng, other = self.rng, self.rng.choice(AXES)
        a, b = axes
        choices: list[Any] = [
            lambda: terms.outer(self.term((a,), depth, scope), self.term((b,), depth, scope)),
            lambda: self.term((b, a), depth, scope).T,
            lambda: terms.softmax(self.term(axes, depth, scope)),
            lambda: self.term((a, other), depth, scope) @ self.term((other, b), depth, scope),
            lambda: self.term((b,), depth, scope).along(a),
            lambda: terms.grad(self.term((a,), depth, scope), self.variable((b,))),
            lambda: terms.grad(self.term((), depth, scope), terms.tensor(rng.choice("AB"), *axes)),
        ]
        if a == b:
            choices.append(lambda: terms.diag(self.term((a,), depth, scope)))
        return rng.choice(choices)()

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """A few hypotheses, often none."""
        rng = self.rng
        x, y = terms.tensor("x", N), terms.tensor("y", N)
        i, j, k = Index("i", N), Index("j", N), Index("i", K)
        w = MAPS[0]
        pool: list[Any] = [
            claims.same(i, j), claims.distinct(i, j), claims.same(w(k), i), claims.distinct(w(k), i),
            claims.injective(w), claims.injective(MAPS[1]), claims.avoids(w, i), claims.distinct(MAPS[1](i), j),
            claims.same(MAPS[1](i), j),
            claims.positive(x[i]), claims.negative(x[j]), claims.nonnegative(x[i]), claims.positive(terms.tensor("s")),
            claims.negative(terms.tensor("s")), claims.nonnegative(terms.tensor("s") - terms.tensor("t")),
            claims.positive(terms.total(x)),
            claims.sums_to_one(y), claims.sums_to_one(terms.tensor("A", M, N)),
            claims.Equation(y, x * x, ((y.args[0], x * x),)),
            claims.Equation(terms.total(y), terms.number(0), ((y.args[0], x - terms.total(x) / terms.size(N)
                                                             * terms.ones(N)),)),
            claims.Equation(terms.tensor("s"), terms.tensor("t") ** 2, ((terms.tensor("s").args[0],
                                                                          terms.tensor("t") ** 2),)),
        ]
        return tuple(rng.sample(pool, rng.choice([0, 0, 1, 1, 2])))


def mutated(t: Term, maker: Maker) -> Term:
    """The term with one small change somewhere; often a wrong neighbour, sometimes an equal one."""
    places = list(_places(t, ()))
    maker.rng.shuffle(places)
    for path in places:
        try:
            return _changed(t, path, maker)
        except (AxisError, ValueError):
            continue
    return t


def _places(part: Any, path: tuple[int, ...]) -> Any:
    if isinstance(part, Term):
        yield path
        for n, a in enumerate(part.args):
            if not (part.op == "grad" and n == 1):
                yield from _places(a, (*path, n))


def _changed(t: Term, path: tuple[int, ...], maker: Maker) -> Term:
    if not path:
        return _neighbour(t, maker)
    args = list(t.args)
    args[path[0]] = _changed(args[path[0]], path[1:], maker)
    if t.op == "let":
        maker.lets += 1
        return terms.let(f"h{maker.lets}", args[0 if isinstance(args[0], Term) else 1])
    return Term(t.op, tuple(args), t.axes)


def _neighbour(t: Term, maker: Maker) -> Term:
    rng, a = maker.rng, t.axes
    choices: list[Any] = [lambda: maker.term(a, 1), lambda: -t, lambda: t + t, lambda: terms.log(terms.exp(t)),
                          lambda: terms.absolute(t), lambda: t * t / t, lambda: (t * t) ** Fraction(1, 2),
                          lambda: terms.sum_over(Index("i", N), t) / terms.size(N),
                          lambda: terms.sum_over(Index("j", N), terms.delta(Index("i", N), Index("j", N)) * t),
                          lambda: terms.maximum(t, -t), lambda: terms.exp(terms.log(t)),
                          lambda: t ** Fraction(1, 3) * t ** Fraction(2, 3),
                          lambda: terms.where_positive(maker.term(a, 1), t, t)]
    if len(a) == 2 and a[0] == a[1]:
        choices += [lambda: t.T] * 3
    if len(a) == 1:
        choices += [lambda: terms.softmax(t), lambda: terms.identity(a[0]) @ t, lambda: terms.diag(t) @ terms.ones(*a),
                    lambda: terms.grad(terms.total(terms.tensor("x", *a) * t), terms.tensor("x", *a))]
    if len(t.args) == 2 and t.op in ("sub", "div", "add", "mul", "maximum"):
        choices += [lambda: Term(t.op, t.args[::-1], a)] * 3
        choices += [lambda: Term(rng.choice(["add", "sub", "mul", "div"]), t.args, a)] * 2
    if t.op in ("delta", "item", "onehot", "sum"):
        choices += [lambda: _reindexed(t, maker)] * 6
    found: Term = rng.choice(choices)()
    return found


def _reindexed(t: Term, maker: Maker) -> Term:
    if t.op == "delta":
        return terms.delta(t.args[0], maker.index(t.args[0].axis, ()))
    if t.op == "onehot":
        return terms.onehot(maker.index(t.axes[0], ()))
    if t.op == "item":
        return t.args[0][tuple(maker.index(i.axis, ()) for i in t.args[1])]
    return terms.sum_over(Index(maker.rng.choice("ijk"), t.args[0].axis), t.args[1])
