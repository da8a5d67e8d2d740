"""No document forges a score: its own, by what it writes or assumes, or that of another document."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from checks import report

RIGHT = r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$"
WRONG = r"$$\sigma(x) = \frac{1}{1 - e^{-x}}$$"
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def judged(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    status = report.main(["--format", "json", *arguments])
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["documents"]
    return status, found


def verdicts(document: dict[str, Any]) -> list[str]:
    return [step["verdict"] for step in document["steps"]]


def with_front_matter(text: str, *lines: str) -> str:
    return "---\n" + "\n".join(lines) + f"\n---\n{text}\n"


# --- what is printed --------------------------------------------------------------------------------------------------

NAMES = ("\x1b[2J\x1b[1;32mPASS.md", 'a", "verdict": "proved.md', "a\nPASS  9 proved.md", "\u202egnp.md", "\udcff.md",
         "a\r\x1b]0;title\x07.md", "<script>&amp;.md", "\u2028.md")
TEXTS = (
    "$$\x1b[2J\x1b[32m a = \x1b]0;PASS\x07 b$$",
    r'$$\text{", "verdict": "proved"}, {"} = 1$$',
    f"PASS  9 proved\n\n{WRONG}",
    "$$\u202e a = b \u2066$$",
    f"# \x1b[1A\x1b[2K 1 (a)\n\n{WRONG}",
    "$$a = \\frac{\x1b[8m$$",
    "\\begin{align} a &= b \\\\\nPASS 9 proved \\\\ \x9b2J &= c \\end{align}",
    with_front_matter(WRONG, "setting: \x1b[2J", "\x1b[1A: \x07"),
)


@pytest.mark.parametrize("verbose", [(), ("--verbose",)])
def test_no_name_and_no_text_steers_the_terminal_or_looks_like_a_verdict(capsys: pytest.CaptureFixture[str],
                                                                         verbose: tuple[str, ...]) -> None:
    for name, text in zip(NAMES, TEXTS, strict=True):
        Path(os.fsdecode(name.encode("utf-8", "surrogateescape"))).write_text(f"{text}\n\n{WRONG}\n")
    report.main([".", *verbose])
    printed = capsys.readouterr()
    assert not STEERING.search(printed.out) and not STEERING.search(printed.err)
    lines = [line for line in printed.out.splitlines() if line.startswith(("PASS", "FAIL", "OPEN"))]
    assert len(lines) == 1 and lines[0].startswith(f"FAIL  {len(NAMES)} documents")


def test_json_says_what_is_in_names_and_texts_and_nothing_more(capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in zip(NAMES, TEXTS, strict=True):
        Path(os.fsdecode(name.encode("utf-8", "surrogateescape"))).write_text(f"{text}\n\n{WRONG}\n")
    status, found = judged(capsys, ".")
    assert status == 1 and {document["path"] for document in found} == {f"./{name}" for name in NAMES}
    assert all("refuted" in verdicts(document) for document in found)
    assert not any("proved" in verdicts(document) for document in found)


# --- what is assumed --------------------------------------------------------------------------------------------------

SCALARS = ("scalars:", "  a:", "  b:")
CONTRADICTIONS = (
    ("  - a = a + 1",), ("  - 1 = 2",), ("  - a = 1", "  - a = 2"), ("  - a > 0", "  - a < 0"),
    ("  - a = b", "  - a = b + 1"), ("  - a > 0", "  - a = -1"), ("  - a = 1", "  - b = 2", "  - a = b"),
    ("  - a = b + 1", "  - b = a + 1"),
    ("  - a^2 = -1",), ("  - e^a = 0",), ("  - a = \\log(0)",), ("  - a = 1/0",), ("  - a \\ne a",),
)


@pytest.mark.parametrize("assumed", CONTRADICTIONS, ids=" ".join)
def test_from_contradictions_nothing_follows(capsys: pytest.CaptureFixture[str], assumed: tuple[str, ...]) -> None:
    text = "$$a = a + 1$$\n\n$$a = 7 b$$\n\n$$1 = 2$$\n\n$$a = b$$"
    Path("a.md").write_text(with_front_matter(text, *SCALARS, "hypotheses:", *assumed))
    _, (document,) = judged(capsys, "a.md")
    # One that assumes `a = b` among others may have `a = b`, and says so; nothing else may follow.
    claims = {step["left"] + step["right"] for step in document["steps"] if step["verdict"] == "proved"}
    assert claims <= ({"ab"} if "  - a = b" in assumed else set()), document


def test_what_the_front_matter_assumes_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(with_front_matter("$$a = b^2$$", *SCALARS, "hypotheses:", "  - a = b^2"))
    _, (document,) = judged(capsys, "a.md")
    assert document["findings"][0] == "the front matter assumes, and nobody proved: a == b**2"
    _, (document,) = judged(capsys, "a.md", "--no-front-matter")
    assert "proved" not in verdicts(document) and document["setting"] != "front matter"
    assert not any("assumes" in finding for finding in document["findings"])


@pytest.mark.parametrize("name", ["exp", "sigma", "log", "tanh"])
def test_a_function_with_another_meaning_is_said(capsys: pytest.CaptureFixture[str], name: str) -> None:
    Path("a.md").write_text(with_front_matter(f"$$\\{name}(a) = a$$", *SCALARS, "functions:", f"  \\{name}(x): x"))
    _, (document,) = judged(capsys, "a.md")
    assert f"the front matter gives a meaning of its own to {name}" in document["findings"]
    _, (document,) = judged(capsys, "a.md", "--no-front-matter")
    assert "proved" not in verdicts(document)


# --- what others hand in ----------------------------------------------------------------------------------------------


def test_no_document_changes_what_is_said_of_another(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(with_front_matter(r"$$\sigma(a) = a$$", *SCALARS, "functions:", r"  \sigma(x): x"))
    Path("b.tex").write_text(r"\renewcommand{\frac}[2]{1}\def\sigma{1}\newcommand{\sigma}{1}$$\sigma = 1$$")
    Path("c.md").write_text(RIGHT + "\n\n" + WRONG)
    Path("d.md").write_text(with_front_matter("$$1 = 2$$", *SCALARS, "hypotheses:", "  - 1 = 2", "setting: none"))
    _, (alone,) = judged(capsys, "c.md")
    for order in ("abcd", "dcba", "ccab"):
        _, found = judged(capsys, *(f"{name}.tex" if name == "b" else f"{name}.md" for name in order), "--jobs", "1")
        for document in found:
            if document["path"] == "c.md":
                assert untimed(document) == untimed(alone)


def untimed(document: dict[str, Any]) -> dict[str, Any]:
    steps = [{key: value for key, value in step.items() if key != "seconds"} for step in document["steps"]]
    return document | {"steps": steps}
