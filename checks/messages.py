"""What goes between the command and its workers: plain data, quick to import on both sides."""

from __future__ import annotations

from dataclasses import dataclass

from checks.documents import Given
from derive.reading.reports import DocumentReport, StepReport


@dataclass(frozen=True)
class Task:
    """One attempt at a document. blocks: numbers of the blocks of mathematics to judge; None for all of them."""

    given: Given
    setting: str = ""
    blocks: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Outline:
    """A document that was read. blocks: how many it has; steps: the block each ends in, and what stands there."""

    blocks: int
    steps: tuple[tuple[int, StepReport], ...]


@dataclass(frozen=True)
class Finished:
    """The report on the blocks that were asked for."""

    report: DocumentReport


@dataclass(frozen=True)
class Failed:
    """The document cannot be read at all: why."""

    problem: str


Message = Outline | Finished | Failed
