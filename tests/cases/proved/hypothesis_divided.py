"""A hypothesis divided by something that is never 0."""

from derive.claims import Equation
from derive.terms import as_term
from tests.cases.letters import r, s

claim = (r == 0).given(Equation(r / (s * s + 1), as_term(0), ((r.args[0], as_term(0)),)))
