"""Target and prediction over different axes."""

from derive.claims import Claim
from derive.terms import cross_entropy, softmax
from tests.cases.letters import b, x


def claim() -> Claim:
    return cross_entropy(b, softmax(x)) == 0
