"""The wrong side of the logistic function."""

from derive.terms import grad, log, sigma
from tests.cases.letters import s

claim = grad(log(sigma(s)), s) == sigma(s)
