"""The sign turned."""

from derive.claims import sums_to_one
from derive.terms import cross_entropy, grad, softmax
from tests.cases.letters import x, y

claim = (grad(cross_entropy(y, softmax(x)), x) == y - softmax(x)).given(sums_to_one(y))
