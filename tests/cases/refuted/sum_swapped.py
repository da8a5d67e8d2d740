"""A diagonal is not the whole."""

from derive.terms import sum_over
from tests.cases.letters import A, i, j

claim = sum_over(i, sum_over(j, A[i, j])) == sum_over(i, A[i, i])
