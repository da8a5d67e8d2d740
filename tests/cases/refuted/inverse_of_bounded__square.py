"""The square of what stays below 2 n passes 2 n^2."""

from fractions import Fraction

from derive.terms import absolute, exp, size, total
from tests.cases.letters import n, x

a = 2 * size(n) ** 2 - total(1 / (Fraction(1, 2) + exp(x))) ** 2
claim = absolute(1 / a) == 1 / a
