"""Denominators do not add."""

from tests.cases.letters import s, t

claim = 1 / s + 1 / t == 2 / (s + t)
