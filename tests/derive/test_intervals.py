"""Enclosures against exact fractions and mpmath, duals against complex steps, central differences and by hand."""

from __future__ import annotations

import cmath
import math
import operator
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.intervals import (
    Dual,
    Interval,
    Undefined,
    absolute,
    certainly_larger,
    chosen,
    divide,
    enclosure,
    exp,
    identical,
    larger,
    log,
    logistic,
    power,
    root,
    separated,
    sign,
    slope,
)

fractions = st.fractions(min_value=-50, max_value=50, max_denominator=1000)
floats = st.floats(min_value=-1e3, max_value=1e3, allow_nan=False)
OPERATIONS = [operator.add, operator.sub, operator.mul, operator.truediv]


def contains(interval: Interval | Fraction, exact: object) -> bool:
    """Whether the enclosure holds a number of 200 bits."""
    with mpmath.workprec(200):
        found = enclosure(interval)
        return bool(mpmath.mpf(found.low) <= exact <= mpmath.mpf(found.high))


def high_precision(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


@given(floats, floats, st.floats(0, 5), st.floats(0, 5), st.floats(0, 1), st.floats(0, 1), st.sampled_from(OPERATIONS))
def test_arithmetic_encloses_every_pair(a, b, width_a, width_b, at_a, at_b, operation):
    first, second = Interval(a, a + width_a), Interval(b, b + width_b)
    x = Fraction(a) + (Fraction(first.high) - Fraction(a)) * Fraction(at_a)
    y = Fraction(b) + (Fraction(second.high) - Fraction(b)) * Fraction(at_b)
    try:
        found = operation(first, second)
    except Undefined:
        assert operation is operator.truediv and second.low <= 0 <= second.high
    else:
        exact = operation(x, y)
        assert found.low <= exact <= found.high


@given(fractions, fractions, st.sampled_from(OPERATIONS))
def test_fractions_meet_intervals_on_either_side(x, y, operation):
    if operation is operator.truediv and y == 0:
        return
    exact = operation(x, y)
    assert contains(operation(x, enclosure(y)), high_precision(exact))
    assert contains(operation(enclosure(x), y), high_precision(exact))


@given(fractions)
@settings(max_examples=60)
def test_transcendental_functions_enclose(x):
    with mpmath.workprec(200):
        exact = high_precision(x)
        assert contains(exp(x), mpmath.exp(exact))
        assert contains(exp(enclosure(x)), mpmath.exp(exact))
        assert contains(logistic(x), 1 / (1 + mpmath.exp(-exact)))
        if x > 0:
            assert contains(log(x), mpmath.log(exact))
            assert contains(root(x), mpmath.sqrt(exact))
            assert contains(power(x, Fraction(-2, 3)), mpmath.power(exact, mpmath.mpf(-2) / 3))
            assert contains(power(enclosure(x), -3), exact**-3)


@given(fractions, st.integers(1, 5))
def test_whole_powers_of_intervals(x, n):
    wide = enclosure(x) + Interval(-1.0, 1.0)
    for inside in (x - 1, x, x + 1):
        assert contains(power(wide, n), high_precision(inside**n))


def test_even_powers_do_not_reach_below_zero():
    assert power(Interval(-2.0, 1.0), 2).low <= 0 <= 4 <= power(Interval(-2.0, 1.0), 2).high
    assert power(Interval(-2.0, 1.0), 2).low > -1e-300


def test_enclosures_stay_narrow():
    e = exp(Fraction(1))
    assert 0 < e.high - e.low < 1e-14
    assert isinstance(exp(Fraction(1)) * 0, Fraction)


def test_exact_values_stay_fractions():
    found = [exp(Fraction(0)), log(Fraction(1)), root(Fraction(9, 4)), logistic(Fraction(0)), power(Fraction(-2), -3)]
    assert found == [1, 0, Fraction(3, 2), Fraction(1, 2), Fraction(-1, 8)]
    assert isinstance(root(Fraction(2)), Interval)
    assert power(Fraction(0), Fraction(1, 3)) == 0
    assert power(0.0, Fraction(1, 3)) == 0


@pytest.mark.parametrize("compute", [
    lambda: divide(Fraction(1), Fraction(0)),
    lambda: divide(1.0, 0.0),
    lambda: divide(Fraction(1), Interval(-1.0, 1.0)),
    lambda: divide(Fraction(1), Interval(0.0, 1.0)),
    lambda: Fraction(1) / Interval(0.0, 1.0),
    lambda: Interval(1.0, 1.0) / Interval(-1.0, 0.0),
    lambda: log(Fraction(0)),
    lambda: log(-1.0),
    lambda: log(Interval(0.0, 1.0)),
    lambda: root(Fraction(-1)),
    lambda: root(Interval(-1e-300, 1.0)),
    lambda: power(Fraction(-8), Fraction(1, 3)),
    lambda: power(Fraction(0), -1),
    lambda: exp(1e4),
    lambda: absolute(Dual(1, Fraction(0), Fraction(1))),
    lambda: absolute(Dual(1, Interval(-1.0, 1.0), Fraction(1))),
    lambda: absolute(Dual(1, 1e-17, 1.0)),
    lambda: larger(Dual(1, Fraction(2), Fraction(1)), Fraction(2)),
    lambda: root(Dual(1, Fraction(0), Fraction(1))),
    lambda: chosen(Fraction(0), Fraction(1), Fraction(2)),
    lambda: chosen(Interval(-1.0, 1.0), Fraction(1), Fraction(2)),
    # Overlapping branches need not be equal, so no value is known to exist.
    lambda: chosen(Fraction(0), Interval(1.0, 2.0), Interval(1.0, 2.0)),
    lambda: chosen(Fraction(0), Dual(1, Fraction(0), Fraction(1)), Dual(1, Fraction(0), Fraction(2))),
])
def test_undefined(compute):
    with pytest.raises(Undefined):
        compute()


def test_unbounded_enclosures_are_sound():
    huge = exp(Fraction(1000))
    assert huge.high == math.inf and huge.low > 1e308
    assert (huge * Interval(0.0, 0.0)).low <= 0 <= (huge * Interval(0.0, 0.0)).high
    assert (huge - huge).low == -math.inf and (huge - huge).high == math.inf
    assert enclosure(Fraction(10) ** 400).high == math.inf
    assert exp(Fraction(-1000)).low == 0 < exp(Fraction(-1000)).high


def test_separation():
    third = enclosure(Fraction(1, 3))
    assert not separated(third, Fraction(1, 3))
    assert separated(third, Fraction(1, 3) + Fraction(1, 10**15))
    assert separated(Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**30))
    assert certainly_larger(Fraction(1, 2), third) and not certainly_larger(third, Fraction(1, 3))
    with pytest.raises(TypeError, match="certainty is asked of float"):
        separated(1.0, Fraction(2))


