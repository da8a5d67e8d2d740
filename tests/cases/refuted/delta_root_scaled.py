"""A root with a delta inside keeps it."""

from derive.terms import absolute, delta, sqrt
from tests.cases.letters import i, j, s

claim = sqrt(delta(i, j) * s * s) == absolute(s)
