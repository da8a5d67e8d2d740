"""Polynomials taken apart, function by function: contents, scales, factors, pivots of denominators.

Beside SymPy's polynomials over plain symbols, which know nothing of atoms. Each test here is a defect that
benchmarks/mutation.py planted and that no other test noticed.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import gcd

import pytest
import sympy

from derive.atoms import Atom, Monomial, Poly, monomial_text, poly_text, skeleton
from derive.factors import (
    content,
    factorised,
    monomial_order,
    pivot_of,
    plainly_irreducible,
    ratio,
    scale,
    square_part,
)
from derive.normal_form import Normalizer
from derive.terms import Term, component, delta, exp, sign, sqrt, tensor, total
from tests.cases.letters import c, i, j, r, s, t, x

HALF = Fraction(1, 2)


def poly(term: Term) -> Poly:
    return Normalizer().poly(component(term))


def plain(p: Poly) -> sympy.Expr:
    """The polynomial in symbols that are the atoms' names."""
    return sympy.Add(*(sympy.Rational(Fraction(k).numerator, Fraction(k).denominator)
                       * sympy.Mul(*(sympy.Symbol(repr(a)) ** sympy.Rational(str(e)) for a, e in m))
                       for m, k in p.items()))


def named(m: Monomial) -> str:
    return "*".join(sorted(monomial_text(((a, e),)) for a, e in m)) or "1"


RING = [tensor(f"v{number}") for number in range(20)]


# --- pivots -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("term", "leading", "trailing"), [
    (s + t, "s", "t"),
    (s**2 + s + t, "s^2", "t"),
    (s**2 * t + t + 1, "s^2*t", None),
    (s**2 * r + t * s + t + 1, "r*s^2", None),
    (s**3 + s * t**2 + t, "s^3", "t"),
    (total(x) + s, "s", "Sum[n](x[n])"),
    (total(x) * s + total(x) * t + r * t**2 + 5, "r*t^2", None),
    (total(x) + s**2, "s^2", "Sum[n](x[n])"),
    (r**2 + s, "s", "r^2"),
    (1 + exp(s), "exp(s)", "1"),
    (s**2 + 1, "s^2", "1"),
    (s + sum((a * b for a, b in pairwise([*RING, RING[0]])), s * 0), "s", None),  # of none but s is a part single
])
def test_the_pivot_of_a_denominator(term: Term, leading: str, trailing: str | None) -> None:
    p = poly(term)
    found = pivot_of(p)
    assert named(found.leading[0]) == leading
    assert (found.trailing and named(found.trailing[0])) == trailing
    for part in (found.leading, found.trailing):
        if part:
            assert p[part[0]] == part[1] and {**part[2], part[0]: part[1]} == p and part[0] not in part[2]


@pytest.mark.parametrize(("first", "term", "leading", "trailing"), [
    (s, s * t + s * r + t * r, "s*t", "r*s"),
    (t, s * t + s * r + t * r, "s*t", "r*s"),  # by shape, whichever atom was made first
    (r, t * s + t * r**5 + s * r**5, "s*t", "r^5*s"),  # r^5 is less than s, however high its power
    (r, exp(s / 2) * s + exp(s / 2) * r + s * r, "exp(s)^1/2*s", "r*s"),
    (r, exp(2 * r / 3 + t / 3) + exp(s / 3 + t / 3) + exp(2 * r / 3 + s / 3), "exp(s)^1/3*exp(t)^1/3",
     "exp(r)^2/3*exp(s)^1/3"),
])
def test_the_pivot_where_no_atom_alone_has_one(first: Term, term: Term, leading: str, trailing: str) -> None:
    normalizer = Normalizer()
    normalizer.poly(component(first))
    found = pivot_of(normalizer.poly(component(term)))
    assert (named(found.leading[0]), named(found.trailing[0])) == (leading, trailing)


@pytest.mark.parametrize("term", [delta(i, j), sign(s), sqrt(r)], ids=str)
def test_atoms_with_relations_are_no_order(term: Term) -> None:
    found = pivot_of(poly(term * s + term * t + s * t))
    assert found.leading is found.trailing is None and found.part(()) is None


