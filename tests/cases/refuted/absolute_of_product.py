"""One factor keeps its sign."""

from derive.terms import absolute
from tests.cases.letters import s, t

claim = absolute(s * t) == s * absolute(t)
