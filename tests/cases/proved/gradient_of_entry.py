"""An entry by another entry of the same tensor is a delta."""

from derive.terms import delta, grad
from tests.cases.letters import i, j, x

claim = grad(x[i], x[j]) == delta(i, j)
