"""An exponential of a sum is a product."""

from derive.terms import exp
from tests.cases.letters import s, t

claim = exp(s + t) == exp(s) * exp(t)
