"""The words of a text as numbers, by arrays instead of one by one.

The authority is a plain dictionary from a word's bytes to its number, in the order of first occurrence. In front of it
stands a table of words seen so far that are no longer than 16 bytes, in which all words of a block of text are looked
up at once. A word is taken from the table only where all its bytes are those of the entry, so that the numbers are
those of the dictionary alone; what the table lacks goes to the dictionary, in English text one word in twenty.

    >>> lexicon = Lexicon()
    >>> lexicon.number(scan(b"the king rules\\nthe queen rules\\n")).tolist()
    [0, 1, 2, -1, 0, 3, 2, -1]
    >>> lexicon.words()
    ['the', 'king', 'rules', 'queen']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SENTENCE_END = -1

Numbers = NDArray[np.int32]
Places = NDArray[np.int64]
Keys = NDArray[np.uint64]

_KEY = np.dtype("<u8")  # eight bytes of a word, the first one lowest, whatever the machine
_KEY_BYTES = 8
_LOW_BYTES = np.array([(1 << 8 * n) - 1 for n in range(_KEY_BYTES + 1)], dtype=_KEY)
# Odd, of irregular bits: the golden ratio, and a prime of xxHash (Collet 2012). Equality never rests on them.
_MIX, _MIX_SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_SMALL_BITS, _LARGE_BITS = 16, 21  # of the table's size; 20 bytes a place
_MOST_WORDS_SMALL = 1 << 14  # more of them share places too often, and go to the dictionary


@dataclass(frozen=True)
class Scan:
    """A block of text cut into its n words.

    text: its bytes; starts, lengths: (n,) where each word is; first, second: (n,) its bytes 0 to 7 and 8 to 15, zeros
    after its end; hashes: (n,) of both; line_ends: for each line feed, how many words of the block come before it.
    """

    text: bytes
    starts: Places
    lengths: Places
    first: Keys
    second: Keys
    hashes: Keys
    line_ends: Places


def scan(block: bytes) -> Scan:
    """Find the words of a block: what `str.split` finds in its lines.

    block: UTF-8 without zero bytes that ends with white space of ASCII.
    """
    text = block if block.isascii() else _with_plain_spaces(block)
    padded = np.frombuffer(text + bytes(2 * _KEY_BYTES), np.uint8)
    spaces = np.flatnonzero(padded[:len(text)] <= ord(" "))
    separators = padded[spaces]
    if not ((separators == ord(" ")) | (separators == ord("\n"))).all():
        white = _IS_SPACE[separators]
        spaces, separators = spaces[white], separators[white]
    starts = np.empty_like(spaces)
    starts[:1], starts[1:] = 0, spaces[:-1] + 1
    lengths = spaces - starts
    feeds = np.flatnonzero(separators == ord("\n"))
    words = lengths > 0
    line_ends: Places = feeds + 1
    if not words.all():
        line_ends = np.cumsum(words, dtype=np.int64)[feeds]
        starts, lengths = starts[words], lengths[words]
    return _keyed(text, padded, starts, lengths, line_ends)


def _keyed(text: bytes, padded: NDArray[np.uint8], starts: Places, lengths: Places, line_ends: Places) -> Scan:
    at = np.ndarray((len(text) + _KEY_BYTES,), _KEY, padded, strides=(1,))  # the eight bytes from each place on
    first = at[starts] & _LOW_BYTES[np.minimum(lengths, _KEY_BYTES)]
    second = np.zeros_like(first)
    long = np.flatnonzero(lengths > _KEY_BYTES)
    second[long] = at[starts[long] + _KEY_BYTES] & _LOW_BYTES[np.minimum(lengths[long] - _KEY_BYTES, _KEY_BYTES)]
    hashes = (first * _MIX) ^ (second * _MIX_SECOND)
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIX_SECOND
    return Scan(text, starts, lengths, first, second, hashes, line_ends)


class Lexicon:
    """Numbers for words, the first word 0, a new one the next; and where sentences end.

    longest: words of a sentence; a line with more is cut into several.
    """

    def __init__(self, longest: int = 10_000) -> None:
        self._number: defaultdict[bytes, int] = defaultdict()
        self._number.default_factory = self._number.__len__
        self._longest = longest
        self._open = 0  # words of the sentence that the last block did not end
        self._set_up(_SMALL_BITS)

    def __len__(self) -> int:
        return len(self._number)

    def words(self, numbers: Sequence[int] | None = None) -> list[str]:
        """The words of some numbers, or of all in their order."""
        known = list(self._number)
        return [known[number].decode() for number in (range(len(known)) if numbers is None else numbers)]

    def number(self, block: Scan) -> Numbers:
        """The words (n,) of the next block of a text as numbers, with `SENTENCE_END` after each sentence it ends."""
        place = (block.hashes >> self._shift).astype(np.int64)
        known = self._first.take(place) == block.first  # all bytes of a word of seven and fewer, and a zero after them
        long = np.flatnonzero(block.lengths >= _KEY_BYTES)
        known[long] &= self._second.take(place[long]) == block.second[long]
        known[long] &= block.lengths[long] <= 2 * _KEY_BYTES
        numbers = self._numbers.take(place)
        missed = np.flatnonzero(~known)
        if len(missed):
            numbers[missed] = self._look_up(block, missed)
            self._remember(block, place, numbers, missed)
        return np.insert(numbers, self._sentence_ends(block.line_ends, len(numbers)), SENTENCE_END)

    def finish(self) -> Numbers:
        """The end of the last sentence, where no line feed was."""
        rest, self._open = self._open, 0
        return np.full(min(rest, 1), SENTENCE_END, dtype=np.int32)

    def _set_up(self, bits: int) -> None:
        """An empty table of 2^bits places. An empty place has the key of the word of no letters, which never comes."""
        self._bits, self._shift = bits, np.uint64(64 - bits)
        self._first, self._second = np.zeros((2, 1 << bits), dtype=_KEY)
        self._numbers = np.zeros(1 << bits, dtype=np.int32)

    def _look_up(self, block: Scan, which: Places) -> list[int]:
        starts = block.starts[which]
        ends = starts + block.lengths[which]
        words = [block.text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        return list(map(self._number.__getitem__, words))

    def _remember(self, block: Scan, place: Places, numbers: Numbers, missed: Places) -> None:
        """Put words that were missed where the table is empty: who comes first stays, and frequent words do."""
        if len(self) > _MOST_WORDS_SMALL and self._bits == _SMALL_BITS:
            self._set_up(_LARGE_BITS)  # it fills again as words are missed
            return
        fitting = missed[(block.lengths[missed] <= 2 * _KEY_BYTES) & (self._first[place[missed]] == 0)]
        places, earliest = np.unique(place[fitting], return_index=True)
        chosen = fitting[earliest]
        self._first[places], self._second[places] = block.first[chosen], block.second[chosen]
        self._numbers[places] = numbers[chosen]

    def _sentence_ends(self, line_ends: Places, words: int) -> Places:
        """Before which words of the block a sentence ends: at line feeds, if it has words, and where it is too long."""
        ends = line_ends + self._open
        ends = ends[np.diff(ends, prepend=0) > 0]
        bounds = np.concatenate(([0], ends, [self._open + words]))
        for long in np.flatnonzero(np.diff(bounds) > self._longest):
            cuts = np.arange(bounds[long] + self._longest, bounds[long + 1], self._longest)
            ends = np.concatenate((ends, cuts))
        ends.sort()
        since = self._open
        self._open += words - int(ends[-1] if len(ends) else 0)
        return ends - since


# --- white space outside ASCII ----------------------------------------------------------------------------------------

_IS_SPACE = np.array([chr(code).isspace() for code in range(ord(" ") + 1)])
_WIDE_SPACES = "\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_TWO_BYTES = [ord(c.encode()[1:]) for c in _WIDE_SPACES if len(c.encode()) == 2]  # all of them after 0xC2
_THREE_BYTES = [int.from_bytes(c.encode(), "big") for c in _WIDE_SPACES if len(c.encode()) == 3]  # from 0xE1 to 0xE3


def _with_plain_spaces(block: bytes) -> bytes:
    """The same text with a blank for each byte of white space that is not ASCII, as `str.split` takes it."""
    padded = np.frombuffer(bytearray(block + bytes(2)), np.uint8)
    after_two = np.flatnonzero(padded == 0xC2)
    after_two = after_two[np.isin(padded[after_two + 1], _TWO_BYTES)]
    three = np.flatnonzero(padded - np.uint8(0xE1) <= 2)
    codes = padded[three].astype(np.int64) << 16 | padded[three + 1].astype(np.int64) << 8 | padded[three + 2]
    three = three[np.isin(codes, _THREE_BYTES)]
    for start, width in ((after_two, 2), (three, 3)):
        for byte in range(width):
            padded[start + byte] = ord(" ")
    return padded[:len(block)].tobytes()
