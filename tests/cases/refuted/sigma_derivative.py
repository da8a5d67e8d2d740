"""A sign lost."""

from derive.terms import grad, sigma
from tests.cases.letters import s

claim = grad(sigma(s), s) == sigma(s) * (sigma(s) - 1)
