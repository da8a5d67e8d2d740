"""Two indices merged."""

from derive.terms import sum_over
from tests.cases.letters import i, j, x, y

claim = sum_over(i, sum_over(j, x[i] * y[j])) == x @ y
