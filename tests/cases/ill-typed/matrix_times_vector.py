"""The inner axes do not meet."""

from derive.claims import Claim
from tests.cases.letters import U, x


def claim() -> Claim:
    return U @ x == x
