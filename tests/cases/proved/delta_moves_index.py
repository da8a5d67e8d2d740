"""Beside a delta, its two indices are the same."""

from derive.terms import delta
from tests.cases.letters import i, j, x, y

claim = delta(i, j) * x[i] * y[j] == delta(i, j) * x[j] * y[j]
