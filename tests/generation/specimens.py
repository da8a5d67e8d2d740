"""Labelled claims: true by construction, or false where plain loops found numbers at which the sides differ.

    specimen(seeded("0/17"))      the claim number 17 of seed 0

A true claim is a random term beside the same term after one rewrite of a family, in a random context, with a few more
rewrites of any family on both sides; or a gradient beside the gradient written out. A false one is such a claim with
one small change, or without its hypothesis.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from derive import claims, terms
from derive.claims import Claim
from derive.components import Index
from derive.errors import AxisError
from derive.terms import Term, grad, log, sigma, softmax, sum_over, total
from tests.derive.oracle import World, differs, worlds
from tests.generation import algebra, calculus, definitions
from tests.generation.choices import Choices
from tests.generation.conditions import Condition, conditions
from tests.generation.gradients import NotWritten, backward, depends, opened, slope
from tests.generation.letters import AXES, FREE, WORDS, Axes, D, K, Maker, N, Scope, V
from tests.generation.mutations import mutant
from tests.generation.places import Place, nodes, places, put, variables
from tests.generation.rules import Rule, Site

TRUE, FALSE, UNBOUND, UNKNOWN = "true", "false", "unbound", "unknown"
RULES: tuple[Rule, ...] = (*algebra.RULES, *definitions.RULES, *calculus.RULES)
FAMILIES = tuple(dict.fromkeys(r.family for r in RULES))
LARGEST = 140  # operations on both sides together; what grows beyond is drawn again
WORLDS = 10  # in which a false claim may show itself
MARGIN = 1e-4  # relative: nested gradients of the loops are differences


@dataclass(frozen=True, eq=False)
class Specimen:
    """A claim and what is known of it.

    truth: TRUE, FALSE (confirmed by loops), UNBOUND (an index from nowhere: ill-typed), or UNKNOWN: changed, and the
    loops found no difference; family: how it came about; change: the kind of the change, if there was one.
    """

    claim: Claim
    truth: str
    family: str
    change: str = ""

    @property
    def nodes(self) -> int:
        """Operations on both sides."""
        return nodes(self.claim.left) + nodes(self.claim.right)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two equal terms under hypotheses."""

    family: str
    left: Term
    right: Term
    conditions: tuple[Condition, ...] = ()

    @property
    def claim(self) -> Claim:
        """The claim that they are equal."""
        return stated(self.left, self.right, tuple(c.hypothesis for c in self.conditions))


def stated(left: Term, right: Term, hypotheses: tuple[claims.Hypothesis, ...]) -> Claim:
    """left == right for every value of the indices that stand on the right only."""
    return Claim(left, right, hypotheses, tuple(sorted(right.free - left.free, key=str)))


def specimen(choices: Choices, true: bool | None = None) -> Specimen:
    """A labelled claim. true: asks for a true one, or for one that was changed."""
    changed = choices.chance(50) if true is None else not true
    while True:
        maker = Maker(choices)
        try:
            pair = true_pair(maker)
        except (NotWritten, AxisError):
            continue
        if pair is None or nodes(pair.left) + nodes(pair.right) > LARGEST:
            continue
        if not changed:
            return Specimen(pair.claim, TRUE, pair.family)
        found = _changed(pair, maker)
        if found is not None:
            return found


def true_pair(maker: Maker) -> Pair | None:
    """Two equal terms of a random family, or None where a rule did not apply."""
    makers: list[Callable[[Maker, Scope], Pair | None]] = [_of_rule] * 13 + [_backward] * 5 + [_by_entries] * 3
    makers += [_hessian, _through_a_let, _through_a_let, _conditional, _conditional, _conditional]
    free = tuple(Index(maker.choices.pick(FREE[axis]), axis) for axis in AXES if maker.choices.chance(40))
    pair = maker.choices.pick(makers)(maker, free)
    return None if pair is None else _noisy(pair, maker, free)


# --- families ---------------------------------------------------------------------------------------------------------


