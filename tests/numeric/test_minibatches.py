"""Minibatches against windows walked by hand: every pair once, none across a sentence, draws fixed by the seed."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from numeric import minibatches as module
from numeric import rows as row_sums
from numeric.minibatches import Drawing, Minibatch, minibatch_words, minibatches
from numeric.rows import add_rows
from numeric.settings import Settings
from numeric.vocabulary import EncodedText, encode

Pair = tuple[str, str]


def letters(sentences: int, seed: int = 0) -> list[list[str]]:
    """Sentences in which no word is repeated, so that a pair of words is a pair of places."""
    rng = np.random.default_rng(seed)
    number, text = 0, []
    for length in rng.integers(1, 30, sentences):
        text.append([f"w{number + i}" for i in range(length)])
        number += length
    return text


def weights_of(text: EncodedText, batches: list[Minibatch]) -> Counter[Pair]:
    """What the trained pairs count, as words."""
    words, found = text.vocabulary.words, Counter[Pair]()
    for batch in batches:
        weights = batch.weights(np.dtype(float))
        for b, i, j in zip(*np.nonzero(weights), strict=True):
            found[words[batch.centres[b, i]], words[batch.contexts[b, j]]] += weights[b, i, j]
    return found


def pairs_of(text: EncodedText, batches: list[Minibatch]) -> Counter[Pair]:
    """The trained pairs, as words."""
    words, found = text.vocabulary.words, Counter[Pair]()
    for batch in batches:
        b, i, j = np.nonzero(batch.inside)
        pairs = zip(batch.centres[b, i].tolist(), batch.contexts[b, j].tolist(), strict=True)
        found.update((words[one], words[other]) for one, other in pairs)
    return found


def walked(text: list[list[str]], window: int) -> Counter[Pair]:
    return Counter((s[i], s[j]) for s in text for i in range(len(s))
                   for j in range(max(0, i - window), min(len(s), i + window + 1)) if i != j)


def test_a_window_of_one_gives_each_neighbour_once() -> None:
    sentences = letters(40)
    text = encode(sentences, 1)
    settings = Settings(window=1, min_count=1, sample=0)
    assert pairs_of(text, list(minibatches(text, settings, 0))) == walked(sentences, 1)


@pytest.mark.parametrize("window", [2, 5, 20])
@pytest.mark.parametrize("model", ["skip-gram", "cbow"])
def test_a_pair_counts_on_average_what_drawing_its_reach_gives(model: str, window: int) -> None:
    sentences = letters(100)
    text = encode(sentences, 1)
    settings = Settings(model=model, window=window, min_count=1, sample=0)
    epochs = 20
    found: Counter[Pair] = Counter()
    for epoch in range(epochs):
        found += weights_of(text, list(minibatches(text, settings, epoch)))
    possible = walked(sentences, window)
    assert set(found) <= set(possible)
    # A pair at distance s is trained by every reach of s and more: with probability (window - s + 1) / window.
    position = {word: i for s in sentences for i, word in enumerate(s)}
    trained = Counter[int]()
    for one, other in possible:
        trained[abs(position[one] - position[other])] += found[one, other]
    places = Counter(abs(position[one] - position[other]) for one, other in possible)
    for distance in range(1, window + 1):
        if places[distance] > 200:
            share = trained[distance] / places[distance] / epochs
            assert share == pytest.approx((window - distance + 1) / window, abs=0.05)


def test_a_sentence_of_one_word_has_no_pair() -> None:
    text = encode([["a"], ["b"], ["a"], ["b"]], 1)
    assert sum(batch.inside.sum() for batch in minibatches(text, Settings(min_count=1, sample=0), 0)) == 0


def test_chunks_lose_only_the_pairs_across_their_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK", 100)
    sentences = letters(40)
    text = encode(sentences, 1)
    found = pairs_of(text, list(minibatches(text, Settings(window=1, min_count=1, sample=0), 0)))
    possible = walked(sentences, 1)
    assert set(found) < set(possible)
    assert len(found) >= len(possible) - 2 * (len(text.tokens) // 100)


def test_the_seed_fixes_every_draw_and_epochs_differ() -> None:
    text = encode(letters(60), 1)

    def drawn(seed: int, epoch: int) -> list[bytes]:
        batches = minibatches(text, Settings(min_count=1, sample=1e-3, seed=seed), epoch)
        return [array.tobytes() for b in batches for array in (b.contexts, b.left, b.right, b.negatives)]

    assert drawn(1, 0) == drawn(1, 0)
    assert drawn(1, 0) != drawn(2, 0)
    assert drawn(1, 0) != drawn(1, 1)


def test_frequent_words_are_thinned_out_as_their_probability_says() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{n}" for n in rng.zipf(1.5, 60_000) % 50]
    text = encode([words[i : i + 20] for i in range(0, len(words), 20)], 5)
    settings = Settings(sample=0.01)
    centres = np.concatenate([b.centres[b.inside.any(axis=2)] for b in minibatches(text, settings, 0)])
    kept = np.bincount(centres, minlength=len(text.vocabulary))
    expected = text.vocabulary.counts * text.vocabulary.keep_probabilities(0.01)
    np.testing.assert_allclose(kept[:3] / expected[:3], 1, atol=0.1)


def test_negatives_follow_the_noise() -> None:
    words = ["a"] * 800 + ["b"] * 150 + ["c"] * 50
    text = encode([words[i::50] for i in range(50)], 1)
    drawn = np.concatenate([b.negatives.ravel() for e in range(20) for b in minibatches(text, Settings(sample=0), e)])
    weights = np.array([800, 150, 50]) ** 0.75
    np.testing.assert_allclose(np.bincount(drawn) / len(drawn), weights / weights.sum(), atol=0.01)


def test_the_share_done_grows_from_zero_to_one() -> None:
    text = encode(letters(200), 1)
    settings = Settings(min_count=1, sample=0, epochs=3)
    done = [b.done for epoch in range(3) for b in minibatches(text, settings, epoch)]
    assert done[0] == 0 and done == sorted(done) and 0.9 < done[-1] < 1


def test_a_minibatch_is_small_where_few_words_make_up_the_text() -> None:
    many, few = encode(letters(200), 1), encode([["a", "b"]] * 1000, 1)
    assert minibatch_words(many, Settings()) == 512
    assert minibatch_words(few, Settings(sample=0)) == 16
    assert minibatch_words(many, Settings(loss="naive-softmax")) == 512


def test_a_chunk_depends_on_seed_epoch_and_start_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many were drawn before it: training goes on from any chunk."""
    monkeypatch.setattr(module, "CHUNK", 300)
    text = encode(letters(60), 1)
    used, fresh = (Drawing.of(text, Settings(min_count=1, sample=1e-3)) for _ in range(2))
    for start in (0, 300, 600):
        list(used.chunk(0, start))
    for one, other in zip(used.chunk(1, 300), fresh.chunk(1, 300), strict=True):
        for name in ("contexts", "left", "right", "negatives"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("reach", [1, 3, 9, 40])
def test_weights_are_those_of_the_distances_within_reach(reach: int) -> None:
    rng = np.random.default_rng(4)
    left, right = rng.integers(0, reach + 1, (2, 5, 16), dtype=np.int16)
    nearness = tuple(rng.random(reach).tolist())
    batch = Minibatch(np.zeros((5, 16 + 2 * reach), np.int32), left, right, nearness, np.zeros((5, 8), np.int32), 0.0)
    weights, sums = batch.weights(np.dtype(float), 2, 0.3), batch.sums(np.dtype(float))
    assert weights.shape == (5, 16, 16 + 2 * reach + 2) and batch.reach == reach
    for b, i, j in np.ndindex(5, 16, 16 + 2 * reach):
        distance = j - reach - i
        trained = -left[b, i] <= distance <= right[b, i] and distance != 0
        assert weights[b, i, j] == (nearness[abs(distance) - 1] if trained else 0)
        assert batch.inside[b, i, j] == trained
    np.testing.assert_allclose(sums, weights[:, :, :-2].sum(axis=2))
    np.testing.assert_allclose(weights[:, :, -2:], np.repeat(0.3 * sums[:, :, None], 2, axis=2))


def test_each_reach_has_its_turn() -> None:
    text = encode(letters(400), 1)
    for model, turns in (("skip-gram", [3, 4, 4, 5, 5]), ("cbow", [1, 2, 3, 4, 5])):
        settings = Settings(min_count=1, sample=0, model=model)
        reaches = [batch.reach for batch in minibatches(text, settings, 0)]
        assert len(reaches) >= 10
        for n, (one, other) in enumerate(pairwise(reaches)):
            assert (one, other) in zip(turns, turns[1:] + turns[:1], strict=True)
            assert n < 5 or one == reaches[n - 5]


def test_negatives_come_one_from_each_part_of_the_noise() -> None:
    words = ["a"] * 700 + ["b"] * 200 + ["c"] * 100
    text = encode([words[i::50] for i in range(50)], 1)
    shares = np.array([700, 200, 100]) ** 0.75
    of_first = int(shares[0] / shares.sum() * 16)
    for batch in minibatches(text, Settings(sample=0), 0):
        assert (batch.negatives[:, :of_first] == 0).all() and (batch.negatives[:, of_first + 1:] > 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("fast", [True, False])
def test_repeated_rows_get_the_sum(dtype: type, fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By SciPy's routine, and without it."""
    if not fast:
        monkeypatch.setattr(row_sums, "csc_matvecs", None)
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((1 << 17, 3)).astype(dtype)
    expected = matrix.astype(np.float64)
    for number, words, factor in [(200, 7, 1.0), (200, 1 << 17, -0.5), (1, 3, 2.0), (200, 1, 0.1), (0, 5, 1.0)]:
        rows, updates = rng.integers(0, words, number), rng.standard_normal((number, 6)).astype(dtype)[:, ::2]
        np.add.at(expected, rows, factor * updates.astype(np.float64))
        add_rows(matrix, rows, updates, factor)
    np.testing.assert_allclose(matrix, expected, atol=1e-4 if dtype is np.float32 else 1e-12)
    assert matrix.dtype == dtype


def test_rows_of_a_matrix_that_does_not_lie_in_one_piece() -> None:
    wide = np.zeros((4, 6), np.float32)
    add_rows(wide[:, :3], np.array([1, 1, 3], np.int32), np.ones((3, 3), np.float32), 0.5)
    np.testing.assert_array_equal(wide, [[0] * 6, [1] * 3 + [0] * 3, [0] * 6, [0.5] * 3 + [0] * 3])


def test_scipy_has_the_fast_routine_here() -> None:
    assert row_sums.csc_matvecs is not None