def test_which_part_of_a_denominator_a_product_reduces_by() -> None:
    found = pivot_of(poly(s**2 + 1))
    (atom,) = found.weights
    assert found.degree == 2
    assert [found.part(((atom, e),)) for e in (3, 2, 1)] == [found.leading, found.leading, None]
    assert [found.part(((atom, e),)) for e in (-1, -2)] == [found.trailing] * 2 and found.part(()) is None


def test_no_pivot_is_a_delta() -> None:
    for term in (delta(i, j) * s + t * t + s * t, delta(i, j) + 1):
        leading = pivot_of(poly(term)).leading
        assert leading is None or all(atom.kind != "delta" for atom, _ in leading[0])


# --- contents, scales, ratios -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("term", "common"), [
    (s * t + s * r, "s"), (s**2 * t + s**3, "s^2"), (s + t, "1"), (s / t + t, "t^-1"), (s * t, "s*t"),
    (s**2 * t + s**2 * r + s * t * r, "s"), (delta(i, j) * s + delta(i, j) * t * s, "s"),
    (exp(s) * t + exp(-s) * t, "exp(s)^-1*t"), (exp(-s) + 1, "exp(s)^-1"), (exp(s) + exp(2 * s) * t, "exp(s)"),
])
def test_the_content_divides_every_term(term: Term, common: str) -> None:
    p = {m: k for m, k in poly(term).items() if not any(a.kind == "inverse" for a, _ in m)}
    found = content(p)
    assert named(found) == common
    assert [a.number for a, _ in found] == sorted(a.number for a, _ in found)


@pytest.mark.parametrize("term", [
    6 * s + 4 * t, -6 * s - 4 * t, s / 2 + t / 3, s * Fraction(4, 3) + t * Fraction(2, 9), 5 * s * t, -7 * s,
    2 * s - 4 * t,
    -2 * s + 4 * t - 8, s * 0 + 3, s * Fraction(-2, 3) + 2,
], ids=str)
def test_the_scale_leaves_coprime_whole_coefficients_and_one_sign(term: Term) -> None:
    p = poly(term)
    found = Fraction(scale(p))
    left = {m: Fraction(k) / found for m, k in p.items()}
    assert all(k.denominator == 1 for k in left.values()) and gcd(*(int(k) for k in left.values())) == 1
    assert left[min(p, key=monomial_order)] > 0
    assert scale({m: -k for m, k in p.items()}) == -found
    assert isinstance(scale(p), int) is (found.denominator == 1)


@pytest.mark.parametrize(("left", "right", "wanted"), [
    (2 * s + 4 * t, s + 2 * t, 2), (s + t, 3 * s + 3 * t, Fraction(1, 3)), (s + t, s - t, None), (s + t, s + r, None),
    (s + t, s, None), (s, s + t, None), (-s, s, -1), (s + t + r, s + t + 2 * r, None), (s + 2 * t, 2 * s + t, None),
])
def test_the_ratio_of_two_polynomials(left: Term, right: Term, wanted: object) -> None:
    normalizer = Normalizer()
    assert ratio(normalizer.poly(component(left)), normalizer.poly(component(right))) == wanted


# --- factors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("term", "irreducible"), [
    (s + t, True), (s**2 + t, True), (s**2 + t**2, False), (s**2 + 2 * s + 1, False), (s * t + s + 1, True),
    (s * t + s * r + t * s**2, True), (s * t + s**2 + t**2, False), (s**2 * t - t**3, False), (s**2 * t + t**2, False),
])
def test_what_is_plainly_irreducible(term: Term, irreducible: bool) -> None:
    """Some atom in one term only, to the first power. The sums that come here have no common factor."""
    assert plainly_irreducible(poly(term)) is irreducible


@pytest.mark.parametrize("term", [
    (s + t) * (s - t), (s + 1) ** 3 * (t - 2), 6 * (s + t) * (s + 2 * t), s**2 + t**2, (exp(s) - 1) * (exp(s) + 1),
    (c * r + s * t + 1) * (c + x[i] + t),
    (total(x) + s) ** 2, (s / 2 + t) * (s - t / 3), -(s + t) ** 2, (s * t + 1) * (s * t - r),
    (s - t) ** 2 * (s + t) * (r + 1) * Fraction(5, 7),
], ids=str)
def test_factors_multiply_to_the_polynomial(term: Term) -> None:
    p = poly(term)
    number, found = factorised(p)
    product = sympy.Rational(str(number)) * sympy.Mul(*(plain(factor) ** e for factor, e in found))
    assert sympy.expand(product - plain(p)) == 0
    assert all([a.number for a, _ in m] == sorted(a.number for a, _ in m) for factor, _ in found for m in factor)
    _, wanted = sympy.factor_list(plain(p))
    assert sorted((len(sympy.Add.make_args(sympy.expand(plain(f)))), e) for f, e in found) == sorted(
        (len(sympy.Add.make_args(sympy.expand(f))), e) for f, e in wanted)


