"""The examples: every step of a right solution stands, and of its twin exactly the planted errors do not.

What is expected is settled twice: by `NAME.expected` beside the example, and by the same claims in typed terms (the
modules of this folder), which no reader has touched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from derive import verdicts
from derive.reading.judging import judge
from derive.reading.reports import DocumentReport, StepReport
from tests.examples import declared, first_columns, first_rows, second_aligned, second_macros
from tests.examples.planted import KINDS, arithmetic

FOLDER = Path(__file__).parents[2] / "examples"
FORMATS = (".md", ".tex")
PASSES = (verdicts.PROVED, verdicts.DEFINITION)
FAILS = (verdicts.REFUTED, verdicts.ILL_TYPED, verdicts.UNDECIDED)
LINE = re.compile(r"(?P<line>\d+) (?P<verdict>[a-z-]+)  # (?P<comment>\S.*)")
TOLD = {
    "assignment1-errors.md": first_columns.PLANTED,
    "assignment1-rows-errors.md": first_rows.PLANTED,
    "assignment2-errors.md": second_aligned.PLANTED,
    "assignment2-errors.tex": second_macros.PLANTED,
    "least-squares-errors.md": declared.SQUARES,
    "logistic-regression-errors.md": declared.LOGISTIC,
    "softmax-jacobian-errors.md": declared.JACOBIAN,
}


@dataclass(frozen=True)
class Expected:
    """What is not proved in an example: the line the step's right side starts on, and its verdict."""

    line: int
    verdict: str
    comment: str


EXAMPLES = sorted(path for path in FOLDER.iterdir() if path.suffix in FORMATS and path.name != "README.md")


def read_expected(example: Path) -> list[Expected]:
    """The lines of `NAME.expected`, comments left out."""
    rows = example.with_name(example.name + ".expected").read_text(encoding="utf-8").splitlines()
    found = [LINE.fullmatch(row) for row in rows if row and not row.startswith("#")]
    assert all(found), f"{example.name}.expected: a line that is not `LINE VERDICT  # what is wrong; the repair`"
    return [Expected(int(m["line"]), m["verdict"], m["comment"]) for m in found if m]


def line_of(step: StepReport, text: str) -> int:
    """The line a step's right side starts on: its end, less what is written."""
    lines = text.split("\n")
    end = sum(len(line) + 1 for line in lines[: step.end_line - 1]) + step.end_column - 1
    return text.count("\n", 0, end - len(step.right)) + 1 if step.right else step.line


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_expectations_are_well_formed(example: Path) -> None:
    expected = read_expected(example)
    length = len(example.read_text(encoding="utf-8").splitlines())
    assert [e.line for e in expected] == sorted(e.line for e in expected)
    assert all(1 <= e.line <= length and e.verdict in FAILS for e in expected)
    assert bool(expected) == ("-errors" in example.name), "right solutions have no errors, twins have some"


def test_every_solution_has_a_twin() -> None:
    names = {path.name for path in EXAMPLES}
    right = {name for name in names if "-errors" not in name}
    assert names - right == {name.replace(".", "-errors.", 1) for name in right} == set(TOLD)


def test_enough_errors_of_every_kind_are_planted() -> None:
    kinds = [planted.kind for name in TOLD for planted in TOLD[name]]
    assert len(kinds) >= 40
    assert set(kinds) == set(KINDS)


@pytest.mark.parametrize("name", TOLD)
def test_expectations_agree_with_arithmetic(name: str) -> None:
    expected = read_expected(FOLDER / name)
    found = [arithmetic(claim) for planted in TOLD[name] for claim in planted.wrong]
    assert [(e.line, e.verdict) for e in expected] == [(e.line, v) for e, v in zip(expected, found, strict=True)]


@pytest.mark.parametrize("name", TOLD)
def test_what_was_there_before_the_error_is_proved(name: str) -> None:
    assert [arithmetic(planted.right) for planted in TOLD[name]] == [verdicts.PROVED] * len(TOLD[name])


@cache
def judged(example: Path) -> DocumentReport:
    """The report on an example, once."""
    return judge(example)


def failing(example: Path) -> dict[int, list[StepReport]]:
    """The steps that are neither proved nor a definition, by line."""
    text = example.read_text(encoding="utf-8")
    found: dict[int, list[StepReport]] = defaultdict(list)
    for step in judged(example).steps:
        if step.verdict not in PASSES:
            found[line_of(step, text)].append(step)
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_judged_as_expected(example: Path) -> None:
    expected: dict[int, list[str]] = defaultdict(list)
    for e in read_expected(example):
        expected[e.line].append(e.verdict)
    found = {line: sorted(step.verdict for step in steps) for line, steps in failing(example).items()}
    wrong = [f"{example.name}:{line}: expected {sorted(expected[line]) or 'proved'}, got {found.get(line) or 'proved'}"
             for line in sorted({*expected, *found}) if sorted(expected[line]) != found.get(line, [])]
    assert not wrong, "\n".join(wrong)
    assert judged(example).steps


@pytest.mark.parametrize("name", [name for name in TOLD if name != "least-squares-errors.md"])
def test_a_right_end_after_a_wrong_middle_is_said(name: str) -> None:
    """The step out of a wrong line is not the first error, and the document's findings tell of the right end."""
    example = FOLDER / name
    found = failing(example)
    after = [e for e in read_expected(example) if e.comment.startswith("right again")]
    assert after
    assert not [e.line for e in after if found[e.line] and found[e.line][-1].first_error]
    assert any("right result at the end" in finding for finding in judged(example).findings)


def test_most_errors_are_repaired() -> None:
    planted = [(FOLDER / name, e) for name in TOLD for e in read_expected(FOLDER / name)
               if not e.comment.startswith("right again")]
    repaired = [e for example, e in planted if any(step.repair for step in failing(example).get(e.line, []))]
    assert 2 * len(repaired) > len(planted), f"{len(repaired)} of {len(planted)} errors have a repair"
