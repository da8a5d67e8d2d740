"""The squares of the entries are not the squares of the sums."""

from derive.terms import sum_over, total
from tests.cases.letters import A, i, j

claim = sum_over(j, sum_over(i, A[i, j]) ** 2) == total(A ** 2)
