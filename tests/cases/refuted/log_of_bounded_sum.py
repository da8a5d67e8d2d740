"""A difference of sums is positive in some places only, and its absolute value is not it."""

from derive.terms import absolute, exp, sigma, total
from tests.cases.letters import s, x

claim = absolute(exp(s) * total(sigma(x) - 2 * sigma(x) ** 2)) == exp(s) * total(sigma(x) - 2 * sigma(x) ** 2)
