"""Squares of sums under another sum keep both factors."""

from derive.terms import ones, sum_over
from tests.cases.letters import A, i, j, n

claim = sum_over(j, sum_over(i, A[i, j]) ** 2) == (ones(n) @ A) @ (A.T @ ones(n))
