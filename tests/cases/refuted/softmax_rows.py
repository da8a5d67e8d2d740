"""Columns of a softmax along the rows do not sum to 1."""

from derive.terms import ones, softmax
from tests.cases.letters import B, m, n

claim = ones(m) @ softmax(B) == ones(n)
