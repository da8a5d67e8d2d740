"""The course of one document: which of its blocks to judge next, and what is known of it when time is up.

At first the whole document is judged. Where that takes too long, the longest beginning that does not is looked for by
halving; the one block after it is left out, and judging goes on with the rest. So a step that never ends costs itself,
and what stands before it keeps its verdicts.

    >>> from checks.messages import Outline
    >>> course = Course("a.md", Limits(step=5, document=60))
    >>> course.next()
    Attempt(blocks=None)
    >>> course.outlined(Outline(4, ()), 1.0)
    >>> course.ran_out(course.seconds)
    >>> course.next(), course.seconds
    (Attempt(blocks=(0, 1)), 6.0)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from checks.documents import Judged, unread
from checks.messages import Outline
from derive.reading.reports import DocumentReport, StepReport
from derive.verdicts import UNREADABLE

MOST_ATTEMPTS = 40


@dataclass(frozen=True)
class Limits:
    """How long something may take, in seconds. step: one equation; document: one document, all attempts together."""

    step: float = 5.0
    document: float = 60.0


@dataclass(frozen=True)
class Attempt:
    """What to judge. blocks: their numbers; None for the whole document, which is not read yet."""

    blocks: tuple[int, ...] | None


class Course:
    """One document on its way to its report."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.left = limits.document
        self.attempts = 0
        self.seconds = 0.0  # how long the attempt that is made now may take at most
        self.outline: Outline | None = None
        self.report: DocumentReport | None = None
        self.covered: frozenset[int] = frozenset()  # the blocks the report is on
        self.problem = ""
        self.done = False
        self.good = 0  # the beginning of this many blocks ends in time; with reading it took `pace` seconds
        self.pace = 0.0
        self.bad: int | None = None  # the beginning of this many blocks does not
        self.left_out: dict[int, str] = {}  # blocks that cost too much, and why
        self.why = ""
        self.asked = 0  # how many blocks the beginning has that is judged now

    def next(self) -> Attempt | None:
        """What to judge now; None if there is nothing more to do or no time to do it."""
        if self.done or self.attempts >= MOST_ATTEMPTS or self.left <= 0:
            return None
        self.attempts += 1
        if self.outline is None:
            self.seconds = self.left
            return Attempt(None)
        if self.bad is None:
            self.asked = self.outline.blocks
            self.seconds = min(self.left, max(self.left / 2, self.pace + self.limits.step))
        else:
            self.asked = (self.good + self.bad) // 2
            steps = self._steps(self.good) if self.asked - self.good == 1 else 1
            self.seconds = min(self.left, self.pace + self.limits.step * steps)
        return Attempt(self._beginning(self.asked))

    def outlined(self, outline: Outline, seconds: float) -> None:
        """The document was read, which took so long. From now on the clock of the first attempt runs anew."""
        self.left -= seconds
        self.outline, self.asked, self.pace = outline, outline.blocks, seconds
        self.seconds = min(self.left / 2, self.limits.step * max(1, len(outline.steps)))

    def finished(self, report: DocumentReport, seconds: float) -> None:
        """What was asked for is judged."""
        self.left -= seconds
        self.report, self.good, self.pace = report, self.asked, seconds
        self.covered = frozenset(self._beginning(self.asked))
        self._narrow()

    def ran_out(self, seconds: float, fault: str = "") -> None:
        """What was asked for took too long, or, where a fault is given, broke the worker."""
        self.left -= seconds
        if self.outline is None or self.outline.blocks == 0:
            self.failed(fault or self._too_long())
        else:
            enough = self.left > 0
            self.bad = self.asked
            self.why = fault or (f"time ran out: more than {self.limits.step:g} s for a step" if enough
                                 else self._too_long())
            self._narrow()

    def failed(self, problem: str) -> None:
        """The document cannot be read at all."""
        self.done, self.problem = True, problem

    def result(self) -> Judged:
        """What is known now."""
        if self.problem or self.outline is None:
            return unread(self.path, self.problem or self._too_long())
        report = self.report or DocumentReport(self.path, "none")
        rest = [step if step.verdict == UNREADABLE else replace(step, reason=self._reason(block))
                for block, step in self.outline.steps if block not in self.covered]
        if not rest:
            return Judged(report)
        steps = sorted((*report.steps, *rest), key=_place)
        lost = self._said_of([step for step in rest if step.verdict != UNREADABLE])
        return Judged(replace(report, steps=tuple(steps), findings=(*report.findings, *lost)))

    def _beginning(self, count: int) -> tuple[int, ...]:
        return tuple(number for number in range(count) if number not in self.left_out)

    def _steps(self, block: int) -> int:
        """How many steps end in a block, at least 1."""
        steps = self.outline.steps if self.outline else ()
        return max(1, sum(number == block for number, _ in steps))

    def _narrow(self) -> None:
        """Leave out the block that is found, and see whether all is done."""
        total = self.outline.blocks if self.outline else 0
        if self.bad is not None and self.bad - self.good <= 1:
            self.left_out[self.good] = self.why
            self.good, self.bad = self.good + 1, None
        self.done = self.good >= total

    def _reason(self, block: int) -> str:
        return self.left_out.get(block) or self._too_long()

    def _too_long(self) -> str:
        return f"time ran out: more than {self.limits.document:g} s for the document"

    def _said_of(self, lost: list[StepReport]) -> list[str]:
        counts = Counter(step.reason for step in lost)
        return [f"{count} step{'s' if count > 1 else ''} without a verdict: {why}" for why, count in counts.items()]


def _place(step: StepReport) -> tuple[int, int]:
    return step.line, step.column
