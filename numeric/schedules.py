"""How a minibatch becomes the arguments of proved steps, and where their results go.

No derivative is written here. A row of `SCHEDULES` names the theorems of the catalogue that give the gradients of one
model with one loss; this module gathers the rows their variables stand for, weighs the pairs, and takes a step of
steepest descent: each gathered row moves against the sum of its gradients. The sum, not the mean: a minibatch of n
pairs moves the vectors as far as n single updates would, up to second order in the rate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from numeric.compiling import CompiledSteps
from numeric.minibatches import Minibatch
from numeric.rows import Matrix, add_rows
from numeric.settings import Settings

Rows = NDArray[np.integer]
Arguments = dict[str, Matrix]


@dataclass(frozen=True)
class Parameters:
    """What is trained, in place. input_vectors: (V, D), of a word as centre (skip-gram) or as context (CBOW);
    output_vectors: (V, D), of a word as what is predicted."""

    input_vectors: Matrix
    output_vectors: Matrix


@dataclass(frozen=True)
class Work:
    """A minibatch, ready for the compiled steps.

    arguments: what the objective's variables stand for; destinations: for each variable that is trained, the matrix
    its rows came from and their numbers there (None: the whole matrix); pairs: how many the objective sums over.
    """

    arguments: Arguments
    destinations: dict[str, tuple[Matrix, Rows | None]]
    pairs: int


@dataclass(frozen=True)
class Schedule:
    """The theorems of one model with one loss.

    gradients: variable of the objective -> id in the catalogue of the theorem of its gradient; batched: variables with
    a leading axis of blocks; arrange: a minibatch to work.
    """

    gradients: Mapping[str, str]
    batched: tuple[str, ...]
    arrange: Callable[[Parameters, Minibatch, Settings], Work]


def descend(steps: CompiledSteps, work: Work, rate: float) -> None:
    """One step of steepest descent: every trained row minus rate times the sum of its gradients, in place."""
    for name, gradient in steps(**work.arguments).items():  # all of them from the vectors as they were
        matrix, rows = work.destinations[name]
        if rows is None:
            matrix -= matrix.dtype.type(rate) * gradient
        else:
            add_rows(matrix, rows.ravel(), gradient.reshape(-1, matrix.shape[1]), -rate)


# --- arranging: gathered rows and weights, no arithmetic of gradients -------------------------------------------------


def _skip_gram_sampling(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """Centres Vb against context rows X and negative rows Y, weights M of pairs and N of negatives."""
    pairs = _weights(minibatch.inside, parameters)
    negatives = _negative_weights(pairs, minibatch.contexts, minibatch.negatives, settings)
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    arguments = {"Vb": _rows(inputs, minibatch.centres), "X": _rows(outputs, minibatch.contexts),
                 "Y": _rows(outputs, minibatch.negatives), "M": pairs, "N": negatives}
    return Work(arguments, {"Vb": (inputs, minibatch.centres), "X": (outputs, minibatch.contexts),
                            "Y": (outputs, minibatch.negatives)}, int(np.count_nonzero(minibatch.inside)))


def _cbow_sampling(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """Means A Z of context rows against the centres' output rows X, of which each mean has one, and negatives Y."""
    averages, trained = _averages(minibatch.inside, parameters)
    pairs = trained[:, :, None] * np.eye(trained.shape[1], dtype=averages.dtype)
    negatives = _negative_weights(pairs, minibatch.centres, minibatch.negatives, settings)
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    arguments = {"A": averages, "Z": _rows(inputs, minibatch.contexts), "M": pairs, "N": negatives,
                 "X": _rows(outputs, minibatch.centres), "Y": _rows(outputs, minibatch.negatives)}
    return Work(arguments, {"Z": (inputs, minibatch.contexts), "X": (outputs, minibatch.centres),
                            "Y": (outputs, minibatch.negatives)}, int(trained.sum()))