def test_fractional_exponents_are_factored_in_their_roots() -> None:
    a = atom_of(exp(s))
    number, found = factorised({((a, 1),): 1, (): -4})
    assert (number, len(found)) == (1, 1)
    number, found = factorised({((a, 1),): 1, ((a, HALF),): -1, (): -6})
    assert number == 1 and sorted(map(poly_text, (factor for factor, _ in found))) == [
        "-3 + exp(s)^1/2", "2 + exp(s)^1/2"]
    assert all(e == 1 for _, e in found)


def atom_of(term: Term) -> Atom:
    ((m, _),) = poly(term).items()
    return m[0][0]


def many_terms(count: int) -> Term:
    """A sum of so many terms in two letters, less than count of either."""
    return sum((t ** (number // 6 + 1) * r ** (number % 6) for number in range(1, count)), t * 1)


def test_what_is_too_large_to_factor_stays_whole() -> None:
    letters = [tensor(f"v{number}") for number in range(12)]
    thirteen = poly((s - 1) * (sum((a * a for a in letters[1:]), letters[0] * letters[0]) + 1))
    assert factorised(thirteen) == (1, [(thirteen, 1)])
    long = poly((s + 1) * many_terms(31))
    assert len(long) == 62 and factorised(long) == (1, [(long, 1)])
    for high in (poly(s**41 - 1), poly(s**42 - t**2)):
        assert factorised(high) == (1, [(high, 1)])


def test_what_is_just_small_enough_is_factored() -> None:
    assert len(factorised(poly(s**40 - 1))[1]) == len(sympy.factor_list(sympy.Symbol("s") ** 40 - 1)[1])
    letters = [tensor(f"v{number}") for number in range(11)]
    twelve = poly((s - 1) * (sum((a * a for a in letters[1:]), letters[0] * letters[0]) + 1))
    assert len(factorised(twelve)[1]) == 2
    sixty = poly((s + 1) * many_terms(30))
    assert len(sixty) == 60 and len(factorised(sixty)[1]) > 1


@pytest.mark.parametrize("value", [Fraction(1), Fraction(12), Fraction(18, 25), Fraction(8, 27), Fraction(7, 50),
                                   Fraction(72 * 10**10, 49), Fraction(3, 10**12), Fraction(10**12), Fraction(2, 3)])
def test_the_square_part_of_a_number(value: Fraction) -> None:
    outside, under = map(Fraction, square_part(value))
    assert outside**2 * under == value and outside > 0
    assert all(e == 1 for number in (under.numerator, under.denominator) for e in sympy.factorint(number).values())
    assert gcd(under.numerator, under.denominator) == 1


def test_large_numbers_stay_under_the_root() -> None:
    assert square_part(Fraction(4 * 10**12)) == (1, 4 * 10**12)
    assert square_part(Fraction(9, 4 * 10**12)) == (3, Fraction(1, 4 * 10**12))
    assert square_part(Fraction(10**12 + 1, 4)) == (HALF, 10**12 + 1)  # the denominator is looked at all the same
    assert all(isinstance(part, int) for part in square_part(Fraction(12)))


def test_the_order_of_monomials_looks_at_shapes_first() -> None:
    normalizer = Normalizer()
    first, second = (next(iter(normalizer.poly(component(term)))) for term in (t, s))
    assert first[0][0].number < second[0][0].number
    (both,) = normalizer.poly(component(s * t))
    assert [shape for shape, _ in monomial_order(both)[0]] == sorted(skeleton(atom) for atom, _ in both)
    assert monomial_order(second) < monomial_order(first)  # s before t, though t was made first
    assert monomial_order(()) < monomial_order(second) < monomial_order(((second[0][0], 2),))
