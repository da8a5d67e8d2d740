"""Where the normal form stops, and what it says of its denominators.

Each test here is a defect that benchmarks/mutation.py planted and that no other test noticed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest

from derive.atoms import constant, single
from derive.claims import Claim, negative, nonnegative, positive
from derive.components import Index
from derive.errors import OutsideTheory
from derive.kernel import by_normal_form
from derive.normal_form import MAX_BOUND, MAX_POWER, MAX_STEPS, Normalizer, normal_form_text
from derive.terms import (
    Term,
    as_term,
    component,
    delta,
    exp,
    identity,
    log,
    sign,
    size,
    sqrt,
    sum_over,
    total,
    where_positive,
)
from tests.cases.letters import A, U, c, i, j, k, loss, n, o, r, s, t, v, w, x, y


def conditions(claim: Claim) -> set[str]:
    return {"".join(sorted(told)) for told in by_normal_form(claim).side_conditions}


def letters(*told: str) -> set[str]:
    return {"".join(sorted(each)) for each in told}


@pytest.mark.parametrize(("claim", "told"), [
    (where_positive(s, t, r) == where_positive(2 * s, t, r), ("s != 0", "2*s != 0")),
    ((where_positive(s, t, r) == t).given(positive(s)), ()),
    (where_positive(s, t, t) == t, ()),
    (where_positive(s, 2 * t, t) == t + where_positive(s, t, 0), ("s != 0",)),
    (c / (s * s + t * t) + c / (s * s + t * t) == 2 * c / (s * s + t * t), ("s^2 + t^2 != 0",)),
    (c / (s * s + 2) + c / (s * s + 2) == 2 * c / (s * s + 2), ()),
    (c / (exp(s) + t * t) + 1 == (c + exp(s) + t * t) / (exp(s) + t * t), ()),
    (1 / (s * t + s * r) == 1 / s / (t + r), ("s != 0", "r + t != 0")),
    (total(c * (1 / (x + y))) == c * total(1 / (x + y)), ("x[n] + y[n] != 0",)),
    ((1 / (s + t) == 1 / (t + s)).given(positive(s), positive(t)), ()),
    (sign(s) * sign(s) == 1, ("s != 0",)),
    (1 / (exp(s) * (t + r)) == exp(-s) / (t + r), ("r + t != 0",)),
    (1 / (1 / (s + t)) == s + t, ()),
], ids=str)
def test_what_had_to_be_nonzero_is_told_and_no_more(claim: Claim, told: tuple[str, ...]) -> None:
    assert conditions(claim) == letters(*told)


@pytest.mark.parametrize(("build", "message"), [
    (lambda: sum_over(i, (A @ x)[i] ** (MAX_POWER + 1)), "to the power 13; expected whole powers up to 12"),
    (lambda: log(-total(x) / total(x)), "positive argument|without a value|pi"),
    (lambda: log(as_term(-2) * exp(s) * exp(-s)), "positive argument|without a value|pi"),
    (lambda: log(-exp(s) * 3), "log of a negative number"),
])
def test_what_is_outside_the_theory(build: Callable[[], Term], message: str) -> None:
    with pytest.raises(OutsideTheory, match=message):
        normal_form_text(component(build()))


def test_the_largest_power_of_a_sum_that_is_opened() -> None:
    claim = sum_over(i, (A @ x)[i] ** 2) == sum_over(i, sum_over(j, sum_over(k, A[i, j] * x[j] * A[i, k] * x[k])))
    assert by_normal_form(claim)
    with pytest.raises(OutsideTheory, match=r"connected indices|nested sums|too large"):
        normal_form_text(component(sum_over(i, (A @ x)[i] ** MAX_POWER)))


def test_powers_of_one_factor_and_of_many() -> None:
    normalizer = Normalizer()
    ((m, _),) = normalizer.poly(component(s)).items()
    atom = m[0][0]
    assert normalizer.power(single(atom), 9_999) == {((atom, 9_999),): 1}
    assert normalizer.power(single(atom), -9_999) == {((atom, -9_999),): 1}
    for power in (10_000, -10_000, 10_001):
        with pytest.raises(OutsideTheory, match="a power too large"):
            normalizer.power(single(atom), power)
    both = normalizer.poly(component(s + 1))
    assert len(normalizer.power(both, MAX_POWER)) == MAX_POWER + 1
    with pytest.raises(OutsideTheory, match="a power too large"):
        normalizer.power(both, MAX_POWER + 1)
    assert normalizer.power(both, 0) == constant(1)


def test_steps_are_counted_to_the_last() -> None:
    expression = component((s + t) * (s + r) * (1 + exp(s)))
    normalizer = Normalizer()
    normalizer.poly(expression)
    needed = normalizer._steps
    assert needed >= 4 + 4
    again = Normalizer()
    again._steps = MAX_STEPS - needed
    assert again.poly(expression) and again._steps == MAX_STEPS
    short = Normalizer()
    short._steps = MAX_STEPS - needed + 1
    with pytest.raises(OutsideTheory, match="grows too large"):
        short.poly(expression)


@pytest.mark.parametrize("rewriting", [
    lambda: total(1 / (x * (x + y))), lambda: sum_over(i, sum_over(j, A[i, j] * x[j])),
    lambda: s * sqrt(s) * sqrt(s) * t, lambda: sum_over(i, delta(i, j) * x[i]),
])
def test_rewritings_are_steps_too(rewriting: Callable[[], Term]) -> None:
    normalizer = Normalizer()
    normalizer._steps = MAX_STEPS
    with pytest.raises(OutsideTheory, match="grows too large"):
        normalizer.poly(component(rewriting()))


def test_the_most_bound_indices_of_one_sum() -> None:
    names = [Index(f"b{number}", n) for number in range(MAX_BOUND + 1)]

    def ring(count: int) -> Term:
        body: Term = as_term(1)
        for here, there in zip(names[:count], [*names[1:count], names[0]], strict=True):
            body = body * A[here, there]
        for index in names[:count]:
            body = sum_over(index, body)
        return body

    normalizer = Normalizer()
    assert len(normalizer.poly(component(ring(4)))) == 1
    with pytest.raises(OutsideTheory, match=f"a sum over {MAX_BOUND + 1} connected indices"):
        Normalizer()._sum_atom(tuple((f"@{number}", "n") for number in range(MAX_BOUND + 1)), ())


def test_a_sum_that_changes_its_sign_when_renamed_is_0() -> None:
    """It has no value where i = j, so nothing true is lost; what is looked at is that it is no crash."""
    for term in (1 / (A[i, j] - A[j, i]), sign(x[i] - x[j]), (x[i] + x[j]) / (A[i, j] - A[j, i]) ** 3):
        assert normal_form_text(component(sum_over(i, sum_over(j, term)))) == "0"
    assert normal_form_text(component(sum_over(i, sum_over(j, 1 / (A[i, j] - A[j, i]) ** 2)))) != "0"


def test_signs_of_what_is_assumed() -> None:
    for given_, wanted in (((positive(s - t),), 1), ((negative(s - t),), -1), ((nonnegative(t - s),), -1), ((), None)):
        normalizer = Normalizer(given_)
        assert normalizer.sign_of(normalizer.poly(component(s - t))) == wanted
        assert normalizer.sign_of(normalizer.poly(component(3 * t - 3 * s))) == (None if wanted is None else -wanted)
        assert normalizer.sign_of(normalizer.poly(component(s - 2 * t))) is None
    normalizer = Normalizer((nonnegative(s), positive(t)))
    assert [normalizer._positive(normalizer.poly(component(term))) for term in (
        s, t, 2 * t, s - 1, t - 1, -t, s * s, s * s + 1, exp(s) + exp(t), exp(s) - exp(t), exp(s) * r + 1,
        t * r)] == [
        False, True, True, False, False, False, False, True, True, False, False, False]
    assert [normalizer._nonnegative(normalizer.poly(component(term))) for term in (
        s, t, -s * s, s * s - 1, s * s * exp(r), r, size(n) * r * r, sqrt(r), total(x * x), total(x),
        -total(x * x))] == [
        True, True, False, False, True, False, True, True, True, False, False]


def test_what_a_call_stands_on() -> None:
    ((m, _),) = Normalizer().poly(component(loss(w(Index("q", w.source)), x[i] * v, U * total(A[j])))).items()
    ((call, _),) = m
    assert call.free == {("q", "K"), ("i", "n"), ("j", "n")} and call.height == 2
    ((m, _),) = Normalizer().poly(component(loss.partial(1)(o, v, U)[Index("d", v.axes[0])])).items()
    assert m[0][0].free == {("o", "V"), ("d", "D")} and identity(n).axes == (n, n)


NUMBERS = (-2, -1, Fraction(-1, 2), 0, Fraction(1, 2), 1, 2)
PARTS: list[tuple[Term, Callable[[float, float], float]]] = [
    (1 / (1 + exp(s)), lambda a, b: 1 / (1 + math.exp(a))), (1 / (2 + exp(s)), lambda a, b: 1 / (2 + math.exp(a))),
    (1 / (1 + s * s), lambda a, b: 1 / (1 + a * a)), (exp(t), lambda a, b: math.exp(b)), (t, lambda a, b: b),
    (t * t, lambda a, b: b * b), (exp(t) / (1 + exp(s)), lambda a, b: math.exp(b) / (1 + math.exp(a))),
    (1 / (1 + exp(s)) ** 2, lambda a, b: 1 / (1 + math.exp(a)) ** 2),
    (1 / (1 + exp(s)) / (2 + t * t), lambda a, b: 1 / (1 + math.exp(a)) / (2 + b * b)),
]
GRID = [(a, b) for a in (-12.0, -1.0, 0.0, 1.0, 12.0) for b in (-12.0, -1.0, 0.0, 1.0, 12.0)]


@pytest.mark.parametrize("first", range(len(PARTS)))
def test_what_is_called_positive_is_so_at_every_point(first: int) -> None:
    """Beside the values on a grid; 1 - 1/(1 + e^s) comes near 0 and is positive, 1 - 1/(1 + s^2) is 0 at 0."""
    (left, value) = PARTS[first]
    for (right, other), a, b, number in product(PARTS, NUMBERS, (-1, 0, 1), (0, Fraction(1, 2), 1)):
        normalizer = Normalizer()
        p = normalizer.poly(component(a * left + b * right + number))
        least = min(float(a) * value(*at) + b * other(*at) + float(number) for at in GRID)
        if p and normalizer._positive(p):
            assert least > 0, f"{a} {left!r} + {b} {right!r} + {number}"
        if p and normalizer._nonnegative(p):
            assert least >= 0, f"{a} {left!r} + {b} {right!r} + {number}"
