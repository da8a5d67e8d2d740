"""python -m numeric.train: text in, a file out, and never a traceback."""

from __future__ import annotations

import gzip
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import numeric
from numeric import Vectors

ROOT = Path(__file__).parents[2]
TEXT = "The King rules.\nThe Queen rules.\n" * 30
SMALL = ["--vector-size", "6", "--sample", "0", "--epochs", "2"]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


def run(*arguments: object) -> int:
    module = importlib.import_module("numeric.train")
    try:
        return int(module.main([str(a) for a in arguments]))
    except SystemExit as left:
        return int(left.code or 0)


@pytest.mark.parametrize("model", ["skip-gram", "cbow"])
@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_it_writes_vectors(corpus: Path, tmp_path: Path, model: str, loss: str,
                           capsys: pytest.CaptureFixture[str]) -> None:
    out, out2 = tmp_path / "v.txt", tmp_path / "o.bin"
    assert run(corpus, "--output", out, "--output-vectors", out2, "--model", model, "--loss", loss, *SMALL) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.startswith(f"4 words x 6 -> {out}, {out2}; loss ")
    assert Vectors.load(out, output=out2).words == ("The", "rules.", "King", "Queen")


def test_prose_and_format(corpus: Path, tmp_path: Path) -> None:
    corpus.write_bytes(gzip.compress(TEXT.encode()))
    assert run(corpus, "--output", tmp_path / "v", "--prose", "--format", "binary", *SMALL) == 0
    assert Vectors.load(tmp_path / "v", binary=True).words == ("the", "rules", "king", "queen")


