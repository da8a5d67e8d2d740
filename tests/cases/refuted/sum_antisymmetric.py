"""One half of the antisymmetric part does not vanish."""

from derive.terms import sum_over
from tests.cases.letters import A, i, j

claim = sum_over(i, sum_over(j, A[i, j] - A[i, i])) == 0
