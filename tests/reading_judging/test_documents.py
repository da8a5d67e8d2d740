"""Whole documents, each with the verdict of every step beside it (`line:column verdict [repaired]`).

Adding a test is adding a document and its `.expected` file. The verdicts were settled by hand; a disagreement is
settled by arithmetic, never by changing the expectation to what the product says.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from derive import verdicts
from derive.reading.judging import judge

HERE = Path(__file__).parent
DOCUMENTS = sorted(p for p in (HERE / "documents").iterdir() if p.suffix in (".md", ".tex"))
SEEDS = Path(os.environ.get("GRADPROOF_SEEDS", HERE.parents[2] / "shared" / "seeds"))


def shown(path: Path) -> list[str]:
    report = judge(path)
    return [f"{s.line}:{s.column} {s.verdict}{' repaired' if s.repair else ''}" for s in report.steps]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_every_step_has_its_verdict(path: Path) -> None:
    assert shown(path) == path.with_suffix(".expected").read_text().splitlines()


def test_every_planted_error_is_flagged_and_repaired() -> None:
    report = judge(HERE / "documents" / "a1_rows_wrong.md")
    right = {"z_1", "h", "z_2", "\\hat y", "\\frac{\\partial J}{\\partial z_2}"}
    wrong = [s for s in report.steps if s.left not in right]
    assert len(wrong) == 20
    assert all(s.verdict in (verdicts.REFUTED, verdicts.ILL_TYPED) for s in wrong)
    assert [s.left for s in wrong if s.repair is None] == []
    assert all(s.counterexample is not None for s in wrong if s.verdict == verdicts.REFUTED)


def test_the_report_is_plain_data() -> None:
    report = judge(HERE / "documents" / "logistic.md")
    keys = set(json.loads(json.dumps(report.as_json()))["steps"][0])
    assert keys == {"line", "column", "end_line", "end_column", "exercise", "left", "right", "relation", "verdict",
                    "reason", "holds_for", "hypotheses", "conventions", "readings", "counterexample", "repair",
                    "first_error", "seconds"}


GOLDEN = sorted((HERE / "seeds").glob("*.expected"))


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the write-ups are not part of the repository")
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda p: p.stem)
def test_real_write_ups(golden: Path) -> None:
    """The steps whose verdict was settled by hand; steps that are not listed may be undecided."""
    path = next(SEEDS.glob(f"{golden.stem}_*"))
    found = {line.split()[0]: line.split()[1] for line in shown(path)}
    wanted = {line.split()[0]: line.split()[1] for line in golden.read_text().splitlines()}
    wrong = {at: (verdict, found.get(at)) for at, verdict in wanted.items() if found.get(at) != verdict}
    assert wrong == {}
