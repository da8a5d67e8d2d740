"""python -m numeric.explore: questions from a pipe or a terminal, and never a traceback."""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from numeric import Vectors
from numeric.explore import main, parse_sum

ROOT = Path(__file__).parents[2]
WORDS = ("man", "king", "woman", "queen", "naïve", "x-ray")
VECTORS = Vectors(WORDS, [[1, 0, 0.1], [1, 1, 0.1], [0, 0, 1], [0, 1, 1], [-1, 0.2, -1], [-1, -0.3, 0.2]])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    VECTORS.save(tmp_path / "vectors.txt")
    return tmp_path / "vectors.txt"


def ask(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *questions: str,
        options: tuple[str, ...] = ()) -> list[str]:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(questions)))
    assert main([str(file), *options]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    return [line.rstrip() for line in shown.out.splitlines()]


def lines_of(found: list[tuple[str, float]]) -> list[str]:
    width = max(len(f"{cosine:.3f}") for _, cosine in found)
    return [f"{f'{cosine:.3f}':<{width}}  {word}" for word, cosine in found]


def test_questions_from_a_pipe(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(file, monkeypatch, capsys, "king", "", options=("--count", "3")) == lines_of(
        VECTORS.most_similar("king", 3))
    assert ask(file, monkeypatch, capsys, "man king woman") == lines_of(VECTORS.analogy("man", "king", "woman"))
    assert ask(file, monkeypatch, capsys, "king - man + woman") == lines_of(VECTORS.analogy("man", "king", "woman"))
    assert ask(file, monkeypatch, capsys, "KING Queen") == [f"{VECTORS.similarity('king', 'queen'):.3f}  king  queen"]
    assert ask(file, monkeypatch, capsys, ":count 2", "x-ray", ":quit", "king") == lines_of(
        VECTORS.most_similar("x-ray", 2))
    assert ask(file, monkeypatch, capsys) == []


@pytest.mark.parametrize(("question", "message"), [
    ("kng", "the word 'kng' is not in the vocabulary of 6 words; expected a word of the training text that occurs "
            "min_count times; try 'king'"),
    ("king + kng", "the word 'kng' is not in the vocabulary"),
    ("[bold]king", "the word '[bold]king' is not"),
    ("a b c d", "4 words; expected one word, two, three, or a sum; try king, or man king woman"),
    ("+ - king", "'+' before '-'; expected a word after each sign"),
    ("king +", "'king +' ends with '+'; expected a word after each sign"),
    (":count none", "':count none'; expected a number of 1 or more; try :count 20"),
    (":what", "no command ':what'"),
])
def test_a_question_that_has_no_answer_is_followed_by_the_next(
        file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], question: str,
        message: str) -> None:
    shown = ask(file, monkeypatch, capsys, question, "king queen")
    assert shown[0].startswith(message) and shown[-1].endswith("king  queen")


def test_help_names_every_kind_of_question(file: Path, monkeypatch: pytest.MonkeyPatch,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    for line in ask(file, monkeypatch, capsys, ":help"):
        question = line.split("   ")[0]
        assert question.startswith(":") or parse_sum(question)


@pytest.mark.parametrize(("content", "options", "status", "message"), [
    (b"no vectors\n", [], 1, "error: "), (b"2 1\na nan\nb 1\n", [], 1, "holds nan; expected finite numbers"),
    (b"1 1\na 1\n", ["--count", "0"], 1, "error: --count 0; expected 1 or more"),
    (None, [], 1, "error: no file"), (b"1 1\na 1\n", ["--count", "x"], 2, "invalid int value")])
def test_wrong_files_and_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None,
                               options: list[str], status: int, message: str) -> None:
    path = tmp_path / "vectors"
    if content is not None:
        path.write_bytes(content)
    try:
        found = main([str(path), *options])
    except SystemExit as left:
        found = int(left.code or 0)
    assert found == status and message in capsys.readouterr().err


def test_bytes_that_are_no_text_and_a_terminal_of_few_letters(file: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "numeric.explore", str(file)], input=b"\xff\xfe\nking\n", cwd=ROOT,
                          capture_output=True, check=False, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0 and done.stderr == b"" and b"na?ve" in done.stdout


def test_a_reader_that_goes_away(file: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "numeric.explore", str(file)], stdin=subprocess.PIPE, cwd=ROOT,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdout.close()
    process.stdin.write(b"king\n" * 3000)
    process.stdin.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1 and error == b""


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize("end", [b"\x04", b"\x03", b":quit\n"])
def test_a_terminal(file: Path, end: bytes) -> None:
    """Ctrl-D, Ctrl-C and :quit leave with status 0 and no traceback."""
    import pty

    master, slave = pty.openpty()
    process = subprocess.Popen([sys.executable, "-m", "numeric.explore", str(file)], stdin=slave, stdout=slave,
                               stderr=slave, cwd=ROOT, start_new_session=True, preexec_fn=_own_terminal)
    os.close(slave)
    shown = _read_until(master, b"> ")
    os.write(master, b"king queen\n")
    shown += _read_until(master, b"queen\r\n\x1b", b"> ")
    time.sleep(0.3)  # past the prompt: a signal that comes while the line is set up is told with the next key only
    os.write(master, end)
    shown += _read_until(master)
    assert process.wait(timeout=20) == 0
    os.close(master)
    assert b"6 words x 3" in shown and b"king  queen" in shown and b"Traceback" not in shown


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches the process


def _read_until(master: int, *marks: bytes) -> bytes:
    """What the terminal shows until one of the marks, or until it is closed."""
    shown, deadline = b"", time.monotonic() + 30
    while select.select([master], [], [], max(0.0, deadline - time.monotonic()))[0]:
        try:
            part = os.read(master, 4096)
        except OSError:  # closed
            return shown
        shown += part
        if not part or any(shown.endswith(mark) for mark in marks):
            return shown
    return shown
