"""A cube root loses no delta either."""

from fractions import Fraction

from derive.terms import identity, ones
from tests.cases.letters import n

claim = identity(n) ** Fraction(1, 3) == ones(n, n)
