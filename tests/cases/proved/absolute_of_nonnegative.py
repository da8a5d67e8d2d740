"""An absolute value where the sign is known."""

from derive.claims import nonnegative
from derive.terms import absolute
from tests.cases.letters import s

claim = (absolute(s) == s).given(nonnegative(s))
