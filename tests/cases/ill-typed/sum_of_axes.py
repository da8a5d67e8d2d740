"""Vectors on two axes do not add."""

from derive.claims import Claim
from derive.terms import total
from tests.cases.letters import b, x


def claim() -> Claim:
    return total(x + b) == 0
