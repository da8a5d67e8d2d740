"""A gradient by an intermediate result, twice."""

from derive.terms import grad, let
from tests.cases.letters import s

d = let("d", s * s)
claim = grad(grad(d ** 3, d), d) == 6 * d
