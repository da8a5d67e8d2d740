"""A bound index that occurs nowhere contributes the size of its axis."""

from derive.terms import size, sum_over
from tests.cases.letters import i, n, s

claim = sum_over(i, s) == size(n) * s
