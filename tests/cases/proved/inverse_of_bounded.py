"""A sum of n terms 1 / (1/2 + e^x) stays below 2 n, and its square below 4 n^2."""

from fractions import Fraction

from derive.terms import absolute, exp, size, total
from tests.cases.letters import n, x

t = total(1 / (Fraction(1, 2) + exp(x)))
a, b = 2 * size(n) - t, 5 * size(n) ** 2 - t**2
claim = absolute(1 / (a * b)) == 1 / (a * b)
