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

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from numeric.settings import Settings
from numeric.vocabulary import SENTENCE_END, EncodedText

BLOCK = 16  # centres that share their negatives
SHARED_NEGATIVES = 16  # negatives of a block; their weight makes them count as `negative` for each pair
MOST_WORDS = 512  # centres of a minibatch; every one reads the vectors as they were before it
MOST_REPETITIONS = 2  # expected, in a minibatch, of the word of one of its centres
MOST_SCORES = 1 << 23  # centres times words of the vocabulary, where a minibatch has a score for each
CHUNK = 1 << 16  # tokens thinned out and mixed at once; windows end at its end

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Minibatch:
    """B blocks of C centres each, with S = C + 2 window context rows and K negatives a block.

    contexts: (B, S) words, those at the ends of a chunk padding (word 0); inside: (B, C, S) bool, centre i and context
    j of the block are a trained pair; the padding never is; negatives: (B, K) words; done: share of all training
    before this minibatch, 0 to 1.
    """

    contexts: Numbers
    inside: NDArray[np.bool_]
    negatives: Numbers
    done: float

    @property
    def centres(self) -> Numbers:
        """The words (B, C) of the centres."""
        window = (self.inside.shape[2] - self.inside.shape[1]) // 2
        return self.contexts[:, window:-window]


def minibatches(text: EncodedText, settings: Settings, epoch: int) -> Iterator[Minibatch]:
    """One epoch of a text: thinned out, cut, with windows and negatives drawn. The seed fixes every draw.

    epoch: counted from 0. A chunk that thinning leaves without a token gives nothing.
    """
    for start in range(0, len(text.tokens), CHUNK):
        yield from chunk_minibatches(text, settings, epoch, start)


def chunk_minibatches(text: EncodedText, settings: Settings, epoch: int, start: int) -> Iterator[Minibatch]:
    """The same for the one chunk that starts at a token. What is drawn depends on seed, epoch and start alone."""
    keep, noise = text.vocabulary.keep_probabilities(settings.sample), text.vocabulary.noise_steps()
    words = minibatch_words(text, settings)
    rng = np.random.default_rng((settings.seed, epoch, start // CHUNK))
    chunk = text.chunk(start, start + CHUNK)
    contexts, sentence = _blocks(_thinned(chunk, keep, rng), settings.window)
    several = -(-len(contexts) * BLOCK // words)
    for number in range(several):
        done = (epoch + (start + number / several * len(chunk)) / len(text.tokens)) / settings.epochs
        own = slice(number, None, several)
        yield Minibatch(contexts[own], _inside(sentence[own], settings.window, rng),
                        _negatives(noise, len(contexts[own]), settings.negative, rng), done)


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


def _thinned(chunk: Numbers, keep: NDArray[np.float64], rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """The tokens that stay, and the number of the sentence each stands in."""
    ends = chunk == SENTENCE_END
    stays = (rng.random(len(chunk)) < keep[chunk]) & ~ends
    return chunk[stays], np.cumsum(ends, dtype=np.int32)[stays]


def _blocks(thinned: tuple[Numbers, Numbers], window: int) -> tuple[Numbers, Numbers]:
    """Words and sentence numbers (blocks, S): views with overlapping strides of the padded runs; padding is -1."""
    tokens, sentence = thinned
    padding = (window, window + -len(tokens) % BLOCK)
    length = BLOCK + 2 * window
    if not len(tokens):
        return np.empty((0, length), np.int32), np.empty((0, length), np.int32)
    words, numbers = np.pad(tokens, padding), np.pad(sentence, padding, constant_values=-1)
    return sliding_window_view(words, length)[::BLOCK], sliding_window_view(numbers, length)[::BLOCK]


def _inside(sentence: Numbers, window: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(B, C, S): within the reach the centre draws, in its sentence, and not itself."""
    own = sentence[:, window:-window]
    reach = np.where(own < 0, 0, rng.integers(1, window + 1, own.shape, dtype=np.int16))
    inside: NDArray[np.bool_] = _distances(window) <= reach[:, :, None]
    inside &= own[:, :, None] == sentence[:, None, :]
    return inside


@cache
def _distances(window: int) -> NDArray[np.int16]:
    """(C, S): how far context j lies from centre i; its own place lies out of reach. Not writeable: it is shared."""
    places = np.arange(BLOCK + 2 * window, dtype=np.int16) - np.int16(window)
    distance = np.abs(places - np.arange(BLOCK, dtype=np.int16)[:, None])
    distance[distance == 0] = window + 1
    distance.flags.writeable = False
    return distance


def _negatives(noise: NDArray[np.float64], blocks: int, negative: int, rng: np.random.Generator) -> Numbers:
    return np.searchsorted(noise, rng.random((blocks, max(SHARED_NEGATIVES, negative)))).astype(np.int32)
