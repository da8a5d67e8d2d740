"""Denominators that have something in common, deltas in denominators, exponents of logs, and what a call stands on.

Right claims must be proved and hold in the plain loops of tests/derive/oracle.py, wrong ones must not be proved and
must differ there; what no claim shows is asked of the normal form itself.
"""

from __future__ import annotations

import random

import pytest

from derive.atoms import Atom, Monomial, Poly, add, constant, single
from derive.claims import Claim, same
from derive.components import Index
from derive.errors import NotProved, OutsideTheory
from derive.kernel import by_normal_form
from derive.normal_form import Normalizer, normal_form_text
from derive.terms import (
    Function,
    Term,
    as_term,
    component,
    delta,
    exp,
    index_map,
    log,
    ones,
    sign,
    size,
    sqrt,
    sum_over,
    tensor,
    total,
)
from tests.cases.letters import A, D, K, U, V, c, i, j, loss, n, o, p, q, q2, r, s, t, v, w, x, y
from tests.derive.oracle import differs, refuted, worlds

tn, rn = t * ones(n), r * ones(n)
d = delta(i, j)
here = delta(i, j) * s + t
a = tensor("a", n)  # first in the alphabet: denominators are solved for it
first, second = a + tn, a + rn  # the difference is t - r, so 1 / first - 1 / second = (r - t) / (first second)
q3 = Index("q3", K)
u = index_map("u", K, K)
two = Function("G", (D,), V, K)  # an abstract call of a vector, a word and a position


RIGHT: dict[str, Claim] = {
    "delta squared beside a root": (sqrt(s) * d + t) ** 2 == d * s + 2 * t * d * sqrt(s) + t * t,
    "delta squared beside a sign": (sign(s) * d + t) ** 2 == d + 2 * t * d * sign(s) + t * t,
    "one of two related": total(1 / first + (tn - rn) / (first * second)) == total(1 / second),
    "the other of two related": total(1 / second + (rn - tn) / (first * second)) == total(1 / first),
    "one of two related, made first": total(1 / second) == total(1 / first + (tn - rn) / (first * second)),
    "the other of two related, made first": total(1 / first) == total(1 / second + (rn - tn) / (first * second)),
    "a square of two related, lowered": total((tn - rn) / (first**2 * second) + 1 / first**2) == (
        total(1 / (first * second))),
    "a square of two related, gone": total(1 / first + (tn - rn) / first**2 + (tn - rn) ** 2 / (first**2 * second)) == (
        total(1 / second)),
    "a square of two related, lowered to what was made first": total(1 / (second * first)) == (
        total((tn - rn) / (first**2 * second) + 1 / first**2)),
    "a square of two related, gone, made first": total(1 / second) == (
        total(1 / first + (tn - rn) / first**2 + (tn - rn) ** 2 / (first**2 * second))),
    "a square of two related, kept": sum_over(o, 1 / ((s + t) ** 2 * (s + r))) == size(V) / ((s + t) ** 2 * (s + r)),
    "related in a call": loss(o, s / ((s + t) * (s + r)) * v, U) == (
        loss(o, (1 / (s + r) - t / ((s + t) * (s + r))) * v, U)),
    "related, neither first": total(1 / (c * s + s + t) / (c * s + r) * c * s * t) == (
        total(t / (c * s + s + t) - r * t / (c * s + s + t) / (c * s + r))),
    "related, one by order": sum_over(i, x[i] * s**2 * t**2 / (s + r + s * r) / (2 * r + t)) == (
        s**2 * t**2 / (s + r + s * r) / (2 * r + t) * total(x)),
    "related, both by order": sum_over(i, x[i] * s**2 * t * r / (r + t * r + t) / (2 * s + s * r)) == (
        s**2 * t * r / (r + t * r + t) / (2 * s + s * r) * total(x)),
    "by order, beside one that is not related": total(x * y / (x + x * y + y) / second) == (
        total(1 / second) - total((x + y) / (x + x * y + y) / second)),
    "related, under two sums": sum_over(i, sum_over(j, A[i, j] / (A[i, j] + x[i]) / (A[i, j] + x[j]))) == (
        sum_over(i, sum_over(j, 1 / (A[j, i] + x[j]) - x[i] / (A[j, i] + x[i]) / (A[j, i] + x[j])))),
    "exp of the log of an entry": exp(sum_over(i, d * log(x[i]))) == x[j],
    "exp of twice the log of an entry": exp(2 * sum_over(i, d * log(x[i]))) == x[j] ** 2,
    "exp of less the log of an entry": exp(-sum_over(i, d * log(x[i] * s))) == 1 / (s * x[j]),
    "exp of half the log of an entry": exp(sum_over(i, d * log(x[i])) / 2) ** 2 == x[j],
    "exp of the log of an opposite": exp(sum_over(i, d * log(-x[i]))) == -x[j],
    "exp of the log of half an opposite": exp(sum_over(i, d * log(-x[i] / 2))) == -x[j] / 2,
    "a map of an assumed map": (sum_over(q, delta(q, q2) * (U[w(u(q))] @ v)) == U[w(q3)] @ v).given(same(u(q2), q3)),
}

