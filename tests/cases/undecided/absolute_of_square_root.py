"""True, and beyond the rules: a root of a sum of squares is at least each of them."""

from derive.terms import maximum, sqrt
from tests.cases.letters import s, t

claim = maximum(sqrt(s * s + t * t), s) == sqrt(s * s + t * t)
