"""The schedule of the loop path: which windows of a text are trained, in which order, with which negatives.

Plain Python, slow and readable; `generated` puts the text of these functions behind the steps printed from theorems and
compiles both. No gradient is written here: rows are copied next to each other, `step` moves their originals.

One window is one call of the step. All its pairs share the negatives (as in Ji 2016, arXiv 1604.04661) and see the
vectors as they were before it, so that its rows are read once. As in the C implementation of Mikolov 2013, the words
around the centre are the inputs of skip-gram, the centre what they predict; over a text, pairs come both ways.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Constants of the generated source; here they stand for those who read or test these functions.
ROW, NEGATIVE, MEAN, BLOCK = 16, 5, False, 16
AHEAD = 2  # windows between asking for a row and needing it

Floats = NDArray[np.float32]
Numbers = NDArray[Any]


def step(*arguments: Any) -> None:
    """Takes the place of the printed step, which generated source has."""
    raise NotImplementedError("the step is printed from theorems by numeric.loops")


def loss(*arguments: Any) -> float:
    """Takes the place of the printed loss."""
    raise NotImplementedError("the loss is printed from theorems by numeric.loops")


def draw(state: Numbers) -> Any:
    """64 random bits: xorshift, Marsaglia 2003 (triple 13, 7, 17). state: (1,) uint64, not 0."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    return x


def copy_row(source: Floats, row: int, target: Floats, place: int) -> None:
    """target[place] = source[row]."""
    for d in range(ROW):
        target[place, d] = source[row, d]


def prefetch(matrix: Floats, row: int, place: int) -> None:
    """A hint that matrix[row, place] will be needed. Generated source has the processor's instruction in its place."""


def prefetch_row(matrix: Floats, row: int) -> None:
    """The same for a whole row, a cache line of 16 numbers at a time."""
    for d in range(0, ROW, 16):
        prefetch(matrix, row, d)


def thin(tokens: Numbers, keep: Floats, state: Numbers, kept: Numbers, sentence: Numbers) -> int:
    """The tokens that stay, and the number of the sentence of each; how many they are.

    tokens: (n,) words, negative after each sentence; keep: (V,) probability to stay; kept, sentence: (n,) filled.
    """
    stays, ends = 0, 0
    for token in tokens:
        if token < 0:
            ends += 1
        elif np.float32(draw(state) >> np.uint64(40)) < keep[token] * np.float32(16777216.0):  # 2^24: all bits count
            kept[stays] = token
            sentence[stays] = ends
            stays += 1
    return stays


def draw_words(limits: Floats, others: Numbers, state: Numbers, drawn: Numbers, count: int) -> None:
    """Words from an alias table (Walker 1977): column j holds j up to its limit, another word above it.

    limits: (V,); others: (V,); drawn: filled with `count` words.
    """
    words = np.uint64(len(limits))
    for i in range(count):
        bits = draw(state)
        column = np.int64(((bits >> np.uint64(32)) * words) >> np.uint64(32))
        height = np.float32(bits & np.uint64(16777215)) * np.float32(1 / 16777216)
        drawn[i] = column if height < limits[column] else others[column]


