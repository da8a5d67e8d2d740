"""The quotient rule with its sign turned."""

from derive.terms import exp, grad
from tests.cases.letters import s

claim = grad(exp(s) / (1 + s), s) == -s * exp(s) / (1 + s) ** 2
