"""The log of a square is not the square of the log."""

from derive.claims import positive
from derive.terms import log
from tests.cases.letters import s

claim = (log(s * s) == log(s) ** 2).given(positive(s))
