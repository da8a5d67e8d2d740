"""The larger of two numbers, in either order."""

from derive.terms import maximum
from tests.cases.letters import s, t

claim = maximum(s, t) == maximum(t, s)
