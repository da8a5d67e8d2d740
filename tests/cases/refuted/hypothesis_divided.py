"""A hypothesis is not divided by something that can be 0."""

from fractions import Fraction

from derive.claims import Equation
from derive.terms import as_term
from tests.cases.letters import r, s

claim = (r == 0).given(Equation(s ** Fraction(1, 3) * r, as_term(0), ((s.args[0], as_term(0)),)))