WRONG: dict[str, Claim] = {
    "a delta in a denominator is not its own inverse": s / here == d - d * t / here,
    "a delta in a denominator is not 1": s / here == 1 - t / here,
    "a square of two related, lost": total((tn - rn) / (first**2 * second) + 1 / first**2) == total(1 / second),
    "a square of two related, not gone": (
        total(1 / first + (tn - rn) / first**2 + (tn - rn) ** 2 / (first**2 * second)) == total(1 / (first * second))),
    "a square of two related is no cube": sum_over(o, 1 / ((s + t) ** 2 * (s + r))) == (
        size(V) / ((s + t) ** 3 * (s + r))),
    "apart by more than a number": total(1 / ((x + tn) * (y + tn + 1))) == (
        total(1 / (x + tn)) - total(1 / (y + tn + 1))),
    "exp of the square of a log": exp(log(s) ** 2) == s,
    "exp of a multiple of a log": exp(t * log(s)) == s,
    "exp of a multiple of another log": exp(s * log(t)) == t,
    "exp of half a log of an entry": exp(sum_over(i, d * log(x[i])) / 2) == x[j],
    "exp of the log of an opposite, turned": exp(sum_over(i, d * log(-x[i] / 2))) == x[j] / 2,
    "a map of another assumed map": (
        sum_over(q, delta(q, q2) * (U[w(u(q))] @ v)) == U[w(q2)] @ v).given(same(u(q2), q3)),
    "a call depends on its word": (sum_over(o, two(v, o, q)) == size(V) * two(v, p, q)).every(p),
    "a call depends on its position": (sum_over(q, two(v, o, q)) == size(K) * two(v, o, q2)).every(q2),
}


def proved(claim: Claim) -> bool:
    try:
        by_normal_form(claim)
    except (NotProved, OutsideTheory):
        return False
    return True


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    claim = RIGHT[name]
    by_normal_form(claim)
    compared = [differs(claim, world) for world in worlds(claim, random.Random(name), 12)]
    assert True not in compared and (False in compared or claim.hypotheses)


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    claim = WRONG[name]
    assert not proved(claim)
    assert refuted(claim, random.Random(name), 40) is not None or claim.hypotheses


# --- what must not be 0 -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("claim", "told"), [
    (1 / (exp(s) * t + exp(s) * r) == exp(-s) / (t + r), {"r + t"}),
    (total(s * ones(n) / x) == s * total(1 / x), {"x[n]"}),
    (total((x * x + x * y) / x) == total(x + y), {"x[n]"}),
    (total((x * x + x * y) / (x + y)) == total(x), {"x[n] + y[n]"}),
    (sum_over(j, d / x[j]) * x[i] == 1, {"x[n]"}),
    (loss(o, 1 / v, U) == loss(o, v / v**2, U), {"v_c[d]"}),
    (loss(o, v / (v + 1), U) == loss(o, v / (1 + v), U), {"1 + v_c[d]"}),
    (1 / (1 / s + t / s) == s / (1 + t), {"s", "1 + t"}),
], ids=str)
def test_what_is_divided_by_is_told_though_a_sum_binds_it_or_it_cancels(claim: Claim, told: set[str]) -> None:
    found = {condition.removesuffix(" != 0") for condition in by_normal_form(claim).side_conditions}
    assert {"".join(sorted(each)) for each in found} == {"".join(sorted(each)) for each in told}


@pytest.mark.parametrize("denominator", [d, d * s, d * delta(o, p)], ids=str)
def test_nothing_is_divided_by_a_delta(denominator: Term) -> None:
    """1 / [i = j] has a value for one index in n; it was 1, without a word."""
    for term in (1 / denominator, sum_over(i, 1 / denominator), r + 1 / denominator):
        with pytest.raises(OutsideTheory, match=r"division by .*not 0 for most indices"):
            normal_form_text(component(term))
    assert by_normal_form((1 / d == 1).given(same(i, j)))


