"""The larger of two numbers, away from a tie."""

from derive.terms import grad, maximum, where_positive
from tests.cases.letters import s

claim = grad(maximum(s, 0), s) == where_positive(s, 1, 0)
