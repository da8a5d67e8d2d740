"""The entries of a softmax sum to 1."""

from derive.terms import softmax, total
from tests.cases.letters import x

claim = total(softmax(x)) == 1