def test_signs():
    assert [sign(x) for x in (Fraction(2), Fraction(0), -3.0, 0.0, 1e-12, Interval(-1.0, 1.0), Interval(1.0, 2.0))] == [
        1, 0, -1, 0, None, None, 1]


def test_kinks_keep_equal_branches():
    assert chosen(Fraction(0), Fraction(2), Fraction(2)) == 2
    same_slopes = larger(Dual(1, Fraction(2), Fraction(3)), Dual(1, Fraction(2), Fraction(3)))
    assert slope(same_slopes, 1) == 3
    assert identical(Dual(1, 1.0, 2.0), Dual(1, 1.0, 2.0)) and not identical(Dual(1, 1.0, 2.0), 1.0)
    overlapping = larger(Interval(0.0, 2.0), Fraction(1))
    assert (overlapping.low, overlapping.high) == (1.0, 2.0)
    assert absolute(Interval(-3.0, 1.0)).high == 3.0 and absolute(Interval(-3.0, 1.0)).low == 0.0


# Smooth functions of one number: with our numbers, and with complex ones for the complex step (Squire & Trapp 1998).
SMOOTH = [
    (lambda x: exp(x * x - 1), lambda z: cmath.exp(z * z - 1)),
    (lambda x: log(x * x + 2) / (x + 3), lambda z: cmath.log(z * z + 2) / (z + 3)),
    (lambda x: root(x * x + 1) * x, lambda z: cmath.sqrt(z * z + 1) * z),
    (lambda x: logistic(2 * x) - power(x, 3), lambda z: 1 / (1 + cmath.exp(-2 * z)) - z**3),
    (lambda x: power(x * x + 1, Fraction(-3, 2)), lambda z: (z * z + 1) ** -1.5),
    (lambda x: power(x + 3, -2) - 1 / (2 - x), lambda z: (z + 3) ** -2 - 1 / (2 - z)),
    (lambda x: x / (1 + exp(x)), lambda z: z / (1 + cmath.exp(z))),
]


