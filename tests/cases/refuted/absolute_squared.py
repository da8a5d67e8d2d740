"""A square with its sign."""

from derive.terms import absolute
from tests.cases.letters import s

claim = absolute(s) ** 2 == s * absolute(s)
