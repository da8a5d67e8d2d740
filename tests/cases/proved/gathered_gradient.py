"""Rows gathered with repetition: the count comes out."""

from derive.terms import delta, grad, sum_over
from tests.cases.letters import U, o, q, v, w

claim = grad(sum_over(q, U[w(q)] @ v), U[o]) == sum_over(q, delta(w(q), o)) * v
