"""Rewrites by the laws of numbers and of sums: order, brackets, powers, fractions, logarithms, deltas."""

from __future__ import annotations

from derive import terms
from derive.components import Index
from derive.terms import Term, delta, exp, log, sum_over
from tests.generation.letters import FREE, Maker, Scope
from tests.generation.places import renamed
from tests.generation.rules import Rule, Site, anything, axes_of, parts, rule, spread


def _pair(maker: Maker, scope: Scope) -> Term:
    axes = axes_of(maker)
    a, b = maker.term(axes, 2, scope), maker.term(axes, 1, scope)
    return maker.choices.pick((lambda: a * b, lambda: a + b, lambda: a - b))()


def _product_of_sum(maker: Maker, scope: Scope) -> Term:
    axes = axes_of(maker)
    a, b, c = (maker.term(axes, 1, scope) for _ in range(3))
    return maker.choices.pick((lambda: a * (b + c), lambda: (b - c) * a, lambda: (a + b) * (b + c),
                               lambda: (b + c) / maker.positive(axes, 1, scope), lambda: (a - b) ** 2))()


def _sum(maker: Maker, scope: Scope) -> Term:
    index = maker.fresh(maker.axis())
    return sum_over(index, maker.term((), 2, (*scope, index)) * maker.leaf((), (index,)))


def _sum_of_sum(maker: Maker, scope: Scope) -> Term:
    first, second = maker.fresh(maker.axis()), maker.fresh(maker.axis())
    body = maker.term((), 1, (*scope, first, second)) * maker.leaf((), (first,)) * maker.leaf((), (second,))
    return sum_over(first, sum_over(second, body))


def _sum_of_two(maker: Maker, scope: Scope) -> Term:
    index = maker.fresh(maker.axis())
    inside = (*scope, index)
    return sum_over(index, maker.term((), 1, inside) + maker.term((), 1, inside))


def _sum_of_multiple(maker: Maker, scope: Scope) -> Term:
    index = maker.fresh(maker.axis())
    return sum_over(index, maker.term((), 1, scope) * maker.term((), 1, (*scope, index)))


def _power(maker: Maker, scope: Scope) -> Term:
    base = maker.term(axes_of(maker), 1, scope)
    return maker.choices.pick((lambda: base**2, lambda: base * base, lambda: base**3,
                               lambda: maker.positive((), 1, scope)**-1))()


def _fractions(maker: Maker, scope: Scope) -> Term:
    a, b = maker.term((), 1, scope), maker.term((), 1, scope)
    c, d = maker.positive((), 1, scope), maker.positive((), 1, scope)
    return maker.choices.pick((lambda: a / c + b / d, lambda: a / c - b / d, lambda: a / c * (b / d)))()


def _logarithm(maker: Maker, scope: Scope) -> Term:
    p, q = maker.positive((), 1, scope), maker.positive((), 1, scope)
    return maker.choices.pick((lambda: log(p * q), lambda: log(p / q), lambda: log(p**2), lambda: log(1 / p),
                               lambda: log(exp(maker.term((), 1, scope)))))()


def _exponential(maker: Maker, scope: Scope) -> Term:
    axes = axes_of(maker)
    a, b = maker.tame(axes, 1, scope), maker.tame(axes, 1, scope)
    return maker.choices.pick((lambda: exp(a + b), lambda: exp(a - b), lambda: exp(-a), lambda: exp(a) * exp(b)))()


# --- order and brackets -----------------------------------------------------------------------------------------------


@rule("reorder", "add mul", _pair)
def commuted(t: Term, site: Site) -> Term | None:
    a, b = t.args
    return b + a if t.op == "add" else b * a


@rule("reorder", "add mul", _pair)
def regrouped(t: Term, site: Site) -> Term | None:
    a, b = parts(t) if t.op == "add" else t.args
    if a.op == t.op:
        x, y = parts(a) if t.op == "add" else a.args
        return x + (y + b) if t.op == "add" else x * (y * b)
    return None


@rule("reorder", "sub neg", _pair)
def signs_moved(t: Term, site: Site) -> Term | None:
    if t.op == "sub":
        a, b = parts(t)
        return site.maker.choices.pick((lambda: a + (-1) * b, lambda: -(b - a)))()
    (a,) = t.args
    return (-1) * a


