"""The schedule of the loop path: which windows of a text are trained, in which order, with which negatives.

Plain Python, slow and readable; `generated` puts the text of these functions behind the steps printed from theorems and
compiles both. No gradient is written here: rows are copied next to each other, `step` moves their originals.

Some windows side by side are one call of the step. They share their reach, which CBOW draws between 1 and the window
(Mikolov 2013) and skip-gram from half the window on, with weights that are the same on average and vary less. All their
pairs share the negatives (as in Ji 2016, arXiv 1604.04661) and see the vectors as they were before, so that rows are
read once. As in the C implementation of
Mikolov 2013, the words around a centre are the inputs of skip-gram, the centre what they predict; over a text, pairs
come both ways.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numeric.vocabulary import GUIDE_BITS

# Constants of the generated source; here they stand for those who read or test these functions.
ROW, LANES, NEGATIVE, EACH, MEAN, BLOCK = 16, 8, 5, np.float32(1.0), False, 16
CENTRES = 4  # windows that share their negatives, and are one step
AHEAD = 1  # steps between asking for a row and needing it

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


def draw_below(most: int, state: Numbers) -> Any:
    """A whole number from 0 to most - 1: 24 random bits of it."""
    return np.int64(((draw(state) >> np.uint64(40)) * np.uint64(most)) >> np.uint64(24))


def load(matrix: Floats, row: int, place: int) -> Any:
    """Takes the place of the processor's instruction, as `store` and `prefetch` do: see `numeric.lanes`."""
    return matrix[row, place:place + LANES]


def store(matrix: Floats, row: int, place: int, numbers: Any) -> None:
    """The numbers go to their place."""
    matrix[row, place:place + LANES] = numbers


def prefetch(matrix: Floats, row: int, place: int) -> None:
    """A hint that matrix[row, place] will be needed."""


def copy_row(source: Floats, row: int, target: Floats, place: int) -> None:
    """target[place] = source[row]."""
    for d in range(0, ROW, LANES):
        store(target, place, d, load(source, row, d))


def prefetch_row(matrix: Floats, row: int) -> None:
    """The same for a whole row, a cache line of 16 numbers at a time."""
    for d in range(0, ROW, 16):
        prefetch(matrix, row, d)


def thin(tokens: Numbers, keep: Numbers, state: Numbers, kept: Numbers, sentence: Numbers) -> int:
    """The tokens that stay, and the number of the sentence of each; how many they are.

    tokens: (n,) words, negative after each sentence; keep: (V,) uint32, probability to stay in units of 2^-31; kept,
    sentence: (n,) filled.
    """
    stays, ends = 0, 0
    for token in tokens:
        if token < 0:
            ends += 1
        else:  # written in any case: whether it stays, a processor cannot foresee
            kept[stays] = token
            sentence[stays] = ends
            stays += (draw(state) >> np.uint64(33)) < keep[token]
    return stays


def draw_words(steps: Numbers, guide: Numbers, state: Numbers, drawn: Numbers, count: int) -> None:
    """Words by their share of the noise, for each step one from each of NEGATIVE equal parts of all shares.

    So drawn, the negatives of a step vary less than independent ones, and mean the same (systematic sampling, Madow
    1944). steps: (V,) uint64, the shares summed up, in units of 2^-32; guide: (2^GUIDE_BITS,), for each of so many
    equal parts of all shares the word it begins in; drawn: filled with `count` words.
    """
    for i in range(count):
        part = np.uint64(i % NEGATIVE) << np.uint64(32)
        place = (part + (draw(state) >> np.uint64(32))) // np.uint64(NEGATIVE)
        word = guide[np.int64(place >> np.uint64(32 - GUIDE_BITS))]
        while steps[word] <= place:
            word += 1
        drawn[i] = word


