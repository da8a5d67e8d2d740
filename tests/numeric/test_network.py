"""The network trained by its theorems: what it reaches, what it repeats, and what it refuses."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric.network import NetworkSettings, gradients, prediction, train_digits, train_network


def test_the_digits_are_learnt_to_95_percent() -> None:
    told: list[tuple[int, float]] = []
    record = train_digits(NetworkSettings(), progress=lambda epoch, loss: told.append((epoch, loss)))
    assert record.accuracy is not None and record.accuracy >= 0.95
    assert record.losses[-1] < 0.2 * record.losses[0]
    assert told == list(enumerate(record.losses, start=1))
    assert record.network.W1.dtype == np.float32


def test_the_first_loss_of_a_whole_batch_is_the_cross_entropy_by_hand() -> None:
    rng = np.random.default_rng(0)
    X, labels = rng.normal(size=(20, 3)), rng.integers(4, size=20)
    labels[0] = 3
    before = train_network(X, labels, NetworkSettings(hidden=5, epochs=1, batch_size=20, learning_rate=1e-30))
    W1, b1, W2, b2 = before.network.weights().values()
    z2 = 1 / (1 + np.exp(-(X @ W1 + b1))) @ W2 + b2
    yhat = np.exp(z2) / np.exp(z2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(before.losses[0], -np.log(yhat[np.arange(20), labels]).mean(), rtol=1e-5)
    np.testing.assert_allclose(before.network.probabilities(X), yhat, rtol=1e-4)


def test_one_step_moves_against_the_mean_gradient_of_the_batch() -> None:
    """The gradient by hand: back-propagation, one example at a time."""
    rng = np.random.default_rng(1)
    X, labels = rng.normal(size=(6, 2)), np.array([0, 1, 2, 0, 1, 2])
    still = train_network(X, labels, NetworkSettings(hidden=3, epochs=1, batch_size=6, learning_rate=1e-30)).network
    moved = train_network(X, labels, NetworkSettings(hidden=3, epochs=1, batch_size=6, learning_rate=0.1)).network
    wanted = {name: np.zeros(w.shape) for name, w in still.weights().items()}
    for x, label in zip(X, labels, strict=True):
        h = 1 / (1 + np.exp(-(x @ still.W1 + still.b1)))
        p = np.exp(h @ still.W2 + still.b2)
        d2 = p / p.sum() - np.eye(3)[label]
        d1 = (still.W2 @ d2) * h * (1 - h)
        for name, gradient in (("W1", np.outer(x, d1)), ("b1", d1), ("W2", np.outer(h, d2)), ("b2", d2)):
            wanted[name] -= 0.1 * gradient / 6
    for name, w in moved.weights().items():
        np.testing.assert_allclose(w - still.weights()[name], wanted[name], rtol=1e-3, atol=1e-6)


def test_a_seed_fixes_the_run() -> None:
    rng = np.random.default_rng(2)
    X, labels = rng.normal(size=(40, 3)), rng.integers(2, size=40)
    runs = [train_network(X, labels, NetworkSettings(hidden=4, epochs=2, seed=s)) for s in (5, 5, 6)]
    assert runs[0].losses == runs[1].losses != runs[2].losses
    assert np.array_equal(runs[0].network.W2, runs[1].network.W2)


def test_everything_that_computes_comes_from_a_theorem() -> None:
    assert [repr(t.claim.left.args[1]) for t in gradients().theorems.values()] == ["W1", "b1", "W2", "b2", "W1"]
    assert all(repr(t) and t.recheck() for t in gradients().theorems.values())
    assert prediction().theorem.claim.right.op == "softmax"


@pytest.mark.parametrize(("settings", "message"), [
    ({"epochs": 2.5}, r"^Expected int but got epochs=2\.5 \(type=float\); try epochs=2$"),
    ({"hidden": True}, r"^Expected int but got hidden=True \(type=bool\); try hidden=1$"),
    ({"batch_size": 0}, r"^Expected 1 or more but got batch_size=0; try batch_size=1$"),
    ({"seed": "1"}, r"^Expected int but got seed='1' \(type=str\)"),
    ({"learning_rate": "fast"}, r"^Expected float but got learning_rate='fast' \(type=str\)"),
    ({"learning_rate": float("nan")}, r"^Expected more than 0 but got learning_rate=nan"),
])
def test_settings_are_checked_on_entry(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(GradproofError, match=message):
        NetworkSettings(**settings)


@pytest.mark.parametrize(("inputs", "labels", "message"), [
    (np.ones((3, 2)), np.zeros(2, int), r"inputs of shape \(3, 2\) and labels of shape \(2,\)"),
    (np.ones((0, 2)), np.zeros(0, int), "with n at least 1"),
    (np.full((2, 2), np.nan), np.zeros(2, int), "expected finite numbers"),
    (np.ones((2, 2)), np.array([0.0, 1.0]), "labels of type float64"),
    (np.ones((2, 2)), np.array([-1, 0]), "labels of type int64 from -1; expected whole numbers counted from 0"),
])
def test_inputs_are_checked_on_entry(inputs: Any, labels: Any, message: str) -> None:
    with pytest.raises(GradproofError, match=message):
        train_network(inputs, labels, NetworkSettings(epochs=1))


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(GradproofError, match=r"scikit-learn is not installed; .* try pip install 'gradproof\[dev\]'"):
        train_digits(NetworkSettings(epochs=1))
