"""A side that is divided by 0."""

from tests.cases.letters import s

claim = s / (s - s) == s / (s - s)
