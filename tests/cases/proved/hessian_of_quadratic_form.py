"""The second gradient."""

from derive.terms import grad
from tests.cases.letters import A, x

claim = grad(grad(x @ A @ x, x), x) == A + A.T
