"""A map takes positions of its own axis."""

from derive.claims import Claim
from tests.cases.letters import U, o, w


def claim() -> Claim:
    return U[w(o)] == U[o]
