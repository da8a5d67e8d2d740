"""A free index and a bound one of the same letter stay apart."""

from derive.terms import sum_over, total
from tests.cases.letters import i, x, y

claim = x[i] * sum_over(i, y[i]) + sum_over(i, y[i] * x[i]) == x[i] * total(y) + x @ y
