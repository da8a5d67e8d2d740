"""True where both sides have a value, but signs of factors under a root are not followed."""

from derive.terms import sqrt
from tests.cases.letters import s, t

claim = sqrt(s) * sqrt(t) == sqrt(s * t)
