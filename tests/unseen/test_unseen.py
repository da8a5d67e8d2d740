"""Documents written before the reader was run on them, as other people write: the figures of the specification.

`false.txt` lists the relation signs of wrong steps, as document, line and column; every other step is true.
Labels were settled before the first run, and no document was changed afterwards.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

from derive import verdicts
from derive.reading.judging import judge
from derive.reading.reports import StepReport

HERE = Path(__file__).parent
FLAGGED = (verdicts.REFUTED, verdicts.ILL_TYPED)


def test_no_false_step_is_proved() -> None:
    assert [at for at, step in _judged()[1].items() if step.verdict == verdicts.PROVED] == []


def test_every_wrong_step_has_a_verdict() -> None:
    assert set(_judged()[1]) == _labels()


def test_steps_are_read() -> None:
    true, false = _judged()
    unread = [step for step in (*true, *false.values()) if step.verdict == "unreadable"]
    assert len(unread) <= 0.05 * (len(true) + len(false))


def test_wrong_steps_are_flagged() -> None:
    wrong = _judged()[1].values()
    assert sum(step.verdict in FLAGGED for step in wrong) >= 0.9 * len(wrong)


def test_true_steps_are_not_flagged_and_mostly_proved() -> None:
    found = Counter(step.verdict for step in _judged()[0] if step.verdict != verdicts.DEFINITION)
    assert sum(found[kind] for kind in FLAGGED) <= 0.02 * found.total()
    assert found[verdicts.PROVED] >= 0.9 * found.total()


@lru_cache(maxsize=1)
def _judged() -> tuple[list[StepReport], dict[tuple[str, int, int], StepReport]]:
    """The true steps, and the wrong ones by their labels."""
    true, false, labels = [], {}, _labels()
    for path in sorted((HERE / "documents").iterdir()):
        for step in judge(path, repairs=False).steps:
            start, end = (path.name, step.line, step.column), (path.name, step.end_line, step.end_column)
            hit = next((at for at in sorted(labels - set(false)) if start <= at <= end), None)
            if hit is None:
                true.append(step)
            else:
                false[hit] = step
    return true, false


def _labels() -> set[tuple[str, int, int]]:
    rows = (line.split() for line in (HERE / "false.txt").read_text(encoding="utf-8").splitlines())
    return {(name, int(line), int(column)) for name, line, column in rows}
