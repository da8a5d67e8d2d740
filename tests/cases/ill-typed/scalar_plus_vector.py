"""Nothing broadcasts silently."""

from derive.claims import Claim
from tests.cases.letters import s, x


def claim() -> Claim:
    return s + x == x
