"""A bilinear form by its matrix."""

from derive.terms import grad, outer
from tests.cases.letters import B, b, x

claim = grad(b @ B @ x, B) == outer(b, x)
