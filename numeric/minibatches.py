"""The text as minibatches of trained pairs.

A minibatch is a number of blocks of 16 centres that lie side by side. The contexts of a block lie in one run of
16 + 2 window tokens, so a band mask says which (centre, context) pairs are trained, and the centres of a block share
their negative samples, as in Ji 2016 (arXiv 1604.04661): products of small matrices in the place of many dot products.

The blocks of a minibatch are taken from all over a chunk of the text. Blocks that lie side by side tell of the same
things and repeat the same rare words; their updates, summed at one point, overshoot and can diverge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from numeric.settings import Settings
from numeric.vocabulary import SENTENCE_END, EncodedText, alias_table

BLOCK = 16  # centres that share their negatives
SHARED_NEGATIVES = 16  # negatives of a block; their weight makes them count as `negative` for each pair
MOST_WORDS = 512  # centres of a minibatch; every one reads the vectors as they were before it
MOST_REPETITIONS = 2  # expected, in a minibatch, of the word of one of its centres
MOST_SCORES = 1 << 23  # centres times words of the vocabulary, where a minibatch has a score for each
CHUNK = 1 << 16  # tokens thinned out and mixed at once; windows end at its end

Numbers = NDArray[np.int32]
Reaches = NDArray[np.int16]
_Whole = TypeVar("_Whole", np.int16, np.int32)


@dataclass(frozen=True)
class Minibatch:
    """B blocks of C centres each, with S = C + 2 window context rows and K negatives a block.

    contexts: (B, S) words, those at the ends of a chunk padding (word 0); left, right: (B, C) int16, how many words
    before and after it are trained with each centre, none with padding; negatives: (B, K) words; done: share of all
    training before this minibatch, 0 to 1.
    """

    contexts: Numbers
    left: Reaches
    right: Reaches
    negatives: Numbers
    done: float

    @property
    def window(self) -> int:
        """The largest reach."""
        return (self.contexts.shape[1] - self.left.shape[1]) // 2

    @property
    def centres(self) -> Numbers:
        """The words (B, C) of the centres."""
        return self.contexts[:, self.window:-self.window]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(B, C, S): whether centre i and context j of the block are a trained pair."""
        before, after = _bands(self.window)
        first = np.arange(BLOCK) * (self.window + 1)
        inside = before.take(self.left + first, axis=0)
        inside |= after.take(self.right + first, axis=0)
        return inside


