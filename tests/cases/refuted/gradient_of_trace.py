"""What SymPy gives for Trace(E) + 1 (issue 26561)."""

from derive.terms import grad, sum_over, zeros
from tests.cases.letters import A, i, n

claim = grad(sum_over(i, A[i, i]) + 1, A) == zeros(n, n)