@pytest.mark.parametrize(("ours", "theirs"), SMOOTH)
@pytest.mark.parametrize("at", [Fraction(-2, 3), Fraction(1, 7), Fraction(5, 4)])
def test_slopes_against_the_complex_step(ours, theirs, at):
    expected = theirs(complex(at, 1e-30)).imag / 1e-30
    assert slope(ours(Dual(1, float(at), 1.0)), 1) == pytest.approx(expected, rel=1e-12)
    enclosed = enclosure(slope(ours(Dual(1, at, Fraction(1))), 1))
    assert enclosed.low - 1e-12 <= expected <= enclosed.high + 1e-12
    assert enclosed.high - enclosed.low < 1e-12


@pytest.mark.parametrize(("ours", "theirs"), SMOOTH)
def test_second_derivatives_against_mpmath(ours, theirs):
    at = Fraction(2, 5)
    nested = ours(Dual(2, Dual(1, at, Fraction(1)), Fraction(1)))
    found = enclosure(slope(slope(nested, 2), 1))
    mp = {"exp": mpmath.exp, "log": mpmath.log, "sqrt": mpmath.sqrt}
    forms = [lambda x: mp["exp"](x * x - 1), lambda x: mp["log"](x * x + 2) / (x + 3),
             lambda x: mp["sqrt"](x * x + 1) * x, lambda x: 1 / (1 + mp["exp"](-2 * x)) - x**3,
             lambda x: (x * x + 1) ** mpmath.mpf("-1.5"), lambda x: (x + 3) ** -2 - 1 / (2 - x),
             lambda x: x / (1 + mp["exp"](x))]
    which = [ours is pair[0] for pair in SMOOTH].index(True)
    expected = float(mpmath.diff(forms[which], mpmath.mpf(2) / 5, 2))
    assert found.low - 1e-7 <= expected <= found.high + 1e-7


def test_nested_derivatives_do_not_confuse_perturbations():
    # d/dx (x * d/dy (x + y)) = 1, and 2 where the two epsilons are taken for one (Siskind & Pearlmutter 2005).
    x = Dual(1, Fraction(1), Fraction(1))
    inner = slope(x + Dual(2, Fraction(1), Fraction(1)), 2)
    assert slope(x * inner, 1) == 1
    y = Dual(2, Fraction(5), Fraction(1))
    mixed = slope(slope(x * x * y * y / (x + y), 2), 1)
    expected = mpmath.diff(lambda a, b: a**2 * b**2 / (a + b), (mpmath.mpf(1), mpmath.mpf(5)), (1, 1))
    assert float(mixed) == pytest.approx(float(expected), rel=1e-9)


@given(fractions, fractions, fractions, fractions, st.sampled_from(OPERATIONS))
def test_rules_of_dual_arithmetic_are_exact(a, da, b, db, operation):
    if operation is operator.truediv and b == 0:
        return
    expected = {operator.add: da + db, operator.sub: da - db, operator.mul: da * b + a * db,
                operator.truediv: (da * b - a * db) / (b * b) if b else None}[operation]
    both = operation(Dual(1, a, da), Dual(1, b, db))
    assert (both.value, both.slope) == (operation(a, b), expected)
    assert slope(operation(Dual(1, a, da), b), 1) == operation(Dual(1, a, da), Dual(1, b, Fraction(0))).slope
    assert slope(operation(a, Dual(1, b, db)), 1) == operation(Dual(1, a, Fraction(0)), Dual(1, b, db)).slope
    mixed = operation(Dual(1, a, da), Dual(2, b, db))
    assert (mixed.tag, mixed.value.tag, mixed.value.slope) == (2, 1, operation(Dual(1, a, da), b).slope)
