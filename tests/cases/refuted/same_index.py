"""Without the case, the entries differ."""

from derive.terms import delta
from tests.cases.letters import i, k, x

claim = delta(i, k) * x[i] == x[k]
