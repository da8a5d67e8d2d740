"""A hypothesis about one entry says something of that entry."""

from derive.claims import Equation
from derive.terms import as_term, ones
from tests.cases.letters import i, n, x

claim = (x[i] == 1).given(Equation(x[i], as_term(1), ((x.args[0], ones(n)),)))
