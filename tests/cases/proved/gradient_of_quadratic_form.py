"""A quadratic form of a matrix that need not be symmetric."""

from derive.terms import grad
from tests.cases.letters import A, x

claim = grad(x @ A @ x, x) == (A + A.T) @ x
