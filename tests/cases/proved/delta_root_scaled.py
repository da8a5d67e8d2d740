"""A square root with a delta inside."""

from derive.terms import absolute, delta, sqrt
from tests.cases.letters import i, j, s

claim = sqrt(delta(i, j) * s * s) == delta(i, j) * absolute(s)
