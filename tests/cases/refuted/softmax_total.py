"""The entries of a softmax do not sum to their number."""

from derive.terms import size, softmax, total
from tests.cases.letters import n, x

claim = total(softmax(x)) == size(n)
