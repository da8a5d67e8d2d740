"""Without the case, the delta may be 1."""

from derive.terms import delta
from tests.cases.letters import i, k, x

claim = delta(i, k) * x[i] == 0
