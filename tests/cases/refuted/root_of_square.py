"""The root of a square has no sign."""

from derive.terms import sqrt
from tests.cases.letters import s

claim = sqrt(s * s) == s
