"""A delta is its own square root."""

from derive.terms import identity, sqrt
from tests.cases.letters import n

claim = sqrt(identity(n)) == identity(n)
