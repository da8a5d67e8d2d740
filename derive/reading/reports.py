"""What is said of a document: plain data, with the field names of the JSON report."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from derive.opinion import Opinion
from derive.verdicts import Counterexample


@dataclass(frozen=True)
class ReadAs:
    """How something was understood; offered: as the repair of a lost or garbled mark, which proves nothing."""

    written: str
    read_as: str
    offered: bool = False


@dataclass(frozen=True)
class Repair:
    """A small edit of what was written that is proved. latex: the side as it should be; marked: with the edit in a
    box; edit: the edit in words."""

    latex: str
    marked: str
    edit: str


@dataclass(frozen=True)
class StepReport:
    """One step. line, column: of its left side, or of its sign where that begins a line, counted from 1; end_line,
    end_column: behind its right side, which begins `len(right)` characters before; left, right: LaTeX as written;
    second_opinion: on each claim a proof rests on, where there is one; statements: those claims, in the same order, as
    `derive.opinion` writes them, which are no part of the JSON report."""

    line: int
    column: int
    end_line: int
    end_column: int
    exercise: str
    left: str
    right: str
    relation: str
    verdict: str
    reason: str = ""
    holds_for: str = ""
    hypotheses: tuple[str, ...] = ()
    conventions: tuple[str, ...] = ()
    readings: tuple[ReadAs, ...] = ()
    counterexample: Counterexample | None = None
    repair: Repair | None = None
    first_error: bool = False
    seconds: float = 0.0
    second_opinion: tuple[Opinion, ...] = ()
    statements: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentReport:
    """Everything said of one document. conventions: name -> choice; findings: lines for a person; disagreements:
    defects of ours that were met, kernel against refuter or second opinion, with all that is needed to meet them
    again."""

    path: str
    setting: str
    conventions: dict[str, str] = field(default_factory=dict)
    steps: tuple[StepReport, ...] = ()
    findings: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many steps have each verdict."""
        return dict(Counter(step.verdict for step in self.steps))

    def as_json(self) -> dict[str, Any]:
        """The report as plain data, without second opinions and what they are of: the command adds those it shows."""
        steps = [asdict(replace(step, second_opinion=(), statements=())) for step in self.steps]
        for step in steps:
            del step["second_opinion"], step["statements"]
        return {**asdict(replace(self, steps=())), "steps": steps, "counts": self.counts}