def test_a_log_keeps_its_delta() -> None:
    assert sorted(normal_form_text(component(log(d * s)))) == sorted("log([i = j]*s)")


def test_an_exponent_that_is_no_fraction() -> None:
    """SymPy makes s**E of it."""
    assert sorted(normal_form_text(component(exp(exp(as_term(1)) * log(s))))) == sorted("exp(exp(1)*log(s))")


# --- of the normal form itself ----------------------------------------------------------------------------------------


def made(normalizer: Normalizer, *terms: Term) -> list[Poly]:
    return [normalizer.poly(component(term)) for term in terms]


def the_atom(p: Poly) -> Atom:
    ((((atom, _),), _),) = p.items()
    return atom


def test_a_call_of_indices_alone_is_under_no_sum() -> None:
    words = Function("H", V, K)
    atom = the_atom(Normalizer().poly(component(words(o, q))))
    assert atom.free == {("o", "V"), ("q", "K")} and atom.height == 0
    atom = the_atom(Normalizer().poly(component(two(v, o, q))))
    assert atom.free == {("o", "V"), ("q", "K")} and atom.height == 1
    assert atom.data[1][0][0] == (("#1.0", "D"),)


@pytest.mark.parametrize("turned", [False, True])
def test_a_denominator_beside_the_inverse_of_one_that_differs_by_a_number(turned: bool) -> None:
    """q1 / q2 = (p1 + 1) q1 = 1 + q1 where p2 = p1 + 1, whichever was made first."""
    normalizer = Normalizer()
    made(normalizer, *((1 / (s + 2), 1 / (s + 1)) if turned else (1 / (s + 1), 1 / (s + 2))))
    low, high = made(normalizer, 1 / (s + 1), 1 / (s + 2))
    m: Monomial = tuple(sorted(((the_atom(low), 1), (the_atom(high), -1)), key=lambda factor: factor[0].number))
    assert normalizer._reduced(m) == add(constant(1), low)
    nested, flat = made(normalizer, 1 / (1 + 1 / (s + 1)), 1 - 1 / (s + 2))
    assert normalizer._cleared(add(nested, flat, -1))[0] == {}


def test_a_logarithm_times_another_factor_is_no_logarithm_whichever_was_made_first() -> None:
    for terms in ((log(s), t), (t, log(s))):
        normalizer = Normalizer()
        left, right = made(normalizer, *terms)
        ((m, exponent),) = normalizer._exp(normalizer.product(left, right)).items()
        assert exponent == 1 and [atom.kind for atom, _ in m] == ["exp"]


def test_denominators_are_cleared_to_the_power_they_have() -> None:
    normalizer = Normalizer()
    inverse, start = made(normalizer, 1 / (s + c), r**2 / (s + c) + t)
    atom = the_atom(inverse)
    cleared, moved = normalizer._cleared(start)
    assert moved == ((atom, -1),) and cleared == normalizer.poly(component(r**2 + t * s + t * c))
    square = normalizer.poly(component(r**3 / (s + c) ** 2 + t))
    assert normalizer._cleared(square)[1] == ((atom, -2),)
    assert normalizer._cleared({((atom, -2),): 1}) == ({(): 1}, ((atom, 2),))


def test_the_most_denominators_that_are_cleared() -> None:
    normalizer = Normalizer()
    found = [normalizer.inverse(normalizer.poly(component(tensor(f"a{number}") + tensor(f"b{number}"))))
             for number in range(51)]
    atoms = [the_atom(p) for p in found]
    m: Monomial = tuple((atom, 1) for atom in atoms[:50])
    assert normalizer._cleared({m: 1}) == ({(): 1}, tuple((atom, -1) for atom in atoms[:50]))
    with pytest.raises(OutsideTheory, match="nested too deeply; expected at most 50 different denominators"):
        normalizer._cleared({(*m, (atoms[50], 1)): 1})


def test_each_part_of_a_denominator_is_a_step() -> None:
    normalizer = Normalizer()
    inverse, entry = made(normalizer, 1 / (s + t + r + c), s)
    ((head, _),) = normalizer._inverses[the_atom(inverse)].leading[0]
    before = normalizer._steps
    normalizer._reduced(((head, 1), (the_atom(inverse), 1)))
    assert normalizer._steps == before + 1 + 3 and single(head) and entry
