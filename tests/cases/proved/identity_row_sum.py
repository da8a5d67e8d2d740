"""Every row of the identity sums to 1."""

from derive.terms import identity, ones
from tests.cases.letters import n

claim = identity(n) @ ones(n) == ones(n)
