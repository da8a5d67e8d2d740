"""1 / (c + e^s) stays below 1 / c, its square below 1 / c^2, and a sum of n of them below n / c."""

from fractions import Fraction

from derive.terms import absolute, exp, size, total
from tests.cases.letters import n, s, x

a, b = 4 - (Fraction(1, 2) + exp(s)) ** -2, 2 * size(n) - total(1 / (Fraction(1, 2) + exp(x)))
claim = absolute(a * b) == a * b
