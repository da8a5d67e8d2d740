"""A matrix and its transpose do not multiply entry by entry."""

from derive.claims import Claim
from tests.cases.letters import B


def claim() -> Claim:
    return B * B.T == B
