"""The gradient of the square."""

from derive.terms import grad, norm
from tests.cases.letters import x

claim = grad(norm(x), x) == 2 * x
