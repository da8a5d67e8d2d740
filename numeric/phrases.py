"""Words that belong together, found and joined, so that a phrase gets a vector of its own (Mikolov 2013 section 4).

    python -m numeric.phrases corpus.txt --output joined.txt
    python -m numeric.train joined.txt --output vectors.txt

- `find_phrases(text)`: which pairs of words occur together more often than their frequencies say.
- `Phrases.joined(text)`: the text with new_york in the place of new york. Done again on that, longer phrases are found.

    >>> text = [["in", "new", "york"], ["to", "new", "york"], ["in", "a", "day"], ["to", "a", "new", "day"]] * 5
    >>> phrases = find_phrases(text, min_count=2, threshold=3)
    >>> phrases.join(["a", "day", "in", "new", "york"])
    ['a', 'day', 'in', 'new_york']
"""

from __future__ import annotations

import argparse
import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.corpus import Source, sentences
from numeric.formats import check_writable, write_aside
from numeric.vocabulary import SENTENCE_END, EncodedText, encode_source

PAIRS_AT_ONCE = 1 << 23  # pairs of a pass over the text; eight bytes each, and as many to sort them
CHUNK = 1 << 20  # tokens read at once


@dataclass(frozen=True)
class Phrases:
    """Pairs of words that are phrases.

    scores: of each pair, best first: (count(ab) - min_count) / (count(a) count(b)) times the words of the text, which
    is Mikolov 2013 eq. 6 in the scale of its implementation, where 1 would be chance.
    """

    scores: dict[tuple[str, str], float]

    def __len__(self) -> int:
        return len(self.scores)

    def join(self, sentence: Sequence[str], between: str = "_") -> list[str]:
        """A sentence with its phrases as one word each; from left to right, no word in two of them."""
        joined: list[str] = []
        seconds: frozenset[str] = frozenset()  # of the phrases that the last word begins, if it is free
        for word in sentence:
            if word in seconds:
                joined[-1] += between + word
                seconds = frozenset()
            else:
                joined.append(word)
                seconds = self._seconds.get(word, frozenset())
        return joined

    def joined(self, text: Iterable[Sequence[str]]) -> Iterator[list[str]]:
        """A stream of sentences with their phrases joined."""
        return map(self.join, text)

    @cached_property
    def _seconds(self) -> dict[str, frozenset[str]]:
        by_first: dict[str, set[str]] = {}
        for first, second in self.scores:
            by_first.setdefault(first, set()).add(second)
        return {first: frozenset(seconds) for first, seconds in by_first.items()}


def find_phrases(text: Source | None, min_count: int = 5, threshold: float = 100.0, *, prose: bool = False) -> Phrases:
    """The phrases of a text.

    text, prose: as for `train`; min_count: pairs that occur less often are none, and so many occurrences of each are
    not counted (the discount of Mikolov 2013 eq. 6); threshold: of the score, more for fewer phrases.
    Memory is bounded by the vocabulary and the phrases, whatever the length of the text.
    Raises GradproofError: a text that cannot be read or has fewer than two words; a setting out of range.
    """
    _check("min_count", min_count, isinstance(min_count, int) and min_count >= 1, "int of 1 or more", 5)
    _check("threshold", threshold, 0 <= threshold < float("inf"), "number of 0 or more", 100.0)
    encoded = encode_source(text, 1, prose)  # all words: with rare ones left out, strangers would stand side by side
    words, counts = encoded.vocabulary.words, encoded.vocabulary.counts.astype(np.float64)
    found: list[tuple[float, int, int]] = []
    for pairs, together in _counted_pairs(encoded, min_count, threshold):
        first, second = np.divmod(pairs, len(words))
        scores = (together - min_count) * encoded.read_words / (counts[first] * counts[second])
        good = (together >= min_count) & (scores > threshold)
        found += zip(scores[good].tolist(), first[good].tolist(), second[good].tolist(), strict=True)
    found.sort(key=lambda each: (-each[0], each[1:]))
    return Phrases({(words[first], words[second]): score for score, first, second in found})


def _check(name: str, value: object, good: bool, expected: str, usual: object) -> None:
    if not good:
        raise GradproofError(f"Expected {expected} but got {name}={value!r} (type={type(value).__name__})",
                             hint=f"{name}={usual}")


def _counted_pairs(text: EncodedText, min_count: int,
                   threshold: float) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of neighbours as first * V + second, each once, and how often each occurs; those that can be phrases.

    A long text is read several times, each time for another share of the pairs, so that a share fits into memory.
    """
    counts, size = text.vocabulary.counts.astype(np.float64), len(text.vocabulary)
    passes = -(-len(text.tokens) // PAIRS_AT_ONCE)
    for number in range(passes):
        shares = []
        for start in range(0, len(text.tokens), CHUNK):
            tokens = text.chunk(start, start + CHUNK + 1).astype(np.int64)
            first, second = tokens[:-1], tokens[1:]
            inside = (first != SENTENCE_END) & (second != SENTENCE_END)
            first, second = first[inside], second[inside]
            # A pair occurs at most as often as the rarer of its words: pairs with a very frequent word are none.
            most = np.minimum(counts[first], counts[second]) - min_count
            possible = most * text.read_words > threshold * counts[first] * counts[second]
            pairs = first[possible] * size + second[possible]
            shares.append(pairs[pairs % passes == number])
        yield np.unique(np.concatenate(shares), return_counts=True)


# --- the command ------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Find phrases, write the text with them joined; exit status 0, or 1 where that failed, 130 if interrupted."""
    given = _parser().parse_args(arguments)
    try:
        check_writable(given.output)
        phrases = find_phrases(given.corpus, given.min_count, given.threshold, prose=given.prose)
        write_aside(given.output, lambda file: _write(file, given.output, phrases.joined(
            sentences(given.corpus, given.prose))))
    except GradproofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        return 130
    best = ", ".join("_".join(pair) for pair in list(phrases.scores)[:5])
    print(f"{len(phrases):,} phrases{f' ({best}, ...)' if best else ''} -> {given.output}")
    return 0


def _write(file: IO[bytes], path: Path, text: Iterable[list[str]]) -> None:
    lines = (" ".join(sentence).encode() + b"\n" for sentence in text)
    if path.suffix == ".gz":
        with gzip.GzipFile(fileobj=file, mode="wb", filename="") as packed:
            packed.writelines(lines)
    else:
        file.writelines(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m numeric.phrases", description="Join words that belong together.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("corpus", type=Path, metavar="CORPUS", help="text in UTF-8, plain, .gz or .zst")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", default=argparse.SUPPRESS,
                        help="where to write the text; packed if the name ends in .gz")
    parser.add_argument("--min-count", type=int, default=5, metavar="N", help="leave pairs that occur less often")
    parser.add_argument("--threshold", type=float, default=100.0, metavar="X", help="more for fewer phrases")
    parser.add_argument("--prose", action="store_true", help="read lower-case words and leave out punctuation")
    return parser


if __name__ == "__main__":
    sys.exit(main())
