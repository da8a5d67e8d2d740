"""A sum of squares has no such factor."""

from tests.cases.letters import s, t

claim = (s * s + t * t) / (s + t) == s + t
