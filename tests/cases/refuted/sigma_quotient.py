"""The quotient turned round."""

from derive.terms import exp, sigma
from tests.cases.letters import s

claim = sigma(s) == 1 / (exp(s) + 1)
