"""Softmax runs along the last axis."""

from derive.terms import ones, softmax
from tests.cases.letters import B, m, n

claim = softmax(B) @ ones(n) == ones(m)
