"""An abstract loss with its slots in the wrong order."""

from derive.claims import Claim
from tests.cases.letters import U, loss, o


def claim() -> Claim:
    return loss(o, U[o], U.T) == 0
