"""Limits on time and memory, crashes and signals: what they cost, and that nothing else is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from checks import report
from checks.courses import LEFT_OUT, Attempt, Course, Limits
from checks.journals import journal_path
from checks.messages import Begun, Finished, Item, Outline, Reached
from derive.reading.reports import DocumentReport, StepReport
from derive.verdicts import PROVED, UNDECIDED

ROOT = Path(__file__).resolve().parents[2]
OBEY = "tests.checks.fake_judges:obey"
CALL = f"import sys; from checks import report; sys.exit(report.main(sys.argv[1:], judge={OBEY!r}))"


def step(at: int, verdict: str = UNDECIDED, **more: Any) -> StepReport:
    return StepReport(at, 1, at, 9, "", f"a_{at}", "b", "=", verdict, **more)


def course(count: int = 3, **limits: float) -> Course:
    """A course whose document was read and has so many steps, judging the first."""
    found = Course("a.md", Limits(**limits))  # type: ignore[arg-type]
    found.next()
    found.told(Outline(tuple(Item(str(at), at, step(at)) for at in range(count))))
    found.told(Begun("0"))
    return found


def judged(capsys: pytest.CaptureFixture[str], folder: Path, words: str, *options: str) -> dict[str, Any]:
    (folder / "a.md").write_text(words)
    report.main([str(folder / "a.md"), "--format", "json", *options], judge=OBEY)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)["documents"][0]
    return document


# --- one document -----------------------------------------------------------------------------------------------------


def test_a_step_that_was_reached_keeps_its_verdict_when_work_after_it_is_late() -> None:
    slow = course()
    slow.told(Reached("0", step(0, "refuted")), 1.0)
    assert slow.left_within(6.5) == -0.5
    slow.stopped(6.5, slow.late())
    assert slow.next() == Attempt(frozenset({"0"}), frozenset())
    slow.told(Finished(DocumentReport("a.md", "s", steps=(step(0, reason=LEFT_OUT), step(1, PROVED)))))
    assert [s.verdict for s in slow.result().report.steps] == ["refuted", PROVED]


def test_a_proof_that_needs_a_convention_is_none_before_the_document_was_judged_to_its_end() -> None:
    slow = course(document=2)
    slow.told(Reached("0", step(0, PROVED, conventions=("word vectors: columns",), holds_for="every size")), 1.0)
    slow.told(Begun("1"), 1.0)
    slow.told(Reached("1", step(1, PROVED)), 1.5)
    slow.stopped(2.5, slow.late())
    assert slow.next() is None
    first, second, third = slow.result().report.steps
    assert first.verdict == UNDECIDED and "held against" in first.reason and not first.holds_for
    assert second.verdict == PROVED
    assert third.verdict == UNDECIDED and third.reason == "time ran out: more than 2 s for the document"


def test_a_step_has_its_limit_and_all_together_theirs() -> None:
    slow = course(step=5, document=7)
    assert slow.left_within(2) == 3
    slow.told(Begun("1"), 4.0)
    assert slow.left_within(4) == 3  # of the document's


def test_after_most_of_the_time_nothing_more_is_begun_but_all_is_held_together(
        capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = judged(capsys, tmp_path, "pause " * 12, "--document-seconds", "2")
    verdicts = [each["verdict"] for each in found["steps"]]
    assert 3 <= verdicts.count("proved") < 12 and verdicts == sorted(verdicts)
    assert found["setting"] == "fake" and found["findings"][0] == "seen"  # from the judge, which was not killed
    assert found["steps"][-1]["reason"] == "time ran out: more than 2 s for the document"


@pytest.mark.parametrize(("words", "verdicts"), [
    ("proved after refuted", "proved proved refuted"), ("proved before refuted", "proved undecided refuted"),
    ("before refuted", "undecided refuted"),
    ("proved before slow after refuted", "proved undecided undecided proved refuted"),
    ("proved refuted\n\n", "proved refuted"),
])
def test_work_around_a_step_that_never_ends_costs_no_other(capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                                           words: str, verdicts: str) -> None:
    found = judged(capsys, tmp_path, words, "--step-seconds", "0.4")
    assert [each["verdict"] for each in found["steps"]] == verdicts.split()
    assert {each["reason"] for each in found["steps"] if each["verdict"] == "undecided"} <= {
        "time ran out: more than 0.4 s for this step"}


def test_a_step_that_takes_all_memory_costs_itself(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    found = judged(capsys, tmp_path, "proved hog refuted", "--memory-mb", "256")
    assert [each["verdict"] for each in found["steps"]] == ["proved", "undecided", "refuted"]
    assert found["steps"][1]["reason"] == "memory ran out: more than 256 MB"


@pytest.mark.parametrize("wrong", ["0", "255", "much", "-1", "9999999"])
def test_a_memory_limit_that_makes_no_sense_is_wrong_usage(capsys: pytest.CaptureFixture[str], wrong: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        report.main(["a.md", "--memory-mb", wrong])
    assert "at least 256" in capsys.readouterr().err


def test_a_worker_may_not_write(capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = judged(capsys, tmp_path, "proved write refuted")
    assert [each["verdict"] for each in found["steps"]] == ["proved", "undecided", "refuted"]
    assert found["steps"][1]["reason"].endswith("what no document may do: write to written.txt")
    assert not (tmp_path / "written.txt").exists()


# --- signals ----------------------------------------------------------------------------------------------------------


def begun(folder: Path, *options: str) -> subprocess.Popen[str]:
    """The command on four documents, the second of which never ends, once the others are judged."""
    for name in "acd":
        (folder / f"{name}.md").write_text("proved")
    (folder / "b.md").write_text("proved slow")
    output = folder / "out"
    process = subprocess.Popen([sys.executable, "-c", CALL, str(folder), "--output", str(output), "--jobs", "2",
                                "--step-seconds", "60", *options], cwd=ROOT, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, start_new_session=True)
    for _ in range(600):
        if journal_path(output).exists() and journal_path(output).read_bytes().count(b"\n") == 4:
            return process
        time.sleep(0.05)
    raise AssertionError("the other documents were never judged")


def expect_nothing_left(process: subprocess.Popen[str]) -> None:
    """Workers and the server that forks them end with the command, or a moment later."""
    for _ in range(100):
        if not session_of(process):
            return
        time.sleep(0.1)
    raise AssertionError(f"a process lives on: {session_of(process)}")


def session_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that a command left behind; its session has its number."""
    return [pid for pid, session, state in _processes() if session == process.pid and state not in "ZX"]


