"""A factor is no shift."""

from derive.terms import softmax
from tests.cases.letters import c, x

claim = softmax(c * x) == softmax(x)
