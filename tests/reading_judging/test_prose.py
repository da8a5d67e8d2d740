"""What the words around mathematics say about it: cases, rows and columns, repeated samples, front matter in LaTeX."""

from __future__ import annotations

import pytest

from derive import verdicts
from derive.reading.judging import judge

PROVED, REFUTED, ILL_TYPED, DEFINED = verdicts.PROVED, verdicts.REFUTED, verdicts.ILL_TYPED, verdicts.DEFINITION

OTHERS = r"$$\frac{\partial J}{\partial u_w} = \hat y_w v_c$$"
BY_ROWS = r"$$\frac{\partial J}{\partial U} = (\hat y - y) v_c^T$$"
BY_COLUMNS = r"$$\frac{\partial J}{\partial U} = v_c (\hat y - y)^T$$"
RIDGE = "---\naxes: n, d\ntensors:\n  X: n x d\n  y: n\n  w: d\n---\n"
RIGHT = r"\[ \nabla_w \|X w - y\|^2 = 2 X^T (X w - y) \]"
WRONG = r"\[ \nabla_w \|X w - y\|^2 = 2 X^T (y - X w) \]"

CASES = {
    "other words": (r"For any other word, $w \neq o$, only the sum depends on $u_w$ and therefore", OTHERS, PROVED),
    "with a condition before": (r"For all $w \neq o$:", OTHERS, PROVED),
    "a sentence of its own": (r"Here $w \neq o$ was special. In general", OTHERS, REFUTED),
    "no condition": (r"We find", OTHERS, REFUTED),
}
STORED = {
    "rows": (r"The rows of $U$ are the outside vectors.", BY_ROWS, PROVED),
    "rows, against it": (r"The rows of $U$ are the outside vectors.", BY_COLUMNS, ILL_TYPED),
    "columns": (r"I keep them as the columns of one matrix $U$.", BY_COLUMNS, PROVED),
    "columns, against it": (r"I keep them as the columns of one matrix $U$.", BY_ROWS, ILL_TYPED),
    "whose": (r"They are in $U$, whose columns are the outside vectors.", BY_ROWS, ILL_TYPED),
    "not said": (r"They are in $U$.", BY_ROWS, PROVED),
    "both": (r"The rows of $U$ are words. The columns of $U$ are features of them.", BY_COLUMNS, PROVED),
}


@pytest.mark.parametrize("name", [*CASES, *STORED])
def test_words_before_a_step(name: str) -> None:
    words, step, expected = {**CASES, **STORED}[name]
    report = judge(f"{words}\n\n{step}", kind="md", repairs=False)
    assert report.steps[-1].verdict == expected


def test_samples_repeat_in_the_section_that_says_so() -> None:
    gradient = r"\[ \frac{\partial J_{neg}}{\partial u_k} = \sigma(u_k^T v_c) v_c \]"
    repeated = (r"\[ \frac{\partial J_{neg}}{\partial u_{w_s}} = \sum_{\substack{1 \le x \le K \\ w_x = w_s}} "
                r"\sigma(u_{w_x}^T v_c) v_c \]")
    report = judge(f"\\section{{Distinct}}\n{gradient}\n\\section{{Again}}\n{repeated}\n", kind="tex", repairs=False)
    assert [step.verdict for step in report.steps] == [PROVED, PROVED]


@pytest.mark.parametrize("prefix", ["", "% ", "%"])
def test_front_matter_in_latex(prefix: str) -> None:
    front = "".join(f"{prefix}{line}\n" for line in RIDGE.splitlines())
    report = judge(f"{front}{RIGHT}\n{WRONG}\n", kind="tex", repairs=False)
    assert report.setting == "front matter"
    assert [step.verdict for step in report.steps] == [PROVED, REFUTED]
    assert report.steps[0].line == len(RIDGE.splitlines()) + 1


def test_front_matter_with_windows_line_ends() -> None:
    report = judge((RIDGE + RIGHT).replace("\n", "\r\n"), kind="md", repairs=False)
    assert report.setting == "front matter" and report.steps[0].verdict == PROVED


def test_a_side_keeps_its_meaning_along_a_chain() -> None:
    chain = BY_ROWS.rstrip("$") + r" = v_c (\hat y - y)^T$$"
    report = judge(chain, kind="md", repairs=False)
    assert report.steps[-1].verdict == ILL_TYPED
