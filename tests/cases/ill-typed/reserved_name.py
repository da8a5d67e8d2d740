"""A name that belongs to the normal form."""

from derive.claims import Claim
from derive.components import Index
from tests.cases.letters import n, x


def claim() -> Claim:
    return x[Index("?0", n)] == 1
