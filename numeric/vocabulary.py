"""Words to numbers: which words are kept, how often each occurs, and the text as numbers.

    >>> text = encode([["a", "b", "a"], ["b", "a", "rare"]], min_count=2)
    >>> text.vocabulary.words, text.vocabulary.counts.tolist()
    (('a', 'b'), [3, 2])
    >>> text.tokens.tolist()
    [0, 1, 0, -1, 1, 0, -1]
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError

SENTENCE_END = -1
NOISE_POWER = 0.75  # Mikolov 2013 section 2.2


@dataclass(frozen=True)
class Vocabulary:
    """The kept words, most frequent first; of equally frequent ones the first seen first.

    words: (V,) in this order; counts: (V,) int64, occurrences in the text, not writeable.
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.words)

    def keep_probabilities(self, sample: float) -> NDArray[np.float64]:
        """The probability (V,) with which an occurrence of each word stays in the text.

        sample: share of the text above which a word is thinned out (0 keeps all). The formula of the C implementation
        of Mikolov 2013, sqrt(t/f) + t/f, which keeps a little more than the paper's eq. 5, sqrt(t/f).
        """
        if sample == 0:
            return np.ones(len(self))
        ratio = sample * self.counts.sum() / self.counts
        return np.asarray(np.minimum(1.0, np.sqrt(ratio) + ratio))

    def noise_steps(self) -> NDArray[np.float64]:
        """Cumulative distribution (V,) of the negative samples: unigram counts to the power 3/4."""
        weights = self.counts.astype(np.float64) ** NOISE_POWER
        steps = np.cumsum(weights)
        return np.asarray(steps / steps[-1])


@dataclass(frozen=True)
class EncodedText:
    """A text as numbers.

    tokens: (N,) int32, positions in the vocabulary, `SENTENCE_END` after each sentence; read_words: words read, the
    rare ones included.
    """

    vocabulary: Vocabulary
    tokens: NDArray[np.int32]
    read_words: int


def encode(text: Iterable[list[str]], min_count: int) -> EncodedText:
    """Count and encode a text in one pass, then leave out words rarer than min_count.

    Raises GradproofError: an empty text; no word as frequent as min_count; only one such word.
    """
    number_of, tokens = _numbered(text)
    read_words = int(np.count_nonzero(tokens != SENTENCE_END))
    if not read_words:
        raise GradproofError("the text has no words", "at least two different words", "another corpus file")
    counts = np.bincount(tokens[tokens != SENTENCE_END], minlength=len(number_of))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= min_count]
    all_words = list(number_of)
    _check_enough(len(order), read_words, counts, all_words, min_count)
    vocabulary = Vocabulary(tuple(all_words[i] for i in order), _frozen(np.asarray(counts[order], dtype=np.int64)))
    return EncodedText(vocabulary, _renumbered(tokens, order, len(all_words)), read_words)


_Array = TypeVar("_Array", bound=NDArray[Any])


class _Numbering(dict[str, int]):
    """A new word gets the next number; looked up by C code alone for every other."""

    def __init__(self) -> None:
        super().__init__()
        self._next = count()

    def __missing__(self, word: str) -> int:
        number = self[word] = next(self._next)
        return number


def _numbered(text: Iterable[list[str]]) -> tuple[dict[str, int], NDArray[np.int32]]:
    number_of, tokens = _Numbering(), array("i")
    number, extend, end = number_of.__getitem__, tokens.extend, tokens.append
    for sentence in text:
        extend(map(number, sentence))
        end(SENTENCE_END)
    return number_of, np.frombuffer(tokens, dtype=np.int32) if tokens else np.empty(0, np.int32)


def _renumbered(tokens: NDArray[np.int32], order: NDArray[np.int64], words: int) -> NDArray[np.int32]:
    """By frequency, without the rare words. The last entry of the table is that of SENTENCE_END, -1."""
    dropped = -2
    table = np.full(words + 1, dropped, dtype=np.int32)
    table[order] = np.arange(len(order), dtype=np.int32)
    table[SENTENCE_END] = SENTENCE_END
    numbered = table[tokens]
    return _frozen(numbered[numbered != dropped])


def _check_enough(kept: int, read_words: int, counts: NDArray[np.int64], words: list[str], min_count: int) -> None:
    most = int(np.argmax(counts))
    if kept == 0:
        raise GradproofError(
            f"no word occurs {min_count} times in a text of {read_words:,} words (the most frequent, "
            f"{words[most]!r}, occurs {counts[most]} times)",
            "at least two words as frequent as min_count", f"a longer text, or min_count={max(1, counts[most] // 2)}")
    if kept == 1:
        raise GradproofError(
            f"a vocabulary of one word, {words[most]!r}, from {read_words:,} words read ({len(words)} different)",
            "at least two words that occur min_count times",
            "a text with other words" if len(words) == 1 else f"min_count below {min_count}, or a longer text")


def _frozen(values: _Array) -> _Array:
    values.flags.writeable = False
    return values
