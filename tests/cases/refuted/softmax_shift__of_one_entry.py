"""Moving one entry alone moves the softmax."""

from derive.terms import onehot, softmax
from tests.cases.letters import c, i, x

claim = softmax(x + c * onehot(i)) == softmax(x)
