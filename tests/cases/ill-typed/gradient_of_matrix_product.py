"""A vector set equal to a matrix."""

from derive.claims import Claim
from derive.terms import grad, softmax
from tests.cases.letters import x


def claim() -> Claim:
    return grad(softmax(x), x) == softmax(x) * (1 - softmax(x))
