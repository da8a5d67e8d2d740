"""Cross entropy after softmax, for any target that sums to 1."""

from derive.claims import sums_to_one
from derive.terms import cross_entropy, grad, softmax
from tests.cases.letters import x, y

claim = (grad(cross_entropy(y, softmax(x)), x) == softmax(x) - y).given(sums_to_one(y))
