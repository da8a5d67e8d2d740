"""How many numbers a layer holds."""

from derive.terms import parameters, size
from tests.cases.letters import B, b, m, n

claim = parameters(B, b) == size(m) * size(n) + size(m)
