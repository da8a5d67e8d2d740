"""A sum over a delta picks one entry of the tensor, not the total."""

from derive.terms import delta, sum_over, total
from tests.cases.letters import i, j, x

claim = sum_over(j, delta(i, j) * x[j]) == total(x)
