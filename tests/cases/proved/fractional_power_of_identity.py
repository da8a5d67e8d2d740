"""A fractional power of a matrix entry by entry, before and after a product with the identity."""

from fractions import Fraction

from derive.terms import exp, identity
from tests.cases.letters import n, z

claim = (identity(n) @ exp(z)) ** Fraction(1, 4) == exp(z / 4)
