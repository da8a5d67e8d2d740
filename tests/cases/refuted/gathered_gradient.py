"""The count of a repeated word is not 1."""

from derive.terms import grad, sum_over
from tests.cases.letters import U, o, q, v, w

claim = grad(sum_over(q, U[w(q)] @ v), U[o]) == v
