"""A product is 0 where either factor is."""

from derive.claims import Equation
from derive.terms import as_term
from tests.cases.letters import c, s

claim = (s == 0).given(Equation(c * s, as_term(0), ((c.args[0], as_term(0)),)))
