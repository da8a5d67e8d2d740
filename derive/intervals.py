"""Numbers that are exact or enclosed, and dual numbers over them: the refuter's arithmetic.

Three kinds of number meet here, and every function below takes any of them:

- `float`: fast and rounded, for screening. Nothing is ever refuted by it.
- `Fraction`: exact. It stays exact until a transcendental function has an irrational value.
- `Interval`: two floats that enclose the real number meant, rounded outwards at every step (Moore 1966).

A `Dual` carries a value and its slope in one direction (Clifford 1873; forward mode of Griewank & Walther 2008,
ch. 3) over any of the three, or over duals of lower tags, so that nested derivatives never confuse their directions.

    >>> exp(Fraction(0)), log(Fraction(1)), root(Fraction(4, 9))
    (Fraction(1, 1), Fraction(0, 1), Fraction(2, 3))
    >>> e = exp(Fraction(1))
    >>> e.low < 2.718281828459045 < e.high and e.high - e.low < 1e-14
    True
    >>> separated(e, Fraction(27, 10)), separated(e - e, Fraction(0))
    (True, False)
    >>> slope(power(Dual(1, Fraction(3), Fraction(1)), 2), 1)
    Fraction(6, 1)
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

# float | Fraction | Interval | Dual. Any, because Python's operators dispatch among them at run time.
Number = Any

# Below this a float may be rounding noise around 0, and no branch is taken on its sign.
NOISE = 1e-9

# Relative widening of exp and log: about 4 ulp. The usual C libraries stay within 1 (glibc manual, "Errors in Math
# Functions").
_SLACK = 2.0**-50


class Undefined(ArithmeticError):
    """No real value exists here, or the enclosures are too wide to know whether one does."""


class Interval:
    """Every real number between two floats, both included; an infinite end means unbounded."""

    __slots__ = ("high", "low")

    def __init__(self, low: float, high: float) -> None:
        if not low <= high:
            raise Undefined(f"no interval runs from {low} to {high}")
        self.low, self.high = low, high

    def __repr__(self) -> str:
        return f"Interval({self.low!r}, {self.high!r})"

    def __contains__(self, x: Fraction | float) -> bool:
        return self.low <= x <= self.high

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __add__(self, other: Number) -> Number:
        if type(other) is not Interval:
            if isinstance(other, Dual):
                return NotImplemented
            if other == 0:
                return self
            other = enclosure(other)
        return Interval(_down(self.low + other.low), _up(self.high + other.high))

    __radd__ = __add__

    def __sub__(self, other: Number) -> Number:
        return self + (-other)

    def __rsub__(self, other: Number) -> Number:
        return -self + other

    def __mul__(self, other: Number) -> Number:
        if type(other) is not Interval:
            if isinstance(other, Dual):
                return NotImplemented
            if other == 0:
                return Fraction(0)
            if other == 1:
                return self
            other = enclosure(other)
        ends = (_product(self.low, other.low), _product(self.low, other.high),
                _product(self.high, other.low), _product(self.high, other.high))
        return Interval(_down(min(ends)), _up(max(ends)))

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Number:
        if isinstance(other, Dual):
            return NotImplemented
        return self * _reciprocal(enclosure(other))

    def __rtruediv__(self, other: Number) -> Number:
        return _reciprocal(self) * other


class Dual:
    """value + slope * epsilon, where epsilon squared is 0. tag: which epsilon; a deeper derivative has a higher tag.

    A number without the tag is a constant in that direction. value and slope may be duals of lower tags.
    """

    __slots__ = ("slope", "tag", "value")

    def __init__(self, tag: int, value: Number, slope: Number) -> None:
        self.tag, self.value, self.slope = tag, value, slope

    def __repr__(self) -> str:
        return f"Dual({self.tag}, {self.value!r}, {self.slope!r})"

    def __neg__(self) -> Dual:
        return Dual(self.tag, -self.value, -self.slope)

    def __add__(self, other: Number) -> Dual:
        if type(other) is Dual:
            if self.tag == other.tag:
                return Dual(self.tag, self.value + other.value, self.slope + other.slope)
            if self.tag < other.tag:
                return Dual(other.tag, self + other.value, other.slope)
        return Dual(self.tag, self.value + other, self.slope)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Dual:
        return self.__add__(-other)

    def __rsub__(self, other: Number) -> Dual:
        return (-self).__add__(other)

    def __mul__(self, other: Number) -> Dual:
        if type(other) is Dual:
            if self.tag == other.tag:
                return Dual(self.tag, self.value * other.value, self.value * other.slope + self.slope * other.value)
            if self.tag < other.tag:
                return Dual(other.tag, self * other.value, self * other.slope)
        return Dual(self.tag, self.value * other, self.slope * other)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Dual:
        if type(other) is Dual and self.tag <= other.tag:
            value = divide(without(self, other.tag), other.value)
            return Dual(other.tag, value, divide(slope(self, other.tag) - value * other.slope, other.value))
        return Dual(self.tag, divide(self.value, other), divide(self.slope, other))

    def __rtruediv__(self, other: Number) -> Dual:
        value = divide(other, self.value)
        return Dual(self.tag, value, divide(-value * self.slope, self.value))


# --- functions of any kind of number ----------------------------------------------------------------------------------


def exp(x: Number) -> Number:
    """e**x. Exact at 0.

    Undefined: a float overflows.
    """
    if type(x) is float:
        try:
            return math.exp(x)
        except OverflowError:
            raise Undefined(f"exp({x}) is beyond the floats") from None
    if type(x) is Dual:
        value = exp(x.value)
        return Dual(x.tag, value, x.slope * value)
    if type(x) is Fraction:
        if x == 0:
            return Fraction(1)
        x = enclosure(x)
    return Interval(max(0.0, _down(_exp_or_infinity(x.low) * (1 - _SLACK))),
                    _up(_exp_or_infinity(x.high) * (1 + _SLACK)))


def log(x: Number) -> Number:
    """Natural logarithm. Exact at 1.

    Undefined: x is not positive, or not known to be.
    """
    if type(x) is Dual:
        return Dual(x.tag, log(x.value), divide(x.slope, x.value))
    if (x.low if type(x) is Interval else x) <= 0:
        raise Undefined(f"log({x}) of what is not known to be positive")
    if type(x) is float:
        return math.log(x)
    if type(x) is Fraction:
        if x == 1:
            return Fraction(0)
        x = enclosure(x)
        if x.low <= 0:
            raise Undefined(f"log({x}) below the floats")
    low, high = math.log(x.low), math.log(x.high)
    return Interval(_down(low - abs(low) * _SLACK), _up(high + abs(high) * _SLACK))


def root(x: Number) -> Number:
    """Nonnegative square root. Exact for squares of fractions.

    Undefined: x is negative or not known to be nonnegative; a slope at 0.
    """
    if type(x) is Dual:
        value = root(x.value)
        return Dual(x.tag, value, divide(x.slope, 2 * value))
    if type(x) is Interval:
        if x.low < 0:
            raise Undefined(f"root of {x}, which reaches below 0")
        return Interval(max(0.0, _down(math.sqrt(x.low))), _up(math.sqrt(x.high)))
    if x < 0:
        raise Undefined(f"root of {x}, which is negative")
    if type(x) is float:
        return math.sqrt(x)
    top, bottom = math.isqrt(x.numerator), math.isqrt(x.denominator)
    if top * top == x.numerator and bottom * bottom == x.denominator:
        return Fraction(top, bottom)
    return root(enclosure(x))


def divide(top: Number, bottom: Number) -> Number:
    """top / bottom.

    Undefined: bottom is 0 or not known to differ from it.
    """
    try:
        return top / bottom
    except (ZeroDivisionError, OverflowError):
        raise Undefined(f"{top} / {bottom}") from None


def logistic(x: Number) -> Number:
    """1 / (1 + e**-x). One occurrence of x keeps the enclosure narrow."""
    e = exp(-x)
    return (1.0 if type(e) is float else Fraction(1)) / (e + 1)


def power(base: Number, exponent: int | Fraction) -> Number:
    """base ** exponent for a rational exponent: real, on the principal branch, so a negative base needs a whole one.

    Undefined: 0 to a negative power, a negative number to a fraction.
    """
    if exponent == 0:
        return Fraction(1) if type(base) is not float else 1.0
    if type(base) is Dual:
        slope_of_power = power(base.value, exponent - 1) * _as_kind(exponent, base)
        return Dual(base.tag, power(base.value, exponent), base.slope * slope_of_power)
    if exponent < 0:
        inverse = power(base, -exponent)
        return divide(1.0 if type(base) is float else Fraction(1), inverse)
    if exponent.denominator == 1:
        return _whole_power(base, exponent.numerator)
    if exponent.denominator == 2:
        return _whole_power(root(base), exponent.numerator)
    if type(base) is not Interval and base == 0:
        return base
    return exp(log(base) * _as_kind(exponent, base))


def absolute(x: Number) -> Number:
    """|x|.

    Undefined: a slope where x is 0 or not known to differ from it.
    """
    if type(x) is Dual:
        found = sign(x)
        if not found:
            raise Undefined(f"slope of |{plain(x)}|")
        return x if found > 0 else -x
    if type(x) is Interval:
        return Interval(max(0.0, x.low, -x.high), max(-x.low, x.high))
    return abs(x)


def larger(a: Number, b: Number) -> Number:
    """max(a, b).

    Undefined: a slope where a = b, or may be, unless both slopes are the same.
    """
    if type(a) is Dual or type(b) is Dual:
        return chosen(a - b, a, b)
    if type(a) is Interval or type(b) is Interval:
        a, b = enclosure(a), enclosure(b)
        return Interval(max(a.low, b.low), max(a.high, b.high))
    return max(a, b)


def chosen(condition: Number, above: Number, below: Number) -> Number:
    """`above` where the condition is positive, `below` where it is negative.

    Undefined: the condition is 0 or of unknown sign, unless both are known to be the same, slopes included.
    """
    found = sign(condition)
    if found:
        return above if found > 0 else below
    if not identical(above, below):
        raise Undefined(f"which case holds at {plain(condition)}")
    return above


def sign(x: Number) -> int | None:
    """1, 0 or -1 of the value (slopes aside); None where the enclosure, or the noise of floats, leaves it open."""
    x = plain(x)
    if type(x) is Interval:
        return 1 if x.low > 0 else -1 if x.high < 0 else 0 if x.low == x.high == 0 else None
    if type(x) is float and 0 < abs(x) < NOISE:
        return None
    return int(x > 0) - int(x < 0)


def identical(a: Number, b: Number) -> bool:
    """Whether two numbers are known to be the same, slopes included; floats up to rounding noise."""
    if type(a) is Dual or type(b) is Dual:
        tag = max(x.tag for x in (a, b) if type(x) is Dual)
        return identical(without(a, tag), without(b, tag)) and identical(slope(a, tag), slope(b, tag))
    if type(a) is Interval or type(b) is Interval:
        return False
    if type(a) is float or type(b) is float:
        return math.isclose(a, b, rel_tol=NOISE, abs_tol=NOISE)
    return bool(a == b)


def separated(a: Number, b: Number) -> bool:
    """Whether a and b are certainly different reals: unequal fractions, or enclosures that do not meet.

    TypeError: a float, which encloses nothing.
    """
    if type(a) is Fraction and type(b) is Fraction:
        return a != b
    return certainly_larger(a, b) or certainly_larger(b, a)


def certainly_larger(a: Number, b: Number) -> bool:
    """Whether a > b for certain.

    TypeError: a float, which encloses nothing.
    """
    if not all(isinstance(x, Fraction | Interval) for x in (a, b)):
        raise TypeError(f"certainty is asked of {type(a).__name__} and {type(b).__name__}, not Fraction or Interval")
    if type(a) is Fraction and type(b) is Fraction:
        return a > b
    # Python compares a Fraction with a float exactly.
    return bool(_low(a) > _high(b))


def enclosure(x: Number) -> Interval:
    """The narrowest interval around a number: a point where floats hold it exactly."""
    if type(x) is Interval:
        return x
    try:
        near = float(x)
    except OverflowError:
        top = math.nextafter(math.inf, 0)
        return Interval(top, math.inf) if x > 0 else Interval(-math.inf, -top)
    if near == x:
        return Interval(near, near)
    return Interval(_down(near), _up(near))


def plain(x: Number) -> Number:
    """The value without any slope."""
    while type(x) is Dual:
        x = x.value
    return x


def slope(x: Number, tag: int) -> Number:
    """The slope in the direction `tag`; 0 of a number that does not carry it."""
    if type(x) is Dual and x.tag == tag:
        return x.slope
    return 0.0 if type(plain(x)) is float else Fraction(0)


def without(x: Number, tag: int) -> Number:
    """The number with the direction `tag` removed."""
    return x.value if type(x) is Dual and x.tag == tag else x


# --- rounding ---------------------------------------------------------------------------------------------------------


def _down(x: float) -> float:
    return math.nextafter(x, -math.inf)


def _up(x: float) -> float:
    return math.nextafter(x, math.inf)


def _product(a: float, b: float) -> float:
    # An infinite end bounds finite numbers, so 0 times it is 0 and never NaN.
    return 0.0 if a == 0 or b == 0 else a * b


def _reciprocal(x: Interval) -> Interval:
    if x.low <= 0 <= x.high:
        raise Undefined(f"division by {x}, which contains 0")
    return Interval(_down(1 / x.high), _up(1 / x.low))


def _exp_or_infinity(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _whole_power(base: Number, exponent: int) -> Number:
    if type(base) is not Interval:
        try:
            return base**exponent
        except OverflowError:
            raise Undefined(f"{base} to the power {exponent} is beyond the floats") from None
    magnitude: Number = Fraction(1)
    factor = absolute(base) if exponent % 2 == 0 else base
    for _ in range(exponent):
        magnitude = magnitude * factor
    return magnitude


def _as_kind(value: int | Fraction, like: Number) -> Number:
    return float(value) if type(plain(like)) is float else Fraction(value)


def _low(x: Fraction | Interval) -> Fraction | float:
    return x.low if isinstance(x, Interval) else x


def _high(x: Fraction | Interval) -> Fraction | float:
    return x.high if isinstance(x, Interval) else x
