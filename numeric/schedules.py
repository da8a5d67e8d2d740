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
from numeric.namespaces import NUMPY
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
    its rows came from, their numbers there (None: the whole matrix) and at how many times the learning rate they move;
    pairs: how many the objective sums over.
    """

    arguments: Arguments
    destinations: dict[str, tuple[Matrix, Rows | None, float]]
    pairs: float


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
    gradients = steps.function(NUMPY, *map(work.arguments.__getitem__, steps.arguments))  # sizes fit, by construction
    for name, gradient in zip(steps.axes, gradients, strict=True):  # all of them from the vectors as they were
        matrix, rows, scale = work.destinations[name]
        if rows is None:
            matrix -= matrix.dtype.type(scale * rate) * gradient
        else:
            add_rows(matrix, rows.ravel(), gradient.reshape(-1, matrix.shape[1]), -scale * rate)


# --- arranging: gathered rows and weights, no arithmetic of gradients -------------------------------------------------


def _skip_gram_sampling(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """Centres Vb against the rows Z of contexts and negatives; weights W of pairs, of them T true."""
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    contexts, negatives = minibatch.contexts, minibatch.negatives
    words = np.concatenate((contexts, negatives), axis=1)
    more, each = negatives.shape[1], outputs.dtype.type(settings.negative / negatives.shape[1])
    true = minibatch.weights(outputs.dtype, more)
    # Each true pair has `negative` samples, spread over the last columns, the shared ones; none where the sample is the
    # pair's own target, as in the C implementation of Mikolov 2013.
    weights = minibatch.weights(outputs.dtype, more, float(each))
    met = negatives[:, :, None] == contexts[:, None, :]
    block, sample, target = np.unravel_index(np.flatnonzero(met), met.shape)
    shared = weights[:, :, contexts.shape[1]:].transpose(0, 2, 1)
    np.subtract.at(shared, (block, sample), each * true[block, :, target])
    return Work({"Vb": _rows(inputs, minibatch.centres), "Z": _rows(outputs, words), "T": true, "W": weights},
                {"Vb": (inputs, minibatch.centres, settings.input_scale), "Z": (outputs, words, 1.0)},
                float(true.sum()))


def _cbow_sampling(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """Means A Z of context rows against the rows R of their centres, a row each, with weights m, and against the rows
    Y of negatives, with weights N of pairs."""
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    centres, negatives = minibatch.centres, minibatch.negatives
    averages, trained = _averages(minibatch, parameters)
    own = trained.astype(outputs.dtype)
    weights = own[:, :, None] * (centres[:, :, None] != negatives[:, None, :])  # a centre is none of its negatives
    weights *= own.dtype.type(settings.negative / negatives.shape[1])
    return Work({"A": averages, "Z": _rows(inputs, minibatch.contexts), "R": _rows(outputs, centres),
                 "Y": _rows(outputs, negatives), "m": own, "N": weights},
                {"Z": (inputs, minibatch.contexts, settings.input_scale), "R": (outputs, centres, 1.0),
                 "Y": (outputs, negatives, 1.0)}, int(np.count_nonzero(trained)))


def _skip_gram_softmax(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """All centres Vb against all words U; T counts how often each word is a context of each centre."""
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    centres = minibatch.centres.ravel()
    inside = minibatch.inside
    around = np.broadcast_to(minibatch.contexts[:, None, :], inside.shape)[inside]
    targets = _counts(around, inside.sum(axis=2).ravel(), outputs)
    return Work({"Vb": _rows(inputs, centres), "U": outputs, "T": targets},
                {"Vb": (inputs, centres, settings.input_scale), "U": (outputs, None, 1.0)}, len(around))


def _cbow_softmax(parameters: Parameters, minibatch: Minibatch, settings: Settings) -> Work:
    """Means A Z of context rows, a block diagonal A, against all words U; T marks the centre of each mean."""
    inputs, outputs = parameters.input_vectors, parameters.output_vectors
    averages, trained = _averages(minibatch, parameters)
    contexts, has_contexts = minibatch.contexts.ravel(), trained.ravel()
    targets = _counts(minibatch.centres.ravel()[has_contexts], has_contexts, outputs)
    return Work({"A": _block_diagonal(averages), "Z": _rows(inputs, contexts), "U": outputs, "T": targets},
                {"Z": (inputs, contexts, settings.input_scale), "U": (outputs, None, 1.0)},
                int(np.count_nonzero(has_contexts)))


def _rows(matrix: Matrix, numbers: Rows) -> Matrix:
    """matrix[numbers], three times as fast."""
    return matrix.take(numbers, axis=0)


def _averages(minibatch: Minibatch, parameters: Parameters) -> tuple[Matrix, NDArray[np.bool_]]:
    """The matrix (B, C, S) that takes the mean of each centre's contexts; whether it has any (B, C)."""
    dtype = parameters.input_vectors.dtype
    weights, number = minibatch.weights(dtype), minibatch.sums(dtype)
    weights /= np.maximum(number, 1)[:, :, None]
    return weights, number > 0


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
        {"Vb": "negative-sampling/labelled-centres", "Z": "negative-sampling/labelled-outputs"}, ("Vb", "Z", "T", "W"),
        _skip_gram_sampling),
    ("cbow", "negative-sampling"): Schedule(
        {"Z": "windows/cbow-own-contexts", "R": "windows/cbow-own-targets", "Y": "windows/cbow-own-negatives"},
        ("A", "Z", "R", "Y", "m", "N"), _cbow_sampling),
    ("skip-gram", "naive-softmax"): Schedule(
        {"Vb": "word2vec/block-centres", "U": "word2vec/block-outputs"}, (), _skip_gram_softmax),
    ("cbow", "naive-softmax"): Schedule(
        {"Z": "windows/cbow-block-softmax-contexts", "U": "windows/cbow-block-softmax-outputs"}, (), _cbow_softmax),
}
