"""An average of equal numbers."""

from derive.terms import size, sum_over
from tests.cases.letters import i, n, s

claim = sum_over(i, s) / size(n) == s
