"""An average divides by the right size."""

from derive.terms import size, sum_over
from tests.cases.letters import i, m, s

claim = sum_over(i, s) / size(m) == s
