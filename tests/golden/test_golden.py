"""The five write-ups, judged, beside their labels. The bars are those of the specification."""

from __future__ import annotations

import pytest

from derive import verdicts
from tests.golden.comparing import Compared, compare, displays, equations, line_of, memberships
from tests.golden.labels import FALSE, KINDS, NONE, SEEDS, read_labels, relation, write_up

with_write_ups = pytest.mark.skipif(not SEEDS.is_dir(), reason="the five write-ups are not beside the project")
SEED_NUMBERS = range(5)


@pytest.mark.parametrize("seed", SEED_NUMBERS)
def test_labels_are_well_formed(seed: int) -> None:
    labels = read_labels(seed)
    places = [(label.line, label.column) for label in labels]
    assert places == sorted(set(places)), "in the order of the write-up, each place once"
    for label in labels:
        assert label.verdict in KINDS, label.place
        assert label.also <= KINDS | {NONE}, label.place
        assert label.left and label.right, label.place
        assert not (label.verdict in FALSE and verdicts.PROVED in label.also), f"{label.place}: false, yet proved"
        assert not (label.verdict == verdicts.PROVED and label.also & FALSE), f"{label.place}: true, yet false"
        assert label.verdict not in FALSE or label.note, f"{label.place}: false, and no word why"
        assert not label.final or label.verdict in FALSE, label.place


@with_write_ups
@pytest.mark.parametrize("seed", SEED_NUMBERS)
def test_labels_stand_behind_a_sign(seed: int) -> None:
    lines = write_up(seed).read_text(encoding="utf-8").split("\n")
    astray = [label.place for label in read_labels(seed) if not relation(label, lines) and " x " not in label.left
              and not label.note.startswith("under a brace")]
    assert not astray


@with_write_ups
def test_displays_are_read() -> None:
    counts = [displays(seed) for seed in SEED_NUMBERS]
    assert [found for _, found, _ in counts] == [written for written, _, _ in counts]
    assert sum(read for _, _, read in counts) >= 0.97 * sum(written for written, _, _ in counts)


@with_write_ups
def test_every_equation_has_a_verdict() -> None:
    assert not _said(row for row in equations() if row.step is None)


@with_write_ups
def test_no_false_step_is_proved() -> None:
    proved = [row for row in (*equations(), *memberships()) if row.verdict == verdicts.PROVED]
    assert not _said(row for row in proved if row.false)
    assert not _said(row for row in proved if not row.agrees)


@with_write_ups
def test_at_most_one_true_step_in_a_hundred_is_called_wrong() -> None:
    true = [row for row in equations() if row.true]
    flagged = [row for row in true if row.flagged]
    assert len(flagged) <= 0.01 * len(true), "\n".join(_said(flagged))


@with_write_ups
def test_nine_true_steps_in_ten_are_proved() -> None:
    true = [row for row in equations() if row.true]
    others = [row for row in true if row.verdict != verdicts.PROVED]
    assert len(others) <= 0.1 * len(true), "\n".join(_said(others))


@with_write_ups
def test_every_wrong_final_answer_is_flagged() -> None:
    assert not _said(row for row in equations() if row.label.final and not row.flagged)


@with_write_ups
def test_most_wrong_final_answers_are_repaired() -> None:
    finals = [row for row in equations() if row.label.final]
    without = [row for row in finals if row.step is None or row.step.repair is None]
    assert len(without) < len(finals) / 2, "\n".join(_said(without))


@with_write_ups
def test_false_steps_are_flagged() -> None:
    """Nine in ten of those that are not garbled besides."""
    false = [row for row in equations() if row.false and verdicts.UNDECIDED not in row.label.also]
    missed = [row for row in false if not row.flagged]
    assert len(missed) <= 0.1 * len(false), "\n".join(_said(missed))


@with_write_ups
def test_claims_about_shapes_are_checked() -> None:
    assert not _said(row for row in memberships() if not row.agrees)


@with_write_ups
@pytest.mark.parametrize("seed", SEED_NUMBERS)
def test_nothing_but_steps_is_judged(seed: int) -> None:
    judged = [step for step in compare(seed)[1] if step.verdict in FALSE or step.verdict == verdicts.PROVED]
    assert not [f"{step.line}:{step.column} {step.verdict}: {step.left} = {step.right}" for step in judged]


def _said(rows: object) -> list[str]:
    return [line_of(row) for row in rows if isinstance(row, Compared)]  # type: ignore[attr-defined]
