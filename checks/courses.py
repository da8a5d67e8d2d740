"""The course of one document: what was reached of it, which steps are left out next, and what is known at the end.

A worker tells which step it is at. One that takes too long, or more memory than there is, costs itself: the worker is
killed and the document judged again without that step. What was reached stays, whatever happens after it.

    >>> from checks.messages import Begun, Outline, Reached
    >>> step = StepReport(1, 1, 1, 5, "", "a", "b", "=", UNDECIDED)
    >>> course = Course("a.md", Limits(step=5, document=60))
    >>> course.next()
    frozenset()
    >>> course.told(Outline((("1:1", step), ("2:1", replace(step, line=2)))))
    >>> course.told(Begun("1:1")); course.told(Reached("1:1", replace(step, verdict="refuted")))
    >>> course.told(Begun("2:1"))
    >>> course.left_within(5.5), course.stopped(5.5, course.late())
    (-0.5, None)
    >>> course.next()
    frozenset({'2:1'})
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from checks.documents import Judged, unread
from checks.messages import Begun, Failed, Finished, Message, Outline, Place, Reached
from derive.reading.reports import DocumentReport, StepReport
from derive.verdicts import PROVED, UNDECIDED, UNREADABLE

MOST_ATTEMPTS = 40
_SHARE = 0.8  # of a document's time, after which no further step is begun: the rest is for holding them together


@dataclass(frozen=True)
class Limits:
    """How much something may take. step, document: seconds, for a document all attempts together; memory: megabytes of
    a worker, all in all."""

    step: float = 5.0
    document: float = 60.0
    memory: int = 2048


class Course:
    """One document on its way to its report."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.attempts = 0
        self.spent = 0.0  # seconds, attempts that are over
        self.outline: Outline | None = None
        self.place: Place | None = None  # the step that is judged now
        self.begun = 0.0  # when, in seconds of this attempt; the worker's messages come with the time they are heard
        self.reached: dict[Place, StepReport] = {}
        self.left_out: dict[Place | None, str] = {}  # steps that cost too much, and why
        self.report: DocumentReport | None = None
        self.problem = ""
        self.fault = ""  # what ended it, where that was no step's doing
        self.done = False

    def next(self) -> frozenset[Place] | None:
        """The steps to leave out of the next attempt; None if there is nothing more to do or no time to do it."""
        if self.done or self.attempts >= MOST_ATTEMPTS or self.spent >= self.limits.document:
            return None
        self.attempts += 1
        self.place = None
        return frozenset(place for place in self.left_out if place is not None)

    def told(self, message: Message, seconds: float = 0.0) -> None:
        """What a worker tells, so many seconds into this attempt."""
        match message:
            case Outline():
                self.outline = message
            case Begun(place):
                self.place, self.begun = place, seconds
            case Reached(place, step) if step.reason != LEFT_OUT:
                self.reached[place] = step
            case Finished(report):
                self.report, self.done = report, True
            case Failed(problem):
                self.problem, self.done = problem, True

    def left_within(self, seconds: float) -> float:
        """Seconds until this attempt is late, when it has taken so many."""
        left = self.limits.document - self.spent
        if self.place is not None:
            left = min(left, self.begun + self.limits.step)
        return left - seconds

    def until_enough(self, seconds: float) -> float:
        """Seconds until no further step should be begun, when this attempt has taken so many."""
        return _SHARE * self.limits.document - self.spent - seconds

    def late(self) -> str:
        """Why a step that is late has no verdict."""
        return f"time ran out: more than {self.limits.step:g} s for this step"

    def stopped(self, seconds: float, why: str) -> None:
        """An attempt ended early after so many seconds: its worker was killed, or broke down."""
        self.spent += seconds
        if self.place is not None and (why != self.late() or self.spent < self.limits.document):
            self.left_out[self.place] = why
        elif self.spent < self.limits.document:
            self.fault, self.done = why, True
        if self.done and self.outline is None:
            self.problem = self.fault

    def result(self) -> Judged:
        """What is known now."""
        if self.problem or self.outline is None:
            return unread(self.path, self.problem or self._out_of_time())
        if self.report is None:
            steps = [self._unfinished(place, step) for place, step in self._outlined()]
            report = DocumentReport(self.path, "none", steps=tuple(steps))
        else:
            report = replace(self.report, steps=tuple(self._explained(self.report.steps)))
        lost = [step for step in report.steps if step.verdict == UNDECIDED and step.reason in self._reasons()]
        return Judged(replace(report, findings=(*report.findings, *_said_of(lost))), pulled=self.outline.pulled)

    def _outlined(self) -> Iterable[tuple[Place | None, StepReport]]:
        """Every step that is known of, in the order of the document."""
        known = list(self.outline.steps) if self.outline else []
        places = {place for place, _ in known}
        known += [(place, step) for place, step in self.reached.items() if place not in places]
        return sorted(known, key=lambda each: (each[1].line, each[1].column))

    def _unfinished(self, place: Place | None, step: StepReport) -> StepReport:
        """A step of a document that was not judged to its end."""
        if step.verdict == UNREADABLE:
            return step
        reached = None if place is None else self.reached.get(place)
        if reached is None:
            return replace(step, reason=self.left_out.get(place, "") or self.fault or self._out_of_time())
        if reached.verdict == PROVED and reached.conventions:
            # It holds under a convention that the steps after it might have excluded.
            reason = "proved by itself, but judging ended before it was held against the rest of the document"
            return replace(reached, verdict=UNDECIDED, reason=reason, holds_for="")
        return reached

    def _explained(self, steps: Iterable[StepReport]) -> Iterable[StepReport]:
        """The steps of a whole report; those that were left out say why."""
        outlined = {_place(step): place for place, step in self._outlined() if place is not None}
        for step in steps:
            left_out = step.verdict == UNDECIDED and step.reason == LEFT_OUT
            yield self._unfinished(outlined.get(_place(step)), step) if left_out else step

    def _reasons(self) -> set[str]:
        return {*self.left_out.values(), self.fault, self._out_of_time()} - {""}

    def _out_of_time(self) -> str:
        return f"time ran out: more than {self.limits.document:g} s for the document"


LEFT_OUT = "left out"
"""The reason a judge gives for a step that it was told to skip."""


def _place(step: StepReport) -> tuple[int, int, int, int, str, str]:
    return step.line, step.column, step.end_line, step.end_column, step.left, step.right


def _said_of(lost: Iterable[StepReport]) -> list[str]:
    counts = Counter(step.reason for step in lost)
    return [f"{count} step{'s' if count > 1 else ''} without a verdict: {why}" for why, count in counts.items()]
