"""The name of a bound index does not matter."""

from derive.terms import sum_over
from tests.cases.letters import i, j, x, y

claim = sum_over(i, x[i] * y[i]) == sum_over(j, x[j] * y[j])
