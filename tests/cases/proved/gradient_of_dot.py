"""A dot product by one factor: not zero."""

from derive.terms import grad
from tests.cases.letters import U, o, v

claim = grad(v @ U[o], v) == U[o]
