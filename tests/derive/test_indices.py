"""Indices inside atoms, function by function.

Each test here is a defect that benchmarks/mutation.py planted and that no other test noticed.
"""

from __future__ import annotations

import pytest

from derive.atoms import Atom, IndexKey, Monomial
from derive.indices import (
    connected,
    contains,
    index_order,
    indices_of,
    map_key,
    mentions,
    moved_index,
    orders,
    symbol_key,
)
from derive.normal_form import Normalizer
from derive.terms import Term, component, delta, exp, sum_over, total
from tests.cases.letters import A, U, i, j, o, q, q2, s, t, v, w, x, y

I_N, J_N = ("i", "n"), ("j", "n")
Q, WQ = ("q", "K"), ("w", "V", ("q", "K"))


def monomial(term: Term) -> Monomial:
    ((m, _),) = Normalizer().poly(component(term)).items()
    return m


def atom(term: Term) -> Atom:
    ((found, _),) = monomial(term)
    return found


@pytest.mark.parametrize(("term", "found"), [
    (x[i], {I_N}), (A[i, j], {I_N, J_N}), (total(A[i]), {I_N}), (exp(x[i] * y[j]), {I_N, J_N}), (U[w(q)] @ v, {WQ, Q}),
    (delta(w(q), o), {WQ, Q, ("o", "V")}), (s, set()), (total(x), set()), (sum_over(q, U[w(q)] @ v), set()),
    (1 / (x[i] + s), {I_N}),
])
def test_the_indices_of_an_atom(term: Term, found: set[IndexKey]) -> None:
    assert indices_of(atom(term)) == found


@pytest.mark.parametrize(("term", "index", "known"), [
    (x[i], I_N, True), (x[i], J_N, False), (U[w(q)] @ v, Q, True), (U[w(q)] @ v, WQ, True), (U[o] @ v, WQ, False),
    (total(x), I_N, False), (delta(w(q), w(q2)), WQ, True), (exp(x[i] * y[j]), J_N, True),
    (U[w(q)] @ v, ("w2", "V", Q), False), (sum_over(q, U[w(q)] @ v), WQ, False),
])
def test_what_an_atom_mentions(term: Term, index: IndexKey, known: bool) -> None:
    assert mentions(atom(term), index) is known


def test_an_atom_contains_itself_and_what_stands_in_it() -> None:
    normalizer = Normalizer()

    def made(term: Term) -> Atom:
        ((m, _),) = normalizer.poly(component(term)).items()
        return m[0][0]

    outside, inner = made(exp(s * t)), made(s)
    assert contains(inner, inner) and contains(outside, inner) and not contains(inner, outside)
    assert not contains(outside, made(x[i])) and contains(made(exp(1 / (exp(s * t) + 1))), outside)
    body = made(total(x)).data[1][0][0]
    assert contains(made(exp(total(x))), body) and contains(made(1 / (total(x) + 1)), body)


def test_factors_are_grouped_by_the_bound_indices_they_share() -> None:
    p, r = ("@0", "n"), ("@1", "n")
    normalizer = Normalizer()
    a, b, both, outside = (normalizer._entry_atom(name, indices) for name, indices in (
        ("a", (p,)), ("b", (r,)), ("c", (p, r)), ("d", (I_N,))))
    bound = frozenset((p, r))
    assert connected(bound, ((a, 1), (b, 2))) == [({p}, ((a, 1),)), ({r}, ((b, 2),))]
    assert connected(bound, ((a, 1), (b, 2), (both, 1))) == [({p, r}, ((a, 1), (b, 2), (both, 1)))]
    assert connected(bound, ((a, 1), (outside, 3))) == [({p}, ((a, 1),)), (set(), ((outside, 3),))]
    assert connected(bound, ((outside, 1),)) == [(set(), ((outside, 1),))]
    third = normalizer._entry_atom("e", (p,))
    assert connected(bound, ((a, 1), (b, 1), (third, 1))) == [({r}, ((b, 1),)), ({p}, ((a, 1), (third, 1)))]
    assert connected(frozenset((p,)), ((b, 1), (both, 1))) == [({p}, ((both, 1),)), (set(), ((b, 1),))]


def test_a_delta_replaces_the_later_index_by_the_earlier() -> None:
    fresh, bound, mapped = ("@0", "n"), ("#1.0", "n"), ("w", "n", ("a", "K"))
    assert sorted([mapped, bound, fresh, ("z", "n"), ("X", "n"), ("@", "n")], key=index_order) == [
        ("X", "n"), ("z", "n"), bound, ("@", "n"), fresh, mapped]


def test_renaming_goes_inside_maps_and_replaces_whole_mapped_indices() -> None:
    assert moved_index(Q, {Q: ("p", "K")}) == ("p", "K") and moved_index(Q, {I_N: J_N}) == Q
    assert moved_index(WQ, {Q: ("p", "K")}) == ("w", "V", ("p", "K"))
    assert moved_index(WQ, {WQ: ("o", "V"), Q: ("p", "K")}) == ("o", "V")
    assert moved_index(("u", "n", WQ), {Q: ("p", "K")}) == ("u", "n", ("w", "V", ("p", "K")))
    assert map_key(WQ) == symbol_key(w) == ("w", "K", "V")


def test_bound_indices_in_every_order_that_keeps_axes_together() -> None:
    a, b, c = ("a", "n"), ("b", "n"), ("c", "V")
    assert list(orders((a, b, c))) == [(c, a, b), (c, b, a)]
    assert list(orders(())) == [()]
