"""The derivative of the logistic function."""

from derive.terms import grad, sigma
from tests.cases.letters import s

claim = grad(sigma(s), s) == sigma(s) * (1 - sigma(s))
