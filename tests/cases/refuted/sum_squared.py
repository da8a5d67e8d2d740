"""The square of a sum is no sum of squares."""

from derive.terms import total
from tests.cases.letters import x

claim = total(x) ** 2 == total(x ** 2)
