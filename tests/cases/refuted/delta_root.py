"""A root loses no delta."""

from derive.terms import identity, ones, sqrt
from tests.cases.letters import n

claim = sqrt(identity(n)) == ones(n, n)
