"""An error planted in an example, told again in typed terms: what is expected owes nothing to a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive import verdicts
from derive.claims import Claim
from derive.errors import AxisError
from derive.prover import decide

KINDS = ("sign", "transpose", "order", "elementwise", "index", "sum", "prime", "factor", "argument", "one-hot",
         "lost -1", "layer", "bias", "window", "letter", "condition")
"""What can be planted; argument: the sign of what sigma is taken of; window: 2m in CBOW or skip-gram."""


@dataclass(frozen=True)
class Planted:
    """One planted error.

    kind: one of KINDS; wrong: the steps it spoils, in the order of the file; right: the step as it was before.
    """

    kind: str
    right: Callable[[], Claim]
    wrong: tuple[Callable[[], Claim], ...]


def planted(kind: str, right: Callable[[], Claim], *wrong: Callable[[], Claim]) -> Planted:
    """An error of a kind, with the right step first and then what is wrong by it."""
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}; expected one of {', '.join(KINDS)}")
    return Planted(kind, right, wrong)


def arithmetic(build: Callable[[], Claim]) -> str:
    """The verdict on a claim told in typed terms; what cannot be built, or has an index from nowhere, is ill-typed."""
    try:
        claim = build().checked()
    except AxisError:
        return verdicts.ILL_TYPED
    return decide(claim).kind
