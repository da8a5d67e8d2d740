"""Trained word vectors, read-only, apart from whatever trained them.

    >>> import numpy as np
    >>> rows = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], np.float32)
    >>> vectors = Vectors(("king", "man", "queen", "woman"), rows)
    >>> [word for word, cosine in vectors.most_similar("king", count=1)]
    ['man']
    >>> vectors["kng"]
    Traceback (most recent call last):
    derive.errors.GradproofError: the word 'kng' is not in the vocabulary of 4 words; ...; try 'king'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric import evaluation, exchange, formats
from numeric.evaluation import MOST_FREQUENT, Analogies, Similarity

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

Matrix = NDArray[np.float32]
SCORES_AT_ONCE = 1 << 24  # cosines in memory


@dataclass(frozen=True)
class History:
    """What a training run reports of itself.

    losses: mean loss for each trained pair (skip-gram) or centre (CBOW), one per epoch, in float64, over the measured
    minibatches, each measured before its update; measured: share of the minibatches that were measured; words: words
    of the text read in all epochs, rare ones included; seconds: from the first minibatch to the last.
    """

    losses: tuple[float, ...]
    measured: float
    words: int
    seconds: float

    @property
    def words_per_second(self) -> float:
        """Words of the text, as read, each second of training."""
        return self.words / self.seconds if self.seconds else 0.0


class Vectors:
    """Words and their vectors; arrays are not writeable.

    words: (V,) distinct; input_vectors: (V, D) float32, what similarity is about; output_vectors: (V, D), those of the
    words as predictions, where they are known; history: of the training, where there was one here.
    Raises GradproofError: a word twice, other shapes, a number that is not finite.
    """

    def __init__(self, words: Sequence[str], input_vectors: NDArray[Any], output_vectors: NDArray[Any] | None = None,
                 history: History | None = None) -> None:
        self._words = tuple(words)
        self._input = _read_only("input_vectors", input_vectors, self._words)
        self._output = None if output_vectors is None else _read_only("output_vectors", output_vectors, self._words)
        self._history = history
        self._number = {word: number for number, word in enumerate(self._words)}
        if len(self._number) < len(self._words):
            twice = next(w for number, w in enumerate(self._words) if self._number[w] != number)
            raise GradproofError(f"the word {twice!r} comes twice", "distinct words", "leaving out one of the two")

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary, most frequent first where we trained it."""
        return self._words

    @property
    def input_vectors(self) -> Matrix:
        """(V, D)."""
        return self._input

    @property
    def output_vectors(self) -> Matrix | None:
        """(V, D), or None where they were not saved."""
        return self._output

    @property
    def history(self) -> History | None:
        """Loss and speed of the training run."""
        return self._history

    @property
    def vector_size(self) -> int:
        """D."""
        return int(self._input.shape[1])

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, word: object) -> bool:
        return word in self._number

    def __getitem__(self, word: str) -> Matrix:
        """The input vector (D,) of a word. GradproofError: the word is not in the vocabulary; close ones are named."""
        row: Matrix = self._input[self.number(word)]
        return row

    def __repr__(self) -> str:
        return f"Vectors({len(self):,} words x {self.vector_size})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Vectors, (self._words, self._input, self._output, self._history)  # a copied array would be writeable

    def number(self, word: str) -> int:
        """The row of a word. Raises GradproofError as `vectors[word]` does."""
        if word not in self._number:
            close = get_close_matches(str(word), self._words, n=3, cutoff=0.6)
            raise GradproofError(f"the word {word!r} is not in the vocabulary of {len(self):,} words",
                                 "a word of the training text that occurs min_count times",
                                 " or ".join(map(repr, close)) or "a more frequent word, or a lower min_count")
        return self._number[word]

    def similarity(self, word: str, other: str) -> float:
        """Cosine of two words' input vectors."""
        return float(self._unit[self.number(word)] @ self._unit[self.number(other)])

    def most_similar(self, word: str | NDArray[Any], count: int = 10) -> list[tuple[str, float]]:
        """The words with the largest cosine to a word (itself left out) or to a vector (D,), best first."""
        if isinstance(word, str):
            own = self.number(word)
            return self._nearest(self._unit[own], count, {own})
        given = np.asarray(word, dtype=np.float32)
        if given.shape != (self.vector_size,):
            raise GradproofError(f"a vector of shape {given.shape}", f"({self.vector_size},)",
                                 "a word, or vectors[word]")
        return self._nearest(_units(given[None])[0], count, set())

    def most_similar_batch(self, words: Sequence[str] | NDArray[Any], count: int = 10) -> list[list[tuple[str, float]]]:
        """What `most_similar` gives for each of many words, or of many vectors (N, D), by products of matrices."""
        if isinstance(words, np.ndarray):
            if words.ndim != 2 or words.shape[1] != self.vector_size:
                raise GradproofError(f"vectors of shape {words.shape}", f"(N, {self.vector_size})", "a list of words")
            units, left_out = _units(words.astype(np.float32)), [set[int]()] * len(words)
        else:
            numbers = [self.number(word) for word in words]
            units, left_out = self._unit[numbers], [{number} for number in numbers]
        step = max(1, SCORES_AT_ONCE // len(self))
        return [self._best(cosines, count, own) for start in range(0, len(units), step)
                for cosines, own in zip(units[start:start + step] @ self._unit.T, left_out[start:], strict=False)]

    def evaluate(self, path: str | Path, most: int | None = MOST_FREQUENT) -> Similarity | Analogies:
        """Judge the vectors by a file of word pairs with people's scores (Spearman's correlation) or of analogies
        (accuracy of 3CosAdd); which it is, its lines tell.

        most: analogies are asked and answered among so many words only, the first ones, which are the most frequent
        where we trained the vectors; None for all.
        Raises GradproofError: no such file, a line that is neither a scored pair nor an analogy.
        """
        return evaluation.evaluate(self._words, self._unit, Path(path), most)

    def analogy(self, a: str, b: str, c: str, count: int = 10) -> list[tuple[str, float]]:
        """a is to b as c is to what? The words nearest to b - a + c of unit vectors (Mikolov, Yih, Zweig 2013),
        without the three, best first."""
        asked = [self.number(word) for word in (a, b, c)]
        first, second, third = self._unit[asked]
        return self._nearest(_units((second - first + third)[None])[0], count, set(asked))

    def save(self, path: str | Path, binary: bool | None = None, output: bool = False) -> None:
        """Write the vectors in the word2vec text or binary format.

        path: replaced only once the new file is whole; binary: None for binary exactly if the name ends in .bin;
        output: the output vectors in the place of the input vectors.
        Raises GradproofError: the disk is full, no such folder, a word with white space, which the format cannot say.
        """
        chosen = self._output if output else self._input
        if chosen is None:
            raise GradproofError("no output vectors: these were loaded from a file of input vectors",
                                 "vectors as trained", "output=False")
        formats.save(Path(path), self._words, chosen, binary)

    @classmethod
    def load(cls, path: str | Path, binary: bool | None = None, output: str | Path | None = None) -> Vectors:
        """Read vectors in the word2vec text or binary format, plain or gzip.

        binary: None to find out; output: a file of the output vectors of the same words.
        Raises GradproofError: no such file, a wrong header or count, a number that is not finite, a word twice.
        """
        words, rows = formats.load(Path(path), binary)
        if output is None:
            return cls(words, rows)
        output_words, output_rows = formats.load(Path(output), binary)
        if output_words != words:
            raise GradproofError(f"{str(output)!r} has other words than {str(path)!r}", "the same words in one order",
                                 "the two files of one training run")
        return cls(words, rows, output_rows)

    def to_gensim(self) -> KeyedVectors:
        """The input vectors as gensim's KeyedVectors. Raises GradproofError: gensim is not installed."""
        return exchange.to_keyed(self._words, self._input)

    @classmethod
    def from_gensim(cls, keyed: Any) -> Vectors:
        """The vectors of gensim's KeyedVectors, or of a model that has them. Raises GradproofError: it is neither."""
        return cls(*exchange.from_keyed(keyed))

    def save_projector(self, folder: str | Path) -> None:
        """Write the input vectors as a folder for TensorBoard's projector: `tensorboard --logdir FOLDER`.

        Raises GradproofError: the folder may not be written to, a word with white space.
        """
        exchange.save_projector(Path(folder), self._words, self._input)

    @classmethod
    def load_projector(cls, folder: str | Path) -> Vectors:
        """Read what `save_projector` wrote, or what another tool exported for the projector.

        Raises GradproofError: no such files, not as many words as vectors, a number that is not finite, a word twice.
        """
        return cls(*exchange.load_projector(Path(folder)))

    @cached_property
    def _unit(self) -> Matrix:
        return _units(self._input)

    def _nearest(self, unit: Matrix, count: int, left_out: set[int]) -> list[tuple[str, float]]:
        return self._best(self._unit @ unit, count, left_out)

    def _best(self, cosines: Matrix, count: int, left_out: set[int]) -> list[tuple[str, float]]:
        """cosines: (V,), overwritten. Of equal ones the more frequent word comes first."""
        cosines[list(left_out)] = -np.inf
        wanted = min(max(count, 0), len(self) - len(left_out))
        if not wanted:
            return []
        candidates = np.flatnonzero(cosines >= np.partition(cosines, -wanted)[-wanted])
        best = candidates[np.argsort(-cosines[candidates], kind="stable")[:wanted]]
        return [(self._words[number], float(cosines[number])) for number in best]


def _units(rows: Matrix) -> Matrix:
    """Rows of length 1; a row of zeros stays one. Scaled first: the squares of large numbers overflow."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows / np.where(largest > 0, largest, 1)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.asarray(scaled / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _read_only(name: str, values: NDArray[Any], words: Iterable[str]) -> Matrix:
    """A private copy, so that nobody else's array can change it."""
    rows = np.array(values, dtype=np.float32, order="C")
    number = len(tuple(words))
    if rows.ndim != 2 or len(rows) != number:
        raise GradproofError(f"{name} of shape {rows.shape} for {number} words", f"shape ({number}, D)",
                             "one row for each word")
    if not np.isfinite(rows).all():
        row = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise GradproofError(f"{name} row {row} has a number that is not finite", "finite numbers",
                             "a smaller learning_rate if they were trained")
    rows.flags.writeable = False
    return rows
