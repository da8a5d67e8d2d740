"""Every position counted, gathered or not."""

from derive.terms import grad, size, sum_over
from tests.cases.letters import K, U, o, q, v, w

claim = grad(sum_over(q, U[w(q)] @ v), U[o]) == size(K) * v
