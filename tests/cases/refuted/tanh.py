"""tanh without the inner 2."""

from derive.terms import exp, sigma
from tests.cases.letters import s

claim = (exp(s) - exp(-s)) / (exp(s) + exp(-s)) == 2 * sigma(s) - 1
