"""Rewrites by definitions, folded and unfolded: softmax, sigma, norms, cross entropy, products of matrices, gathers."""

from __future__ import annotations

from fractions import Fraction

from derive import terms
from derive.components import Axis
from derive.terms import Term, exp, log, sigma, softmax, sum_over, total
from tests.generation.letters import WORDS, Maker, Scope
from tests.generation.rules import Rule, Site, anything, axes_of, parts, rule


def _sigma(maker: Maker, scope: Scope) -> Term:
    x = maker.term(axes_of(maker), 1, scope)
    return maker.choices.pick((lambda: sigma(x), lambda: sigma(x) * (1 - sigma(x)), lambda: 1 - sigma(x),
                               lambda: log(sigma(x))))()


def _softmax(maker: Maker, scope: Scope) -> Term:
    axis = maker.axis()
    x = maker.term((axis,), 2, scope)
    return maker.choices.pick((lambda: softmax(x), lambda: maker.entry(softmax(x), scope),
                               lambda: log(maker.entry(softmax(x), scope)), lambda: softmax(maker.variable(
                                   (maker.axis(), axis)))))()


def _product(maker: Maker, scope: Scope) -> Term:
    a, b, c = maker.axis(), maker.axis(), maker.axis()
    left, right = maker.variable((a, b)), maker.variable((b, c))
    x, y = maker.term((b,), 1, scope), maker.term((b,), 1, scope)
    return maker.choices.pick((
        lambda: x @ y, lambda: left @ x, lambda: x @ right, lambda: (left @ right) @ maker.term((c,), 1, scope),
        lambda: left @ (x + y), lambda: left @ right, lambda: maker.entry(left @ x, scope), lambda: (left @ right).T,
        lambda: terms.outer(x, maker.term((c,), 1, scope)) @ maker.leaf((c,), scope), lambda: total(x * y),
        lambda: terms.diag(x) @ y, lambda: terms.identity(b) @ x,
    ))()


def _measure(maker: Maker, scope: Scope) -> Term:
    axis = maker.axis()
    x = maker.term((axis,), 1, scope)
    return maker.choices.pick((lambda: terms.norm(x) ** 2, lambda: total(x * x), lambda: total(x),
                               lambda: terms.cross_entropy(maker.leaf((axis,), scope), softmax(x)),
                               lambda: total(maker.term((axis, maker.axis()), 1, scope))))()


# --- sigma ------------------------------------------------------------------------------------------------------------


@rule("sigma", "sigma", _sigma)
def sigma_respelled(t: Term, site: Site) -> Term | None:
    (x,) = t.args
    up, down = exp(Fraction(1, 2) * x), exp(Fraction(-1, 2) * x)
    return site.maker.choices.pick((lambda: 1 / (1 + exp(-x)), lambda: exp(x) / (1 + exp(x)), lambda: 1 - sigma(-x),
                                    lambda: Fraction(1, 2) * (1 + (up - down) / (up + down))))()


@rule("sigma", "sub", _sigma)
def sigma_reflected(t: Term, site: Site) -> Term | None:
    one, s = t.args
    if one.op != "number" or one.args[0] != 1 or s.op != "sigma":
        return None
    x = s.args[0]
    return site.maker.choices.pick((lambda: sigma(-x), lambda: 1 / (1 + exp(x)), lambda: exp(-x) * s))()


@rule("sigma", "log", lambda maker, scope: log(sigma(maker.term((), 2, scope))))
def log_sigma(t: Term, site: Site) -> Term | None:
    if t.args[0].op != "sigma":
        return None
    x = t.args[0].args[0]
    return site.maker.choices.pick((lambda: -log(1 + exp(-x)), lambda: x - log(1 + exp(x)),
                                    lambda: x + log(sigma(-x))))()


@rule("sigma", "", anything)
def split_by_a_share(t: Term, site: Site) -> Term | None:
    x = site.some()
    return sigma(x) * t + sigma(-x) * t


