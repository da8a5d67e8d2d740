"""A sum lost on the way: its index stays behind."""

from derive.claims import Claim
from derive.terms import grad, total
from tests.cases.letters import i, s, x


def claim() -> Claim:
    return grad(total(x * x), s) == 2 * x[i]
