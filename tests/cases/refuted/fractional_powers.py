"""Powers add and do not multiply."""

from fractions import Fraction

from derive.terms import exp
from tests.cases.letters import s

claim = exp(s) ** Fraction(1, 3) * exp(s) ** Fraction(2, 3) == exp(s) ** Fraction(2, 9)