def _of_rule(maker: Maker, free: Scope) -> Pair | None:
    family = maker.choices.pick(FAMILIES)
    rule = maker.choices.pick([r for r in RULES if r.family == family])
    inside = rule.shape(maker, free)
    for place in places(inside):
        new = _applied(rule, place, maker, free)
        if new is not None:
            return Pair(family, *_in_context(inside, put(inside, place.path, new), maker, free))
    return None


def _applied(rule: Rule, place: Place, maker: Maker, free: Scope) -> Term | None:
    """The whole place after a rule; None where the rule does not apply or the axes would not be the same."""
    if rule.ops and place.term.op not in rule.ops:
        return None
    found = rule.apply(place.term, Site(maker, (*free, *place.scope), place.held))
    return found if found is not None and found.axes == place.term.axes else None


def _in_context(a: Term, b: Term, maker: Maker, free: Scope) -> tuple[Term, Term]:
    """Both terms inside the same random surroundings."""
    for _ in range(maker.choices.below(3)):
        around = _surroundings(a.axes, maker, free)
        a, b = around(a), around(b)
    return a, b


def _surroundings(axes: Axes, maker: Maker, free: Scope) -> Callable[[Term], Term]:
    pick = maker.choices.pick
    beside = maker.term(axes, 1, free)
    factor, bend = maker.coefficient(), maker.leaf((), free)
    options: list[Callable[[Term], Term]] = [
        lambda t: t * beside, lambda t: beside - t, lambda t: factor * t, lambda t: t / (1 + terms.exp(bend)), sigma,
        lambda t: t**2,
    ]
    if len(axes) == 1:
        axis = axes[0]
        row = maker.variable((maker.axis(), axis))
        options += [total, lambda t: t @ beside, softmax, lambda t: row @ t, lambda t: log(1 + terms.exp(sigma(t)))]
    if not axes and free:
        index = pick(free)
        options += [lambda t: sum_over(index, t), lambda t: sum_over(index, t * terms.tensor("g", index.axis)[index])]
        by = maker.variable((maker.axis(),))
        options += [lambda t: grad(t, by)]
    return pick(options)


def _backward(maker: Maker, free: Scope) -> Pair | None:
    """A gradient beside back-propagation written out."""
    value = _loss(maker, free)
    candidates = [v for v in variables(value) if depends(value, v.args[0])]
    if not candidates:
        return None
    by = maker.choices.pick(candidates)
    written = backward(value, by.args[0], terms.number(1))
    if written is None:
        return None
    row = maker.index(by.axes[0], free) if by.axes and maker.choices.chance(30) else None
    if row is not None:
        return Pair("backward", grad(value, by[row]), written[row])
    return Pair("backward", grad(value, by), written)


def _by_entries(maker: Maker, free: Scope) -> Pair | None:
    """One entry of a gradient, or of a Jacobian, beside the derivative of sums written out."""
    value = _loss(maker, free) if maker.choices.chance(70) else _layer(maker, free)
    taken = tuple(maker.fresh(axis) for axis in value.axes)
    by = maker.choices.pick(variables(value))
    at = tuple(maker.index(axis, free) or maker.fresh(axis) for axis in by.axes)
    entry = value[taken] if taken else value
    found = slope(opened(value, taken, maker), by.args[0], at)
    return None if found is None else Pair("by entries", grad(entry, by[at] if at else by), found)


def _hessian(maker: Maker, free: Scope) -> Pair | None:
    """A second derivative: the derivative of the gradient's back-propagation."""
    axis = maker.axis()
    x = terms.tensor(maker.variable((axis,)).args[0].name, axis)
    value = maker.choices.pick((
        lambda: total(sigma(x)), lambda: log(total(terms.exp(x))), lambda: maker.leaf((axis,), free) @ softmax(x),
        lambda: total(log(sigma(maker.variable((maker.axis(), axis)) @ x))), lambda: (x @ x) ** 2,
        lambda: sigma(x @ maker.leaf((axis,), free))))()
    first, second = maker.fresh(axis), maker.fresh(axis)
    one = slope(opened(value, (), maker), x.args[0], (first,))
    two = None if one is None else slope(one, x.args[0], (second,))
    if two is None:
        return None
    return Pair("second derivative", grad(grad(value, x)[first], x[second]), two)


