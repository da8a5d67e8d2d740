"""Monomials and polynomials of the normal form, function by function: arithmetic, shapes, signs, and how they read.

Each test here is a defect that benchmarks/mutation.py planted and that no other test noticed.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product

import pytest

from derive.atoms import (
    Atom,
    Monomial,
    Poly,
    accumulate,
    add,
    atom_text,
    constant,
    index_text,
    merged,
    monomial_text,
    never_zero,
    nonnegative_atom,
    plain,
    poly_atoms,
    poly_free,
    poly_height,
    poly_text,
    powered,
    scaled,
    single,
    skeleton,
    whole,
    without,
)
from derive.normal_form import Normalizer, normal_form_text
from derive.terms import Term, absolute, component, delta, exp, log, ones, size, softmax, sqrt, sum_over, total
from tests.cases.letters import A, U, i, j, loss, n, o, q, q2, r, s, t, v, w, x, y

HALF = Fraction(1, 2)
a, b, c, d = (Atom(number, "entry", (name,), frozenset(), 0, False, False) for number, name in enumerate("abcd"))


def atom(term: Term) -> Atom:
    ((m, _),) = Normalizer().poly(component(term)).items()
    return m[0][0]


# --- arithmetic -------------------------------------------------------------------------------------------------------


def exponents(*monomials: Monomial) -> dict[Atom, object]:
    found: Counter[Atom] = Counter()
    for m in monomials:
        for factor, e in m:
            found[factor] += e  # type: ignore[assignment]
    return {factor: e for factor, e in found.items() if e}


MONOMIALS: list[Monomial] = [
    (), ((a, 1),), ((a, -1),), ((b, 2),), ((a, 1), (c, 1)), ((b, 1), (d, -2)), ((a, 1), (b, 1), (c, 1), (d, 1)),
    ((c, HALF),), ((c, -HALF), (d, 2)), ((a, 3), (d, 1)),
]


@pytest.mark.parametrize(("left", "right"), list(product(MONOMIALS, MONOMIALS)))
def test_exponents_add_and_zeros_drop(left: Monomial, right: Monomial) -> None:
    found = merged(left, right)
    assert dict(found) == exponents(left, right)
    assert [factor.number for factor, _ in found] == sorted({factor.number for factor, _ in found})


def test_polynomials_add() -> None:
    p: Poly = {((a, 1),): 2, (): 3}
    q_: Poly = {((a, 1),): -1, ((b, 1),): 5}
    assert add(p, q_) == {((a, 1),): 1, (): 3, ((b, 1),): 5}
    assert add(p, q_, 2) == {(): 3, ((b, 1),): 10}
    assert add({}, q_, -1) == {((a, 1),): 1, ((b, 1),): -5} and add({}, q_) == q_ and add(p, {}) == p
    assert add(p, p, -1) == {} and add({}, q_, 2) == {((a, 1),): -2, ((b, 1),): 10} and add({}, q_, 0) == {}
    assert p == {((a, 1),): 2, (): 3} and q_ == {((a, 1),): -1, ((b, 1),): 5}, "neither is changed"
    accumulate(p, q_, HALF)
    assert p == {((a, 1),): Fraction(3, 2), (): 3, ((b, 1),): Fraction(5, 2)}


def test_numbers_as_polynomials() -> None:
    assert constant(0) == {} and constant(7) == {(): 7} and single(a) == {((a, 1),): 1}
    assert scaled({((a, 1),): 3, (): 1}, -2) == {((a, 1),): -6, (): -2} and scaled({(): 1}, 0) == {}
    assert powered(((a, HALF), (b, 3)), 2) == ((a, 1), (b, 6)) and isinstance(powered(((a, HALF),), 2)[0][1], int)
    assert isinstance(whole(Fraction(4, 2)), int) and whole(HALF) == HALF and whole(3) == 3
    assert without(((a, 1), (b, 2)), a) == ((b, 2),) and without(((a, 1),), b) == ((a, 1),)


def test_what_a_polynomial_stands_on() -> None:
    deep = Normalizer().poly(component(total(x) * A[i, j] + sum_over(i, x[i] / total(A[i])) + 1))
    assert poly_free(deep) == {("i", "n"), ("j", "n")} and poly_free({(): 1}) == frozenset()
    assert poly_height(deep) == 2 and poly_height({(): 1}) == 0 and poly_height({}) == 0
    assert poly_height(Normalizer().poly(component(x[i]))) == 0
    assert len(poly_atoms(deep)) == 3
    assert plain(("w", "V", ("u", "K", ("q", "M")))) == ("q", "M") and plain(("i", "n")) == ("i", "n")
    assert sorted([c, a, b]) == [a, b, c] and not a < a


# --- shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right"), [
    (total(x), sum_over(j, x[j])), (total(A), sum_over(j, sum_over(i, A[j, i]))),
    (total(exp(x) * y), sum_over(j, y[j] * exp(x[j]))), (1 / (total(x) + 1), 1 / (1 + sum_over(i, x[i]))),
    (softmax(x)[i], softmax(x)[i]),
])
def test_names_of_bound_indices_and_order_of_making_leave_no_trace_in_a_shape(left: Term, right: Term) -> None:
    normalizer = Normalizer()
    normalizer.poly(component(y[i] * x[i]))
    ((m, _),) = normalizer.poly(component(right)).items()
    ((k, _),) = Normalizer().poly(component(left)).items()
    assert sorted(skeleton(factor) for factor, _ in m) == sorted(skeleton(factor) for factor, _ in k)


def test_different_atoms_have_different_shapes() -> None:
    different = [x[i], x[j], y[i], A[i, j], A[j, i], A[i, i], total(x), total(x * x), total(exp(x)), exp(x[i]), log(s),
                 sqrt(s), U[o] @ v, U[w(q)] @ v, U[w(q2)] @ v, delta(i, j), delta(w(q), o), size(n), 1 / (s + t),
                 1 / (s + r), 1 / (s + 2 * t), 1 / (s**2 + t), loss(o, v, U), loss(o, 2 * v, U), loss(w(q), v, U), s, t]
    shapes = [skeleton(atom(term)) for term in different]
    assert len(set(shapes)) == len(shapes)


def test_a_shape_does_not_depend_on_the_number_of_an_inner_atom() -> None:
    shapes = []
    for before in ((), (t, s), (s, t, r)):
        normalizer = Normalizer()
        for term in before:
            normalizer.poly(component(term))
        ((m, _),) = normalizer.poly(component(exp(s * t) / (s + t + r))).items()
        shapes.append(sorted(skeleton(factor) for factor, _ in m))
    assert shapes[0] == shapes[1] == shapes[2]


def test_fresh_and_bound_names_have_one_shape() -> None:
    normalizer = Normalizer()
    shapes = {skeleton(normalizer._entry_atom("x", ((name, "n"),))) for name in ("@0", "@1", "#1.0", "#2.1")}
    assert len(shapes) == 1
    assert skeleton(normalizer._entry_atom("x", (("at", "n"),))) not in shapes
    inside = [normalizer._exp(single(normalizer._entry_atom("x", ((name, "n"),)))) for name in ("@0", "@1", "#1.0")]
    assert len({skeleton(atom) for p in inside for ((atom, _),) in p}) == 1


# --- signs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("term", "known"), [
    (total(x * x), True), (total(x * x * x), False), (total(exp(x) * y), False), (total(exp(x) * y * y), True),
    (total(exp(x)), True), (size(n), True), (delta(i, j), True), (s, False), (sqrt(s), True), (log(s), False),
    (1 / (s * s + 1), True), (1 / (s + t), False), (absolute(s), False), (sum_over(q, delta(w(q), o)), True),
])
def test_what_is_known_to_be_nonnegative(term: Term, known: bool) -> None:
    assert nonnegative_atom(atom(term)) is known


@pytest.mark.parametrize(("term", "known"), [
    (exp(s), True), (exp(s * t), True), (exp(s * log(t)), False), (exp(log(t) / 3), False), (1 / (s + t), True),
    (total(exp(x)), True), (total(exp(x) * y * y), False), (total(exp(x) / total(exp(x) + 1)), True), (s, False),
    (total(1 / (x + s * ones(n))), False), (total(exp(x) * sqrt(y)), False), (total(exp(x) / (x * x + ones(n))), True),
    (size(n), True), (sqrt(s), False), (sqrt(s * s + 1), False), (total(exp(x * log(s))), False), (delta(i, j), False),
])
def test_what_may_be_divided_by(term: Term, known: bool) -> None:
    assert never_zero(atom(term)) is known


# --- for people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("term", "shown"), [
    (x[i], "x[i]"), (A[i, j], "A[i, j]"), (s, "s"), (size(n), "n"), (exp(s * t), "exp(s*t)"), (exp(s) ** 2, "exp(s)^2"),
    (U[w(q)] @ v, "Sum[d](U[w(q), d]*v_c[d])"), (total(x), "Sum[n](x[n])"), (total(A), "Sum[n, n1](A[n, n1])"),
    (delta(i, j), "[i = j]"), (delta(w(q), o), "[o = w(q)]"), (1 / (s + t), "1/(s + t)"), (1 / (s - t), "1/(s + -1*t)"),
    (log(s), "log(s)"), (sqrt(s + t), "root(s + t)"), (absolute(s), "s*sign(s)"), (2 * s + 1, "1 + 2*s"), (s - s, "0"),
    (s * 0 + 5, "5"), (s / 2, "1/2*s"), (-s, "-1*s"), (s**2 * t, "s^2*t"), (loss(o, v, U), "F<0 partials>(..)"),
    (sum_over(i, x[i] * exp(total(A[i]))), "Sum[n'](exp(Sum[n](A[n', n]))*x[n'])"),
])
def test_how_a_normal_form_reads(term: Term, shown: str) -> None:
    found = normal_form_text(component(term))
    assert sorted(found) == sorted(shown)
    if "*" not in shown:
        assert found == shown


def test_how_indices_read() -> None:
    assert [index_text(i) for i in (("i", "n"), ("X1", "n"), ("w", "V", ("q", "K")))] == ["i", "X1", "w(q)"]
    assert index_text(("#1.0", "V")) == "v" and index_text(("#1.2", "V")) == "v2"
    assert index_text(("#2.0", "V")) == "v'" and index_text(("#3.1", "K")) == "k1''"
    assert [index_text((name, "n")) for name in ("@0", "@2", "?1")] == ["n", "n2", "n1"]


def test_texts_of_parts() -> None:
    assert monomial_text(()) == "1"
    found = atom(exp(s))
    assert atom_text(found) == repr(found) == "exp(s)" and monomial_text(((found, HALF),)) == "exp(s)^1/2"
    assert poly_text({}) == "0" and poly_text({(): 1}) == "1" and poly_text({(): -3}) == "-3"
