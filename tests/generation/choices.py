"""Where every decision of the generator comes from: one stream of whole numbers.

The same generator is driven by a seeded generator (the campaign), by Hypothesis (the tests), or by a list of numbers
that was recorded before. A recorded list is made smaller by dropping and lowering numbers, which needs no knowledge of
terms: fewer and lower numbers mean a smaller claim, since every list of options begins with its simplest one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
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
    search = _Search(list(made), fails, budget)
    while any([search.shorter(block) for block in (64, 16, 4, 1)] + [search.lower()]) and search.left > 0:
        pass
    return search.best


class _Search:
    """The best record so far, and how many trials are left."""

    def __init__(self, best: list[int], fails: Callable[[Choices], bool], left: int) -> None:
        self.best, self.fails, self.left = best, fails, left

    def shorter(self, block: int) -> bool:
        """Drops so many decisions in a row wherever that keeps the failure, from the end to the start."""
        improved, at = False, len(self.best) - block
        while at >= 0:
            improved |= self._try([*self.best[:at], *self.best[at + block:]])
            at = min(at - block, len(self.best) - block)
        return improved

    def lower(self) -> bool:
        """Takes decisions back to the simplest option, or half the way."""
        improved = False
        for at in range(len(self.best) - 1, -1, -1):
            for number in (0, self.best[at] // 2 if at < len(self.best) else 0):
                if at < len(self.best) and number < self.best[at]:
                    improved |= self._try([*self.best[:at], number, *self.best[at + 1:]])
        return improved

    def _try(self, candidate: list[int]) -> bool:
        if self.left <= 0:
            return False
        self.left -= 1
        choices = replayed(candidate)
        if not self.fails(choices) or (len(choices.made), choices.made) >= (len(self.best), self.best):
            return False
        self.best = choices.made
        return True
