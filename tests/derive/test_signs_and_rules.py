"""What is assumed, taken at its word: signs and what follows from them, and equations as rules for one position.

Beside them sums, logs, roots and signs function by function, where only one claim or one limit shows what they do.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from derive.atoms import Poly, poly_text, scaled
from derive.claims import Claim, Equation, avoids, distinct, injective, negative, nonnegative, positive, same
from derive.components import Index, MapAt
from derive.errors import NotProved, OutsideTheory
from derive.kernel import by_normal_form
from derive.normal_form import MAX_BOUND, Normalizer, normal_form_text
from derive.terms import (
    Function,
    Term,
    absolute,
    as_term,
    component,
    delta,
    exp,
    grad,
    index_map,
    log,
    onehot,
    ones,
    outer,
    sign,
    size,
    sqrt,
    sum_over,
    tensor,
    total,
)
from tests.cases.letters import A, C, D, K, U, V, c, i, j, k, loss, n, o, p, q, q2, r, s, t, v, w, x, y, z

d, d2 = Index("d", D), Index("d2", D)
g, u, first_map = tensor("g", K), index_map("u", K, K), index_map("a", K, V)  # a comes before o and q

DIAGONAL = Equation(sum_over(k, onehot(k) * A[k, k]), x)  # A[k, k] = x[k] for every k


def proved(claim: Claim) -> bool:
    try:
        by_normal_form(claim)
    except (NotProved, OutsideTheory):
        return False
    return True


@pytest.mark.parametrize("claim", [
    (y[i] == x[j]).given(DIAGONAL, Equation(A[j], y)),
    (y[i] == y[k]).every(k).given(DIAGONAL, Equation(A[j], y)),
    (y[i] == x[j]).given(DIAGONAL, Equation(A @ onehot(j), y)),
], ids=repr)
def test_a_rule_for_the_diagonal_says_nothing_of_a_row_that_is_assumed_after_it(claim: Claim) -> None:
    """A[j, i] is on the diagonal for i = j alone, also while the second assumption is read, at every i at once."""
    assert not proved(claim)


def test_rules_for_the_diagonal_and_for_a_row_hold_beside_each_other() -> None:
    both = DIAGONAL, Equation(A[j], y)
    assert proved((A[i, i] * A[j, k] == x[i] * y[k]).given(*both).every(k))
    assert not proved((A[i, k] == y[k]).given(*both).every(k))


def test_a_bound_found_while_signs_are_read_may_be_a_new_sum() -> None:
    """With s > 0, t - sum_i e^x_i / (1 + s e^y_i) is compared with t - sum_i e^x_i, which nothing has mentioned yet."""
    late = positive(r / (t - total(exp(x) / (1 + s * exp(y)))))
    assert proved((s == s).given(positive(s), late))


# --- equations as rules -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right", "replaced", "value"), [
    (s, t, "s", "t"), (t, s, "t", "s"), (s, total(y), "Sum[n](y[n])", "s"), (total(y), s, "Sum[n](y[n])", "s"),
    (exp(t) * s, r, "r", "exp(t)*s"), (r, exp(t) * s, "r", "exp(t)*s"), (s**2, t, "t", "s^2"), (t, s**2, "t", "s^2"),
    (3 * total(y), s * total(x * x), "Sum[n](y[n])", "1/3*Sum[n](x[n]^2)*s"), (s * ones(n), x, "x", "s"),
    (x, s * ones(n), "x", "s"), (exp(t) * s, exp(r) * exp(c), "s", "exp(c)*exp(r)*exp(t)^-1"),
    (outer(x, y), A, "A", None), (A.T, C * C, "A", None), (s / (t * t + 1), r, "s", "r + r*t^2"),
    (total(x) * exp(total(y)), s, "Sum[n](x[n])", "exp(Sum[n](y[n]))^-1*s"),
    (total(x), total(y), "Sum[n](x[n])", "Sum[n](y[n])"),
], ids=str)
def test_which_part_of_an_equation_becomes_a_rule(left: Term, right: Term, replaced: str, value: str | None) -> None:
    """A sum before an entry, one that stands alone before one with factors, and of two such the one read first."""
    normalizer = Normalizer((Equation(left, right),))
    ((atom, found),) = normalizer._sum_rules + normalizer._entry_rules
    assert (str(atom) if atom.kind == "sum" else atom.data[0].name) == replaced
    assert value is None or sorted(poly_text(found)) == sorted(value)


@pytest.mark.parametrize(("given_", "right", "wrong"), [
    ((Equation(A, outer(x, y)),), A[i, j] == x[i] * y[j], A[j, i] == x[i] * y[j]),
    ((Equation(A.T, outer(x, y)),), A[j, i] == x[i] * y[j], A[i, j] == x[i] * y[j]),
    ((DIAGONAL,), A[i, i] == x[i], A[i, j] == x[i]),
    ((Equation(U[w(q)], v),), U[w(q), d] == v[d], U[o, d] == v[d]),
    ((Equation(U[o], v),), U[o, d] == v[d], U[p, d] == v[d]),
    ((Equation(A @ x, y),), total(A[j] * x) == y[j], total(A[j] * z) == y[j]),
    ((Equation(A @ x, y),), total(A[j] * x) * y[i] == total(A[i] * x) * y[j], total(A.T[j] * x) == y[j]),
    ((Equation(total(y), s), Equation(s, as_term(2))), total(y * z) + s == 2 + total(z * y), total(y * z) == 2),
    ((Equation(A, C * C), Equation(C, outer(x, x))), A[i, j] == x[i] ** 2 * x[j] ** 2, A[i, j] == x[i] * x[j]),
    ((Equation(C, outer(x, x)), Equation(A, C * C)), A[i, j] == x[i] ** 2 * x[j] ** 2, A[i, j] == x[i] ** 2),
    ((Equation(y, x), Equation(x, z)), total(x * y) == total(z * z), total(x * y) == total(z)),
    ((Equation(total(y), t), Equation(total(x) + total(y), s)), total(x) == s - t, total(x) == s),
    ((Equation(sum_over(i, delta(i, j) * total(A[i])) + r, s),),
     sum_over(i, delta(i, j) * total(A[i])) == s - r, total(A[k]) == s - r),
    ((Equation(s + total(x), r), Equation(s * total(x), t)), s + total(x) == r, s == r),
], ids=repr)
def test_what_rules_prove_and_what_they_do_not(given_: tuple[Equation, ...], right: Claim, wrong: Claim) -> None:
    free = right.right.free | wrong.right.free
    assert proved(right.given(*given_).every(*free))
    assert not proved(wrong.given(*given_).every(*free))


@pytest.mark.parametrize("given_", [
    Equation(x * exp(x), ones(n)), Equation(s * exp(s), as_term(1)),
    Equation(x * exp(x), 2 * x), Equation(x, x * total(x)), Equation(total(x) * exp(total(x)), as_term(1)),
], ids=repr)
def test_what_holds_itself_among_its_own_factors_is_no_rule(given_: Equation) -> None:
    """x = e^-x is true and would go on for ever; without it the rest can still be proved."""
    assert len(Normalizer((given_,)).unused) == 1
    assert proved((total(x) + s + t == t + s + sum_over(i, x[i])).given(given_))


def test_a_rule_that_fits_in_two_ways_is_used_in_the_same_one_everywhere() -> None:
    """(A A')[i, j] is x_i y_j and x_j y_i; which of them must not hang on the order of a set, new in each process."""
    gram = Equation(A @ A.T, outer(x, y))
    names = [Index(name, n) for name in ("a", "b", "e", "f", "g", "h", "l", "u", "z")]
    for first, second in pairwise(names):
        for left in ((A @ A.T)[first, second], (A @ A.T)[second, first]):
            assert proved((left == x[first] * y[second]).given(gram))


# --- indices that are equal, or not -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "u", "zz"])
def test_a_value_that_is_its_own_argument(name: str) -> None:
    """u(q) = q, whichever comes first in the alphabet and in the assumption: u(u(q)) is q too."""
    f = index_map(name, K, K)
    twice = MapAt(f, MapAt(f, q))
    for given_ in (same(MapAt(f, q), q), same(q, MapAt(f, q))):
        assert proved((g[twice] == g[q]).given(given_))
        assert not proved((g[MapAt(f, q2)] == g[q]).given(given_).every(q2))
    assert proved((x[i] == x[i] + s - s).given(same(i, i), same(i, j), same(j, i)))


@pytest.mark.parametrize(("claim", "holds"), [
    ((delta(w(q), w(q2)) == delta(q, q2)).given(injective(w)), True),
    ((delta(w(q), o) == delta(o, w(q)) * delta(w(q), o)).given(injective(w)), True),
    ((delta(w(q), w(q2)) == 0).given(avoids(w, o)), False),
    ((delta(w(q), o) == 0).given(avoids(w, o)), True),
    ((delta(w(q), p) == 0).given(avoids(w, o)), False),
    ((delta(o, p) == 0).given(avoids(w, o)), False),
    ((delta(MapAt(first_map, q), o) == 0).given(avoids(first_map, o)), True),
    ((delta(MapAt(first_map, q), MapAt(first_map, q2)) == delta(q2, q)).given(injective(first_map)), True),
    ((delta(MapAt(first_map, q), w(q2)) == delta(q2, q)).given(injective(first_map), injective(w)), False),
    ((delta(o, p) == 0).given(distinct(p, o)), True),
    ((delta(w(q), w(q2)) == 0).given(distinct(w(q2), w(q))), True),
    ((delta(q, q2) == 0).given(distinct(w(q2), w(q)), injective(w)), False),
], ids=repr)
def test_deltas_of_values(claim: Claim, holds: bool) -> None:
    assert proved(claim) is holds


# --- signs ------------------------------------------------------------------------------------------------------------

SIGMOID, TWO = 1 / (1 + exp(s)), 1 / (2 + exp(s))
BELOW = 1 / (1 + exp(x))
S = sum_over(i, exp(y[i]) / (1 + exp(x[i])))  # below sum_i e^y_i


@pytest.mark.parametrize(("term", "bound"), [
    (SIGMOID, "1"), (TWO, "1/2"), (SIGMOID / (2 + exp(t)), "1/2"), (SIGMOID**2, "1"), (TWO**2, "1/4"),
    (TWO**3 * exp(t), "1/8*exp(t)"),
    (SIGMOID * t, None), (SIGMOID * t**2, "t^2"), (SIGMOID * t**3, None), (exp(s), None), (t, None), (t * t, None),
    (1 / (1 + s), None), (1 / (s * s + 1), None), (1 / (3 - exp(s)), None), (1 / (exp(s) + exp(t)), None),
    (1 / (exp(s) - 1), None), (1 / (1 + exp(s) * t), None), (1 / (1 + exp(s) + t), None),
    (1 / (1 + exp(s) + exp(t)), "1"),
    ((1 / (1 + s)) ** 2, None), ((1 / (3 - exp(s))) ** 2, None), ((1 / (exp(s) + exp(t))) ** 2, None),
    ((1 / (exp(s) - 1)) ** 2, None), ((1 / (1 + exp(s) * t)) ** 2, None), ((1 / (1 + exp(s) + t)) ** 2, None),
    (sqrt(t) * SIGMOID, "root(t)"), (log(t) * SIGMOID, None), (SIGMOID / exp(t), "exp(t)^-1"), (SIGMOID / t**2, "t^-2"),
    (S, "Sum[n](exp(y[n]))"), (S**2, "Sum[n](exp(y[n]))^2"), (1 / S, None),
    (SIGMOID / S, "Sum[n](1/(1 + exp(x[n]))*exp(y[n]))^-1"),
    (total(BELOW), "n"), (total(BELOW * y), None), (total(x * x), None), (total(y), None),
    (total(BELOW * y * y), "Sum[n](y[n]^2)"), (total(BELOW) * total(y), None), (SIGMOID * delta(i, j), "[i = j]"),
    (total(BELOW) * total(y * y), "Sum[n](y[n]^2)*n"),
    (sum_over(i, sum_over(j, 1 / (1 + exp(A[i, j])) * exp(x[i]))), "Sum[n](exp(x[n]))*n"),
], ids=str)
def test_what_a_product_stays_below(term: Term, bound: str | None) -> None:
    normalizer = Normalizer()
    ((m, c_),) = normalizer.poly(component(term)).items()
    found = normalizer._at_most(m)
    assert abs(c_) == 1 and (found is None) == (bound is None)
    assert found is None or bound is None or sorted(poly_text(found)) == sorted(bound)


@pytest.mark.parametrize(("term", "known"), [
    (1 - SIGMOID, True), (1 - SIGMOID / 2, True), (2 - SIGMOID, True), (2 - 3 * SIGMOID, False),
    (1 - TWO, True), (as_term(Fraction(1, 2)) - TWO, True), (as_term(Fraction(1, 3)) - TWO, False),
    (1 - SIGMOID + t * t, True), (1 - SIGMOID - t * t, False), (1 - SIGMOID + t, False), (2 - SIGMOID - 2 * TWO, True),
    (2 - SIGMOID - 3 * TWO, False), (1 - SIGMOID / (2 + exp(t)), True), (t * t - t * t * SIGMOID, False),
    (1 + t * t - t * t * SIGMOID, False),
    (exp(t) - exp(t) * SIGMOID, True), (exp(t) - exp(r) * SIGMOID, False), (delta(i, j) - delta(i, j) * SIGMOID, False),
    (1 - 1 / (1 + s * s), False), (1 - 1 / (3 - exp(s)), False), (1 - 1 / (exp(s) + exp(t)), False),
    (1 - 1 / (1 + s), False),
    (size(n) - total(BELOW), True), (size(n) + 1 - total(BELOW), True), (1 - total(BELOW), False),
    (total(exp(y)) - S, True), (2 * total(exp(y)) - S, True), (total(exp(x)) - S, False), (1 - 1 / S, False),
    (total(exp(y)) ** 2 - S**2, True), (total(x * x) - total(x * x * BELOW), False), (-SIGMOID, False), (s - s, False),
    (SIGMOID, True), (exp(s), True), (exp(s) + t * t, True), (t * t, False), (t * t + 1, True), (exp(s) + t, False),
    (exp(s) * t * t, False), (1 + exp(s) * t, False), (exp(s) - exp(t), False), (-exp(s) - 1, False), (s, False),
], ids=str)
def test_what_is_known_to_be_positive(term: Term, known: bool) -> None:
    """Above 0 and not only at least 0: t^2 - t^2/(1 + e^s) is 0 at t = 0."""
    normalizer = Normalizer()
    assert normalizer._positive(normalizer.poly(component(term))) is known


def test_what_is_assumed_at_least_0_may_be_0() -> None:
    for term in (s, exp(s) - exp(t), 1 - exp(s), exp(s) * t):
        for given_, positive_, nonnegative_ in ((positive(term), True, True), (nonnegative(term), False, True),
                                                (negative(term), False, False), (negative(-term), True, True)):
            normalizer = Normalizer((given_,))
            for factor in (1, 3, Fraction(1, 2)):
                p_ = normalizer.poly(component(factor * term))
                assert (normalizer._positive(p_), normalizer._nonnegative(p_)) == (positive_, nonnegative_)
                assert not normalizer._positive(scaled(p_, -1)) or (given_.relation == "<" and not positive_)
    told = by_normal_form((r / (exp(s) - exp(t)) == -r / (exp(t) - exp(s))).given(nonnegative(exp(s) - exp(t))))
    assert len(told.side_conditions) == 1, "0 is not ruled out"


LATE = 1 / (1 + s * exp(x))  # positive where s is


@pytest.mark.parametrize(("claim", "holds"), [
    ((absolute(s) == s).given(positive(absolute(s) + r), positive(s)), True),
    ((sum_over(i, delta(i, j) * absolute(x[i])) == x[j]).given(
        positive(sum_over(i, delta(i, j) * absolute(x[i]))), positive(x[j])), True),
    ((log(total(LATE) * t) == log(total(LATE)) + log(t)).given(positive(r + total(LATE)), positive(s)), True),
    ((log(total(LATE) * t) == log(total(LATE)) + log(t)).given(positive(r + total(LATE)), nonnegative(s)), False),
    ((log(total(LATE * y) * t) == log(total(LATE * y)) + log(t)).given(
        positive(r + total(LATE * y)), positive(s)), False),
    ((log(total(LATE * y * y) * t) == log(total(LATE * y * y)) + log(t)).given(
        positive(r + total(LATE * y * y)), positive(s)), False),
    ((log(total(LATE) * t) == log(total(LATE)) + log(t)).given(positive(s)), True),
    ((log(total(LATE) * t) == log(total(LATE)) + log(t)).given(positive(r)), False),
    ((log(s * t) == log(s) + log(t)).given(positive(r * s + t), positive(s)), True),
    ((log(total(x) * t) == log(total(x)) + log(t)).given(positive(total(x))), True),
    ((log(total(x) * t) == log(total(x)) + log(t)).given(nonnegative(total(x))), False),
    ((log(total(x) * t) == log(total(x)) + log(t)).given(positive(total(y))), False),
    ((log(x[i] * t) == log(x[i]) + log(t)).given(positive(x[i])), True),
    ((log(loss(o, v, U) * t) == log(loss(o, v, U)) + log(t)).given(positive(loss(o, v, U))), True),
    ((log(loss(o, v, U) * t) == log(loss(o, v, U)) + log(t)).given(positive(loss(p, v, U))), False),
    ((log(log(s) * t) == log(log(s)) + log(t)).given(positive(log(s))), True),
    ((log(log(s) * t) == log(log(s)) + log(t)).given(nonnegative(log(s))), False),
    ((log(x[j] * t) == log(x[j]) + log(t)).given(positive(x[i])), False),
    ((absolute(s * t) == s * t).given(positive(s * t)), True), ((absolute(s * t) == s * t).given(positive(s)), False),
    ((absolute(s * t) == -s * t).given(negative(s * t)), True), ((absolute(s) == s).given(positive(t)), False),
    ((absolute(s) == s).given(positive(s + 1)), False), ((absolute(s) == -s).given(positive(s)), False),
    ((sqrt(s * s * t) == s * sqrt(t)).given(nonnegative(s)), True),
    ((sqrt(s * s * t) == -s * sqrt(t)).given(negative(s)), True),
    ((sqrt(s * s * t) == s * sqrt(t)).given(nonnegative(-s)), False),
], ids=repr)
def test_a_sign_is_known_wherever_it_was_assumed(claim: Claim, holds: bool) -> None:
    assert proved(claim) is holds


@pytest.mark.parametrize(("term", "shown"), [
    (sign(-2 * s), "-1*sign(s)"), (sign(-s / 2), "-1*sign(s)"), (sqrt(-s / 2), "root(-1/2*s)"),
    (sign(s / t), "sign(s)*sign(t)"), (sign(s * t * t), "sign(s)"), (sign(-s * s), "-1"),
    (sign(s / (s + t)), "sign(1/(s + t))*sign(s)"), (sign(s / (s + t) ** 2), "sign(s)"), (sign(s * exp(t)), "sign(s)"),
    (sign((s + t) ** 3 * (s * s + 1)), "sign(s + t)"), (sign(s - t) + sign(t - s), "0"),
    (sign(-3 * s * r**3), "-1*sign(r)*sign(s)"),
    (sqrt(s * s * t), "root(t)*s*sign(s)"), (sqrt(s**4 * t**5), "root(t)*s^2*t^2"), (sqrt(s**6), "s^3*sign(s)"),
    (sqrt(1 / s), "root(s)*s^-1*sign(s)"), (sqrt(t / s**2), "root(t)*s^-1*sign(s)"), (sqrt(-12 * s), "2*root(-3*s)"),
    (sqrt(r / (s * s + 1) ** 2), "1/(1 + s^2)*root(r)"), (sqrt(r / (s * s + 1)), "root(1/(1 + s^2)*r)"),
    (sqrt(sum_over(i, s) - size(n) * s), "0"), (absolute(s * t * t), "s*sign(s)*t^2"),
    ((s * s) ** Fraction(1, 2), "s*sign(s)"), ((s * s) ** Fraction(3, 2), "s^3*sign(s)"),
    (sqrt(-s), "root(-1*s)"), (sqrt((s + t) ** 3), "root(s + t)*s*sign(s + t) + root(s + t)*t*sign(s + t)"),
    (sqrt(exp(s) * exp(3 * t) * r), "exp(s)^1/2*exp(t)^3/2*root(r)"),
    (sqrt(4 * delta(i, j) * s * s), "2*[i = j]*s*sign(s)"),
    (sqrt((exp(s) + 1) ** 2 * t), "exp(s)*root(t) + root(t)"), (sqrt(as_term(Fraction(1, 2))), "root(1/2)"),
    (sqrt(sign(s) ** 2 * t), "root(t)"), (sqrt(delta(i, j) * s), "[i = j]*root(s)"),
    (sqrt(exp(s)) * sqrt(exp(s)), "exp(s)"),
    (log(1 + s), "log(1 + s)"), (log(-s), "log(-1*s)"), (log(-s / 2), "log(-1*s) + -1*log(2)"),
    (log(1 / (s + t)), "-1*log(s + t)"),
    (log(exp(s) / t), "-1*log(t) + s"),
    (log(s * exp(t) / r), "log(r^-1*s) + t"), (log(-6 * s), "log(-1*s) + log(2) + log(3)"), (log(as_term(1)), "0"),
    (exp(as_term(1)) * exp(as_term(1)) - exp(as_term(2)), "0"), (exp(as_term(1)) * exp(s - 1), "exp(s)"),
], ids=str)
def test_the_normal_form_of(term: Term, shown: str) -> None:
    assert sorted(normal_form_text(component(term))) == sorted(shown)


# --- names and limits -------------------------------------------------------------------------------------------------


def test_numbers_under_a_log_are_taken_apart_up_to_a_limit() -> None:
    n_ = Normalizer()
    assert len(n_._log_number(10**12)) == 2 and sorted(n_._log_number(Fraction(10**12, 7)).values()) == [-1, 12, 12]
    for large in (10**12 + 1, Fraction(10**12 + 1, 2), Fraction(1, 10**12 + 1), 3 * 10**12):
        assert list(n_._log_number(large).values()) == [1], "one atom"


def test_what_a_call_stands_on_under_other_names() -> None:
    """Its indices, or a sum over one of them would be a product with the size; its height, or binders would meet."""
    normalizer = Normalizer()
    call = normalizer.poly(component(loss(w(q), x[i] * v, U * total(A[j]))))
    ((m, _),) = normalizer.renamed(call, {("i", "n"): ("k", "n")}).items()
    assert m[0][0].free == {("q", "K"), ("k", "n"), ("j", "n")} and m[0][0].height == 2
    ((m, _),) = normalizer.renamed(call, {("q", "K"): ("q2", "K"), ("j", "n"): ("i", "n")}).items()
    assert m[0][0].free == {("q2", "K"), ("i", "n")} and m[0][0].height == 2
    assert normalizer.renamed(call, {("i", "n"): ("k", "n")}) == normalizer.poly(
        component(loss(w(q), x[k] * v, U * total(A[j]))))
    slope = normalizer.poly(component(loss.partial(1)(o, v, U)[d]))
    ((m, _),) = normalizer.renamed(slope, {("d", "D"): ("d2", "D")}).items()
    assert m[0][0].free == {("o", "V"), ("d2", "D")} and m[0][0].height == 1
    ((m, _),) = normalizer.renamed(slope, {("o", "V"): ("w", "V", ("q", "K"))}).items()
    assert m[0][0].free == {("q", "K"), ("d", "D")}
    plainer = Function("G", V, n)
    ((m, _),) = normalizer.renamed(normalizer.poly(component(plainer(o, i))), {("i", "n"): ("j", "n")}).items()
    assert m[0][0].free == {("o", "V"), ("j", "n")} and m[0][0].height == 0


def test_partials_stand_in_one_order_under_other_names() -> None:
    normalizer = Normalizer()

    def twice(first: Index, second: Index) -> Poly:
        return normalizer.poly(component(grad(loss.partial(1)(o, v, U)[first], v)[second]))

    wanted = twice(d2, Index("z", D))
    assert normalizer.renamed(twice(d, d2), {("d", "D"): ("z", "D")}) == wanted == twice(Index("z", D), d2)


@pytest.mark.parametrize("claim", [
    sum_over(j, delta(i, j) * log(x[j] ** 2 + 1)) == log(x[i] ** 2 + 1),
    sum_over(j, delta(i, j) * sign(x[j])) == sign(x[i]),
    sum_over(j, delta(i, j) * sqrt(x[j])) == sqrt(x[i]), sum_over(j, delta(i, j) / (x[j] + 1)) == 1 / (x[i] + 1),
    sum_over(j, delta(i, j) * total(A[j] * A[j])) == total(A[i] * A[i]),
    sum_over(j, delta(i, j) * exp(s * x[j])) == exp(s * x[i]),
    sum_over(j, delta(i, j) * loss(o, x[j] * v, U)) == loss(o, x[i] * v, U),
    sum_over(j, delta(i, j) * sum_over(k, exp(A[j, k] - A[i, k]))) == size(n),
    sum_over(j, sum_over(k, A[j, k] * delta(j, k))) == sum_over(i, A[i, i]),
    sum_over(j, sum_over(o, x[j])) == size(V) * total(x), sum_over(j, sum_over(o, s)) == size(V) * size(n) * s,
    sum_over(q, delta(MapAt(u, q), q) * g[q]) == sum_over(q2, delta(q2, MapAt(u, q2)) * g[q2]),
], ids=repr)
def test_sums_contract_and_split(claim: Claim) -> None:
    assert proved(claim)


@pytest.mark.parametrize(("given_", "value"), [
    (Equation(A @ ones(n), x), total(x * y)), (Equation(A @ ones(n), total(x) * ones(n)), total(x) * total(y)),
    (Equation(A @ ones(n), exp(x)), total(exp(x) * y)), (Equation(A @ ones(n), ones(n)), total(y)),
    (Equation(A @ ones(n), s * x + z), s * total(x * y) + total(y * z)),
], ids=repr)
def test_an_assumed_row_is_found_whichever_sum_comes_first(given_: Equation, value: Term) -> None:
    for left in (sum_over(j, sum_over(i, y[i] * A[i, j])), sum_over(i, y[i] * total(A[i])), total(y @ A)):
        assert proved((left == value).given(given_))
        assert not proved((sum_over(j, sum_over(i, y[i] * A[j, i])) == value).given(given_))


def test_a_sum_whose_denominator_changes_its_sign_with_the_names_is_not_0() -> None:
    """Under one order of its indices 1/(x_i - 2 x_j) is q, under the other -q', and q' is not q."""
    both = sum_over(i, sum_over(j, 1 / (x[i] - 2 * x[j])))
    assert proved(both == sum_over(j, sum_over(i, 1 / (x[j] - 2 * x[i])))) and not proved(both == 0)
    assert proved(both == -sum_over(i, sum_over(j, 1 / (2 * x[i] - x[j])))) and not proved(both == -both)


def test_a_fixed_point_is_not_every_point() -> None:
    assert not proved(sum_over(q, delta(MapAt(u, q), q) * g[q]) == total(g))
    assert not proved(sum_over(q, delta(MapAt(u, q), q)) == 1)


def test_how_many_indices_a_sum_may_bind() -> None:
    names = tuple((f"@{number}", "n") for number in range(3 * MAX_BOUND))
    assert len(Normalizer()._sum_atom(names[:MAX_BOUND], ())) == 1
    normalizer = Normalizer()
    ((m, _),) = normalizer.poly(component(total(A[i]))).items()
    inner = normalizer.renamed({m: 1}, {("i", "n"): names[0]})
    ((m, _),) = inner.items()
    ((atom, e),) = m
    found = normalizer._opened(frozenset(names[:3 * MAX_BOUND - 1]), m, atom, e)
    assert poly_text(found).replace("^16", "") in ("n*Sum[n, n1](A[n, n1])", "Sum[n, n1](A[n, n1])*n")
    with pytest.raises(OutsideTheory, match=f"at most {3 * MAX_BOUND} bound indices"):
        normalizer._opened(frozenset(names), m, atom, e)
