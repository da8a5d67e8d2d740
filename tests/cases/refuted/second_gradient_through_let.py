"""A nested gradient by a let does not vanish."""

from derive.terms import grad, let
from tests.cases.letters import s

d = let("d", s ** 3)
claim = grad(grad(d ** 3, d), d) == 0