# --- softmax ----------------------------------------------------------------------------------------------------------


@rule("softmax", "softmax", _softmax)
def softmax_respelled(t: Term, site: Site) -> Term | None:
    (x,) = t.args
    if len(x.axes) == 2:
        last = x.axes[1]
        return exp(x) / terms.outer(exp(x) @ terms.ones(last), terms.ones(last))
    shift = site.some()
    return site.maker.choices.pick((lambda: exp(x) / total(exp(x)), lambda: softmax(x + shift * terms.ones(*x.axes)),
                                    lambda: softmax(x - x[i] * terms.ones(*x.axes) if (i := _one(site, x.axes[0]))
                                                    else 1 + x)))()


def _one(site: Site, axis: Axis) -> object:
    found = site.of_axis(axis)
    return found[0] if found else None


@rule("softmax", "item", lambda maker, scope: _softmax_entry(maker, scope))
def softmax_entry_respelled(t: Term, site: Site) -> Term | None:
    base, indices = t.args
    if base.op != "softmax" or len(base.axes) != 1:
        return None
    x, (at,) = base.args[0], indices
    j = site.maker.fresh(base.axes[0])
    return site.maker.choices.pick((lambda: exp(x[at]) / sum_over(j, exp(x[j])),
                                    lambda: 1 / sum_over(j, exp(x[j] - x[at]))))()


@rule("softmax", "log", lambda maker, scope: log(_softmax_entry(maker, scope)))
def log_softmax(t: Term, site: Site) -> Term | None:
    (inside,) = t.args
    if inside.op == "softmax" and len(t.axes) == 1:
        (x,) = inside.args
        return x - log(total(exp(x))) * terms.ones(*x.axes)
    if inside.op != "item" or inside.args[0].op != "softmax" or len(inside.args[0].axes) != 1:
        return None
    x, (at,) = inside.args[0].args[0], inside.args[1]
    j = site.maker.fresh(x.axes[0])
    return site.maker.choices.pick((lambda: x[at] - log(total(exp(x))), lambda: -log(sum_over(j, exp(x[j] - x[at])))))()


def _softmax_entry(maker: Maker, scope: Scope) -> Term:
    index = maker.choices.pick(scope) if scope else maker.fresh(maker.axis())
    found = maker.index(index.axis, (index, *scope))
    return softmax(maker.term((index.axis,), 1, scope))[index if found is None else found]


@rule("softmax", "", anything)
def multiplied_by_all_shares(t: Term, site: Site) -> Term | None:
    return total(softmax(site.some((site.maker.axis(),)))) * t


# --- products of vectors and matrices ---------------------------------------------------------------------------------


@rule("matrices", "matmul", _product)
def product_summed_out(t: Term, site: Site) -> Term | None:
    a, b = t.args
    k = site.maker.fresh(a.axes[-1])
    if len(a.axes) == len(b.axes) == 1:
        return site.maker.choices.pick((lambda: sum_over(k, a[k] * b[k]), lambda: total(a * b), lambda: b @ a))()
    if len(b.axes) == 1 and len(a.axes) == 2:
        return site.maker.choices.pick((lambda: sum_over(k, b[k] * a.T[k]), lambda: b @ a.T))()
    if len(a.axes) == 1 and len(b.axes) == 2:
        return site.maker.choices.pick((lambda: b.T @ a, lambda: sum_over(k, a[k] * b[k])))()
    return sum_over(k, terms.outer(a.T[k], b[k])) if len(a.axes) == len(b.axes) == 2 else None


@rule("matrices", "matmul", _product)
def product_regrouped(t: Term, site: Site) -> Term | None:
    a, b = t.args
    if a.op == "matmul" and len(a.args[1].axes) == 2:
        return a.args[0] @ (a.args[1] @ b)
    if a.op == "outer" and len(b.axes) == 1 and len(a.axes) == 2:
        return (a.args[1] @ b) * a.args[0]
    if a.op == "diag":
        return a.args[0] * b if len(b.axes) == 1 else None
    if a.op == "identity":
        return b
    for left, other in ((a, b), (b, a)):
        if left.op in ("add", "sub"):
            x, y = parts(left)
            first, second = (x @ b, y @ b) if left is a else (other @ x, other @ y)
            return first + second if left.op == "add" else first - second
    return None


