"""A let named as a variable."""

from derive.claims import Claim
from derive.terms import let
from tests.cases.letters import s


def claim() -> Claim:
    return let("s", s * s) == s * s
