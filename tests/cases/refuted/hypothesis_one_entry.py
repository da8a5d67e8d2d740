"""A hypothesis about one entry says nothing of the others."""

from derive.claims import Equation
from derive.components import Index
from derive.terms import as_term, onehot, ones
from tests.cases.letters import n, x

e = Index("entry", n)
claim = (x == ones(n)).given(Equation(x[e], as_term(1), ((x.args[0], onehot(e)),)))
