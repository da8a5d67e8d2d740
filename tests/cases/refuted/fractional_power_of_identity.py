"""A fourth root of a fourth power is an absolute value, also after a product."""

from fractions import Fraction

from derive.terms import identity, total
from tests.cases.letters import n, z

claim = total((identity(n) @ (z ** 4)) ** Fraction(1, 4)) == total(z)
