"""The course of one document: what was reached of it, what is left out next, and what is known at the end.

A worker tells which step it is at. One that takes too long, or more memory than there is, costs itself: the worker is
killed and the document judged again without that step. Work between two steps is put down to the one before, and if
that does not help, to the one after: then the mathematics it stands in is not looked at. What was reached stays,
whatever happens after it.

    >>> from checks.messages import Begun, Item, Outline, Reached
    >>> step = StepReport(1, 1, 1, 5, "", "a", "b", "=", UNDECIDED)
    >>> course = Course("a.md", Limits(step=5, document=60))
    >>> course.next()
    Attempt(skip=frozenset(), without=frozenset())
    >>> course.told(Outline((Item("1:1", 0, step), Item("2:1", 1, replace(step, line=2)))))
    >>> course.told(Begun("1:1")); course.told(Reached("1:1", replace(step, verdict="refuted")))
    >>> course.told(Begun("2:1"))
    >>> course.left_within(5.5), course.stopped(5.5, course.late())
    (-0.5, None)
    >>> course.next().skip
    frozenset({'2:1'})
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from checks.documents import Judged, unread
from checks.messages import Begun, Failed, Finished, Item, Message, Outline, Place, Reached
from derive.reading.reports import DocumentReport, StepReport
from derive.verdicts import ILL_TYPED, PROVED, REFUTED, UNDECIDED, UNREADABLE

MOST_ATTEMPTS = 40
_PREPARING = 4  # limits of a step that may go by before the first one is begun
_NOWHERE = -1  # the block of a step that the outline does not have
_END = "the end of the document"
_SHARE = 0.8  # of a document's time, after which no further step is begun: the rest is for holding them together


@dataclass(frozen=True)
class Limits:
    """How much something may take. step, document: seconds, for a document all attempts together; memory: megabytes of
    a worker, all in all."""

    step: float = 5.0
    document: float = 60.0
    memory: int = 2048


@dataclass(frozen=True)
class Attempt:
    """What to leave out of the next attempt: pieces of work, and blocks of mathematics by their numbers."""

    skip: frozenset[Place]
    without: frozenset[int]


class Course:
    """One document on its way to its report."""

    def __init__(self, path: str, limits: Limits) -> None:
        self.path, self.limits = path, limits
        self.attempts = 0
        self.spent = 0.0  # seconds, attempts that are over
        self.outline: Outline | None = None
        self.place: Place | None = None  # what is worked on now
        self.heard = 0.0  # when this attempt last came on, in its seconds
        self.reached: dict[Place, StepReport] = {}
        self.skipped: dict[Place, str] = {}  # pieces of work that cost too much, and why
        self.dropped: dict[int, str] = {}  # blocks that did
        self.suspect: Place | None = None  # the step before which work did not end, once
        self.report: DocumentReport | None = None
        self.problem = ""
        self.fault = ""  # what ended it, where that was no step's doing
        self.done = False

    def next(self) -> Attempt | None:
        """What to do next; None if there is nothing more to do or no time to do it."""
        if self.done or self.attempts >= MOST_ATTEMPTS or self.spent >= self.limits.document:
            return None
        self.attempts += 1
        self.place, self.heard = None, 0.0
        return Attempt(frozenset(self.skipped), frozenset(self.dropped))

    def told(self, message: Message, seconds: float = 0.0) -> None:
        """What a worker tells, so many seconds into this attempt."""
        self.heard = seconds
        match message:
            case Outline():
                self.outline = self.outline or message
            case Begun(place):
                self.place = place
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
            left = min(left, self.heard + self.limits.step)
        elif self.outline is not None:
            left = min(left, self.heard + _PREPARING * self.limits.step)
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
        if why == self.late() and self.spent >= self.limits.document:
            return  # nobody's doing in particular
        if self.outline is None:
            self.problem, self.done = why, True
        elif self.place is not None and self.place not in self.reached:
            self.skipped[self.place] = why
        else:
            self._blame_around(why)

    def _blame_around(self, why: str) -> None:
        """Work that is no step's own did not end: it may belong to the step before, or to the one that would follow."""
        following = next((item for item in self._items() if item.place is not None and item.block not in self.dropped
                          and item.place not in self.reached and item.place not in self.skipped), None)
        name = following.place if following else _END
        if self.place is not None and self.suspect != name:
            self.suspect = name
            self.skipped[self.place] = why
        elif following is not None:
            self.dropped[following.block] = why
        else:
            self.fault, self.done = why, True

    def result(self) -> Judged:
        """What is known now."""
        if self.problem or self.outline is None:
            return unread(self.path, self.problem or self._out_of_time())
        if self.report is None:
            steps = tuple(_marked(self._unfinished(item) for item in self._items()))
            report = DocumentReport(self.path, "none", steps=steps)
        else:
            dropped = [self._unfinished(item) for item in self._items() if item.block in self.dropped]
            steps = tuple(sorted((*self._explained(self.report.steps), *dropped), key=lambda s: (s.line, s.column)))
            report = replace(self.report, steps=steps)
        lost = [step for step in report.steps if step.verdict == UNDECIDED and step.reason in self._reasons()]
        return Judged(replace(report, findings=(*report.findings, *_said_of(lost))), pulled=self.outline.pulled)

    def _items(self) -> list[Item]:
        """Every step that is known of, in the order of the document."""
        known = list(self.outline.items) if self.outline else []
        places = {item.place for item in known}
        known += [Item(place, _NOWHERE, step) for place, step in self.reached.items() if place not in places]
        return sorted(known, key=lambda item: (item.step.line, item.step.column))

    def _unfinished(self, item: Item) -> StepReport:
        """A step of a document that was not judged to its end."""
        if item.step.verdict == UNREADABLE:
            return item.step
        reached = None if item.place is None else self.reached.get(item.place)
        if reached is None:
            why = self.skipped.get(item.place or "") or self.dropped.get(item.block) or self.fault
            return replace(item.step, reason=why or self._out_of_time())
        if reached.verdict == PROVED and reached.conventions:
            # It holds under a convention that the steps after it might have excluded.
            reason = "proved by itself, but judging ended before it was held against the rest of the document"
            return replace(reached, verdict=UNDECIDED, reason=reason, holds_for="")
        return reached

    def _explained(self, steps: Iterable[StepReport]) -> Iterator[StepReport]:
        """The steps of a whole report; those that were left out say why."""
        outlined = {_place(item.step): item for item in self._items()}
        for step in steps:
            left_out = step.verdict == UNDECIDED and step.reason == LEFT_OUT
            yield self._unfinished(outlined.get(_place(step), Item(None, _NOWHERE, step))) if left_out else step

    def _reasons(self) -> set[str]:
        return {*self.skipped.values(), *self.dropped.values(), self.fault, self._out_of_time()} - {""}

    def _out_of_time(self) -> str:
        return f"time ran out: more than {self.limits.document:g} s for the document"


def _marked(steps: Iterable[StepReport]) -> Iterator[StepReport]:
    """Steps that were judged one by one, the first wrong one of a chain marked: a chain goes on with its last side."""
    before, wrong = "", False
    for step in steps:
        wrong = wrong and step.left == before
        bad = step.verdict in (REFUTED, ILL_TYPED)
        yield replace(step, first_error=True) if bad and not wrong else step
        before, wrong = step.right, wrong or bad


LEFT_OUT = "left out"
"""The reason a judge gives for a step that it was told to skip."""


def _place(step: StepReport) -> tuple[int, int, int, int, str, str]:
    return step.line, step.column, step.end_line, step.end_column, step.left, step.right


def _said_of(lost: Iterable[StepReport]) -> list[str]:
    counts = Counter(step.reason for step in lost)
    return [f"{count} step{'s' if count > 1 else ''} without a verdict: {why}" for why, count in counts.items()]
