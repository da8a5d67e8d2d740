"""Hypotheses of generated claims, and the rewrites that hold only under them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive import claims, terms
from derive.claims import Hypothesis
from derive.components import Index, IndexLike
from derive.terms import Term, delta, sum_over, total
from tests.generation.letters import WORDS, K, N, V
from tests.generation.places import renamed
from tests.generation.rules import Site

I, J, O, P, Q = Index("i", N), Index("j", N), Index("o", V), Index("p", V), Index("k", K)  # noqa: E741


@dataclass(frozen=True, eq=False)
class Condition:
    """A hypothesis with the indices it speaks of and a rewrite that needs it.

    of_values: whether it is about numbers, so that it must not be used under a derivative.
    """

    hypothesis: Hypothesis
    free: tuple[Index, ...]
    apply: Callable[[Term, Site], Term | None]
    of_values: bool = False


def _apart(left: IndexLike, right: IndexLike) -> Callable[[Term, Site], Term]:
    return lambda t, site: site.maker.choices.pick((
        lambda: (1 - delta(left, right)) * t, lambda: t + delta(left, right) * site.some(t.axes)))()


def _together(left: Index, right: IndexLike) -> Callable[[Term, Site], Term]:
    return lambda t, site: site.maker.choices.pick((
        lambda: renamed(t, {left: right}), lambda: delta(left, right) * t))()


def _never(t: Term, site: Site) -> Term:
    k = site.maker.fresh(K)
    return site.maker.choices.pick((
        lambda: t + sum_over(k, delta(WORDS(k), O) * site.some(t.axes)),
        lambda: t * (1 + sum_over(k, delta(WORDS(k), O) * terms.tensor("b", K)[k])),
        lambda: t + sum_over(k, (1 - delta(O, WORDS(k))) * terms.tensor("b", K)[k] * t)
        - t * total(terms.tensor("b", K))))()


def _once(t: Term, site: Site) -> Term:
    k, r = site.maker.fresh(K), site.maker.fresh(K)
    own = site.of_axis(K)
    at = site.maker.choices.pick(own) if own else None
    if at is not None and at in t.free:
        return sum_over(k, delta(WORDS(at), WORDS(k)) * renamed(t, {at: k}))
    b = terms.tensor("b", K)
    squares = sum_over(k, sum_over(r, delta(WORDS(k), WORDS(r)) * b[k] * b[r]))
    return t + (squares - b @ b) * site.some() if not t.axes else t * (1 + squares - total(b * b))


def _shares(t: Term, site: Site) -> Term:
    y, v = terms.tensor("y", V), site.maker.fresh(V)
    return site.maker.choices.pick((lambda: total(y) * t, lambda: sum_over(v, y[v] * t),
                                    lambda: t + (1 - terms.ones(V) @ y) * t, lambda: t / total(y)))()


def _positive(t: Term, site: Site) -> Term:
    s, p = terms.tensor("s"), site.positive()
    return site.maker.choices.pick((lambda: t * terms.absolute(s) / s,
                                    lambda: t + terms.log(s * p) - terms.log(s) - terms.log(p) if not t.axes
                                    else terms.sqrt(s * s) / s * t,
                                    lambda: terms.maximum(s, 0) / s * t))()


def conditions() -> tuple[Condition, ...]:
    """Every condition a claim may have."""
    return (
        Condition(claims.distinct(I, J), (I, J), _apart(I, J)),
        Condition(claims.same(I, J), (I, J), _together(I, J)),
        Condition(claims.distinct(O, P), (O, P), _apart(O, P)),
        Condition(claims.distinct(WORDS(Q), O), (Q, O), _apart(WORDS(Q), O)),
        Condition(claims.same(O, WORDS(Q)), (O, Q), _together(O, WORDS(Q))),
        Condition(claims.avoids(WORDS, O), (O,), _never),
        Condition(claims.injective(WORDS), (Q,), _once),
        Condition(claims.sums_to_one(terms.tensor("y", V)), (), _shares, True),
        Condition(claims.positive(terms.tensor("s")), (), _positive, True),
    )
