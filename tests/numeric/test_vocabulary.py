"""Words to numbers, against counting by hand."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric.vocabulary import SENTENCE_END, encode

rng = random.Random(3)
TEXT = [[rng.choice("aaaaabbbcccddefgh") for _ in range(rng.randrange(1, 9))] for _ in range(60)]


@pytest.mark.parametrize("min_count", [1, 5, 20])
def test_encoding_decodes_to_the_text_without_rare_words(min_count: int) -> None:
    counts = Counter(word for sentence in TEXT for word in sentence)
    text = encode(TEXT, min_count)
    assert dict(zip(text.vocabulary.words, text.vocabulary.counts.tolist(), strict=True)) == {
        word: n for word, n in counts.items() if n >= min_count}
    assert list(text.vocabulary.counts) == sorted(text.vocabulary.counts, reverse=True)
    decoded: list[list[str]] = [[]]
    for token in text.tokens:
        if token == SENTENCE_END:
            decoded.append([])
        else:
            decoded[-1].append(text.vocabulary.words[token])
    assert decoded[:-1] == [[w for w in s if counts[w] >= min_count] for s in TEXT] and decoded[-1] == []
    assert text.read_words == counts.total()


def test_keep_probabilities_are_those_of_the_c_implementation() -> None:
    vocabulary = encode(TEXT, 1).vocabulary
    total = vocabulary.counts.sum()
    for count, keep in zip(vocabulary.counts, vocabulary.keep_probabilities(0.02), strict=True):
        share = count / total
        assert keep == pytest.approx(min(1.0, ((share / 0.02) ** 0.5 + 1) * 0.02 / share))
    assert (vocabulary.keep_probabilities(0) == 1).all()


def test_noise_is_unigram_to_three_quarters() -> None:
    vocabulary = encode(TEXT, 1).vocabulary
    weights = np.array([int(c) ** 0.75 for c in vocabulary.counts])
    np.testing.assert_allclose(np.diff(vocabulary.noise_steps(), prepend=0), weights / weights.sum(), rtol=1e-12)
    assert vocabulary.noise_steps()[-1] == 1.0


@pytest.mark.parametrize(("text", "min_count", "message"), [
    ([], 1, "the text has no words; expected at least two different words; try another corpus file"),
    ([["a", "b", "a"]], 5, "no word occurs 5 times in a text of 3 words (the most frequent, 'a', occurs 2 times); "
                           "expected at least two words as frequent as min_count; try a longer text, or min_count=1"),
    ([["a", "a"]], 1, "a vocabulary of one word, 'a', from 2 words read (1 different); "
                      "expected at least two words that occur min_count times; try a text with other words"),
    ([["a", "a", "b"]], 2, "a vocabulary of one word, 'a', from 3 words read (2 different); expected at least two "
                           "words that occur min_count times; try min_count below 2, or a longer text"),
])
def test_too_few_words(text: list[list[str]], min_count: int, message: str) -> None:
    with pytest.raises(GradproofError) as caught:
        encode(text, min_count)
    assert str(caught.value) == message
