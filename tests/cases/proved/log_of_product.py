"""A logarithm splits over factors that are positive."""

from derive.claims import positive
from derive.terms import log
from tests.cases.letters import s, t

claim = (log(s * t) == log(s) + log(t)).given(positive(s), positive(t))
