"""One hidden layer: z1 = x W1 + b1, h = sigma(z1), z2 = h W2 + b2, yhat = softmax(z2), cross entropy.

CS224n assignment 1 (2016, 2017), part 2(c). On columns the same network is z1 = W1 x + b1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
LAYERS = {f"{letter}{mark}{number}": layer for letter, number, layer in (
    ("z", "1", "z1"), ("a", "1", "h"), ("z", "2", "z2"), ("a", "2", "yhat")) for mark in ("_", "^")}
"""Names the exercise does not use itself. h and yhat are its own: what contradicts those is wrong."""
ORDER = ("z1", "h", "z2", "yhat")


def network_world(vectors: str = ROW, hidden: str = "sigmoid", given: Mapping[str, Term] | None = None) -> World:
    """The network on one example.

    vectors: how x, h and y lie; hidden: what the hidden layer applies; given: results (z1, h, z2, yhat) that the
    document defines otherwise, each in terms of those before it. The loss is taken of the yhat there is then.
    """
    rows, own = vectors == ROW, given or {}

    def result(layer: str, usual: Term) -> Term:
        return let(layer, own.get(layer, usual))

    x, y = tensor("x", Dx), tensor("y", Dy)
    W1 = tensor("W1", Dx, H) if rows else tensor("W1", H, Dx)
    W2 = tensor("W2", H, Dy) if rows else tensor("W2", Dy, H)
    b1, b2 = tensor("b1", H), tensor("b2", Dy)
    z1 = result("z1", (x @ W1 if rows else W1 @ x) + b1)
    h = result("h", HIDDEN[hidden](z1))
    z2 = result("z2", (h @ W2 if rows else W2 @ h) + b2)
    yhat = result("yhat", softmax(z2))
    cost = cross_entropy(y, yhat)
    vector = {("x", "X"): x, ("y",): y, ("yhat", "ytilde", "a_2", "a^2", "p"): yhat, ("h", "a_1", "a^1"): h}
    names: dict[str, tuple[Value, ...]] = {
        spelled: (Value(term, vectors),) for several, term in vector.items() for spelled in several}
    for number, weights, bias, score in (("1", W1, b1, z1), ("2", W2, b2, z2)):
        for mark in ("_", "^", ""):
            names |= {f"W{mark}{number}": (Value(weights, MATRIX),), f"w{mark}{number}": (Value(weights, MATRIX),),
                      f"b{mark}{number}": (Value(bias, vectors),), f"z{mark}{number}": (Value(score, vectors),),
                      f"theta{mark}{number}": (Value(score, vectors),)}
    names |= {"theta": (Value(z2, vectors),), "U": (Value(W2, MATRIX),), "W": (Value(W1, MATRIX), Value(W2, MATRIX)),
              "b": (Value(b1, vectors), Value(b2, vectors)), "z": (Value(z1, vectors), Value(z2, vectors))}
    for spelled, axis in (("D_x", Dx), ("Dx", Dx), ("D_y", Dy), ("Dy", Dy), ("H", H)):
        names[spelled] = (Value(size(axis), SCALAR),)

    def loss(kind: str, arguments: Any) -> list[Value]:
        return [lying(cost)]

    ranges = {"D_x": Dx, "Dx": Dx, "H": H, "D_y": Dy, "Dy": Dy, "D_h": H, "D_H": H}
    return World("one hidden layer", vectors, names, loss=loss, ranges=ranges,
                 ladder=((), (sums_to_one(y),)), target=y, convention="network vectors", layers=LAYERS)
