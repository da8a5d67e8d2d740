"""One half of the Hessian."""

from derive.terms import grad
from tests.cases.letters import A, x

claim = grad(grad(x @ A @ x, x), x) == 2 * A