def test_vectors_are_judged(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs, analogies = tmp_path / "pairs.tsv", tmp_path / "analogies.txt"
    pairs.write_text("the\tking\t3\nking\tqueen\t9\nking\tcabbage\t1\n")
    analogies.write_text(": all\nThe King The Queen\nthe cabbage the king\n")
    out = tmp_path / "v.txt"
    assert run(corpus, "--output", out, *SMALL, "--eval", pairs, analogies) == 0
    shown = capsys.readouterr().out.splitlines()
    vectors = Vectors.load(out)
    assert shown[1:] == [str(vectors.evaluate(pairs)), str(vectors.evaluate(analogies))]
    assert "on 2 of 3 pairs (33.3% out of vocabulary)" in shown[1] and "on 1 of 2 questions" in shown[2]


def test_a_file_of_answers_that_cannot_be_read_is_told_before_the_training(
        corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = tmp_path / "pairs.tsv"
    for content, message in ((None, "no file"), (b"", "is empty"), (b"a b 1\nc d\n", "line 2: 'c d'; expected two")):
        if content is not None:
            pairs.write_bytes(content)
        assert run(corpus, "--output", tmp_path / "v.txt", *SMALL, "--eval", pairs) == 1
        assert message in capsys.readouterr().err and not (tmp_path / "v.txt").exists()


@pytest.mark.parametrize(("content", "message"), [
    (b"", "error: the text has no words; expected"),
    (b"word " * 50, "error: a vocabulary of one word, 'word', from 50 words read"),
    (b"the king\n\xff\xfe\n", "byte 0xff at position 0 of the line; expected text in UTF-8"),
    (gzip.compress(TEXT.encode())[:-3], "is truncated or damaged after line"),
    (b"the king\nthe queen\n", "error: no word occurs 5 times in a text of 4 words"),
])
def test_bad_text(corpus: Path, tmp_path: Path, content: bytes, message: str,
                  capsys: pytest.CaptureFixture[str]) -> None:
    corpus.write_bytes(content)
    assert run(corpus, "--output", tmp_path / "v.txt", *SMALL) == 1
    shown = capsys.readouterr()
    assert message in shown.err and "Traceback" not in shown.err and shown.out == ""
    assert not (tmp_path / "v.txt").exists()


def test_bad_output_is_told_before_the_training(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    module = importlib.import_module("numeric.train")
    monkeypatch.setattr(module, "train", lambda *a, **b: pytest.fail("trained first"))
    assert run(corpus, "--output", tmp_path / "absent" / "v.txt", *SMALL) == 1
    assert "No such file or directory" in capsys.readouterr().err


def test_an_interrupt(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                      capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module("numeric.train"), "train", interrupted)
    assert run(corpus, "--output", tmp_path / "v.txt") == 130
    assert capsys.readouterr().err == "interrupted: nothing was written\n"


def test_an_interrupt_leaves_vectors_and_a_run_to_go_on_with(corpus: Path, tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch,
                                                              capsys: pytest.CaptureFixture[str]) -> None:
    training = importlib.import_module("numeric.training")
    monkeypatch.setattr(training, "KEPT_EVERY", 0.0)
    whole = training._Run._end_epoch

    def end_one(run: Any, after: Any) -> None:
        whole(run, after)
        if after.epoch == 2:
            raise KeyboardInterrupt

    arguments = [corpus, *SMALL, "--epochs", 6, "--backend", "arrays", "--output"]
    assert run(*arguments, tmp_path / "whole.txt") == 0
    monkeypatch.setattr(training._Run, "_end_epoch", end_one)
    assert run(*arguments, tmp_path / "v.txt") == 130
    assert capsys.readouterr().err == "interrupted: the vectors are as trained until then; --resume goes on\n"
    assert Vectors.load(tmp_path / "v.txt").words == ("The", "rules.", "King", "Queen")
    assert (tmp_path / "v.txt").read_bytes() != (tmp_path / "whole.txt").read_bytes()
    monkeypatch.setattr(training._Run, "_end_epoch", whole)
    assert run(*arguments, tmp_path / "v.txt", "--resume") == 0
    assert (tmp_path / "v.txt").read_bytes() == (tmp_path / "whole.txt").read_bytes()
    assert not (tmp_path / "v.txt.checkpoint").exists()
    assert run(*arguments, tmp_path / "v.txt", "--resume") == 1
    assert "no checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "message"), [
    (["--output", "x", "--workers", "0"], "Expected 1 or more but got workers=0"),
    (["--output", "x", "--backend", "gpu"], "invalid choice: 'gpu'"),
    ([], "the following arguments are required: --output"),
    (["--output", "x", "--epochs", "2.5"], "argument --epochs: invalid int value: '2.5'"),
    (["--output", "x", "--epochs", "0"], "Expected 1 or more but got epochs=0; try epochs=1"),
    (["--output", "x", "--model", "glove"], "invalid choice: 'glove'"),
    (["--output", "x", "--sample", "nan"], "Expected 0 or more but got sample=nan"),
])
def test_wrong_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert message in capsys.readouterr().err


def test_from_a_shell(corpus: Path, tmp_path: Path) -> None:
    def shell(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-W", "error", "-m", "numeric.train", *map(str, arguments)],
                              capture_output=True, text=True, check=False, cwd=ROOT)

    done = shell(corpus, "--output", tmp_path / "v.txt", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(Vectors.load(tmp_path / "v.txt")) == 4
    failed = shell(tmp_path / "corpsu.txt", "--output", tmp_path / "w.txt")
    assert failed.returncode == 1 and failed.stdout == ""
    assert failed.stderr.strip().endswith(f"try {str(corpus)!r}") and "Traceback" not in failed.stderr


def test_the_name_is_both_function_and_command() -> None:
    """Importing the command puts a module where `numeric.train` is: it can still be called."""
    module: Any = importlib.import_module("numeric.train")
    vectors = module([["a", "b"], ["b", "a"]] * 5, numeric.Settings(vector_size=3, sample=0, epochs=1))
    assert vectors.words == ("a", "b")
    assert len(numeric.train([["a", "b"]] * 5, numeric.Settings(vector_size=3, sample=0, epochs=1))) == 2