def _processes() -> Iterator[tuple[int, int, str]]:
    """Number, session and state of every process; not every machine has a `ps`."""
    if not Path("/proc/self/stat").exists():
        listed = subprocess.run(["ps", "-eo", "pid,sess,stat"], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in listed.splitlines()[1:]]
        yield from ((int(pid), int(session), state[0]) for pid, session, state in rows)
        return
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = stat.read_text().rpartition(")")[2].split()
            yield int(stat.parent.name), int(fields[3]), fields[0]


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_valid_json_of_what_was_finished(tmp_path: Path, number: signal.Signals, status: int) -> None:
    process = begun(tmp_path, "--format", "json")
    os.killpg(process.pid, number)  # as a terminal does: to the workers as well
    printed, complained = process.communicate(timeout=20)
    assert process.returncode == status and complained == "" and "with --resume goes on" in " ".join(printed.split())
    found = json.loads((tmp_path / "out").read_text())
    assert [Path(document["path"]).name for document in found["documents"]] == ["a.md", "c.md", "d.md"]
    assert found["complete"] is False and found["passed"] is False
    expect_nothing_left(process)


def test_a_signal_leaves_a_text_that_says_so(tmp_path: Path) -> None:
    process = begun(tmp_path)
    process.terminate()
    printed, complained = process.communicate(timeout=20)
    assert process.returncode == 143 and complained == ""
    said = "OPEN  3 documents; stopped early: 1 not judged; 3 proved"
    assert said in printed and (tmp_path / "out").read_text().splitlines()[-1].startswith(said)
    expect_nothing_left(process)


@pytest.mark.parametrize("format", ["json", "text"])
def test_what_was_printed_before_a_signal_is_finished_after_it(tmp_path: Path, format: str) -> None:
    (tmp_path / "a.md").write_text("proved refuted")
    (tmp_path / "b.md").write_text("slow")
    process = subprocess.Popen([sys.executable, "-u", "-c", CALL, str(tmp_path), "--format", format, "--jobs", "1"],
                               cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    printed = ""
    with process:
        assert process.stdout is not None
        while "a_1" not in printed:
            printed += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        printed += process.stdout.read()
    assert process.returncode == 130
    if format == "json":
        found = json.loads(printed)
        assert len(found["documents"]) == 1 and found["complete"] is False
    else:
        assert "\nFAIL  stopped early: 1 not judged; 1 proved, 1 refuted; " in printed


def test_workers_end_when_the_command_is_killed(tmp_path: Path) -> None:
    process = begun(tmp_path)
    assert len(session_of(process)) > 1
    process.kill()
    process.communicate(timeout=20)
    expect_nothing_left(process)
