"""A sum of products over two indices splits."""

from derive.terms import sum_over, total
from tests.cases.letters import i, j, x, y

claim = sum_over(i, sum_over(j, x[i] * y[j])) == total(x) * total(y)