def _through_a_let(maker: Maker, free: Scope) -> Pair | None:
    """A chain rule through a named layer, or the gradient by the name itself."""
    layer = _layer(maker, ())
    h = maker.let(layer)
    after = maker.choices.pick((
        lambda: maker.leaf(h.axes, ()) @ h, lambda: total(log(1 + terms.exp(h))), lambda: total(h * h),
        lambda: terms.cross_entropy(terms.tensor("y", V), softmax(maker.variable((V, h.axes[0])) @ h)),
        lambda: -log(maker.entry(softmax(h), free)), lambda: log(sigma(maker.leaf(h.axes, ()) @ h))))()
    if maker.choices.chance(40):
        written = backward(after, h.args[0], terms.number(1))
        return None if written is None else Pair("let", grad(after, h), written)
    names = {v.args[0] for v in variables(layer)}
    used = [v for v in variables(layer) if len(v.axes) == 1 and not _beside(after, v, h)]
    if not used or not names:
        return None
    by = maker.choices.pick(used)
    return Pair("let", grad(after, by), grad(after, h) @ grad(h, by))


def _beside(after: Term, v: Term, h: Term) -> bool:
    """Whether a tensor occurs in a term outside a let."""
    if after.op == "let":
        return False
    return bool(after.op == "tensor" and after.args[0] == v.args[0]) or any(
        _beside(a, v, h) for a in after.args if isinstance(a, Term))


def _conditional(maker: Maker, free: Scope) -> Pair | None:
    """A term beside what it becomes under a hypothesis."""
    condition = maker.choices.pick(conditions())
    scope = tuple(dict.fromkeys((*condition.free, *free)))
    axes = maker.choices.pick(((), (maker.axis(),)))
    root = maker.term(axes, 2, scope)
    if maker.choices.chance(30) and not axes:
        root = grad(root, maker.variable((maker.axis(),)))
    found = [p for p in places(root) if not (condition.of_values and p.differentiated)]
    place = maker.choices.pick(found)
    new = condition.apply(place.term, Site(maker, (*scope, *place.scope), place.held))
    if new is None or new.axes != place.term.axes:
        return None
    return Pair("hypotheses", root, put(root, place.path, new), (condition,))


def _loss(maker: Maker, free: Scope) -> Term:
    """A scalar of the kinds that are differentiated in practice."""
    U, v, y = terms.tensor("U", V, D), terms.tensor("v", D), terms.tensor("y", V)
    o = maker.index(V, free) or Index("o", V)
    k = maker.fresh(K)
    layer = _layer(maker, ())
    below = maker.variable((V, layer.axes[0]))
    return maker.choices.pick((
        lambda: -log(softmax(U @ v)[o]),
        lambda: terms.cross_entropy(y, softmax(U @ v)),
        lambda: -log(sigma(U[o] @ v)) - sum_over(k, log(sigma(-(U[WORDS(k)] @ v)))),
        lambda: terms.cross_entropy(y, softmax(below @ layer)),
        lambda: -log(softmax(below @ layer)[o]),
        lambda: total((layer - maker.leaf(layer.axes, ())) ** 2),
        lambda: total(log(sigma(layer))),
        lambda: maker.leaf(layer.axes, free) @ layer,
        lambda: sum_over(k, terms.tensor("c", K)[k] * log(sigma(U[WORDS(k)] @ v))),
        lambda: sum_over(k, -log(softmax(U @ v)[WORDS(k)])),
        lambda: total(v) * maker.term((), 1, free) + v @ maker.term((D,), 1, free),
        lambda: maker.term((), 2, free) + total(sigma(terms.tensor("x", N))),
        lambda: maker.term((), 2, free) * (v @ v),
    ))()


