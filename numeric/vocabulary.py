"""Words to numbers: which words are kept, how often each occurs, and the text as numbers.

    >>> text = encode([["a", "b", "a"], ["b", "a", "rare"]], min_count=2)
    >>> text.vocabulary.words, text.vocabulary.counts.tolist()
    (('a', 'b'), [3, 2])
    >>> text.tokens.tolist()
    [0, 1, 0, -1, 1, 0, -1]
"""

from __future__ import annotations

import os
import tempfile
import weakref
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.corpus import MOST_WORDS, Source, default_corpus, sentences, words_of_block
from numeric.lexicon import SENTENCE_END, Lexicon, Numbers, scan
from numeric.streams import file_blocks
from numeric.tokens import CHUNK, IN_MEMORY, Spool, TokenFile, cache_path, make_room, no_room, read_tokens, write_tokens

__all__ = ["NOISE_POWER", "SENTENCE_END", "EncodedText", "Vocabulary", "encode", "encode_file", "encode_source"]

NOISE_POWER = 0.75  # Mikolov 2013 section 2.2
GUIDE_BITS = 16  # of a place in the noise, that a guide looks up: its table stays in a cache

_Array = TypeVar("_Array", bound=NDArray[Any])
_Item = TypeVar("_Item")


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

    tokens: (N,) int32, positions in the vocabulary, `SENTENCE_END` after each sentence, not writeable; mapped from a
    file where they are many; read_words: words read, the rare ones included; file: where they are mapped from.
    """

    vocabulary: Vocabulary
    tokens: NDArray[np.int32]
    read_words: int
    file: TokenFile | None = field(default=None, compare=False, repr=False)

    def chunk(self, start: int, stop: int) -> NDArray[np.int32]:
        """Tokens start to stop, not writeable. Read so, a mapped text never takes more memory than a chunk."""
        return self.tokens[start:stop] if self.file is None else self.file.chunk(start, stop)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.file is not None:  # a process that gets it maps the file, too
            return _reopened, (self.file.path,)
        return EncodedText, (self.vocabulary, self.tokens, self.read_words)


def noise_guide(steps: NDArray[np.float64], bits: int = GUIDE_BITS) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Cumulative shares (V,) in units of 2^-32, the last one all of them, and the word (2^bits,) that each of so many
    equal parts begins in: where a search for a share starts."""
    whole = np.round(steps * 2.0**32).astype(np.uint64)
    whole[-1] = 2**32
    begins = np.arange(2**bits, dtype=np.uint64) << np.uint64(32 - bits)
    return whole, np.searchsorted(whole, begins, side="right").astype(np.int32)


def encode(text: Iterable[list[str]], min_count: int) -> EncodedText:
    """Count and encode a text in one pass, then leave out words rarer than min_count.

    Raises GradproofError: an empty text; no word as frequent as min_count; only one such word.
    """
    numbering = _Numbering()
    return _encoded(_numbered(text, numbering), numbering.words, min_count)


def encode_source(source: Source | None, min_count: int, prose: bool = False,
                  told: Callable[[float], None] | None = None) -> EncodedText:
    """Count and encode what `train` takes: a path, an iterable of sentences, or None for the embedded default.

    Raises GradproofError as `encode_file` and `corpus.sentences`.
    """
    if isinstance(source, str | Path):
        return encode_file(Path(source), min_count, prose, told)
    return encode(default_corpus() if source is None else sentences(source), min_count)


def encode_file(path: Path, min_count: int, prose: bool = False,
                told: Callable[[float], None] | None = None) -> EncodedText:
    """The same for a text file, plain, gzip or zstd: what `encode(corpus.sentences(path, prose), min_count)` gives.

    Words are numbered by arrays while another thread reads and unpacks. The numbers of a large file are kept in the
    user's cache folder (see `tokens.cache_path`; an empty GRADPROOF_CACHE turns that off), and mapped from there.
    told: called with the share of the file that has been read, 0 to 1, from that other thread.
    Raises GradproofError as `encode` and `streams.file_blocks`.
    """
    target = cache_path(path, min_count, prose, MOST_WORDS)
    kept = None if target is None else read_tokens(target)
    if kept is not None:
        return _mapped(kept)
    lexicon = Lexicon(MOST_WORDS)
    return _encoded(_read(path, prose, lexicon, told), lexicon.words, min_count, target)


def _read(path: Path, prose: bool, lexicon: Lexicon, told: Callable[[float], None] | None) -> Iterator[Numbers]:
    blocks = file_blocks(path, told)
    for block in _one_ahead(map(scan, map(words_of_block, blocks) if prose else blocks)):
        yield lexicon.number(block)
    yield lexicon.finish()