def train_windows(tokens: Numbers, keep: Floats, limits: Floats, others: Numbers, state: Numbers, inputs: Floats,
                  outputs: Floats, window: int, first_rate: float, last_rate: float, every: int, lists: Any, rows: Any,
                  weights: Any, stages: Any) -> tuple[int, int, float]:
    """Train on a chunk of the text: its pairs, those whose loss was measured, and the sum of their losses.

    tokens ... others: as in `thin` and `draw_words`; inputs, outputs: (V, ROW) trained in place; window: words on each
    side, at most; the rate goes from first_rate to last_rate; every: one window in how many is measured; lists: room
    for kept words, their sentences, negatives, and the rows around, at the centre and of the negatives; rows:
    (2 window, ROW), (1, ROW) and (NEGATIVE, ROW); weights: of pairs and of negatives, all 1, and (1, 2 window); stages:
    of the printed step.
    """
    kept, sentence, drawn, at_around, at_centre, at_negatives = lists
    around, centre, negatives = rows
    pair_weights, negative_weights, share = weights
    count = thin(tokens, keep, state, kept, sentence)
    draw_words(limits, others, state, drawn, count * NEGATIVE)
    pairs, measured, total = 0, 0, 0.0
    for i in range(count):
        if i + AHEAD < count:
            for k in range(NEGATIVE):
                prefetch_row(outputs, drawn[(i + AHEAD) * NEGATIVE + k])
            prefetch_row(outputs, kept[i + AHEAD])
            if i + AHEAD + window < count:
                prefetch_row(inputs, kept[i + AHEAD + window])
        reach: Any = 1 + np.int64(((draw(state) >> np.uint64(40)) * np.uint64(window)) >> np.uint64(24))
        n = 0
        for j in range(max(0, i - reach), min(count, i + reach + 1)):
            if j != i and sentence[j] == sentence[i]:
                at_around[n] = kept[j]
                copy_row(inputs, kept[j], around, n)
                n += 1
        if n == 0:
            continue
        own = kept[i]
        at_centre[0] = own
        copy_row(outputs, own, centre, 0)
        hits = 0
        for k in range(NEGATIVE):
            word = drawn[i * NEGATIVE + k]
            at_negatives[k] = word
            copy_row(outputs, word, negatives, k)
            if word == own:
                hits += 1
        if hits:
            weigh(at_negatives, own, negative_weights, np.float32(0.0))
        if MEAN:
            for j in range(n):
                share[0, j] = np.float32(1.0) / np.float32(n)
        pairs += 1 if MEAN else n
        if i % every == 0:
            measured += 1 if MEAN else n
            total += loss(n, around, centre, negatives, pair_weights, negative_weights, share, *stages)
        rate = np.float32(first_rate + (last_rate - first_rate) * i / count)
        step(n, around, centre, negatives, pair_weights, negative_weights, share, inputs, at_around, outputs,
             at_centre, outputs, at_negatives, rate, *stages)
        if hits:
            weigh(at_negatives, own, negative_weights, np.float32(1.0))
    return pairs, measured, total


def weigh(at_negatives: Numbers, own: int, negative_weights: Floats, weight: np.float32) -> None:
    """The weight of the negatives that are the centre's own word: they are no negatives of it (Mikolov 2013)."""
    for k in range(NEGATIVE):
        if at_negatives[k] == own:
            for b in range(len(negative_weights)):
                negative_weights[b, k] = weight


def train_blocks(tokens: Numbers, keep: Floats, state: Numbers, inputs: Floats, outputs: Floats, window: int,
                 first_rate: float, last_rate: float, every: int, lists: Any, rows: Floats, weights: Any,
                 stages: Any) -> tuple[int, int, float]:
    """The same with the softmax over all words: BLOCK centres at once, the denominator once for each.

    tokens ... every: as in `train_windows`; lists: room for kept words, their sentences and the input rows of a block;
    rows: (BLOCK + 2 window, ROW); weights: (BLOCK, BLOCK + 2 window) shares of CBOW's means and (BLOCK, V) targets,
    all 0, and 0 again at the end.
    """
    kept, sentence, at_rows = lists
    share, targets = weights
    count = thin(tokens, keep, state, kept, sentence)
    pairs, measured, total = 0, 0, 0.0
    for start in range(0, count, BLOCK):
        end = min(start + BLOCK, count)
        low, high = (max(0, start - window), min(count, end + window)) if MEAN else (start, end)
        for j in range(low, high):
            at_rows[j - low] = kept[j]
            copy_row(inputs, kept[j], rows, j - low)
        trained = 0
        for i in range(start, end):
            reach: Any = 1 + np.int64(((draw(state) >> np.uint64(40)) * np.uint64(window)) >> np.uint64(24))
            n = 0
            for j in range(max(0, i - reach), min(count, i + reach + 1)):
                if j != i and sentence[j] == sentence[i]:
                    n += 1
                    if MEAN:
                        share[i - start, j - low] = np.float32(1.0)
                    else:
                        targets[i - start, kept[j]] += np.float32(1.0)
            if MEAN and n:
                targets[i - start, kept[i]] = np.float32(1.0)
                for j in range(high - low):
                    share[i - start, j] /= np.float32(n)
                n = 1
            trained += n
        if trained == 0:
            continue
        pairs += trained
        if (start // BLOCK) % every == 0:
            measured += trained
            total += loss(len(keep), high - low, rows, share, outputs, targets, *stages)
        rate = np.float32(first_rate + (last_rate - first_rate) * start / count)
        step(len(keep), high - low, rows, share, outputs, targets, inputs, at_rows, rate, *stages)
        for i in range(start, end):
            for j in range(max(0, i - window), min(count, i + window + 1)):
                targets[i - start, kept[j]] = np.float32(0.0)
            for j in range(high - low):
                share[i - start, j] = np.float32(0.0)
    return pairs, measured, total
