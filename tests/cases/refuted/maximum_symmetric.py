"""The larger is not the smaller."""

from derive.terms import maximum
from tests.cases.letters import s, t

claim = maximum(s, t) == -maximum(-s, -t)
