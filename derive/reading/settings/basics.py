"""Softmax, sigmoid, cross entropy (assignment 1, parts 1 and 2), leaky ReLU and normalised vectors (assignment 2)."""

from __future__ import annotations

from typing import Any

from derive.claims import positive, sums_to_one
from derive.components import Axis
from derive.reading.settings.world import World
from derive.reading.values import COLUMN, SCALAR, Value, lying
from derive.terms import Term, cross_entropy, let, maximum, size, softmax, tensor

LOSS_LABELS = ("ce", "crossentropy", "", "softmaxce", "softmax", "loss")


def softmax_world(vectors: str = COLUMN, logits: str = "theta") -> World:
    """x, theta, z: vectors over n; c a scalar; yhat = softmax of the logits; y a target; CE(y, yhat).

    logits: the letter the prediction is the softmax of.
    """
    n = Axis("n")
    letters = {name: tensor(name, n) for name in ("x", "theta", "z", "s", "a", "v", "t", "b", "o")}
    y = tensor("y", n)
    yhat = let("yhat", softmax(letters[logits]))
    names = {name: (Value(term, vectors),) for name, term in letters.items()}
    names |= {
        "c": (Value(tensor("c"), SCALAR),), "y": (Value(y, vectors),), "yhat": (Value(yhat, vectors),),
        "ytilde": (Value(yhat, vectors),), "n": (Value(size(n), SCALAR),), "p": (Value(yhat, vectors),),
    }
    names |= {"X": names["x"], "Theta": names["theta"], "Z": names["z"], "p": names["p"]}

    def loss(kind: str, arguments: Any) -> list[Value]:
        return [lying(cross_entropy(y, yhat))]

    ranges = {spelled: n for spelled in ("n", "N", "K", "C", "V", "D", "m", "M", "d", "dim(x)", "Dim(X)", "Dim(x)",
                                         "|V|", "dim(theta)", "|x|", "J")}
    return World("softmax and cross entropy", vectors, names, loss=loss, ranges=ranges,
                 ladder=((), (sums_to_one(y),)), target=y)


def scalar_world(vectors: str = COLUMN, leaky: bool = False) -> World:
    """x, z, t, s, a: real numbers; leaky: also alpha in (0, 1) and f(x) = max(alpha x, x)."""
    names: dict[str, tuple[Value, ...]] = {
        name: (Value(tensor(name), SCALAR),) for name in ("x", "z", "t", "s", "a", "u", "v", "y", "b")}
    alpha = tensor("alpha")
    names["alpha"] = (Value(alpha, SCALAR),)
    names["beta"] = (Value(tensor("beta"), SCALAR),)
    functions = {}
    ladder: tuple[Any, ...] = ((),)
    if leaky:
        def f(argument: Value) -> list[Value]:
            return [Value(maximum(argument.term, alpha * argument.term), SCALAR, argument.readings, argument.needs)]
        functions = {key: f for key in ("f", "leakyrelu", "lrelu", "leaky relu", "leaky-relu")}
        ladder = ((), (positive(alpha), positive(1 - alpha)))
    return World("leaky ReLU" if leaky else "sigmoid", vectors, names, functions=functions, ladder=ladder, scalars=True)


def normalised_world(vectors: str = COLUMN, positive_factor: bool = False, factor: str = "alpha") -> World:
    """x, y: vectors over D with x = alpha y; norms.

    factor: the letter of alpha in the document; positive_factor: it says that alpha > 0.
    """
    D = Axis("D")
    y, alpha = tensor("y", D), tensor(factor)
    x = tensor("x", D)
    from derive.claims import Equation, Sign

    parallel = Equation(x, alpha * y, ((x.args[0], alpha * y),))
    names = {"x": (Value(x, vectors),), "y": (Value(y, vectors),), factor: (Value(alpha, SCALAR),),
             "u_x": (Value(x, vectors),), "u_y": (Value(y, vectors),), "c": (Value(alpha, SCALAR),)}
    signed = ((parallel, Sign(alpha, ">")), (Sign(alpha, ">"),)) if positive_factor else ()
    return World("normalised vectors", vectors, names, ladder=((), (parallel,), *signed))


def as_values(**terms: Term) -> dict[str, tuple[Value, ...]]:
    """Terms as the meanings of their names."""
    return {name: (lying(term),) for name, term in terms.items()}
