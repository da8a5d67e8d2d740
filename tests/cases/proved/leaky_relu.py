"""The larger of x and a x is the leaky unit while a <= 1."""

from derive.claims import positive
from derive.terms import maximum, where_positive
from tests.cases.letters import s, t

claim = (maximum(s, t * s) == where_positive(s, s, t * s)).given(positive(1 - t))
