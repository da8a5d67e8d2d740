"""An index that comes from nowhere."""

from derive.claims import Claim
from derive.terms import total
from tests.cases.letters import i, x


def claim() -> Claim:
    return total(x) == x[i]