@dataclass(frozen=True)
class Drawing:
    """What a run draws its minibatches from, made once.

    words: centres of a minibatch; keep: (V,) probabilities; limits, others: (V,), an alias table of the noise.
    """

    text: EncodedText
    settings: Settings
    words: int
    keep: NDArray[np.float64]
    limits: NDArray[np.float32]
    others: Numbers

    @classmethod
    def of(cls, text: EncodedText, settings: Settings) -> Drawing:
        """That of a text."""
        shares = np.diff(text.vocabulary.noise_steps(), prepend=0.0)
        return cls(text, settings, minibatch_words(text, settings),
                   text.vocabulary.keep_probabilities(settings.sample), *alias_table(shares))

    def chunk(self, epoch: int, start: int) -> Iterator[Minibatch]:
        """The minibatches of the one chunk that starts at a token. What is drawn depends on seed, epoch and start
        alone."""
        settings, window = self.settings, self.settings.window
        rng = np.random.default_rng((settings.seed, epoch, start // CHUNK))
        chunk = self.text.chunk(start, start + CHUNK)
        tokens, *sides = _thinned(chunk, self.keep, window, rng)
        blocks = -(-len(tokens) // BLOCK)
        contexts = _blocks(tokens, blocks, window)
        left, right = (_padded(side, blocks).reshape(blocks, BLOCK) for side in sides)
        negatives = self._negatives(blocks, rng)
        several = -(-blocks * BLOCK // self.words)
        for number in range(several):
            done = (epoch + (start + number / several * len(chunk)) / len(self.text.tokens)) / settings.epochs
            own = slice(number, None, several)
            yield Minibatch(contexts[own], left[own], right[own], negatives[own], done)

    def _negatives(self, blocks: int, rng: np.random.Generator) -> Numbers:
        """(blocks, K) words of the noise: a column of the table, then its own word or the other one."""
        place = rng.random((blocks, max(SHARED_NEGATIVES, self.settings.negative))) * len(self.limits)
        column = place.astype(np.int32)
        return np.where(place - column < self.limits.take(column), column, self.others.take(column))


def minibatches(text: EncodedText, settings: Settings, epoch: int) -> Iterator[Minibatch]:
    """One epoch of a text: thinned out, cut, with windows and negatives drawn. The seed fixes every draw.

    epoch: counted from 0. A chunk that thinning leaves without a token gives nothing.
    """
    drawing = Drawing.of(text, settings)
    for start in range(0, len(text.tokens), CHUNK):
        yield from drawing.chunk(epoch, start)


def minibatch_words(text: EncodedText, settings: Settings) -> int:
    """Centres of a minibatch: fewer where a few words make up most of the text.

    A minibatch sums what its pairs add to a row, all taken at one point. Where words repeat too often the sums
    overshoot: 256 centres of a vocabulary of 16 words diverge. Usual text, thinned out, gets `MOST_WORDS`.
    """
    left = text.vocabulary.counts * text.vocabulary.keep_probabilities(settings.sample)
    shares = left / left.sum()
    words = min(MOST_WORDS, int(MOST_REPETITIONS / (shares**2).sum()))
    if settings.loss == "naive-softmax":
        words = min(words, MOST_SCORES // len(left))
    return max(BLOCK, words // BLOCK * BLOCK)


def _thinned(chunk: Numbers, keep: NDArray[np.float64], window: int, rng: np.random.Generator,
             ) -> tuple[Numbers, Reaches, Reaches]:
    """The tokens that stay, and how far each looks to its left and right: its reach, within its sentence."""
    ends = chunk == SENTENCE_END
    stays = (rng.random(len(chunk)) < keep[chunk]) & ~ends
    tokens, sentence = chunk[stays], np.cumsum(ends, dtype=np.int32)[stays]
    edges = np.flatnonzero(np.diff(sentence, prepend=-1, append=-1))  # where sentences begin, and the end
    lengths, places = np.diff(edges), np.arange(len(tokens))
    reach = rng.integers(1, window + 1, len(tokens), dtype=np.int16)
    left = np.minimum(reach, places - np.repeat(edges[:-1], lengths))
    right = np.minimum(reach, np.repeat(edges[1:], lengths) - 1 - places)
    return tokens, left.astype(np.int16), right.astype(np.int16)


def _padded(values: NDArray[_Whole], blocks: int, window: int = 0) -> NDArray[_Whole]:
    """With `window` zeros before, and as many as fill the last block and `window` more after."""
    found = np.zeros(blocks * BLOCK + 2 * window, values.dtype)
    found[window:window + len(values)] = values
    return found


def _blocks(tokens: Numbers, blocks: int, window: int) -> Numbers:
    """Words (blocks, S): a view with overlapping strides of the padded runs."""
    length = BLOCK + 2 * window
    if not blocks:
        return np.empty((0, length), np.int32)
    return sliding_window_view(_padded(tokens, blocks, window), length)[::BLOCK]


@cache
def _bands(window: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which contexts a centre has before and after it: rows of S for every centre i and reach r, at i (window + 1) + r.
    Not writeable: they are shared."""
    places = np.arange(BLOCK + 2 * window) - window - np.arange(BLOCK)[:, None, None]  # of context j, seen from i
    reach = np.arange(window + 1)[:, None]
    bands = (-reach <= places) & (places < 0), (places > 0) & (places <= reach)
    before, after = (band.reshape(-1, places.shape[2]) for band in bands)
    before.flags.writeable = after.flags.writeable = False
    return before, after
