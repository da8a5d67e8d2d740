"""The Euclidean norm."""

from derive.terms import grad, norm
from tests.cases.letters import x

claim = grad(norm(x), x) == x / norm(x)
