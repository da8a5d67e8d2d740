"""A sum of quotients is no quotient of sums."""

from derive.terms import total
from tests.cases.letters import x, y

claim = total(x / y) == total(x) / total(y)
