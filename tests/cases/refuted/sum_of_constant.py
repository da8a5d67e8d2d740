"""A sum of a constant is not the constant."""

from derive.terms import sum_over
from tests.cases.letters import i, s

claim = sum_over(i, s) == s