@rule("distribute", "mul div pow", _product_of_sum)
def distributed(t: Term, site: Site) -> Term | None:
    if t.op == "pow":
        base, exponent = t.args
        if exponent != 2 or base.op not in ("add", "sub"):
            return None
        a, b = parts(base)
        return a * a + b * b + 2 * (a * b) if base.op == "add" else a**2 - 2 * a * b + b**2
    a, b = t.args
    if a.op in ("add", "sub"):
        x, y = parts(a)
        left, right = (x * b, y * b) if t.op == "mul" else (x / b, y / b)
        return left + right if a.op == "add" else left - right
    if t.op == "mul" and b.op in ("add", "sub"):
        x, y = parts(b)
        return a * x + a * y if b.op == "add" else a * x - a * y
    return None


@rule("distribute", "", anything)
def expanded_by_a_difference(t: Term, site: Site) -> Term | None:
    other = site.some(t.axes)
    return site.maker.choices.pick((lambda: (t - other) + other, lambda: 2 * t - t,
                                    lambda: (t + other) * (t - other) / 1 + other * other - t * t + t))()


@rule("powers", "pow mul", _power)
def powers_respelled(t: Term, site: Site) -> Term | None:
    if t.op == "mul":
        a, b = t.args
        return a**2 if a.same(b) else None
    base, exponent = t.args
    if exponent == -1:
        return 1 / base
    return base * base ** (exponent - 1) if isinstance(exponent, int) and exponent > 2 else (
        base * base if exponent == 2 else None)


@rule("fractions", "add sub mul div", _fractions)
def over_one_denominator(t: Term, site: Site) -> Term | None:
    a, b = t.args
    if t.op == "div":
        return a * b**-1
    if a.op != "div" or b.op != "div" or a.args[1].axes != b.args[1].axes:
        return None
    (p, c), (q, d) = a.args, b.args
    if t.op == "mul":
        return p * q / (c * d)
    up = p * d + q * c if t.op == "add" else p * d - q * c
    return up / (c * d)


@rule("fractions", "", anything)
def expanded_by_a_quotient(t: Term, site: Site) -> Term | None:
    d = site.positive()
    return site.maker.choices.pick((lambda: t * d / d, lambda: t / (1 + d) + t * (d / (1 + d)), lambda: d * (t / d)))()


@rule("logarithms", "log", _logarithm)
def logarithm_taken_apart(t: Term, site: Site) -> Term | None:
    (a,) = t.args
    if a.op == "exp":
        return spread(a.args[0], t.axes)
    if a.op == "mul" and all(_positive(x) and x.axes == t.axes for x in a.args):
        return log(a.args[0]) + log(a.args[1])
    if a.op == "div" and all(_positive(x) for x in a.args):
        x, y = parts(a)
        return log(x) - log(y)
    if a.op == "pow" and _positive(a.args[0]):
        return a.args[1] * log(a.args[0])
    return None


def _positive(t: Term) -> bool:
    """Whether a term is > 0 by the way it is written."""
    if t.op in ("exp", "sigma", "softmax"):
        return True
    if t.op == "number":
        return bool(t.args[0] > 0)
    if t.op in ("add", "mul", "div"):
        return all(map(_positive, t.args)) or (t.op == "add" and _square(t.args[0]) and _positive(t.args[1]))
    if t.op in ("total", "item", "transpose"):
        return _positive(t.args[0])
    return t.op in ("ones", "size") or (t.op == "sum" and _positive(t.args[1]))


def _square(t: Term) -> bool:
    return t.op == "pow" and t.args[1] == 2


@rule("exponentials", "exp mul", _exponential)
def exponential_taken_apart(t: Term, site: Site) -> Term | None:
    if t.op == "mul":
        a, b = t.args
        return exp(a.args[0] + b.args[0]) if a.op == b.op == "exp" and a.axes == b.axes else None
    (a,) = t.args
    if a.op in ("add", "sub"):
        x, y = parts(a)
        return exp(x) * exp(y) if a.op == "add" else exp(x) / exp(y)
    return 1 / exp(a.args[0]) if a.op == "neg" else None


# --- sums -------------------------------------------------------------------------------------------------------------


@rule("rename", "sum", _sum)
def bound_index_renamed(t: Term, site: Site) -> Term | None:
    index, body = t.args
    names = [name for name in (*FREE[index.axis], "r", "q1") if Index(name, index.axis) not in body.free]
    new = Index(site.maker.choices.pick(names), index.axis)
    return sum_over(new, renamed(body, {index: new}))


@rule("rename", "sum", _sum_of_sum)
def sums_interchanged(t: Term, site: Site) -> Term | None:
    first, inner = t.args
    if inner.op != "sum" or inner.args[0] == first:
        return None
    return sum_over(inner.args[0], sum_over(first, inner.args[1]))