def train_windows(tokens: Numbers, keep: Numbers, steps: Numbers, guide: Numbers, state: Numbers, inputs: Floats,
                  outputs: Floats, window: int, first_rate: float, last_rate: float, scale: float, every: int,
                  lists: Any, rows: Any, weights: Any, usual: Any, stages: Any) -> tuple[float, float, float]:
    """Train on a chunk of the text: the weight of its pairs, of those measured, and the sum of their losses.

    tokens ... guide: as in `thin` and `draw_words`; inputs, outputs: (V, ROW) trained in place; window: words on each
    side; the rate goes from first_rate to last_rate, and is scale times that for inputs; every: one step in how many is
    measured; lists: room for kept words and their sentences, and negatives; the reaches (window,) to draw from; room
    for the rows around and those predicted: CENTRES, then NEGATIVE; rows: (CENTRES + 2 window, ROW) and (CENTRES +
    NEGATIVE, ROW); weights: room for those of pairs, what of them is true, and CBOW's means (see `weigh`); usual: these
    three for each reach, of a step inside a sentence whose negatives are not its centres, the sum of what is true
    (window,), and nearness (window, CENTRES + 2 window, CENTRES), what a word within each reach counts for each centre;
    stages: of the printed step.
    """
    kept, sentence, drawn, reaches, at_around, at_predicted = lists
    around, predicted = rows
    usual_pairs, usual_true, usual_means, usual_weight, nearness = usual
    own_pairs, own_true, own_means = weights
    count = thin(tokens, keep, state, kept, sentence)
    draw_words(steps, guide, state, drawn, (count // CENTRES + 1) * NEGATIVE)
    trained: Any = 0.0
    measured: Any = 0.0
    total = 0.0
    for first in range(0, count, CENTRES):
        number = first // CENTRES
        ahead = first + AHEAD * CENTRES
        if ahead + CENTRES + window < count:
            for i in range(ahead, ahead + CENTRES):
                prefetch_row(outputs, kept[i])
                prefetch_row(inputs, kept[i + window])
        for c in range(CENTRES):
            at_predicted[c] = kept[min(first + c, count - 1)]
        met = False
        for k in range(NEGATIVE):
            at_predicted[CENTRES + k] = drawn[number * NEGATIVE + k]
            for c in range(CENTRES):
                met |= at_predicted[CENTRES + k] == at_predicted[c]
        part = draw_below(window, state)
        reach = reaches[part]
        low, high = first - reach, first + CENTRES + reach
        n = CENTRES + 2 * reach
        if low >= 0 and high <= count and sentence[low] == sentence[high - 1] and not met:
            pairs, true, means, weight = usual_pairs[part], usual_true[part], usual_means[part], usual_weight[part]
            for b in range(n):
                at_around[b] = kept[low + b]
        else:
            pairs, true, means = own_pairs, own_true, own_means
            n = weigh(first, count, reach, nearness[part], kept, sentence, at_around, at_predicted, pairs, true, means)
            weight = np.float32(0.0)
            for b in range(1 if MEAN else n):
                for c in range(CENTRES):
                    weight += true[b, c]
        if weight == np.float32(0.0):
            continue
        trained += weight
        rate = np.float32(first_rate + (last_rate - first_rate) * first / count)
        if not MEAN or number % every == 0:
            for c in range(CENTRES + NEGATIVE):
                copy_row(outputs, at_predicted[c], predicted, c)
        if number % every == 0:
            for b in range(n):
                copy_row(inputs, at_around[b], around, b)
            measured += weight
            if MEAN:
                total += loss(n, around, predicted, predicted[CENTRES:], true[0], pairs, means, *stages)
            else:
                total += loss(n, around, predicted, pairs, true, *stages)
        if ahead + CENTRES <= count:
            for k in range(NEGATIVE):
                prefetch_row(outputs, drawn[(number + AHEAD) * NEGATIVE + k])
        input_rate = rate * np.float32(scale)
        if MEAN:
            step(n, around, predicted, predicted[CENTRES:], true[0], pairs, means, inputs, at_around, outputs,
                 at_predicted, outputs, at_predicted[CENTRES:], input_rate, rate, rate, *stages)
        else:
            step(n, around, predicted, pairs, true, inputs, at_around, outputs, at_predicted, input_rate, rate, *stages)
    return trained, measured, total


def weigh(first: int, count: int, reach: int, nearness: Floats, kept: Numbers, sentence: Numbers,
          at_around: Numbers, at_predicted: Numbers, pairs: Floats, true: Floats, means: Floats) -> int:
    """The weights of a step at any place; how many words are near its centres.

    first, count: of the centres, of the kept words; nearness: (CENTRES + 2 reach or more, CENTRES); set are at_around
    and, for skip-gram, pairs and true (n, CENTRES + NEGATIVE), for CBOW means (CENTRES, n), pairs (CENTRES, NEGATIVE)
    and true (1, CENTRES); the rest: as in `train_windows`.
    """
    n = 0
    for j in range(max(0, first - reach), min(count, first + CENTRES + reach)):
        near = np.float32(0.0)
        for c in range(CENTRES):
            inside = first + c < count and sentence[j] == sentence[min(first + c, count - 1)]
            one = nearness[j - first + reach, c] if inside else np.float32(0.0)
            near += one
            if MEAN:
                means[c, n] = one
            else:
                pairs[n, c] = one
                true[n, c] = one
        if near > np.float32(0.0):
            at_around[n] = kept[j]
            for k in range(0 if MEAN else NEGATIVE):
                pairs[n, CENTRES + k] = EACH * near
            n += 1
    if MEAN:
        take_means(n, means, pairs, true)
    for k in range(NEGATIVE):
        for c in range(CENTRES):
            # A centre's own word is no negative of its pairs (Mikolov 2013).
            if at_predicted[CENTRES + k] == at_predicted[c]:
                if MEAN:
                    pairs[c, k] = np.float32(0.0)
                for b in range(0 if MEAN else n):
                    pairs[b, CENTRES + k] -= EACH * true[b, c]
    return n


def take_means(n: int, means: Floats, pairs: Floats, true: Floats) -> None:
    """CBOW: each centre that has words around it has its own word to predict from their mean.

    means: (CENTRES, n) 1 where a word is within reach, divided here by their number; pairs: (CENTRES, NEGATIVE) and
    true: (1, CENTRES), set.
    """
    for c in range(CENTRES):
        near = np.float32(0.0)
        for b in range(n):
            near += means[c, b]
        one, share = np.float32(0.0), np.float32(0.0)
        if near > np.float32(0.0):
            one, share = np.float32(1.0), np.float32(1.0) / near
        for b in range(n):
            means[c, b] *= share
        true[0, c] = one
        for k in range(NEGATIVE):
            pairs[c, k] = EACH * one


def train_blocks(tokens: Numbers, keep: Numbers, state: Numbers, inputs: Floats, outputs: Floats, window: int,
                 first_rate: float, last_rate: float, scale: float, every: int, lists: Any, rows: Floats, weights: Any,
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
            reach: Any = 1 + draw_below(window, state)
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
        step(len(keep), high - low, rows, share, outputs, targets, inputs, at_rows, rate * np.float32(scale),
             rate, *stages)
        for i in range(start, end):
            for j in range(max(0, i - window), min(count, i + window + 1)):
                targets[i - start, kept[j]] = np.float32(0.0)
            for j in range(high - low):
                share[i - start, j] = np.float32(0.0)
    return pairs, measured, total
