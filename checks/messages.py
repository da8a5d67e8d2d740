"""What goes between the command and its workers: plain data, quick to import on both sides."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from checks.documents import Given
from derive.reading.reports import DocumentReport, StepReport

Place = str
"""A piece of work on a document as `derive.reading.dossier.Watch` names it, the same on every attempt."""


@dataclass(frozen=True)
class Task:
    """One attempt at a document. front_matter: whether what it declares of itself counts; skip: what is not
    to be done, and without: the numbers of the blocks that are not to be looked at, because they cost too much."""

    given: Given
    setting: str = ""
    front_matter: bool = True
    skip: Container[Place] = frozenset()
    without: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Item:
    """A step as it stands in the document, as yet undecided, or a row that cannot be read, which has no place.

    block: the number of the piece of mathematics it ends in.
    """

    place: Place | None
    block: int
    step: StepReport


@dataclass(frozen=True)
class Outline:
    """A document that was read, in its order. pulled: files it pulled in, each with a digest of what was read."""

    items: tuple[Item, ...]
    pulled: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Begun:
    """From now on this is worked on, which has a limit on time of its own."""

    place: Place


@dataclass(frozen=True)
class Reached:
    """A step that was judged. What the rest of the document says may still count against it."""

    place: Place
    step: StepReport


@dataclass(frozen=True)
class Finished:
    """The report on the whole document."""

    report: DocumentReport


@dataclass(frozen=True)
class Failed:
    """The document cannot be read at all: why."""

    problem: str


Message = Outline | Begun | Reached | Finished | Failed
