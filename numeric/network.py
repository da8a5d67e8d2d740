"""A network with one hidden layer, trained by its proved gradients.

z1 = x W1 + b1, h = sigma(z1), z2 = h W2 + b2, yhat = softmax(z2), cross entropy; minibatch gradient descent. The four
gradients are the theorems `network/batch-*` of the catalogue, the loss is their J, and the prediction is the yhat they
speak of: no derivative and no formula is written here.

    >>> inputs, labels = np.array([[0.0], [1.0]] * 8), np.array([0, 1] * 8)
    >>> record = train_network(inputs, labels, NetworkSettings(hidden=4, epochs=200, batch_size=4))
    >>> record.network.predict(inputs[:2]).tolist()
    [0, 1]
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from derive.exercises.catalogue import find
from derive.exercises.network import many
from derive.prover import prove
from numeric.compiling import CompiledStep, CompiledSteps, compile_step, compile_steps

Matrix = NDArray[np.floating]
Labels = NDArray[np.integer]

PARAMETERS = ("W1", "b1", "W2", "b2")
TEST_SHARE = 0.25  # of the digits, kept from training


@dataclass(frozen=True)
class NetworkSettings:
    """Settings of a training run.

    hidden: width of the hidden layer; epochs: passes over the examples; batch_size: examples in a step; learning_rate:
    of the mean gradient of a batch, at first, falling linearly; seed: of the first weights and the order of examples.

    Raises GradproofError for a value of another type or out of range.
    """

    hidden: int = 32
    epochs: int = 60
    batch_size: int = 16
    learning_rate: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in (("hidden", 1), ("epochs", 1), ("batch_size", 1), ("seed", 0)):
            _check_whole(name, getattr(self, name), least)
        rate = self.learning_rate
        if not isinstance(rate, int | float) or isinstance(rate, bool):
            raise GradproofError(f"Expected float but got learning_rate={rate!r} (type={type(rate).__name__})",
                                 hint="learning_rate=1.0")
        if not 0 < rate < float("inf"):
            raise GradproofError(f"Expected more than 0 but got learning_rate={rate!r}", hint="learning_rate=1.0")


@dataclass(frozen=True)
class Network:
    """Weights of a network. W1: (Dx, H); b1: (H,); W2: (H, Dy); b2: (Dy,)."""

    W1: Matrix
    b1: Matrix
    W2: Matrix
    b2: Matrix

    def probabilities(self, inputs: Matrix) -> Matrix:
        """yhat (n, Dy) for inputs (n, Dx): each row sums to 1."""
        return prediction()(X=np.asarray(inputs, self.W1.dtype), **self.weights())

    def predict(self, inputs: Matrix) -> Labels:
        """The most probable label (n,) of each row of inputs (n, Dx)."""
        return self.probabilities(inputs).argmax(axis=-1)

    def weights(self) -> dict[str, Matrix]:
        """The weights by name, not copied."""
        return {name: getattr(self, name) for name in PARAMETERS}


@dataclass(frozen=True)
class NetworkRecord:
    """A training run. losses: mean cross entropy per example, one per epoch, measured on each batch before its step;
    accuracy: share of test examples labelled rightly, None without a test; seconds: spent training."""

    network: Network
    losses: tuple[float, ...]
    seconds: float
    accuracy: float | None = None


def train_digits(settings: NetworkSettings | None = None, *, progress: Callable[[int, float], None] | None = None
                 ) -> NetworkRecord:
    """Train on three quarters of scikit-learn's bundled digits (1,797 images of 8 x 8), test on the rest.

    GradproofError: scikit-learn is not installed.
    """
    settings = settings or NetworkSettings()
    inputs, labels = digits()
    order = np.random.default_rng(0).permutation(len(labels))  # one split, whatever the seed
    tested, trained = np.split(order, [int(TEST_SHARE * len(order))])
    record = train_network(inputs[trained], labels[trained], settings, progress=progress)
    right = record.network.predict(inputs[tested]) == labels[tested]
    return NetworkRecord(record.network, record.losses, record.seconds, float(right.mean()))


def train_network(inputs: Matrix, labels: Labels, settings: NetworkSettings | None = None, *,
                  progress: Callable[[int, float], None] | None = None) -> NetworkRecord:
    """Train on inputs (n, Dx) with labels (n,) in 0 .. Dy - 1.

    progress: told the epoch, counted from 1, and its loss.
    GradproofError: inputs and labels that do not fit together or are not finite; NotProved: a theorem that fails.
    """
    settings = settings or NetworkSettings()
    X, targets = _checked(inputs, labels)
    steps = gradients()
    rng = np.random.default_rng(settings.seed)
    network = _initial(X.shape[1], settings.hidden, targets.shape[1], rng)
    started = time.perf_counter()
    losses = []
    for epoch in range(settings.epochs):
        rate = settings.learning_rate * (1 - epoch / settings.epochs)
        losses.append(_epoch(network, steps, (X, targets), rate, settings.batch_size, rng))
        if progress is not None:
            progress(epoch + 1, losses[-1])
    return NetworkRecord(network, tuple(losses), time.perf_counter() - started)


@cache
def gradients() -> CompiledSteps:
    """The four proved gradients of a batch's total cross entropy, by parameter, and that loss as J, as one function.

    Valid for targets Y whose rows sum to 1, the hypothesis of the theorems.
    """
    theorems = {name: prove(find(f"network/batch-{name}").build()) for name in PARAMETERS}
    return compile_steps(theorems, losses={"J": theorems["W1"]})


@cache
def prediction() -> CompiledStep:
    """The yhat that the theorems speak of, for a batch: from the theorem that it is what it unfolds to."""
    return compile_step(prove(many.yhat == many.yhat))


def digits() -> tuple[Matrix, Labels]:
    """scikit-learn's bundled digits: pixels (1797, 64) in 0 .. 1, float32, and labels (1797,).

    GradproofError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise GradproofError("scikit-learn is not installed", "scikit-learn, whose digits the network is trained on",
                             "pip install 'gradproof[dev]'") from None
    pixels, labels = load_digits(return_X_y=True)
    return (pixels / 16).astype(np.float32), labels.astype(np.int64)


