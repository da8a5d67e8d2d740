"""Without the delta, the indices are two."""

from tests.cases.letters import i, j, x, y

claim = x[i] * y[j] == x[j] * y[j]
