"""An exponential of a product is no product of exponentials."""

from derive.terms import exp
from tests.cases.letters import s, t

claim = exp(s * t) == exp(s) * exp(t)
