"""The command: what it prints, writes, refuses and returns. The catalogue and the training are stand-ins."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks import __version__, report
from checks.running import Neighbours, Parts, StepCheck, Training, Watch
from derive.claims import Claim, sums_to_one
from derive.components import Axis
from derive.errors import GradproofError, InternalDisagreement
from derive.exercises.exercise import Exercise, clashes, fails, holds
from derive.kernel import Theorem
from derive.prover import decide
from derive.terms import softmax, tensor, total
from derive.verdicts import PROVED, REFUTED, Verdict

ROOT = Path(__file__).resolve().parents[2]
n, m = Axis("n"), Axis("m")
x, z = tensor("x", n), tensor("z", m)

SUMS = holds("softmax/sums-to-one", "the entries sum to 1", lambda: total(softmax(x)) == 1, "seed 001", "A1 2(a)")
WRONG = fails("softmax/error-two", "the entries sum to 2", lambda: total(softmax(x)) == 2, "seed 002",
              right="softmax/sums-to-one")
CLASH = clashes("network/error-axes", "x = z", lambda: x == z, "seed 003", right="softmax/sums-to-one")
TRAINED = Training("skip-gram", "a text", 1000, 50, 2.0, 500.0, (3.0, 2.0, 1.5), (Neighbours("cat", (("dog", 0.9),)),))
AGREES = StepCheck("softmax/sums-to-one", True, 2e-9, 0.01, "n = 2, 3")


def parts(*exercises: Exercise, steps: Iterable[StepCheck] = (AGREES,), run: Training = TRAINED,
          decided: Callable[[Claim], Verdict] = decide) -> Parts:
    def train(watch: Watch) -> Training:
        watch(0.5, "half")
        return run

    return Parts(lambda: exercises or (SUMS, WRONG, CLASH), decided, lambda proved, begin: steps, train)


def check(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0, given: Parts | None = None) -> str:
    """What the command prints for these arguments; its status must be as said, and nothing may go to stderr on 0."""
    found = report.main(arguments, given or parts())
    printed = capsys.readouterr()
    assert found == status, printed
    assert status == 2 or printed.err == ""
    return printed.out


def data(capsys: pytest.CaptureFixture[str], *arguments: str, **kwargs: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(check(capsys, "--format", "json", *arguments, **kwargs))
    return found


def test_a_pass_shows_every_part_and_ends_with_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    shown = check(capsys)
    for expected in ("softmax: 1 of 1 proved", "the entries sum to 1", "known errors: 2 of 2 refused",
                     "softmax/error-two", "refuted", "left = 1, right = 2", "ill-typed", "(n)", "(m)",
                     "instead: softmax/sums-to-one", "1 of 1 agree", "2.0e-09", "loss fell", "3.000, 2.000, 1.500",
                     "500 words/s", "dog 0.90"):
        assert expected in shown
    assert " ".join(shown.split()).rpartition("PASS ")[2].startswith(
        "1 of 1 claims proved; 2 of 2 known errors refused; 1 of 1 compiled steps agree; loss from 3.00 to 1.50; ")


@pytest.mark.parametrize(("broken", "named"), [
    (parts(replace(SUMS, expected=REFUTED)), "softmax/sums-to-one"),
    (parts(SUMS, replace(WRONG, expected=PROVED)), "softmax/error-two"),
    (parts(SUMS, replace(WRONG, right="softmax/no-such")), "softmax/error-two"),
    (parts(SUMS, replace(WRONG, right="network/error-axes"), CLASH), "softmax/error-two"),
    (parts(steps=(replace(AGREES, passed=False, difference=0.3),)), "compiled step softmax/sums-to-one"),
    (parts(run=replace(TRAINED, losses=(1.0, 1.0))), "training"),
    (parts(run=replace(TRAINED, losses=(1.0, float("nan")))), "training"),
    (parts(run=replace(TRAINED, losses=(1.0,))), "training"),
    (parts(run=replace(TRAINED, problem="no text")), "training"),
    (parts(decided=lambda claim: Verdict("undecided", "time ran out")), "softmax/sums-to-one"),
    (parts(decided=lambda claim: Verdict(PROVED, "trust me")), "softmax/sums-to-one"),
    (parts(WRONG, SUMS, decided=lambda claim: Verdict(REFUTED, "no numbers")), "softmax/error-two"),
])
def test_one_expectation_that_does_not_hold_fails_the_report(capsys: pytest.CaptureFixture[str], broken: Parts,
                                                             named: str) -> None:
    shown = check(capsys, status=1, given=broken)
    assert f"not as expected: {named}" in shown
    assert "\nFAIL" in shown and "PASS" not in shown
    assert data(capsys, status=1, given=broken)["passed"] is False


def test_a_theorem_of_another_claim_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    other = decide(total(softmax(z)) == 1)
    shown = check(capsys, "--only", "sums-to-one", status=1, given=parts(decided=lambda claim: other))
    assert "the theorem says something else" in shown


def test_a_theorem_under_another_hypothesis_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    y, w = tensor("y", n), tensor("w", n)
    ours = total(y) * x == x
    other = decide((total(y) * x == x).given(sums_to_one(y), sums_to_one(w)))
    assert other.kind == PROVED
    claim = holds("softmax/scaled", "(sum y) x = x", lambda: ours.given(sums_to_one(y)))
    check(capsys, given=parts(claim))
    assert "the theorem says something else" in check(capsys, status=1, given=parts(claim, decided=lambda _: other))


def test_a_forged_theorem_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    forged = object.__new__(Theorem)
    for name, value in (("claim", WRONG.build()), ("rule", "by_normal_form"), ("inputs", ()),
                        ("side_conditions", ())):
        object.__setattr__(forged, name, value)
    pretended = parts(replace(WRONG, expected=PROVED, right=None),
                      decided=lambda claim: Verdict(PROVED, "", forged))
    shown = check(capsys, status=1, given=pretended)
    assert "the theorem does not stand up to recheck" in " ".join(shown.split())


def test_a_disagreement_is_an_internal_error_and_never_a_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    def disagree(claim: Claim) -> Verdict:
        raise InternalDisagreement("both")

    broken = parts(decided=disagree)
    shown = check(capsys, status=70, given=broken)
    assert "internal error, please report it: two ways to a verdict disagree: both" in " ".join(shown.split())
    verdicts = [e["verdict"] for e in data(capsys, status=70, given=broken)["exercises"]]
    assert verdicts == [None, None, "ill-typed"]


def test_json_has_exactly_the_promised_keys(capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys)
    assert list(found) == ["schema", "exercises", "compiled", "training", "documents", "passed"]
    assert found["passed"] is True
    right, wrong, clash = found["exercises"]
    for exercise in found["exercises"]:
        assert list(exercise) == ["id", "topic", "statement", "sources", "expected", "verdict", "hypotheses",
                                  "counterexample", "second_opinion", "seconds"]
    assert (right["id"], right["topic"]) == ("softmax/sums-to-one", "softmax")
    assert right["sources"] == ["seed 001", "A1 2(a)"]
    assert right["verdict"] == right["expected"] == "proved" and right["counterexample"] is None
    assert wrong["counterexample"]["left"] == "1" and wrong["counterexample"]["right"] == "2"
    assert wrong["counterexample"]["sizes"].keys() == {"n"}
    assert clash["verdict"] == "ill-typed"
    assert found["training"]["losses"] == [3.0, 2.0, 1.5] and found["training"]["neighbours"] == {"cat": {"dog": 0.9}}


@pytest.mark.parametrize("width", ["60", "140"])
def test_hypotheses_are_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    y = tensor("y", n)
    scaled = holds("softmax/scaled", "(sum y) x = x", lambda: (total(y) * x == x).given(sums_to_one(y)))
    monkeypatch.setenv("COLUMNS", width)
    assert "given total(y) == 1" in check(capsys, given=parts(scaled))
    assert data(capsys, given=parts(scaled))["exercises"][0]["hypotheses"] == ["total(y) == 1"]


def test_json_stays_json_when_a_loss_is_not_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    found = data(capsys, status=1, given=parts(run=replace(TRAINED, losses=(1.0, float("nan")))))
    assert found["training"]["losses"] == [1.0, None]


def test_without_training_nothing_is_trained(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(watch: Watch) -> Training:
        raise AssertionError("trained")

    untrained = replace(parts(), train=refuse)
    assert "training" not in check(capsys, "--no-train", given=untrained)
    assert data(capsys, "--no-train", given=untrained)["training"] is None
    assert data(capsys, "--only", "softmax", given=untrained)["training"] is None


@pytest.mark.parametrize(("only", "ids"), [
    (["softmax"], ["softmax/sums-to-one", "softmax/error-two"]),
    (["network/error-axes"], ["network/error-axes"]),
    (["error-axes"], ["network/error-axes"]),
    (["error-axes", "sums-to-one"], ["softmax/sums-to-one", "network/error-axes"]),
])
def test_only(capsys: pytest.CaptureFixture[str], only: list[str], ids: list[str]) -> None:
    arguments = [part for name in only for part in ("--only", name)]
    assert [e["id"] for e in data(capsys, *arguments)["exercises"]] == ids


@pytest.mark.parametrize(("wrong", "said"), [
    (["--only", "sofmax"], "--only sofmax; expected a topic (softmax, network) or the name of a claim; try softmax"),
    (["--only", "qqqq"], "try python -m checks.report --no-train, which lists every name"),
    (["--format", "xml"], "invalid choice: 'xml'"),
    (["--verb"], "unrecognized arguments: --verb"),
    (["--output", "/nowhere/at/all/report.txt"], "there is no folder /nowhere/at/all"),
    (["--output", "/"], "is a folder; expected a file"),
])
def test_wrong_usage_is_status_2_and_says_what_to_do(capsys: pytest.CaptureFixture[str], wrong: list[str],
                                                     said: str) -> None:
    try:
        status = report.main(wrong, parts())
    except SystemExit as leaving:
        status = leaving.code  # type: ignore[assignment]
    printed = capsys.readouterr()
    assert status == 2
    assert said in printed.err and "Traceback" not in printed.err and printed.out == ""


def test_an_interruption_is_one_line_and_status_130(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(claim: Claim) -> Verdict:
        raise KeyboardInterrupt

    assert report.main([], parts(decided=interrupt)) == 130
    assert capsys.readouterr().err == "checks.report: interrupted: the report is not complete\n"


def test_a_defect_of_ours_is_one_line_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(watch: Watch) -> Training:
        raise ZeroDivisionError("oh")

    assert report.main([], replace(parts(), train=fail)) == 1
    error = capsys.readouterr().err
    assert error.startswith("checks.report: internal error, please report it: ZeroDivisionError: oh (test_report.py:")
    assert error.count("\n") == 1


def test_a_training_that_cannot_be_made_says_why_and_fails_alone(capsys: pytest.CaptureFixture[str]) -> None:
    def fail(watch: Watch) -> Training:
        raise GradproofError("an empty corpus", "words", "another file")

    shown = check(capsys, status=1, given=replace(parts(), train=fail))
    assert "an empty corpus; expected words; try another file" in shown
    assert "not as expected: training" in shown and "1 of 1 claims proved" in shown


# --- files ------------------------------------------------------------------------------------------------------------


def test_output_writes_the_report_and_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("before")
    path.chmod(0o640)
    shown = check(capsys, "--output", str(path))
    assert "PASS" in shown and f"written to {path}" in " ".join(shown.split()).replace("\n", "")
    written = path.read_text(encoding="utf-8")
    assert "the entries sum to 1" in written and "PASS" in written and "\x1b" not in written
    assert not [line for line in written.splitlines() if line != line.rstrip() or len(line) > 100]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["report.txt"]


def test_output_of_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    check(capsys, "--format", "json", "--output", str(tmp_path / "report.json"))
    assert json.loads((tmp_path / "report.json").read_text())["passed"] is True


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_device_is_a_clear_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert report.main(["--output", "/dev/full"], parts()) == 1
    error = capsys.readouterr().err
    assert "/dev/full could not be written: No space left on device" in error and "Traceback" not in error


def test_a_full_disk_leaves_the_old_report_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.txt"
    path.write_text("before")

    def half(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    assert report.main(["--output", str(path)], parts()) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert path.read_text() == "before" and os.listdir(tmp_path) == ["report.txt"]


# --- the command as a process -----------------------------------------------------------------------------------------


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=kept | environment, capture_output=True,
                          check=False, timeout=120)


def test_help_and_version_answer_without_loading_sympy_or_numpy() -> None:
    script = ("import sys\nfrom checks.report import main\n"
              "try:\n    main([sys.argv[1]])\nexcept SystemExit as leaving:\n"
              "    assert leaving.code == 0\n"
              "print(sorted({'sympy', 'numpy', 'scipy', 'rich'} & sys.modules.keys()))")
    for flag, said in (("--help", "--only TOPIC|ID"), ("--version", f"gradproof {__version__}")):
        shown = run("-c", script, flag).stdout.decode()
        assert said in shown and shown.endswith("[]\n")


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"},
                                         {"LC_ALL": "en_US.ISO-8859-1", "PYTHONIOENCODING": "latin-1"}])
def test_without_utf8_everything_is_ascii(environment: dict[str, str]) -> None:
    found = run("-m", "checks.report", "--only", "sums-to-one", **environment)
    assert found.returncode == 0 and found.stderr == b""
    assert found.stdout.isascii() and b"  ok sums-to-one" in found.stdout


def test_a_pipe_gets_no_control_characters_and_a_closed_one_no_complaint() -> None:
    found = run("-m", "checks.report", "--only", "sums-to-one", LANG="C.UTF-8", COLUMNS="60")
    assert found.returncode == 0 and b"\x1b" not in found.stdout and b"\r" not in found.stdout
    closed = subprocess.Popen([sys.executable, "-m", "checks.report", "--only", "sums-to-one"], cwd=ROOT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert closed.stdout is not None and closed.stderr is not None
    closed.stdout.close()
    complaint = closed.stderr.read()
    closed.stderr.close()
    assert closed.wait(60) == 1 and complaint == b""


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_longer_than_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
                                             width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = check(capsys, "--verbose")
    assert max(map(len, shown.splitlines())) <= width
    together = "".join(shown.split())
    for expected in ("theentriessumto1", "softmax/error-two", "left=1,right=2", "instead:softmax/sums-to-one", "PASS"):
        assert expected in together


def test_verbose_shows_how_it_was_proved(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = check(capsys, "--only", "sums-to-one", "--verbose")
    for expected in ("sources: seed 001, A1 2(a)", "claim: total(softmax(x)) == 1", "rule: by_normal_form",
                     "normal form, left: 1", "normal form, right: 1", "LaTeX: ", "one entry: "):
        assert expected in shown


def test_colour_and_movement_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def shown_on(terminal: Terminal) -> str:
        monkeypatch.setattr(sys, "stdout", terminal)
        assert report.main([], parts()) == 0
        return terminal.getvalue()

    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[32m" in shown_on(Terminal()) and "training: half" in shown_on(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in shown_on(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in shown_on(Terminal()) and "training: half" not in shown_on(Terminal())
