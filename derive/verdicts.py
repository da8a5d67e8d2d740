"""What the prover says of a claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.kernel import Theorem
    from derive.opinion import Opinion

PROVED, REFUTED, ILL_TYPED, UNDECIDED = "proved", "refuted", "ill-typed", "undecided"
UNREADABLE, DEFINITION = "unreadable", "definition"


@dataclass(frozen=True)
class Counterexample:
    """Numbers at which the two sides of a claim differ, kept small so that a person can redo the arithmetic.

    sizes: axis name -> size; values: tensor name -> nested tuple of numbers as text ("2", "1/3"), a plain text for a
    scalar; maps: map name -> its values, counted from 0; index: free index name -> position, counted from 0, those of
    the compared entry included; left, right: the two sides as text; entry: the compared entry as text.
    """

    sizes: dict[str, int]
    values: dict[str, object]
    maps: dict[str, tuple[int, ...]]
    index: dict[str, int]
    left: str
    right: str
    entry: str = ""


@dataclass(frozen=True)
class Verdict:
    """What was decided of a claim, and what it rests on.

    kind: one of the names above; theorem: for `proved`; counterexample: for `refuted`; reason: one line for a person;
    seconds: time spent; second_opinion: for `proved`, what was evaluated where without the prover's rules; None where
    floats alone could be compared.
    """

    kind: str
    reason: str = ""
    theorem: Theorem | None = None
    counterexample: Counterexample | None = None
    seconds: float = 0.0
    second_opinion: Opinion | None = None
