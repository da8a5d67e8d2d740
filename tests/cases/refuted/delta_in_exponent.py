"""e to 0 is 1 and not 0."""

from derive.terms import delta, exp
from tests.cases.letters import i, j, s

claim = exp(s * delta(i, j)) == delta(i, j) * exp(s)