def _transposed(maker: Maker, scope: Scope) -> Term:
    a, b, c = maker.axis(), maker.axis(), maker.axis()
    x, y = maker.term((a,), 1, scope), maker.term((b,), 1, scope)
    return maker.choices.pick((lambda: maker.variable((a, b)) @ maker.variable((b, c)), lambda: terms.outer(x, y),
                               lambda: maker.variable((a, b)) + terms.outer(x, y)))().T


@rule("matrices", "transpose", _transposed)
def transpose_moved_in(t: Term, site: Site) -> Term | None:
    (a,) = t.args
    if a.op == "transpose":
        return a.args[0]
    if a.op == "matmul":
        return a.args[1].T @ a.args[0].T
    if a.op == "outer" and len(a.args[0].axes) == len(a.args[1].axes) == 1:
        return terms.outer(a.args[1], a.args[0])
    return a.args[0].T + a.args[1].T if a.op == "add" and a.args[0].axes == a.args[1].axes else None


@rule("matrices", "item", lambda maker, scope: maker.entry(_matrix_product(maker, scope), scope))
def entry_of_a_product(t: Term, site: Site) -> Term | None:
    base, indices = t.args
    if base.op != "matmul" or len(base.axes) != 1 or len(base.args[0].axes) != 2:
        return None
    a, x = base.args
    k = site.maker.fresh(x.axes[0])
    return site.maker.choices.pick((lambda: sum_over(k, a[indices[0], k] * x[k]), lambda: a[indices[0]] @ x))()


def _matrix_product(maker: Maker, scope: Scope) -> Term:
    a, b = maker.axis(), maker.axis()
    return maker.variable((a, b)) @ maker.term((b,), 1, scope)


@rule("matrices", "", lambda maker, scope: maker.term((maker.axis(),), 2, scope))
def multiplied_by_the_identity(t: Term, site: Site) -> Term | None:
    if len(t.axes) != 1:
        return None
    ones = terms.ones(*t.axes)
    return site.maker.choices.pick((lambda: terms.identity(t.axes[0]) @ t, lambda: terms.diag(t) @ ones,
                                    lambda: terms.diag(ones) @ t))()


@rule("matrices", "item", lambda maker, scope: maker.entry(maker.term((maker.axis(),), 2, scope), scope))
def entry_as_a_product(t: Term, site: Site) -> Term | None:
    base, indices = t.args
    if len(indices) != 1:
        return None
    where = terms.onehot(indices[0])
    return where @ base


@rule("measures", "total cross_entropy pow norm", _measure)
def total_summed_out(t: Term, site: Site) -> Term | None:
    if t.op == "pow":
        return t.args[0].args[0] @ t.args[0].args[0] if t.args[0].op == "norm" and t.args[1] == 2 and len(
            t.args[0].args[0].axes) == 1 else None
    x = t.args[0]
    if t.op == "cross_entropy":
        p = t.args[1]
        return site.maker.choices.pick((lambda: -total(x * log(p)), lambda: -(x @ log(p))))() if len(
            x.axes) == 1 else None
    bound = tuple(site.maker.fresh(axis) for axis in x.axes)
    if not bound or t.op == "norm":
        return None
    whole = x[bound]
    for index in reversed(bound):
        whole = sum_over(index, whole)
    return site.maker.choices.pick((whole, x @ terms.ones(*x.axes)))  if len(bound) == 1 else whole


