"""What the two ways to train have in common: they advance through a text, portion by portion, and report each.

An engine has `laid_out(parameters)`, which copies first vectors into the layout it trains in, and
`advance(parameters, epoch, position, factor, tell)`, which trains on the next portion of the text in place. What a
portion draws depends on the seed, the epoch and the position alone, so that a run can go on from any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from numeric.schedules import Parameters

# Called while a portion is trained: position reached, and the sum and number of the losses measured in it so far.
Tell = Callable[[float, float, float], None]


@dataclass(frozen=True)
class Portion:
    """A trained portion of one epoch.

    end: position of the token after it; pairs: trained in it, or the sum of their weights; measured: of those whose
    loss was taken, each before its update; loss: their sum, in float64.
    """

    end: int
    pairs: float
    measured: float
    loss: float


class Engine(Protocol):
    """One way to train."""

    @property
    def measured(self) -> float:
        """Share of pairs whose loss is taken."""

    def laid_out(self, parameters: Parameters) -> Parameters:
        """Copies of first vectors in the engine's own layout: perhaps with more columns, all zero."""

    def advance(self, parameters: Parameters, epoch: int, position: int, factor: float, tell: Tell) -> Portion:
        """Train on the portion at a position, in place, with the settings' rate times a factor."""

    def close(self) -> None:
        """End what the engine started. The vectors it laid out may be gone then."""
