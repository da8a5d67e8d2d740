"""A softmax of one number."""

from derive.claims import Claim
from derive.terms import softmax
from tests.cases.letters import s


def claim() -> Claim:
    return softmax(s) == 1
