"""A let whose index is bound inside the gradient."""

from derive.terms import grad, let, size, sum_over
from tests.cases.letters import i, n, x

d = let("d", x[i])
claim = grad(sum_over(i, d), d) == size(n)