def _one_ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """The items, the next one made in another thread while one is used."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, items, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, items, None)
            yield item


class _Numbering(dict[str, int]):
    """A new word gets the next number; looked up by C code alone for every other."""

    def __init__(self) -> None:
        super().__init__()
        self._next = count()

    def __missing__(self, word: str) -> int:
        number = self[word] = next(self._next)
        return number

    def words(self, numbers: Sequence[int]) -> list[str]:
        """The words of some numbers."""
        known = list(self)
        return [known[number] for number in numbers]


def _numbered(text: Iterable[list[str]], numbering: _Numbering) -> Iterator[Numbers]:
    tokens = array("i")
    for sentence in text:
        tokens.extend(map(numbering.__getitem__, sentence))
        tokens.append(SENTENCE_END)
        if len(tokens) >= CHUNK:
            yield np.frombuffer(tokens, dtype=np.int32)
            tokens = array("i")
    yield np.array(tokens, dtype=np.int32)


# --- from numbers in order of occurrence to numbers in order of frequency ---------------------------------------------


def _encoded(blocks: Iterator[Numbers], words: Callable[[Sequence[int]], list[str]], min_count: int,
             target: Path | None = None) -> EncodedText:
    """words: those of some numbers; target: a file to keep the tokens in."""
    spool = Spool()
    try:
        counts, ends = _counted(blocks, spool)
        order = np.argsort(-counts, kind="stable")
        order = order[counts[order] >= min_count]
        read_words = int(counts.sum())
        _check_enough(len(order), read_words, counts, words, min_count)
        kept = _frozen(counts[order])
        vocabulary = Vocabulary(tuple(words(order.tolist())), kept)
        tokens = int(kept.sum()) + ends

        def write(file: IO[bytes]) -> None:
            chunks = _renumbered(spool, order, len(counts))
            write_tokens(file, vocabulary.words, kept, read_words, tokens, chunks)

        cached = None if target is None else _cached(target, write)
        if cached is not None:
            return cached
        if 4 * tokens <= IN_MEMORY:
            chunks = list(_renumbered(spool, order, len(counts)))
            return EncodedText(vocabulary, _frozen(np.concatenate(chunks)), read_words)
        return _temporary(write, tokens)
    finally:
        spool.close()


def _counted(blocks: Iterator[Numbers], spool: Spool) -> tuple[NDArray[np.int64], int]:
    """How often each number occurs, and how many sentences end; the numbers go to the spool."""
    counts, waiting, waiting_tokens = np.zeros(1, np.int64), list[Numbers](), 0
    for block in blocks:
        spool.append(block)
        waiting.append(block)
        waiting_tokens += len(block)
        if waiting_tokens >= CHUNK:
            counts, waiting, waiting_tokens = _added(counts, waiting), [], 0
    counts = _added(counts, waiting)
    return counts[1:], int(counts[0])


def _added(counts: NDArray[np.int64], blocks: list[Numbers]) -> NDArray[np.int64]:
    if blocks:
        more = np.bincount(np.concatenate(blocks) + 1, minlength=len(counts))  # 0 counts the ends of sentences
        more[:len(counts)] += counts
        return more
    return counts


def _renumbered(spool: Spool, order: NDArray[np.int64], words: int) -> Iterator[Numbers]:
    """By frequency, without the rare words. The last entry of the table is that of SENTENCE_END, -1."""
    dropped = -2
    table = np.full(words + 1, dropped, dtype=np.int32)
    table[order] = np.arange(len(order), dtype=np.int32)
    table[SENTENCE_END] = SENTENCE_END
    for chunk in spool.chunks():
        numbered = table[chunk]
        yield numbered[numbered != dropped]


def _cached(target: Path, write: Callable[[IO[bytes]], None]) -> EncodedText | None:
    """A text in the cache; None where the cache does not take it, which is no reason not to train."""
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _written(target.parent, write).replace(target)
    except OSError:
        return None
    make_room(target.parent)
    kept = read_tokens(target)
    return None if kept is None else _mapped(kept)


def _temporary(write: Callable[[IO[bytes]], None], tokens: int) -> EncodedText:
    """A text in a temporary file that goes with it."""
    try:
        path = _written(Path(tempfile.gettempdir()), write)
    except OSError as error:
        raise no_room(error, 4 * tokens) from None
    text = _reopened(path)
    weakref.finalize(text, _remove, path, os.getpid())
    return text


def _written(folder: Path, write: Callable[[IO[bytes]], None]) -> Path:
    """A new file with that content. Where the writing fails, there is none."""
    number, name = tempfile.mkstemp(dir=folder, prefix="gradproof-", suffix=".part")
    try:
        with os.fdopen(number, "wb") as file:
            write(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _mapped(kept: TokenFile) -> EncodedText:
    return EncodedText(Vocabulary(kept.words, kept.counts), kept.tokens, kept.read_words, kept)


def _reopened(path: Path) -> EncodedText:
    kept = read_tokens(path)
    if kept is None:
        raise GradproofError(f"the tokens in {str(path)!r} are gone", "the file of the process that wrote them",
                             "encoding the text again")
    return _mapped(kept)


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # not in a process that was forked from it
        with suppress(OSError):
            path.unlink()


def _check_enough(kept: int, read_words: int, counts: NDArray[np.int64], words: Callable[[Sequence[int]], list[str]],
                  min_count: int) -> None:
    if not read_words:
        raise GradproofError("the text has no words", "at least two different words", "another corpus file")
    most = int(np.argmax(counts))
    if kept == 0:
        raise GradproofError(
            f"no word occurs {min_count} times in a text of {read_words:,} words (the most frequent, "
            f"{words([most])[0]!r}, occurs {counts[most]} times)",
            "at least two words as frequent as min_count", f"a longer text, or min_count={max(1, counts[most] // 2)}")
    if kept == 1:
        raise GradproofError(
            f"a vocabulary of one word, {words([most])[0]!r}, from {read_words:,} words read ({len(counts)} different)",
            "at least two words that occur min_count times",
            "a text with other words" if len(counts) == 1 else f"min_count below {min_count}, or a longer text")


def _frozen(values: _Array) -> _Array:
    values.flags.writeable = False
    return values
