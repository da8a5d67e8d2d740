"""The logistic function reflected."""

from derive.terms import sigma
from tests.cases.letters import x

claim = sigma(-x) == 1 - sigma(x)
