"""A gradient laid out the other way."""

from derive.claims import Claim
from derive.terms import grad, ones, outer, total
from tests.cases.letters import U, V, v


def claim() -> Claim:
    return grad(total(U @ v), U) == outer(v, ones(V))