def _layer(maker: Maker, free: Scope) -> Term:
    """A vector: a layer, or a layer on a layer."""
    inner, out = maker.axis(), maker.axis()
    x = maker.leaf((inner,), ())
    weights = maker.variable((out, inner))
    middle = maker.axis()
    return maker.choices.pick((
        lambda: sigma(weights @ x), lambda: softmax(x), lambda: sigma(weights @ x + maker.leaf((out,), ())),
        lambda: sigma(x) * x, lambda: softmax(weights @ x), lambda: terms.exp(maker.coefficient() * x),
        lambda: weights @ sigma(maker.variable((inner, middle)) @ maker.leaf((middle,), ())),
        lambda: x / total(terms.exp(x)), lambda: x * (x @ maker.leaf((inner,), ())),
    ))()


# --- more rewrites, and changes ---------------------------------------------------------------------------------------


def _noisy(pair: Pair, maker: Maker, free: Scope) -> Pair:
    scope = tuple(dict.fromkeys((*free, *(i for c in pair.conditions for i in c.free))))
    left = _rewritten(pair.left, maker.choices.below(2), maker, scope)
    right = _rewritten(pair.right, maker.choices.below(4), maker, scope)
    return Pair(pair.family, left, right, pair.conditions)


def _rewritten(root: Term, count: int, maker: Maker, free: Scope) -> Term:
    """The root after so many rewrites at random places, of whichever rules apply there."""
    for _ in range(count):
        everywhere = list(places(root))
        for _ in range(8 if everywhere else 0):  # a number alone has no place
            place = maker.choices.pick(everywhere)
            if place.term.op == "let" and place.held:
                continue
            fitting = [r for r in RULES if not r.ops or place.term.op in r.ops]
            new = _applied(maker.choices.pick(fitting), place, maker, free)
            if new is not None:
                root = put(root, place.path, new)
                break
        if nodes(root) > LARGEST:
            break
    return root


def _changed(pair: Pair, maker: Maker) -> Specimen | None:
    claim, change = _near_miss(pair, maker)
    if claim is None or nodes(claim.left) + nodes(claim.right) > LARGEST:
        return None
    if change == "unbound index":
        return Specimen(claim, UNBOUND, pair.family, change)
    truth = FALSE if confirmed_false(claim) else UNKNOWN
    return Specimen(claim, truth, pair.family, change)


def _near_miss(pair: Pair, maker: Maker) -> tuple[Claim | None, str]:
    hypotheses = tuple(c.hypothesis for c in pair.conditions)
    if hypotheses and maker.choices.chance(30):
        return stated(pair.left, pair.right, ()), "dropped hypothesis"
    free = tuple(sorted(pair.left.free | pair.right.free, key=str))
    if maker.choices.chance(3):
        new = pair.right * terms.tensor("g", N)[Index("lost", N)]
        return Claim(pair.left, new, hypotheses, pair.claim.for_all), "unbound index"
    left = maker.choices.chance(30)
    found = mutant(pair.left if left else pair.right, maker, free)
    if found is None:
        return None, ""
    kind, new = found
    sides = (new, pair.right) if left else (pair.left, new)
    return stated(*sides, hypotheses), kind


def confirmed_false(claim: Claim, seed: int = 0, count: int = WORLDS) -> bool:
    """Whether plain loops find numbers, at one of several sizes, at which the sides differ.

    They must differ there and again nearer to 0, where no exponential is so small that a sum swallows it: what a double
    loses is no difference.
    """
    return any(differs(claim, w, MARGIN) and differs(claim, tamed(claim, w), MARGIN)
               for w in worlds(claim, random.Random(seed), count, tries=10))


def tamed(claim: Claim, w: World) -> World:
    """A world with the tensors that were drawn freely, a quarter as large."""
    made = {symbol for h in claim.hypotheses if isinstance(h, claims.Equation) for symbol, _ in h.samples}
    return replace(w, tensors={t: value if t in made else value / 4 for t, value in w.tensors.items()})
