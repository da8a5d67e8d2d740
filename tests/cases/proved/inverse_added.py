"""Two fractions brought to one denominator."""

from tests.cases.letters import s, t

claim = 1 / s + 1 / t == (s + t) / (s * t)
