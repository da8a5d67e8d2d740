"""A word may stand at several positions, or at none."""

from derive.terms import delta, sum_over
from tests.cases.letters import o, q, w

claim = sum_over(q, delta(w(q), o)) == 1
