"""A denominator that is a sum over an axis."""

from derive.terms import total
from tests.cases.letters import x

claim = total(x) / total(x) == 1
