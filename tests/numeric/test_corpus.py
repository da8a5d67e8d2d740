"""Texts: files and iterables, streamed, and what is said of a bad one."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from derive.errors import GradproofError
from numeric.corpus import default_corpus, docstrings, sentences

TEXT = "the king rules\n\nthe queen\trules  too\n"
WORDS = [["the", "king", "rules"], ["the", "queen", "rules", "too"]]


def refused(source: Any) -> str:
    with pytest.raises(GradproofError) as caught:
        list(sentences(source))
    assert caught.value.found and caught.value.expected and caught.value.hint
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "corpus.txt"


def test_a_plain_file(file: Path) -> None:
    file.write_text(TEXT)
    assert list(sentences(file)) == WORDS
    assert list(sentences(str(file))) == WORDS


def test_a_gzip_whatever_its_name(file: Path) -> None:
    file.write_bytes(gzip.compress(TEXT.encode()))
    assert list(sentences(file)) == WORDS


def test_a_byte_order_mark_is_no_letter(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfthe king\n")
    assert list(sentences(file)) == [["the", "king"]]


def test_prose(file: Path) -> None:
    file.write_text("The King's horses, and 2 men: na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve.\n")
    assert list(sentences(file, prose=True)) == [["the", "king's", "horses", "and", "men", "naïve"]]


def test_files_and_iterables_are_streamed(file: Path) -> None:
    def endless() -> Iterator[list[str]]:
        while True:
            yield ["the", "king"]

    assert list(islice(sentences(endless()), 2)) == [["the", "king"]] * 2
    file.write_bytes(b"good line\n" * 10 + b"\xff\n")
    assert list(islice(sentences(file), 3)) == [["good", "line"]] * 3


def test_other_iterables_of_words_become_lists() -> None:
    assert list(sentences([("the", "king"), iter(["a", "queen"]), []])) == [["the", "king"], ["a", "queen"]]


def test_no_such_file(file: Path) -> None:
    file.write_text(TEXT)
    assert f"no file {str(file.with_name('corpsu.txt'))!r}" in refused(file.with_name("corpsu.txt"))
    assert refused(file.with_name("corpsu.txt")).endswith(f"try {str(file)!r}")


def test_a_folder(tmp_path: Path) -> None:
    assert "Is a directory; expected a readable file" in refused(tmp_path)


def test_undecodable_bytes_have_a_place(file: Path) -> None:
    file.write_bytes(b"first line\nsecond \xe9t\xe9\n")
    assert "line 2: byte 0xe9 at position 7 of the line; expected text in UTF-8" in refused(file)


def test_binary_noise_that_happens_to_decode(file: Path) -> None:
    file.write_bytes(b"abc \x00\x01\x02\n")
    assert "line 1: byte 0x00 at position 4" in refused(file)


@pytest.mark.parametrize("damage", [lambda b: b[:-12], lambda b: b[:40] + b"\x00\xff" * 20 + b[80:],
                                    lambda b: b[:-8] + b"\0" * 8])
def test_a_damaged_gzip(file: Path, damage: Any) -> None:
    file.write_bytes(damage(gzip.compress("".join(f"line {n * n}\n" for n in range(400)).encode())))
    assert "is truncated or damaged after line" in refused(file)


def test_untokenised_sentences() -> None:
    assert refused(["the king"]).startswith("sentence 1 is one text, 'the king'; expected a list of words")
    assert "sentence 2 is one text, b'the'" in refused([["a"], b"the"])
    assert "sentence 1 is a int, 3" in refused([3])
    assert "sentence 1 holds 3 (type int); expected words as str" in refused([["a", 3]])
    assert "3 (type int) as a text" in refused(3)


def test_docstrings_without_running_anything() -> None:
    source = b'''"""Module."""
raise SystemExit("never run")
class A:
    """Class."""
    if True:
        async def f(self):
            """Method."""
            return """no docstring"""
'''
    assert docstrings(source) == ["Module.", "Class.", "Method."]
    assert docstrings(b'"""unfinished') == []


def test_the_default_corpus_is_prose_in_a_fixed_order() -> None:
    begin = list(islice(default_corpus(), 2000))
    assert begin == list(islice(default_corpus(), 2000))
    words = [word for sentence in begin for word in sentence]
    assert len(words) > 20_000
    assert all(word == word.lower() and word.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "").isalpha()
               for word in words)
    assert {"statement", "expression", "function"} <= set(words)
