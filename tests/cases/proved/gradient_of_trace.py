"""The trace by its matrix: not zero."""

from derive.terms import grad, identity, sum_over
from tests.cases.letters import A, i, n

claim = grad(sum_over(i, A[i, i]), A) == identity(n)
