"""The logistic function is not odd."""

from derive.terms import sigma
from tests.cases.letters import x

claim = sigma(-x) == -sigma(x)
