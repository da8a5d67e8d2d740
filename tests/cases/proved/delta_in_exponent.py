"""e to a delta, written with the delta outside."""

from derive.terms import delta, exp
from tests.cases.letters import i, j, s

claim = exp(s * delta(i, j)) == exp(s * delta(j, i))
