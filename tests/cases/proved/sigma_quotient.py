"""The logistic function with the exponential on top."""

from derive.terms import exp, sigma
from tests.cases.letters import s

claim = sigma(s) == exp(s) / (exp(s) + 1)
