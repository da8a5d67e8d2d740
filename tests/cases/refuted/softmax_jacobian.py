"""Only the diagonal part."""

from derive.terms import diag, grad, softmax
from tests.cases.letters import x

claim = grad(softmax(x), x) == diag(softmax(x) * (1 - softmax(x)))
