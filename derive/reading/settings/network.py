"""One hidden layer: z1 = x W1 + b1, h = sigma(z1), z2 = h W2 + b2, yhat = softmax(z2), cross entropy.

CS224n assignment 1 (2016, 2017), part 2(c). On columns the same network is z1 = W1 x + b1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.claims import sums_to_one
from derive.components import Axis
from derive.reading.settings.world import World
from derive.reading.values import MATRIX, ROW, SCALAR, Value, lying
from derive.terms import Term, cross_entropy, let, maximum, sigma, size, softmax, tensor

Dx, H, Dy = Axis("Dx"), Axis("H"), Axis("Dy")


HIDDEN: dict[str, Callable[[Term], Term]] = {
    "sigmoid": sigma, "relu": lambda t: maximum(t, 0), "tanh": lambda t: 2 * sigma(2 * t) - 1,
}
"""What the hidden layer may apply, by name; tanh t = 2 sigma(2 t) - 1."""


def network_world(vectors: str = ROW, hidden: str = "sigmoid") -> World:
    """The network on one example; vectors: how x, h and y lie; hidden: what the hidden layer applies."""
    rows = vectors == ROW
    x, y = tensor("x", Dx), tensor("y", Dy)
    W1 = tensor("W1", Dx, H) if rows else tensor("W1", H, Dx)
    W2 = tensor("W2", H, Dy) if rows else tensor("W2", Dy, H)
    b1, b2 = tensor("b1", H), tensor("b2", Dy)
    z1 = let("z1", (x @ W1 if rows else W1 @ x) + b1)
    h = let("h", HIDDEN[hidden](z1))
    z2 = let("z2", (h @ W2 if rows else W2 @ h) + b2)
    yhat = let("yhat", softmax(z2))
    cost = cross_entropy(y, yhat)
    vector = {("x", "X"): x, ("y",): y, ("yhat", "ytilde", "a_2", "a^2", "p"): yhat, ("h", "a_1", "a^1"): h}
    names: dict[str, tuple[Value, ...]] = {
        spelled: (Value(term, vectors),) for several, term in vector.items() for spelled in several}
    for number, weights, bias, score in (("1", W1, b1, z1), ("2", W2, b2, z2)):
        for mark in ("_", "^", ""):
            names |= {f"W{mark}{number}": (Value(weights, MATRIX),), f"w{mark}{number}": (Value(weights, MATRIX),),
                      f"b{mark}{number}": (Value(bias, vectors),), f"z{mark}{number}": (Value(score, vectors),),
                      f"theta{mark}{number}": (Value(score, vectors),)}
    names |= {"theta": (Value(z2, vectors),), "U": (Value(W2, MATRIX),), "W": (Value(W1, MATRIX),)}
    for spelled, axis in (("D_x", Dx), ("Dx", Dx), ("D_y", Dy), ("Dy", Dy), ("H", H)):
        names[spelled] = (Value(size(axis), SCALAR),)

    def loss(kind: str, arguments: Any) -> list[Value]:
        return [lying(cost)]

    ranges = {"D_x": Dx, "Dx": Dx, "H": H, "D_y": Dy, "Dy": Dy, "D_h": H, "D_H": H}
    return World("one hidden layer", vectors, names, loss=loss, ranges=ranges,
                 ladder=((), (sums_to_one(y),)), target=y, convention="network vectors")
