"""The root of a square is the absolute value."""

from derive.terms import absolute, sqrt
from tests.cases.letters import s

claim = sqrt(s * s) == absolute(s)
