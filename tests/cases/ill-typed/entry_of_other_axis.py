"""An index of one axis in the place of another."""

from derive.claims import Claim
from tests.cases.letters import o, s, x


def claim() -> Claim:
    return x[o] == s
