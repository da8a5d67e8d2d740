"""A sign of a partial fraction."""

from tests.cases.letters import s

claim = 1 / (s * (s + 1)) == 1 / s + 1 / (s + 1)
