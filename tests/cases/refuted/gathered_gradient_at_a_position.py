"""With repetition, the count comes out."""

from derive.terms import grad, sum_over
from tests.cases.letters import U, q, q2, v, w

claim = grad(sum_over(q, U[w(q)] @ v), U[w(q2)]) == v