def _epoch(network: Network, steps: CompiledSteps, examples: tuple[Matrix, Matrix], rate: float, batch_size: int,
           rng: np.random.Generator) -> float:
    """One pass in a new order, the weights changed in place; the mean loss of its examples."""
    X, Y = examples
    total = 0.0
    for chosen in _batches(len(X), batch_size, rng):
        found = steps(X=X[chosen], Y=Y[chosen], **network.weights())
        total += float(found.pop("J"))
        for name, gradient in found.items():
            weights = getattr(network, name)
            weights -= weights.dtype.type(rate / len(chosen)) * gradient
    return total / len(X)


def _batches(examples: int, size: int, rng: np.random.Generator) -> Iterator[Labels]:
    order = rng.permutation(examples)
    for start in range(0, examples, size):
        yield order[start : start + size]


def _initial(inputs: int, hidden: int, outputs: int, rng: np.random.Generator) -> Network:
    """Weights of variance 1 / fan-in, biases zero (LeCun 1998)."""
    def drawn(rows: int, columns: int) -> Matrix:
        return (rng.normal(size=(rows, columns)) / np.sqrt(rows)).astype(np.float32)

    return Network(drawn(inputs, hidden), np.zeros(hidden, np.float32), drawn(hidden, outputs),
                   np.zeros(outputs, np.float32))


def _checked(inputs: Matrix, labels: Labels) -> tuple[Matrix, Matrix]:
    """Inputs as float32, and labels as one-hot rows: rows that sum to 1, as the theorems ask."""
    X, given = np.asarray(inputs), np.asarray(labels)
    if X.ndim != 2 or given.shape != X.shape[:1] or not X.size:
        raise GradproofError(f"inputs of shape {X.shape} and labels of shape {given.shape}",
                             "inputs (n, Dx) and labels (n,) with n at least 1", "one row and one label per example")
    if X.dtype.kind not in "fiub" or not np.all(np.isfinite(X)):
        raise GradproofError(f"inputs of type {X.dtype} that are not all finite numbers", "finite numbers",
                             "np.nan_to_num or leaving those examples out")
    if given.dtype.kind not in "iu" or given.min() < 0:
        raise GradproofError(f"labels of type {given.dtype} from {given.min()}", "whole numbers counted from 0",
                             "np.unique(labels, return_inverse=True)[1]")
    return X.astype(np.float32), np.eye(int(given.max()) + 1, dtype=np.float32)[given]


def _check_whole(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        near = int(value) if isinstance(value, float) and least <= value < float("inf") else least
        raise GradproofError(f"Expected int but got {name}={value!r} (type={type(value).__name__})",
                             hint=f"{name}={near}")
    if value < least:
        raise GradproofError(f"Expected {least} or more but got {name}={value!r}", hint=f"{name}={least}")
