"""Rewrites of gradients by one rule of differentiation each: sums, products, quotients, chains, sums over an index."""

from __future__ import annotations

from derive import terms
from derive.terms import Term, grad, sum_over, total
from tests.generation.gradients import depends
from tests.generation.letters import MATRICES, Maker, Scope
from tests.generation.places import plain, renamed
from tests.generation.rules import Rule, Site, parts, rule


def _gradient(maker: Maker, scope: Scope) -> Term:
    """The gradient of a scalar, in a shape that one of the rules below takes apart."""
    variable = by_something(maker, scope)
    a, b = _about(maker, variable, scope), _about(maker, variable, scope)
    value = maker.choices.pick((
        lambda: a + b, lambda: a - b, lambda: a * b, lambda: a / (1 + terms.exp(b)), lambda: terms.exp(a),
        lambda: terms.log(1 + terms.exp(a)), lambda: terms.sigma(a), lambda: a**2, lambda: -a,
        lambda: maker.coefficient() * a, lambda: terms.log(terms.sigma(a))))()
    return grad(value, variable)


def by_something(maker: Maker, scope: Scope) -> Term:
    """What a gradient is taken by: a scalar, a vector, a matrix, one row or one entry."""
    axis = maker.axis()
    index = maker.index(axis, scope)
    vector = terms.tensor(maker.variable((axis,)).args[0].name, axis)
    matrix = stored(maker)
    options = [vector, matrix, terms.tensor("s")]
    if index is not None:
        options += [vector[index]]
        row = maker.index(matrix.axes[0], scope)
        options += [matrix[row]] if row is not None else []
    return maker.choices.pick(options)


def stored(maker: Maker) -> Term:
    """A matrix as it is named, never a transpose."""
    axes = maker.choices.pick(sorted(MATRICES, key=str))
    return terms.tensor(MATRICES[axes], *axes)


def _about(maker: Maker, variable: Term, scope: Scope) -> Term:
    """A small scalar that depends on the variable."""
    base = variable.args[0] if variable.op == "item" else variable
    if not base.axes:
        return base * maker.term((), 1, scope) + base
    if len(base.axes) == 1:
        vector = base
    else:
        vector = maker.choices.pick((lambda: base @ maker.leaf((base.axes[1],), scope),
                                     lambda: maker.leaf((base.axes[0],), scope) @ base))()
    return maker.choices.pick((
        lambda: maker.leaf(vector.axes, scope) @ vector, lambda: maker.entry(vector, scope),
        lambda: total(vector * vector),
        lambda: maker.entry(terms.softmax(vector), scope), lambda: total(terms.sigma(vector)),
        lambda: maker.leaf(vector.axes, scope) @ terms.softmax(vector),
        lambda: terms.log(total(terms.exp(vector)))))()


@rule("gradient rules", "grad", _gradient)
def linear_in_the_value(t: Term, site: Site) -> Term | None:
    value, by = _taken(t)
    if value.axes or value.op not in ("add", "sub", "neg"):
        return None
    if value.op == "neg":
        return -grad(value.args[0], by)
    a, b = (grad(x, by) for x in parts(value))
    return a + b if value.op == "add" else a - b


@rule("gradient rules", "grad", _gradient)
def product_and_quotient(t: Term, site: Site) -> Term | None:
    value, by = _taken(t)
    if value.axes or value.op not in ("mul", "div"):
        return None
    a, b = value.args
    da, db = grad(a, by), grad(b, by)
    return b * da + a * db if value.op == "mul" else (b * da - a * db) / b**2


@rule("gradient rules", "grad", _gradient)
def chain(t: Term, site: Site) -> Term | None:
    value, by = _taken(t)
    if value.axes or value.op not in ("exp", "log", "sigma", "pow"):
        return None
    inside = value.args[0]
    outer_slope = {"exp": lambda: value, "log": lambda: 1 / inside, "sigma": lambda: value * (1 - value),
                   "pow": lambda: value.args[1] * inside ** (value.args[1] - 1)}[value.op]()
    return outer_slope * grad(inside, by)


@rule("gradient rules", "grad", lambda maker, scope: _gradient_of_sum(maker, scope))
def sum_taken_out(t: Term, site: Site) -> Term | None:
    value, by = _taken(t)
    if value.op != "sum":
        return None
    index, body = value.args
    if by.op == "item" and index in {plain(i) for i in by.args[1]}:
        new = site.maker.fresh(index.axis)
        index, body = new, renamed(body, {index: new})
    return sum_over(index, grad(body, by))


def _gradient_of_sum(maker: Maker, scope: Scope) -> Term:
    k = maker.fresh(maker.axis())
    variable = by_something(maker, scope)
    return grad(sum_over(k, maker.leaf((), (k,)) * _about(maker, variable, (*scope, k))), variable)


@rule("gradient rules", "grad", _gradient)
def by_entry(t: Term, site: Site) -> Term | None:
    """dJ/dx[i] is an entry of dJ/dx."""
    value, base, fixed = t.args
    if value.axes or not fixed:
        return None
    return grad(value, base)[fixed]


@rule("gradient rules", "grad", lambda maker, scope: _gradient_of_constant(maker, scope))
def constant_factor(t: Term, site: Site) -> Term | None:
    value, by = _taken(t)
    if value.op != "mul" or value.axes:
        return None
    a, b = value.args
    symbol = t.args[1].args[0]
    return a * grad(b, by) if not depends(a, symbol) else None


def _gradient_of_constant(maker: Maker, scope: Scope) -> Term:
    variable = by_something(maker, scope)
    return grad(terms.tensor("r") * _about(maker, variable, scope), variable)


def _taken(t: Term) -> tuple[Term, Term]:
    value, base, fixed = t.args
    return value, base[fixed] if fixed else base


RULES: tuple[Rule, ...] = tuple(found for found in globals().values() if isinstance(found, Rule))
