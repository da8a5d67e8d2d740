"""Half of the product rule."""

from derive.terms import exp, grad
from tests.cases.letters import s

claim = grad(s * exp(s), s) == s * exp(s)
