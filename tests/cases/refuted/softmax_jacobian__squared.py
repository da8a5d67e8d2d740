"""A square where the outer product belongs."""

from derive.terms import diag, grad, softmax
from tests.cases.letters import x

claim = grad(softmax(x), x) == diag(softmax(x)) - diag(softmax(x) ** 2)
