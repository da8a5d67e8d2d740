"""The absolute value of a product."""

from derive.terms import absolute
from tests.cases.letters import s, t

claim = absolute(s * t) == absolute(s) * absolute(t)
