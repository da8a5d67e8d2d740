"""A double sum of something antisymmetric vanishes."""

from derive.terms import sum_over
from tests.cases.letters import A, i, j

claim = sum_over(i, sum_over(j, A[i, j] - A[j, i])) == 0
