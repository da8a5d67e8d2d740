"""The centre's gradient, negatives that may repeat."""

from derive.terms import grad, log, sigma, sum_over
from tests.cases.letters import U, o, q, v, w

J = -log(sigma(U[o] @ v)) - sum_over(q, log(sigma(-U[w(q)] @ v)))
claim = grad(J, v) == -(1 - sigma(U[o] @ v)) * U[o] + sum_over(q, sigma(U[w(q)] @ v) * U[w(q)])
