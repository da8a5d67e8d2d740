"""A gradient by something without a name."""

from derive.claims import Claim
from derive.terms import grad, ones, total
from tests.cases.letters import n, x


def claim() -> Claim:
    return grad(total(x * x), x * x) == ones(n)
