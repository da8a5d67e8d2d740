"""Without the hypothesis."""

from derive.terms import absolute
from tests.cases.letters import s

claim = absolute(s) == s
