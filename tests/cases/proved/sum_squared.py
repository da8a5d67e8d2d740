"""The square of a sum is a sum over two indices."""

from derive.terms import sum_over, total
from tests.cases.letters import i, j, x

claim = total(x) ** 2 == sum_over(i, sum_over(j, x[i] * x[j]))