@rule("measures", "sum", lambda maker, scope: _dot(maker, scope))
def sum_folded(t: Term, site: Site) -> Term | None:
    index, body = t.args
    if body.op != "mul":
        return None
    vectors = [_as_vector(factor, index) for factor in body.args]
    if vectors[0] is None or vectors[1] is None:
        return None
    return vectors[0] @ vectors[1]


def _as_vector(factor: Term, index: object) -> Term | None:
    if factor.op != "item" or factor.args[1] != (index,) or index in factor.args[0].free:
        return None
    return factor.args[0] if len(factor.args[0].axes) == 1 else None


def _dot(maker: Maker, scope: Scope) -> Term:
    k = maker.fresh(maker.axis())
    a, b = maker.term((k.axis,), 1, scope), maker.term((k.axis,), 1, scope)
    return sum_over(k, a[k] * b[k])


# --- gathers and pieces -----------------------------------------------------------------------------------------------


@rule("gathers", "item", lambda maker, scope: _gathered(maker))
def gathered_by_a_product(t: Term, site: Site) -> Term | None:
    base, indices = t.args
    if len(indices) != 1:
        return None
    v = site.maker.fresh(base.axes[0])
    return sum_over(v, terms.onehot(indices[0])[v] * base[v])


def _gathered(maker: Maker) -> Term:
    k = maker.fresh(WORDS.source)
    row = maker.variable((WORDS.target, maker.axis()))[WORDS(k)]
    return sum_over(k, maker.leaf((), (k,)) * row)


@rule("gathers", "sum", lambda maker, scope: _gathered(maker))
def counted_by_word(t: Term, site: Site) -> Term | None:
    """sum_k f(w(k)) with every term put where its word is."""
    index, body = t.args
    maps = sorted({m for m in _maps_at(body, index)}, key=str)
    if not maps:
        return None
    v = site.maker.fresh(maps[0].axis)
    return sum_over(v, sum_over(index, terms.delta(v, maps[0]) * _map_replaced(body, maps[0], v)))


def _maps_at(part: object, index: object) -> list[object]:
    if isinstance(part, Term):
        inner = index if not (part.op == "sum" and part.args[0] == index) else None
        return [m for a in part.args for m in _maps_at(a, inner)]
    if isinstance(part, tuple):
        return [m for a in part for m in _maps_at(a, index)]
    return [part] if type(part).__name__ == "MapAt" and part.args[1] == index else []


def _map_replaced(part: object, gathered: object, by: object) -> object:
    if isinstance(part, Term):
        if part.op == "sum" and part.args[0] == gathered.args[1]:
            return part
        return Term(part.op, tuple(_map_replaced(a, gathered, by) for a in part.args), part.axes)
    if isinstance(part, tuple):
        return tuple(_map_replaced(a, gathered, by) for a in part)
    return by if type(part) is type(gathered) and part == gathered else part


@rule("pieces", "abs maximum pow", lambda maker, scope: _pieces(maker, scope))
def pieces_respelled(t: Term, site: Site) -> Term | None:
    if t.op == "maximum":
        a, b = parts(t)
        return Fraction(1, 2) * (a + b + terms.absolute(a - b))
    (a, *more) = t.args
    if t.op == "pow":
        return a.args[0] ** 2 if a.op == "abs" and more == [2] else None
    if a.op == "mul":
        return terms.absolute(a.args[0]) * terms.absolute(a.args[1])
    return site.maker.choices.pick((lambda: terms.maximum(a, -a), lambda: terms.sqrt(a * a), lambda: terms.absolute(-a),
                                    lambda: terms.sign(a) * a))()


def _pieces(maker: Maker, scope: Scope) -> Term:
    axes = axes_of(maker)
    a, b = maker.leaf(axes, scope), maker.term(axes, 1, scope)
    return maker.choices.pick((lambda: terms.absolute(a), lambda: terms.absolute(a * b), lambda: terms.maximum(a, b),
                               lambda: terms.absolute(b) ** 2))()


RULES: tuple[Rule, ...] = tuple(found for found in globals().values() if isinstance(found, Rule))
