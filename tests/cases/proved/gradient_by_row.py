"""A gradient by one row of a matrix."""

from derive.terms import grad, total
from tests.cases.letters import U, o, v

claim = grad(total(U @ v), U[o]) == v
