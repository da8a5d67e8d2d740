"""The square of a root."""

from derive.terms import sqrt
from tests.cases.letters import s

claim = sqrt(s) ** 2 == s
