"""One row of the catalogue, and three ways to write it down: it holds, it fails, or its axes clash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.claims import Claim
from derive.verdicts import ILL_TYPED, PROVED, REFUTED

S0, S1, S2, S3, S4 = (f"seed {number:03d}" for number in range(5))


@dataclass(frozen=True)
class Exercise:
    """A statement that some write-up makes, and what must become of it.

    id: "topic/name", names of known errors begin with "error-"; statement: one line for a person; build: makes the
    claim, raising AxisError where it is ill-typed; sources: exercises and write-ups it appears in; expected: one of
    the names in `derive.verdicts`; right: for a known error, the id of the claim that should have stood there.
    """

    id: str
    statement: str
    build: Callable[[], Claim]
    sources: tuple[str, ...]
    expected: str = PROVED
    right: str | None = None

    @property
    def topic(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        """The part of the id after the slash."""
        return self.id.partition("/")[2]


def holds(id: str, statement: str, build: Callable[[], Claim], *sources: str) -> Exercise:
    """A row that must be proved."""
    return Exercise(id, statement, build, sources)


def fails(id: str, statement: str, build: Callable[[], Claim], *sources: str, right: str) -> Exercise:
    """A known error whose two sides differ in value: it must be refuted."""
    return Exercise(id, statement, build, sources, REFUTED, right)


def clashes(id: str, statement: str, build: Callable[[], Claim], *sources: str, right: str) -> Exercise:
    """A known error whose two sides cannot be compared: building it must raise AxisError."""
    return Exercise(id, statement, build, sources, ILL_TYPED, right)


def a1(part: str) -> str:
    """A part of the first assignment of CS224n, 2017.

    >>> a1("2(c)")
    'CS224n 2017 A1 2(c)'
    """
    return f"CS224n 2017 A1 {part}"


def a2(part: str) -> str:
    """A part of the second assignment of CS224n, 2019."""
    return f"CS224n 2019 A2 {part}"


def a2_2023(part: str) -> str:
    """A part of the second assignment of CS224n as set in 2023."""
    return f"CS224n 2023 A2 {part}"
