"""What a person gets from bad input to the command: one line that says what was found, what was expected and what to
try; no traceback, and no file under its final name. A checkpoint of another vocabulary is in test_checkpoints."""

from __future__ import annotations

import gzip
import importlib
import random
from pathlib import Path

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric import Settings, Vectors, train
from numeric.vocabulary import SENTENCE_END, encode_file

SMALL = ["--vector-size", "4", "--sample", "0", "--epochs", "1"]
NOISE = random.Random(1).randbytes(300_000)


@pytest.mark.parametrize(("content", "options", "found", "expected", "hint"), [
    (b"", [], "the text has no words", "at least two different words", "another corpus file"),
    (b"\n \n\t\r\n", [], "the text has no words", "at least two different words", "another corpus file"),
    (NOISE, [], "line 1: byte 0x", "text in UTF-8, plain, gzip or zstd", "`iconv -t utf-8`"),
    (gzip.compress(NOISE), [], "line 1: byte 0x", "text in UTF-8, plain, gzip or zstd", "`iconv -t utf-8`"),
    (b"\x7f\x01" * 600_000, [], "line 1: no white space in", "words between white space", "this is no text"),
    (b"word " * 50, [], "a vocabulary of one word, 'word', from 50 words read", "at least two words",
     "a text with other words"),
    (b"a b c a b c\n" * 9, ["--negative", "6"], "negative=6 with a vocabulary of 3 words",
     "at most as many negative samples as words", "negative=3"),
    (gzip.compress(b"a b c\n" * 9999)[:-20], [], "is truncated or damaged", "a whole gzip or zstd file", "`gzip -t`"),
    (gzip.compress(b"a b c\n" * 9999)[:5], [], "is truncated or damaged", "a whole gzip or zstd file", "`gzip -t`"),
])
def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, options: list[str],
                     found: str, expected: str, hint: str) -> None:
    corpus = tmp_path / "corpus"
    corpus.write_bytes(content)
    command = importlib.import_module("numeric.train").main
    assert command([str(corpus), "--output", str(tmp_path / "vectors.txt"), *SMALL, *options]) == 1
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and shown.err.startswith("error: ")
    before, _, after = shown.err.partition("; expected ")
    assert found in before and after.startswith(expected) and hint in after.partition("; try ")[2]
    assert [path.name for path in tmp_path.iterdir()] == ["corpus"]


def test_the_usual_negatives_are_good_for_a_few_words() -> None:
    text = [["a", "b", "c"]] * 20
    assert len(train(text, Settings(vector_size=2, sample=0, epochs=1))) == 3
    with pytest.raises(GradproofError, match="negative=7 with a vocabulary of 3 words"):
        train(text, Settings(vector_size=2, sample=0, negative=7))
    train(text, Settings(vector_size=2, sample=0, epochs=1, negative=7, loss="naive-softmax"))  # which has none


def test_a_line_of_ten_million_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is text, and read as such: in sentences of ten thousand words."""
    monkeypatch.setenv("GRADPROOF_CACHE", "")  # large enough to be kept
    corpus = tmp_path / "corpus.txt"
    corpus.write_bytes(b"a b c d e f g h i j " * 1_000_000)
    text = encode_file(corpus, 5)
    assert text.read_words == 10_000_000 and text.vocabulary.counts.tolist() == [1_000_000] * 10
    ends = np.flatnonzero(text.tokens == SENTENCE_END)
    assert len(ends) == 1000 and (np.diff(ends) == 10_001).all()


@pytest.mark.parametrize(("content", "message"), [
    (b"2 2\na 1 nan\nb 1 2\n", "the vector of 'a' holds nan; expected finite numbers"),
    (b"3 2\na 1 2\nb 1 2\n", "holds 2 words; expected 3, as the first line says"),
    (b"1 2\na 1 2\nb 1 2\n", "holds 2 words; expected 1, as the first line says"),
    (b"2 3\na 1 2\nb 1 2\n", "line 2 ('a') has 2 numbers; expected 3"),
    (gzip.compress(b"2 2\na 1 2\nb 1 2\n")[:-6], "is truncated or damaged"),
    (NOISE, "expected a first line with two numbers"), (b"", "expected a first line with two numbers"),
])
def test_vectors_that_are_none(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "vectors"
    path.write_bytes(content)
    with pytest.raises(GradproofError) as caught:
        Vectors.load(path)
    assert message in str(caught.value) and caught.value.hint
