"""No axis to multiply along."""

from derive.claims import Claim
from tests.cases.letters import s, t


def claim() -> Claim:
    return s @ t == s * t
