"""A delta is not always 1."""

from derive.terms import delta
from tests.cases.letters import i, j

claim = delta(i, j) ** 2 == 1
