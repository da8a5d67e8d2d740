"""Documents on the command line: what is found, judged, shown and returned. Most judges are stand-ins."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from checks import report
from checks.documents import find
from checks.json_output import STEP_KEYS

ROOT = Path(__file__).resolve().parents[2]
OBEY = "tests.checks.fake_judges:obey"
RIGHT = r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$"
WRONG = r"$$\sigma'(x) = \frac{e^{-x}}{(1 + e^{-x})^2} = \sigma(x)(1 + \sigma(x))$$"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


def written(**texts: str) -> list[str]:
    """Documents in the current folder, NAME.md each, in the order given."""
    for name, text in texts.items():
        Path(f"{name}.md").write_text(text)
    return [f"{name}.md" for name in texts]


def check(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0, judge: str = OBEY) -> str:
    found = report.main(arguments, judge=judge)
    printed = capsys.readouterr()
    assert found == status, printed
    return printed.out


def data(capsys: pytest.CaptureFixture[str], *arguments: str, **kwargs: Any) -> list[dict[str, Any]]:
    found = json.loads(check(capsys, "--format", "json", *arguments, **kwargs))
    assert list(found) == ["schema", "exercises", "compiled", "training", "documents", "passed", "complete"]
    assert found["passed"] is (kwargs.get("status", 0) == 0) and found["complete"] is True
    documents: list[dict[str, Any]] = found["documents"]
    return documents


def verdicts(document: dict[str, Any]) -> list[str]:
    return [step["verdict"] for step in document["steps"]]


# --- exit status ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "status", "strict"), [
    ("proved definition", 0, 0), ("proved undecided", 0, 1), ("unreadable", 0, 1), ("refuted proved", 1, 1),
    ("ill-typed", 1, 1), ("", 0, 0), ("unread", 3, 3),
])
def test_the_status_says_what_was_found(capsys: pytest.CaptureFixture[str], words: str, status: int,
                                        strict: int) -> None:
    name = written(a=words)
    last = check(capsys, *name, status=status).splitlines()[-1]
    assert last.startswith({0: "PASS" if strict == 0 else "OPEN"}.get(status, "FAIL"))
    check(capsys, *name, "--strict", status=strict)


def test_a_file_that_cannot_be_read_weighs_more_than_a_wrong_step(capsys: pytest.CaptureFixture[str]) -> None:
    shown = check(capsys, *written(a="refuted", b="unread", c="proved"), status=3)
    assert shown.index("a.md: 0 of 1") < shown.index("b.md: not read") < shown.index("c.md: 1 of 1 steps proved")
    assert "FAIL  3 documents; 1 not read; 1 proved, 1 refuted" in shown


@pytest.mark.parametrize(("arguments", "said"), [
    (("--setting", "asignment1", "a.md"), "try assignment1"), (("--jobs", "0", "a.md"), "whole number from 1"),
    (("--step-seconds", "-1", "a.md"), "above 0"), (("--only", "softmax", "a.md"), "beside documents"),
    (("--strict",), "without documents"), (("--as", "pdf", "a.md"), "invalid choice: 'pdf'"),
])
def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    try:
        status = report.main(arguments, judge=OBEY)
    except SystemExit as leaving:
        status = int(leaving.code or 0)
    assert status == 2 and said in capsys.readouterr().err


# --- what is found ----------------------------------------------------------------------------------------------------


def test_folders_give_their_documents_sorted_and_hide_the_hidden(tmp_path: Path) -> None:
    for name in ("b.md", "a.TEX", "c.py", ".hidden.md", "in/d.ipynb", "in/e.markdown", ".git/f.md", "g.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert [given.path for given in find(["."])] == ["./a.TEX", "./b.md", "./g.txt", "./in/d.ipynb", "./in/e.markdown"]


@pytest.mark.parametrize(("name", "said"), [("none.md", "no such file"), ("empty", "no document inside")])
def test_what_is_not_there_is_said_and_the_rest_is_judged(capsys: pytest.CaptureFixture[str], name: str,
                                                          said: str) -> None:
    Path("empty").mkdir()
    shown = " ".join(check(capsys, name, *written(a="proved"), status=3).split())
    assert said in shown and "expected" in shown and "; try " in shown and "1 of 1 steps proved" in shown


def test_what_would_never_end_is_not_even_opened() -> None:
    Path("large.md").touch()
    os.truncate("large.md", 1 << 40)
    os.mkfifo("pipe.md")
    problems = [given.problem for given in find(["pipe.md", "large.md", "."])]
    assert ["no regular file" in problem for problem in problems] == [True, False, False, True]
    assert ["1099511627776 bytes" in problem for problem in problems] == [False, True, True, False]


def test_standard_input_is_read_as_what_it_is_said_to_be(capsys: pytest.CaptureFixture[str],
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    class Standard:
        buffer = io.BytesIO(b"proved refuted")

    monkeypatch.setattr(sys, "stdin", Standard)
    document, = data(capsys, "-", "--as", "md", "--setting", "assignment2", status=1)
    assert document["path"] == "-" and document["setting"] == "assignment2"
    assert verdicts(document) == ["proved", "refuted"]


# --- workers ----------------------------------------------------------------------------------------------------------


def test_a_step_that_never_ends_costs_itself_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    names = written(a="proved refuted proved slow proved ill-typed proved", b="proved")
    slow, other = data(capsys, *names, "--step-seconds", "0.4", "--document-seconds", "8", status=1)
    assert verdicts(slow) == ["proved", "refuted", "proved", "undecided", "proved", "ill-typed", "proved"]
    assert slow["steps"][3]["reason"] == "time ran out: more than 0.4 s for this step"
    assert slow["steps"][3]["left"] == "a_3" and slow["findings"][0] == "seen"
    assert "1 step without a verdict: time ran out" in slow["findings"][1]
    assert verdicts(other) == ["proved"]


def test_a_document_has_a_limit_and_what_was_reached_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    started = monotonic()
    document, = data(capsys, *written(a="refuted slow slow slow slow slow slow slow"), "--step-seconds", "0.4",
                     "--document-seconds", "2", status=1)
    assert monotonic() - started < 8
    assert verdicts(document) == ["refuted", *["undecided"] * 7]
    assert document["steps"][-1]["reason"] == "time ran out: more than 2 s for the document"


def test_a_document_that_cannot_be_read_in_time_is_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    endless, other = data(capsys, *written(a="endless", b="proved"), "--document-seconds", "0.6", status=3)
    assert endless["steps"] == [] and "more than 0.6 s for the document" in endless["findings"][0]
    assert verdicts(other) == ["proved"]


@pytest.mark.parametrize(("word", "said"), [("raise", "ValueError: a fault of ours (fake_judges.py:"),
                                            ("die", "the worker ended with status 7")])
def test_a_crash_is_one_clear_line_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str], word: str,
                                                        said: str) -> None:
    broken, other = data(capsys, *written(a=f"proved {word} refuted", b="proved"), status=1)
    assert verdicts(broken) == ["proved", "undecided", "refuted"] and verdicts(other) == ["proved"]
    reason = broken["steps"][1]["reason"]
    assert reason.startswith("internal error, please report it: ") and said in reason
    assert broken["findings"] == ["seen", f"1 step without a verdict: {reason}"]


def test_the_order_is_that_of_the_arguments_however_many_work(capsys: pytest.CaptureFixture[str]) -> None:
    names = written(**{f"d{at}": "pause pause" if at % 3 == 0 else "proved" for at in range(8)})
    one, four = (check(capsys, *names, "--jobs", jobs, "--format", "json") for jobs in ("1", "4"))
    assert one == four and [d["path"] for d in json.loads(one)["documents"]] == names


# --- what is shown ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 60, 100, 140])
def test_no_line_is_longer_than_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
                                             width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = check(capsys, *written(a="proved refuted ill-typed undecided unreadable definition"), status=1)
    assert max(map(len, shown.splitlines())) <= width
    for verdict in ("proved", "refuted", "ill-typed", "undecided", "unreadable", "definition"):
        assert [line for line in shown.splitlines() if line.endswith(f" {verdict}")], verdict
    together = " ".join(shown.split())
    for said in ("convention: rows: words", "finding: seen", "setting: fake", "after an earlier error: as told",
                 "1 proved, 1 refuted, 1 ill-typed, 1 undecided, 1 unreadable, 1 definition"):
        assert said in together


def test_each_verdict_has_a_mark_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    words = "proved refuted ill-typed undecided unreadable definition"
    marks = {line[:4] for line in check(capsys, *written(a=words), status=1).splitlines() if ":1  " in line}
    assert marks == {"   ✓", "   ✗", "   !", "   ?", "   ~", "  :="}


def test_output_goes_to_the_file_and_the_summary_to_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main([*written(a="refuted", b="unread"), "--output", "out.txt"], judge=OBEY) == 3
    printed, file = capsys.readouterr(), Path("out.txt").read_text()
    assert "a_0 = b" in file and "a_0" not in printed.out and "FAIL" in printed.out and "FAIL" in file
    assert printed.err == "checks.report: no words\n"
    check(capsys, "a.md", "--output", "out.json", "--format", "json", status=1)
    assert verdicts(json.loads(Path("out.json").read_text())["documents"][0]) == ["refuted"]


# --- with the judge of the product ------------------------------------------------------------------------------------


def test_real_documents_in_any_encoding(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_bytes(b"na\xefve \xc3\xa9 " + RIGHT.encode())
    Path("b.txt").write_bytes(("\ufeff" + WRONG).encode("utf-16"))
    Path("c.md").write_bytes(b"\x7fELF\0\0\0\1")
    found = data(capsys, "a.md", "b.txt", "c.md", status=3, judge="")
    assert [verdicts(document) for document in found] == [["proved"], ["proved", "refuted"], []]
    assert found[2]["findings"] == ["could not be read: c.md:1:5: found a zero byte, expected text; is it binary?"]
    assert {tuple(document) for document in found} == {
        ("path", "setting", "conventions", "steps", "findings", "counts")}
    for step in (step for document in found for step in document["steps"]):
        assert tuple(step) == STEP_KEYS
    wrong = found[1]["steps"][1]
    assert wrong["first_error"] is True and wrong["relation"] == "=" and wrong["right"] == r"\sigma(x)(1 + \sigma(x))"
    assert wrong["counterexample"]["values"] == {"x": "0"} and r"\boxed" in wrong["repair"]["marked"]
    assert found[1]["counts"] == {"proved": 1, "refuted": 1}


def test_the_command_says_what_is_wrong_and_what_it_should_be() -> None:
    found = run("-", "--as", "md", standard=WRONG, LC_ALL="C", COLUMNS="60")
    assert found.returncode == 1 and found.stderr == "" and found.stdout.isascii() and "\x1b" not in found.stdout
    for said in ("  NO 1:16", "left = 1/4, right = 3/4", "repair, proved: sign flipped", "FAIL  1 proved, 1 refuted"):
        assert said in found.stdout


def test_nothing_depends_on_hashing() -> None:
    outputs = {run("-", "--as", "md", "--format", "json", standard=WRONG, PYTHONHASHSEED=seed).stdout
               for seed in ("1", "2")}
    assert len({json.dumps(timeless(json.loads(output))) for output in outputs}) == 1


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(inner) for key, inner in value.items() if key != "seconds"}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


def run(*arguments: str, standard: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.run([sys.executable, "-m", "checks.report", *arguments], input=standard, cwd=ROOT,
                          env=kept | environment, capture_output=True, text=True, check=False, timeout=120)
