"""Words numbered by arrays, against numbering one by one."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numeric import lexicon
from numeric.lexicon import SENTENCE_END, Lexicon, scan

WHITE = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
LETTERS = "aabcdeé€中ж\U0001f40d\x01\x1b\x7f\ufeff\u200b"


def reference(text: str, longest: int) -> tuple[list[int], list[str]]:
    """Plain Python: lines, words, a dictionary."""
    number: dict[str, int] = {}
    tokens: list[int] = []
    for line in text.split("\n"):
        words = line.split()
        for start in range(0, len(words), longest):
            tokens += [number.setdefault(word, len(number)) for word in words[start:start + longest]] + [SENTENCE_END]
    return tokens, list(number)


def numbered(blocks: Iterable[str], longest: int) -> tuple[list[int], list[str]]:
    words = Lexicon(longest)
    tokens = [words.number(scan(block.encode())) for block in blocks]
    return np.concatenate([*tokens, words.finish()]).tolist(), words.words()


def check(text: str, cuts: Iterable[int], longest: int = 7) -> None:
    """The same numbers in the same order, wherever the text is cut at white space of ASCII."""
    places = [0, *sorted({cut for cut in cuts if 0 < cut < len(text) and text[cut - 1] in " \n\t\r"}), len(text)]
    blocks = [text[start:end] for start, end in pairwise(places)]
    blocks[-1] += "\n"
    assert numbered(blocks, longest) == reference(text, longest)


words = st.one_of(st.text(LETTERS, min_size=1, max_size=3), st.text("ab", min_size=6, max_size=26))
gaps = st.sampled_from(["", " ", "  ", "\n", "\n\n", " \n", "\r\n", "\t", "\x0b", "\x0c", "\x1c", "\x1f", *WHITE])


@given(st.lists(st.tuples(words, gaps), max_size=60), st.lists(st.integers(0, 400), max_size=6))
def test_numbers_are_those_of_plain_python(parts: list[tuple[str, str]], cuts: list[int]) -> None:
    check("".join(word + gap for word, gap in parts), cuts)


def test_every_white_space_of_unicode_parts_words() -> None:
    check("".join(f"word{space}" for space in WHITE), [])
    assert len(numbered(["".join(f"w{space}" for space in WHITE) + "\n"], 1000)[1]) == 1


def test_words_that_differ_in_one_byte_anywhere() -> None:
    stems = ["a" * length for length in range(1, 40)]
    text = " ".join([*stems, *(stem[:place] + "b" + stem[place + 1:] for stem in stems for place in range(len(stem)))])
    check(text + "\n" + text, range(0, 2 * len(text), 7), longest=50)


def test_words_that_share_a_place_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicon, "_SMALL_BITS", 2)
    monkeypatch.setattr(lexicon, "_LARGE_BITS", 5)
    monkeypatch.setattr(lexicon, "_MOST_WORDS_SMALL", 40)
    rng = random.Random(5)
    text = " ".join(str(rng.randrange(10 ** rng.randrange(1, 20))) for _ in range(4000))
    places = [place + 1 for place in range(0, len(text), 97) if text[place] == " "]
    check(text, places, longest=100)


def test_words_of_equal_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """All words at one place: equality must not rest on the hash."""
    monkeypatch.setattr(lexicon, "_MIX", np.uint64(0))
    monkeypatch.setattr(lexicon, "_MIX_SECOND", np.uint64(0))
    for words in ("one two three", "eightlet eightletters eightletups eightlet1 eightle",
                  "sixteen-letters! sixteen-letters!! sixteen-letters!? sixteen-letter"):
        text = f"{words}\n{' '.join(reversed(words.split()))} {words}\n" * 3
        check(text, range(len(text)), longest=100)


@pytest.mark.parametrize("text", ["", "\n", "  \n \n", "a", "a\n\n\nb", "a b c d e f g", "a b c d e f g h", "x " * 70,
                                  "a b c d e f g\nh", "x " * 7 + "\n" + "y " * 8])
def test_edges(text: str) -> None:
    check(text, [])
    check(text, range(len(text)))


def test_a_line_of_many_words_is_cut() -> None:
    tokens, _ = numbered(["w " * 25_000] * 4, 10_000)
    ends = [place for place, token in enumerate(tokens) if token == SENTENCE_END]
    assert ends == [10_001 * (n + 1) - 1 for n in range(10)]


def test_numbers_of_some_words() -> None:
    words = Lexicon()
    words.number(scan("ä b c\n".encode()))
    assert words.words([2, 0]) == ["c", "ä"] and len(words) == 3
