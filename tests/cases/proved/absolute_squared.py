"""Signs square to 1."""

from derive.terms import absolute
from tests.cases.letters import s

claim = absolute(s) ** 2 == s ** 2