def _skip_gram_softmax(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """All centres Vb against all words U; T counts how often each word is a context of each centre."""
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    centres = minibatch.centres.ravel()
    around = np.broadcast_to(minibatch.contexts[:, None, :], minibatch.inside.shape)[minibatch.inside]
    targets = _counts(around, minibatch.inside.sum(axis=2).ravel(), outputs)
    return Work({"Vb": _rows(inputs, centres), "U": outputs, "T": targets},
                {"Vb": (inputs, centres), "U": (outputs, None)}, len(around))


def _cbow_softmax(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """Means A Z of context rows, a block diagonal A, against all words U; T marks the centre of each mean."""
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    averages, trained = _averages(minibatch.inside, parameters)
    contexts, has_contexts = minibatch.contexts.ravel(), trained.ravel() > 0
    targets = _counts(minibatch.centres.ravel()[has_contexts], has_contexts, outputs)
    return Work({"A": _block_diagonal(averages), "Z": _rows(inputs, contexts), "U": outputs, "T": targets},
                {"Z": (inputs, contexts), "U": (outputs, None)}, int(np.count_nonzero(has_contexts)))


def _rows(matrix: Matrix, numbers: Rows) -> Matrix:
    """matrix[numbers], three times as fast."""
    return matrix.take(numbers, axis=0)


def _weights(inside: NDArray[np.bool_], parameters: Parameters) -> Matrix:
    return inside.astype(parameters.input_vectors.dtype)


def _negative_weights(pairs: Matrix, targets: Rows, negatives: Rows, settings: Settings) -> Matrix:
    """(B, C, K): for each pair of centre i, `negative` samples spread over the K shared ones; none where the sample is
    the pair's own target, as in the C implementation of Mikolov 2013."""
    each = pairs.dtype.type(settings.negative / negatives.shape[1])
    weights = np.repeat(pairs.sum(axis=2, keepdims=True), negatives.shape[1], axis=2)
    own = targets[:, :, None] == negatives[:, None, :]
    weights -= pairs @ own.astype(pairs.dtype)
    weights *= each
    return weights


def _averages(inside: NDArray[np.bool_], parameters: Parameters) -> tuple[Matrix, Matrix]:
    """The matrix (B, C, S) that takes the mean of each centre's contexts; 1 (B, C) where it has any, else 0."""
    weights = _weights(inside, parameters)
    number = weights.sum(axis=2, keepdims=True)
    return weights / np.maximum(number, 1), np.minimum(number[:, :, 0], 1)


def _counts(words: Rows, each: NDArray[np.integer] | NDArray[np.bool_], outputs: Matrix) -> Matrix:
    """(n, V): how often each word occurs among the `each[i]` words of row i."""
    starts = np.concatenate(([0], np.cumsum(each)))
    counts = csr_array((np.ones(len(words), outputs.dtype), words, starts), shape=(len(each), len(outputs)))
    return np.asarray(counts.toarray())


def _block_diagonal(blocks: Matrix) -> Matrix:
    """(B, C, S) to (B C, B S)."""
    number, rows, columns = blocks.shape
    wide = np.zeros((number, rows, number, columns), blocks.dtype)
    wide[np.arange(number), :, np.arange(number), :] = blocks
    return wide.reshape(number * rows, number * columns)


SCHEDULES: dict[tuple[str, str], Schedule] = {
    ("skip-gram", "negative-sampling"): Schedule(
        {"Vb": "negative-sampling/block-centres", "X": "negative-sampling/block-outputs",
         "Y": "negative-sampling/block-negatives"},
        ("Vb", "X", "Y", "M", "N"), _skip_gram_sampling),
    ("cbow", "negative-sampling"): Schedule(
        {"Z": "windows/cbow-block-contexts", "X": "windows/cbow-block-outputs", "Y": "windows/cbow-block-negatives"},
        ("A", "Z", "X", "Y", "M", "N"), _cbow_sampling),
    ("skip-gram", "naive-softmax"): Schedule(
        {"Vb": "word2vec/block-centres", "U": "word2vec/block-outputs"}, (), _skip_gram_softmax),
    ("cbow", "naive-softmax"): Schedule(
        {"Z": "windows/cbow-block-softmax-contexts", "U": "windows/cbow-block-softmax-outputs"}, (), _cbow_softmax),
}
