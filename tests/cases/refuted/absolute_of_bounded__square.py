"""The square of what stays below 2 passes 3."""

from fractions import Fraction

from derive.terms import absolute, exp
from tests.cases.letters import s

a = 3 - (Fraction(1, 2) + exp(s)) ** -2
claim = absolute(a) == a
