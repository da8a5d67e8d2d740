"""A sign condition speaks of one number."""

from derive.claims import Claim, nonnegative
from derive.terms import absolute
from tests.cases.letters import x


def claim() -> Claim:
    return (absolute(x) == x).given(nonnegative(x))
