"""A delta by cases: it is 0 or 1."""

from derive.terms import delta
from tests.cases.letters import i, j

claim = delta(i, j) * (1 - delta(i, j)) == 0
