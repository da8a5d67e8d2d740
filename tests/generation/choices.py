"""Where every decision of the generator comes from: one stream of whole numbers.

The same generator is driven by a seeded generator (the campaign), by Hypothesis (the tests), or by a list of numbers
that was recorded before. A recorded list is made smaller by dropping and lowering numbers, which needs no knowledge of
terms: fewer and lower numbers mean a smaller claim, since every list of options begins with its simplest one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Option = TypeVar("Option")
Draw = Callable[[int], int]

LONGEST = 6000  # decisions for one claim; a generator that asks for more runs in a circle


class Exhausted(Exception):
    """More decisions than one claim can need."""


class Choices:
    """A stream of decisions that remembers what it decided.

    draw: a number n >= 1 to a number from 0 to n - 1; made: every number that was drawn, in order.
    """

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.made: list[int] = []

    def below(self, count: int) -> int:
        """A number from 0 to count - 1."""
        if count < 2:
            return 0
        if len(self.made) >= LONGEST:
            raise Exhausted
        found = self._draw(count)
        self.made.append(found)
        return found

    def pick(self, options: Sequence[Option]) -> Option:
        """One of the options; the first is the simplest."""
        return options[self.below(len(options))]

    def chance(self, percent: int) -> bool:
        """True so often in a hundred; a lowered number says False."""
        return self.below(100) >= 100 - percent


def seeded(seed: str) -> Choices:
    """Decisions that depend on the text of the seed alone."""
    rng = random.Random(seed)
    return Choices(lambda count: int(rng.random() * count))


def replayed(made: Sequence[int]) -> Choices:
    """Recorded decisions again; 0 where the record ends, and the highest option where a number is too high."""
    numbers = iter(made)
    return Choices(lambda count: min(next(numbers, 0), count - 1))


def minimised(made: Sequence[int], fails: Callable[[Choices], bool], budget: int = 400) -> list[int]:
    """A shorter, lower record for which `fails` still says True; `budget` trials at most."""
    best, left = list(made), budget
    improved = True
    while improved and left > 0:
        improved = False
        for candidate in _simpler(best):
            left -= 1
            if left <= 0:
                break
            choices = replayed(candidate)
            if fails(choices):
                best, improved = _used(candidate, choices), True
                break
    return best


def _used(candidate: list[int], choices: Choices) -> list[int]:
    return candidate[:len(choices.made)]


def _simpler(made: list[int]) -> Iterator[list[int]]:
    for block in (64, 16, 4, 1):
        for start in range(len(made) - block, -1, -block):
            yield made[:start] + made[start + block:]
    for at in range(len(made) - 1, -1, -1):
        if made[at]:
            yield [*made[:at], 0, *made[at + 1:]]
            yield [*made[:at], made[at] // 2, *made[at + 1:]]
