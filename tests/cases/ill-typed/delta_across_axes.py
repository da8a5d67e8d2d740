"""Indices of two axes never meet."""

from derive.claims import Claim
from derive.terms import delta
from tests.cases.letters import i, o, x


def claim() -> Claim:
    return delta(i, o) * x[i] == 0
