"""Softmax does not change when every entry moves by the same amount."""

from derive.terms import ones, softmax
from tests.cases.letters import c, n, x

claim = softmax(x + c * ones(n)) == softmax(x)
