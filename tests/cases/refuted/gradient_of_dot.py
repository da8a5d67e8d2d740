"""What SymPy gives for a product of matrix symbols."""

from derive.terms import grad, zeros
from tests.cases.letters import D, U, o, v

claim = grad(v @ U[o], v) == zeros(D)
