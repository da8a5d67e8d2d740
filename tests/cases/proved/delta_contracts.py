"""A sum over a delta picks one entry."""

from derive.terms import delta, sum_over
from tests.cases.letters import i, j, x

claim = sum_over(j, delta(i, j) * x[j]) == x[i]
