"""The bars of the specification, for documents that were labelled before the reader was run on them.

A file of labels lists the relation signs of wrong steps, as document, line and column; every other step is true.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from derive import verdicts
from derive.reading.judging import judge
from derive.reading.reports import StepReport

FLAGGED = (verdicts.REFUTED, verdicts.ILL_TYPED)
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Judged:
    """What was said of the true steps, of the wrong ones by their labels, and the labels themselves."""

    true: tuple[StepReport, ...]
    wrong: dict[Place, StepReport]
    labels: frozenset[Place]

    @property
    def claims(self) -> list[StepReport]:
        """The true steps that claim something: definitions do not."""
        return [step for step in self.true if step.verdict != verdicts.DEFINITION]


@lru_cache(maxsize=4)
def judged(labels: Path, belongs: Callable[[str], bool] = bool) -> Judged:
    """The documents beside a file of labels, judged; belongs: which of them, by name."""
    true, wrong, known = list[StepReport](), dict[Place, StepReport](), read_labels(labels)
    for path in sorted(each for each in (labels.parent / "documents").iterdir() if belongs(each.name)):
        for step in judge(path, repairs=False).steps:
            start, end = (path.name, step.line, step.column), (path.name, step.end_line, step.end_column)
            hit = next((at for at in sorted(known - set(wrong)) if start <= at <= end), None)
            if hit is None:
                true.append(step)
            else:
                wrong[hit] = step
    return Judged(tuple(true), wrong, known)


def read_labels(path: Path) -> frozenset[Place]:
    """The places of wrong relation signs."""
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset((name, int(line), int(column)) for name, line, column in rows)


def expect_no_false_proof(said: Judged) -> None:
    assert [at for at, step in said.wrong.items() if step.verdict == verdicts.PROVED] == []


def expect_every_wrong_step(said: Judged) -> None:
    assert set(said.wrong) == said.labels


def expect_read(said: Judged) -> None:
    steps = (*said.true, *said.wrong.values())
    assert sum(step.verdict == verdicts.UNREADABLE for step in steps) <= 0.05 * len(steps)


def expect_wrong_flagged(said: Judged) -> None:
    assert sum(step.verdict in FLAGGED for step in said.wrong.values()) >= 0.9 * len(said.wrong)


def expect_true_proved(said: Judged) -> None:
    found = Counter(step.verdict for step in said.claims)
    assert sum(found[kind] for kind in FLAGGED) <= 0.02 * found.total()
    assert found[verdicts.PROVED] >= 0.9 * found.total()


BARS = (expect_no_false_proof, expect_every_wrong_step, expect_read, expect_wrong_flagged, expect_true_proved)
