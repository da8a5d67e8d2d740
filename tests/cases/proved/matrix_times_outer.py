"""A matrix times an outer product."""

from derive.terms import outer
from tests.cases.letters import B, x, y

claim = B @ outer(x, y) == outer(B @ x, y)
