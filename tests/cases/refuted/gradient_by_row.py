"""The sum reaches every row once."""

from derive.terms import grad, size, total
from tests.cases.letters import U, V, o, v

claim = grad(total(U @ v), U[o]) == size(V) * v
