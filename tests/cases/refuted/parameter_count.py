"""The bias forgotten."""

from derive.terms import parameters, size
from tests.cases.letters import B, b, m, n

claim = parameters(B, b) == size(m) * size(n)
