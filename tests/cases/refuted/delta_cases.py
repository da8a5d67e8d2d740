"""A delta has two values."""

from derive.terms import delta
from tests.cases.letters import i, j

claim = delta(i, j) * (2 - delta(i, j)) == 0
