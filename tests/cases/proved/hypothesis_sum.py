"""A hypothesis about a sum, used below a product."""

from derive.claims import sums_to_one
from derive.terms import total
from tests.cases.letters import x, y

claim = (total(y) * x == x).given(sums_to_one(y))