@rule("sums", "sum", _sum_of_two)
def sum_distributed(t: Term, site: Site) -> Term | None:
    index, body = t.args
    if body.op not in ("add", "sub"):
        return None
    a, b = (sum_over(index, x) for x in parts(body))
    return a + b if body.op == "add" else a - b


@rule("sums", "sum", _sum_of_multiple)
def factor_pulled_out(t: Term, site: Site) -> Term | None:
    index, body = t.args
    if index not in body.free:
        return terms.size(index.axis) * body
    if body.op == "neg":
        return -sum_over(index, body.args[0])
    if body.op not in ("mul", "div"):
        return None
    a, b = body.args
    if body.op == "div":
        return sum_over(index, a) / b if index not in b.free else None
    if index not in a.free:
        return a * sum_over(index, b)
    return sum_over(index, a) * b if index not in b.free else None


@rule("sums", "mul", lambda maker, scope: maker.term((), 1, scope) * _sum(maker, scope))
def factor_pushed_in(t: Term, site: Site) -> Term | None:
    a, b = t.args
    if b.op != "sum":
        return None
    index, body = b.args
    if index in a.free:
        new = site.maker.fresh(index.axis)
        index, body = new, renamed(body, {index: new})
    return sum_over(index, a * body)


@rule("sums", "mul", lambda maker, scope: _sum(maker, scope) * _sum(maker, scope))
def product_of_sums(t: Term, site: Site) -> Term | None:
    a, b = t.args
    if a.op != "sum" or b.op != "sum":
        return None
    first, second = site.maker.fresh(a.args[0].axis), site.maker.fresh(b.args[0].axis)
    return sum_over(first, sum_over(second, renamed(a.args[1], {a.args[0]: first})
                                    * renamed(b.args[1], {b.args[0]: second})))


@rule("sums", "", anything)
def mean_of_itself(t: Term, site: Site) -> Term | None:
    index = site.maker.fresh(site.maker.axis())
    return sum_over(index, t) / terms.size(index.axis)


# --- deltas -----------------------------------------------------------------------------------------------------------


@rule("deltas", "", anything)
def index_replaced_by_a_sum(t: Term, site: Site) -> Term | None:
    inside = sorted(t.free & frozenset(site.scope), key=str)
    if not inside:
        return None
    index = site.maker.choices.pick(inside)
    new = site.maker.fresh(index.axis)
    there = delta(index, new) if site.maker.choices.chance(50) else delta(new, index)
    return sum_over(new, there * renamed(t, {index: new}))


@rule("deltas", "item", lambda maker, scope: _row(maker, scope))
def entry_replaced_by_a_sum(t: Term, site: Site) -> Term | None:
    base, indices = t.args
    place = site.maker.choices.below(len(indices))
    new = site.maker.fresh(indices[place].axis)
    return sum_over(new, delta(new, indices[place]) * base[(*indices[:place], new, *indices[place + 1:])])


def _row(maker: Maker, scope: Scope) -> Term:
    index = maker.choices.pick(scope) if scope else maker.fresh(maker.axis())
    found = maker.index(index.axis, (index, *scope))
    return maker.term((index.axis,), 2, scope)[index if found is None else found]


@rule("cases", "", anything)
def split_where_two_indices_meet(t: Term, site: Site) -> Term | None:
    pairs = [(a, b) for a in site.scope for b in site.scope if a.axis == b.axis and str(a) < str(b)]
    if not pairs:
        return None
    a, b = site.maker.choices.pick(pairs)
    where = delta(a, b)
    return where * renamed(t, {b: a}) + (1 - where) * t


@rule("cases", "sum", _sum)
def one_position_split_off(t: Term, site: Site) -> Term | None:
    index, body = t.args
    others = [i for i in site.of_axis(index.axis) if i != index]
    if not others:
        return None
    at = site.maker.choices.pick(others)
    return renamed(body, {index: at}) + sum_over(index, (1 - delta(index, at)) * body)


@rule("cases", "exp mul", lambda maker, scope: exp(_where(maker, scope) * maker.tame((), 1, scope)))
def exponential_of_a_case(t: Term, site: Site) -> Term | None:
    if t.op != "exp" or t.axes or t.args[0].op != "mul" or t.args[0].args[0].op != "delta":
        return None
    where, value = t.args[0].args
    return 1 + where * (exp(value) - 1)


def _where(maker: Maker, scope: Scope) -> Term:
    axis = maker.choices.pick(sorted({i.axis for i in scope})) if scope else maker.axis()
    left, right = maker.index(axis, scope), maker.index(axis, scope)
    return delta(left, right) if left is not None and right is not None else terms.number(1)


RULES: tuple[Rule, ...] = tuple(found for found in globals().values() if isinstance(found, Rule))
