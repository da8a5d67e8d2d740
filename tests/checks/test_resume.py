"""A report that was stopped goes on where it was, and only there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checks import report, workers
from checks.documents import Given
from checks.journals import Journal, Page, journal_path

ROOT = Path(__file__).resolve().parents[2]
OBEY = "tests.checks.fake_judges:obey"
CALL = f"import sys; from checks import report; sys.exit(report.main(sys.argv[1:], judge={OBEY!r}))"
OUTPUT = Path("out")
JOURNAL = journal_path(OUTPUT)
ARGUMENTS = ("a.md", "b.md", "c.md", "d.md", "--output", "out", "--jobs", "2")


@pytest.fixture(autouse=True)
def documents(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, words in {"a": "told proved", "b": "told slow", "c": "told", "d": "unread"}.items():
        Path(f"{name}.md").write_text(words)


def start(*arguments: str, told: str) -> subprocess.Popen[str]:
    """The command with a judge that finds what it is told, so that one sees which run a verdict is from."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "GRADPROOF_TOLD": told}
    return subprocess.Popen([sys.executable, "-c", CALL, *ARGUMENTS, *arguments], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def stop(number: signal.Signals, *arguments: str) -> subprocess.Popen[str]:
    """A run that is stopped when all but the second document are judged."""
    process = start(*arguments, told="proved")
    for _ in range(300):
        if JOURNAL.exists() and JOURNAL.read_bytes().count(b"\n") == 4:
            break
        time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=20)
    return process


def run(*arguments: str, told: str) -> int:
    """A run to its end: the exit status."""
    with start(*arguments, told=told) as process:
        process.communicate(timeout=60)
    return process.returncode


def found() -> dict[str, list[str]]:
    """The verdicts in the report, by document."""
    documents = json.loads(OUTPUT.read_text())["documents"]
    return {document["path"]: [step["verdict"] for step in document["steps"]] for document in documents}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_what_was_finished_is_not_judged_again(number: signal.Signals) -> None:
    stopped = stop(number, "--format", "json")
    if number == signal.SIGKILL:
        assert not OUTPUT.exists()
    else:
        assert stopped.returncode == 128 + number and json.loads(OUTPUT.read_text())["complete"] is False
        assert found() == {"a.md": ["proved", "proved"], "c.md": ["proved"], "d.md": []}
    Path("b.md").write_text("told")
    assert run("--format", "json", "--resume", told="refuted") == 3
    assert list(found().items()) == [("a.md", ["proved", "proved"]), ("b.md", ["refuted"]), ("c.md", ["proved"]),
                                     ("d.md", [])]
    assert json.loads(OUTPUT.read_text())["complete"] is True and not JOURNAL.exists()


@pytest.mark.parametrize("format", ["json", "text"])
def test_a_resumed_report_is_that_of_one_run(format: str) -> None:
    stop(signal.SIGKILL, "--format", format)
    Path("b.md").write_text("told")
    assert run("--format", format, "--resume", told="proved") == 3
    resumed = OUTPUT.read_text()
    assert run("--format", format, told="proved") == 3
    assert untimed(OUTPUT.read_text()) == untimed(resumed)


def untimed(text: str) -> list[str]:
    """Without the last words of the summary, the seconds."""
    return [line.rpartition("; ")[0] or line if line.endswith(" s") else line for line in text.splitlines()]


def test_a_document_that_was_changed_is_judged_again() -> None:
    stop(signal.SIGKILL, "--format", "json")
    Path("a.md").write_text("told")
    Path("b.md").write_text("told")
    run("--format", "json", "--resume", told="refuted")
    assert found() == {"a.md": ["refuted"], "b.md": ["refuted"], "c.md": ["proved"], "d.md": []}


def test_a_document_is_judged_again_if_a_file_it_pulled_in_was_changed() -> None:
    Path("e.tex").write_text(r"\begin{document}\input{m} $\s(x) = \frac{1}{1 + e^{-x}}$\end{document}")
    Path("m.tex").write_text(r"\newcommand{\s}{\sigma}")
    given = Given("e.tex")
    (_, judged), = workers.judged([given])
    assert [step.verdict for step in judged.report.steps] == ["proved"]
    journal = Journal(OUTPUT, {}, resume=False)
    journal.begin(given)
    journal.add(given, judged.pulled, Page(lambda: "piece", judged.report.counts))
    journal.close(finished=False)
    again = Journal(OUTPUT, {}, resume=True)
    page = again.page(given)
    assert page is not None and page.piece() == "piece" and page.counts == {"proved": 1}
    Path("m.tex").write_text(r"\newcommand{\s}{\tanh}")
    assert again.page(given) is None
    again.close(finished=True)


def test_what_was_written_when_the_run_was_killed_is_judged_again() -> None:
    stop(signal.SIGKILL, "--format", "json")
    JOURNAL.write_bytes(JOURNAL.read_bytes()[:-5])
    lines = JOURNAL.read_text().splitlines()[1:-1]
    kept = {json.loads(line.partition(" ")[2])["path"] for line in lines}
    Path("b.md").write_text("told")
    run("--format", "json", "--resume", told="refuted")
    assert len(kept) == 2 and "b.md" not in kept
    assert {path for path, verdicts in found().items() if "refuted" in verdicts} == {"a.md", "b.md", "c.md"} - kept


def changed(journal: bytes) -> bytes:
    return journal.replace(b'"counts": {"proved"', b'"counts": {"Proved"', 1)


def without_a_line(journal: bytes) -> bytes:
    lines = journal.splitlines(keepends=True)
    return b"".join([*lines[:1], *lines[2:]])


@pytest.mark.parametrize(("damage", "said"), [
    (changed, "damage at byte"), (without_a_line, "damage at byte"), (lambda journal: b"", "no head"),
    (lambda journal: b"\x80\x05K\x01.\n" + journal, "damage at byte 0"),
    (lambda journal: journal + b"{}\n", "damage at byte"),
])
def test_a_damaged_journal_is_refused(capsys: pytest.CaptureFixture[str], damage: Callable[[bytes], bytes],
                                      said: str) -> None:
    stop(signal.SIGKILL)
    JOURNAL.write_bytes(damage(JOURNAL.read_bytes()))
    assert report.main([*ARGUMENTS, "--resume"], judge=OBEY) == 2
    complained = capsys.readouterr().err
    assert said in complained and "expected" in complained and "try it without --resume" in complained


def test_a_journal_of_other_settings_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    stop(signal.SIGKILL)
    for other in (("--format", "json"), ("--setting", "assignment1"), ("--step-seconds", "1"), ("--memory-mb", "512")):
        assert report.main([*ARGUMENTS, "--resume", *other], judge=OBEY) == 2
        assert "a report with other settings, or of another version" in capsys.readouterr().err


def test_resuming_nothing_is_a_run_from_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.md").write_text("proved")
    assert report.main(["b.md", "--output", "out", "--resume"], judge=OBEY) == 0
    assert "PASS" in capsys.readouterr().out and not JOURNAL.exists()


def test_resuming_without_an_output_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main(["b.md", "--resume"], judge=OBEY) == 2
    assert "--resume without --output" in capsys.readouterr().err
