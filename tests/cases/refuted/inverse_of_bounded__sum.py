"""A sum of n terms below 1 passes 1."""

from derive.terms import absolute, exp, total
from tests.cases.letters import x

a = 1 - total(1 / (1 + exp(x)))
claim = absolute(1 / a) == 1 / a
