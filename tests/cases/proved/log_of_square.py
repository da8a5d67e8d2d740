"""The log of a square, where the base is positive."""

from derive.claims import positive
from derive.terms import log
from tests.cases.letters import s

claim = (log(s * s) == 2 * log(s)).given(positive(s))
