"""The text as minibatches of trained pairs.

A minibatch is a number of blocks of 16 centres that lie side by side, with one reach for all of them. The contexts of a
block lie in one run of 16 + 2 reach tokens, so weights that are 0 outside a band say which (centre, context) pairs are
trained, and the centres of a block share their negative samples, as in Ji 2016 (arXiv 1604.04661): products of small
matrices in the place of many dot products.

The blocks of a minibatch are taken from all over a chunk of the text. Blocks that lie side by side tell of the same
things and repeat the same rare words; their updates, summed at one point, overshoot and can diverge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from numeric.reaches import band, nearness
from numeric.settings import Settings
from numeric.vocabulary import SENTENCE_END, EncodedText, noise_guide

BLOCK = 16  # centres that share their negatives
SHARED_NEGATIVES = 16  # negatives of a block; their weight makes them count as `negative` for each pair
MOST_WORDS = 512  # centres of a minibatch; every one reads the vectors as they were before it
MOST_REPETITIONS = 2  # expected, in a minibatch, of the word of one of its centres
MOST_SCORES = 1 << 23  # centres times words of the vocabulary, where a minibatch has a score for each
MOST_TABLED = 32  # a longer reach has tables that fit no cache, and rows that are computed fast
FINE_GUIDE_BITS = 20  # a part of the noise so small holds a word or two: few passes over a chunk's negatives
CHUNK = 1 << 16  # tokens thinned out and mixed at once; windows end at its end

Numbers = NDArray[np.int32]
Reaches = NDArray[np.int16]
Matrix = NDArray[np.floating]
_Whole = TypeVar("_Whole", np.int16, np.int32)


@dataclass(frozen=True)
class Minibatch:
    """B blocks of C centres each, with S = C + 2 reach context rows and K negatives a block.

    contexts: (B, S) words, those at the ends of a chunk padding (word 0); left, right: (B, C) int16, how many words
    before and after it are trained with each centre, the reach at most, none with padding; nearness: what a pair counts
    at the distances 1 to reach; negatives: (B, K) words; done: share of all training before this minibatch, 0 to 1.
    """

    contexts: Numbers
    left: Reaches
    right: Reaches
    nearness: tuple[float, ...]
    negatives: Numbers
    done: float

    @property
    def reach(self) -> int:
        """The largest distance of a pair."""
        return len(self.nearness)

    @property
    def centres(self) -> Numbers:
        """The words (B, C) of the centres."""
        return self.contexts[:, self.reach:-self.reach]

    def weights(self, dtype: np.dtype[Any], more: int = 0, each: float = 0.0) -> Matrix:
        """What centre i and context j of a block count as a pair, 0 where they are none, and in `more` columns behind
        the contexts `each` times the sum of the centre: (B, C, S + more)."""
        if self.reach > MOST_TABLED:
            return _weighed(self.nearness, self.left, self.right, dtype, more, each)
        before, after = _bands(self.nearness, dtype, more, each)
        left, right = self._bands_of_centres
        weights = before.take(left, axis=0)
        weights += after.take(right, axis=0)
        return weights

    def sums(self, dtype: np.dtype[Any]) -> Matrix:
        """What all pairs of each centre count: (B, C)."""
        within = _within(self.nearness, dtype)
        return within.take(self.left) + within.take(self.right)

    @cached_property
    def _bands_of_centres(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        of_centre = np.arange(BLOCK)
        return self.left * np.intp(BLOCK) + of_centre, self.right * np.intp(BLOCK) + of_centre

    @property
    def inside(self) -> NDArray[np.bool_]:
        """(B, C, S): whether centre i and context j of the block are a trained pair."""
        return self.weights(np.dtype(np.float32)) > 0


@dataclass(frozen=True)
class Drawing:
    """What a run draws its minibatches from, made once.

    words: centres of a minibatch; keep: (V,) probabilities; last, guide: where each word's part of the noise ends, in
    units of 2^-32, and the word (2^FINE_GUIDE_BITS,) that each of so many equal parts begins in; nearness: for each
    reach that a minibatch may have, what a pair counts at the distances 1 to reach.
    """

    text: EncodedText
    settings: Settings
    words: int
    keep: NDArray[np.float32]
    last: NDArray[np.uint32]
    guide: Numbers
    nearness: list[tuple[float, ...]]

    @classmethod
    def of(cls, text: EncodedText, settings: Settings) -> Drawing:
        """That of a text."""
        steps, guide = noise_guide(text.vocabulary.noise_steps(), FINE_GUIDE_BITS)
        keep = text.vocabulary.keep_probabilities(settings.sample).astype(np.float32)
        last = (steps - np.uint64(1)).astype(np.uint32)
        return cls(text, settings, minibatch_words(text, settings), keep, last, guide, nearness(settings))

    def chunk(self, epoch: int, start: int) -> Iterator[Minibatch]:
        """The minibatches of the one chunk that starts at a token. What is drawn depends on seed, epoch and start
        alone."""
        settings, window = self.settings, self.settings.window
        rng = np.random.default_rng((settings.seed, epoch, start // CHUNK))
        chunk = self.text.chunk(start, start + CHUNK)
        tokens, *sides = _thinned(chunk, self.keep, window, rng)
        blocks = -(-len(tokens) // BLOCK)
        padded = _padded(tokens, blocks, window)
        before, after = (_padded(side, blocks).reshape(blocks, BLOCK) for side in sides)
        negatives = self._negatives(blocks, rng)
        several = max(-(-blocks * BLOCK // self.words), min(blocks, window))
        turn = int(rng.integers(window))  # each reach has its turn, the first of them drawn
        runs = {reach: _runs(padded[window - reach:], blocks, BLOCK + 2 * reach) for reach in map(len, self.nearness)}
        for number in range(several):
            near, own = self.nearness[(turn + number) % window], slice(number, None, several)
            done = (epoch + (start + number / several * len(chunk)) / len(self.text.tokens)) / settings.epochs
            left, right = (np.minimum(side[own], len(near)) for side in (before, after))
            yield Minibatch(runs[len(near)][own], left, right, near, negatives[own], done)

    def _negatives(self, blocks: int, rng: np.random.Generator) -> Numbers:
        """(blocks, K) words of the noise, one from each of K equal parts of it (see `windows.draw_words`)."""
        shared = max(SHARED_NEGATIVES, self.settings.negative)
        place = ((np.arange(shared) + rng.random((blocks, shared))) * (2.0**32 / shared)).astype(np.uint32)
        words = self.guide.take(place >> np.uint32(32 - FINE_GUIDE_BITS))
        while np.any(before := self.last.take(words) < place):
            words += before
        return words


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


def _thinned(chunk: Numbers, keep: NDArray[np.float32], window: int, rng: np.random.Generator,
             ) -> tuple[Numbers, Reaches, Reaches]:
    """The tokens that stay, and how many there are before and after each in its sentence, `window` at most."""
    ends = chunk == SENTENCE_END
    stays = rng.random(len(chunk), dtype=np.float32) < keep.take(chunk)  # an end takes that of the last word,
    stays &= ~ends  # and goes
    kept = np.flatnonzero(stays)
    tokens, sentence = chunk.take(kept), np.cumsum(ends, dtype=np.int32).take(kept)
    begins = np.flatnonzero(sentence[1:] != sentence[:-1]) + 1
    edges = np.concatenate(([0], begins, [len(kept)]))
    lengths, places = np.diff(edges), np.arange(len(kept))
    before = places - np.repeat(edges[:-1], lengths)
    after = np.repeat(edges[1:], lengths) - 1 - places
    return tokens, np.minimum(before, window).astype(np.int16), np.minimum(after, window).astype(np.int16)


def _padded(values: NDArray[_Whole], blocks: int, window: int = 0) -> NDArray[_Whole]:
    """With `window` zeros before, and as many as fill the last block and `window` more after."""
    found = np.zeros(blocks * BLOCK + 2 * window, values.dtype)
    found[window:window + len(values)] = values
    return found


def _runs(padded: Numbers, number: int, length: int) -> Numbers:
    """(number, length): a view of runs that begin a block apart and overlap."""
    return as_strided(padded, (number, length), (BLOCK * padded.itemsize, padded.itemsize), writeable=False)


@cache
def _within(nearness: tuple[float, ...], dtype: np.dtype[Any]) -> Matrix:
    """What the pairs at distances up to 0, 1, ..., reach count together. Not writeable."""
    within = np.cumsum((0.0, *nearness)).astype(dtype)
    within.flags.writeable = False
    return within


def _weighed(nearness: tuple[float, ...], left: Reaches, right: Reaches, dtype: np.dtype[Any], more: int,
             each: float) -> Matrix:
    """As `Minibatch.weights`, computed. left, right: (n, C)."""
    reach, within = len(nearness), _within(nearness, dtype)
    places = np.arange(BLOCK + 2 * reach) - reach - np.arange(BLOCK)[:, None]  # of context j, seen from centre i
    inside = (places >= -left[:, :, None]) & (places <= right[:, :, None])
    weights = np.zeros((len(left), BLOCK, places.shape[1] + more), dtype)
    weights[:, :, :places.shape[1]] = band(nearness, BLOCK).astype(dtype) * inside
    weights[:, :, places.shape[1]:] = each * (within[left] + within[right])[:, :, None]
    return weights


@cache
def _bands(nearness: tuple[float, ...], dtype: np.dtype[Any], more: int, each: float) -> tuple[Matrix, Matrix]:
    """What the contexts before and after a centre count: rows of S + more (see `Minibatch.weights`) for every number r
    of words on that side and every centre i, at r C + i. Taken, weights cost a fifth of what they do computed.
    Not writeable: they are shared."""
    words = np.repeat(np.arange(len(nearness) + 1, dtype=np.int16)[:, None], BLOCK, axis=1)
    found = [_weighed(nearness, left, right, dtype, more, each)
             for left, right in ((words, np.zeros_like(words)), (np.zeros_like(words), words))]
    before, after = (band.reshape(-1, band.shape[2]) for band in found)
    before.flags.writeable = after.flags.writeable = False
    return before, after
