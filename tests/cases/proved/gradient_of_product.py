"""The product rule, with a shared variable."""

from derive.terms import exp, grad
from tests.cases.letters import s

claim = grad(s * exp(s), s) == (1 + s) * exp(s)
