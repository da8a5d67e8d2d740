"""A vector set equal to a number."""

from derive.claims import Claim
from tests.cases.letters import x


def claim() -> Claim:
    return x - x == 0
