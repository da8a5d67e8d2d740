"""The examples of the guide get the verdicts it tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derive.reading.judging import judge

GUIDE = Path(__file__).parents[2] / "docs" / "documents.md"
EXAMPLES = re.findall(r"````markdown\n(.*?)````\n\nVerdicts: (.*?)\.\n", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_example_tells_its_verdicts() -> None:
    assert len(EXAMPLES) == GUIDE.read_text(encoding="utf-8").count("````markdown") >= 4


@pytest.mark.parametrize(("document", "verdicts"), EXAMPLES, ids=[str(number) for number in range(len(EXAMPLES))])
def test_example(document: str, verdicts: str) -> None:
    report = judge(document, kind="md", repairs=False)
    assert not any("front matter" in finding for finding in report.findings)
    assert [step.verdict for step in report.steps] == verdicts.split(", ")


def test_the_hypothesis_of_the_guide_is_needed() -> None:
    document = next(document for document, _ in EXAMPLES if "hypotheses" in document)
    without = document.replace("hypotheses:\n  - \\sum_i t_i = 1\n", "")
    assert judge(without, kind="md", repairs=False).steps[2].verdict == "refuted"
