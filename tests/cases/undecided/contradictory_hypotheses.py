"""Hypotheses that nothing satisfies prove nothing that counts."""

from derive.claims import negative, positive
from tests.cases.letters import s, t

claim = (s == t).given(positive(s), negative(s))
