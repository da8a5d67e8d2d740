"""A gradient by something that the inner let depends on is refused, not guessed."""

from derive.terms import grad, let
from tests.cases.letters import s

d = let("d", s * s)
e = let("e", d * d)
claim = grad(grad(e * e, d), e) == 0
