"""Beyond slope 1 the other branch is the larger."""

from fractions import Fraction

from derive.terms import as_term, maximum, where_positive
from tests.cases.letters import s

a = as_term(Fraction(3, 2))
claim = maximum(s, a * s) == where_positive(s, s, a * s)
