"""Without the hypothesis."""

from derive.terms import total
from tests.cases.letters import x, y

claim = total(y) * x == x
