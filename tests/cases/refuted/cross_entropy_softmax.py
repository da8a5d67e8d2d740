"""A target that need not sum to 1."""

from derive.terms import cross_entropy, grad, softmax
from tests.cases.letters import x, y

claim = grad(cross_entropy(y, softmax(x)), x) == softmax(x) - y
