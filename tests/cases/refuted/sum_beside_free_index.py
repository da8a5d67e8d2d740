"""What SymPy's simplify gives: the free index captured."""

from derive.terms import sum_over
from tests.cases.letters import i, x, y

claim = x[i] * sum_over(i, y[i]) + sum_over(i, y[i] * x[i]) == 2 * sum_over(i, y[i] * x[i])
