"""The larger of a number and its negative is never negative."""

from derive.terms import absolute, maximum
from tests.cases.letters import s

claim = maximum(s, -s) == -absolute(s)
