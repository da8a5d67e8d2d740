"""assignment2-errors.md in typed terms."""

from __future__ import annotations

from derive.claims import Claim, avoids, distinct, positive, same
from derive.claims import negative as below
from derive.terms import (
    absolute,
    delta,
    exp,
    grad,
    log,
    maximum,
    norm,
    outer,
    sigma,
    size,
    sum_over,
    tensor,
    zeros,
)
from tests.examples.planted import Planted, planted
from tests.examples.words import (
    C,
    D,
    F,
    U,
    Vin,
    alpha,
    apart,
    around,
    at,
    c,
    centre,
    drawn,
    naive,
    negative,
    o,
    other,
    real,
    s,
    score,
    skipgram,
    slope,
    t,
    v,
    w,
    x,
    y,
    yhat,
)

partition = sum_over(x, exp(score(x)))
direction = tensor("y", D)
unit = direction / norm(direction)
leaky = maximum(real, alpha * real)
up = exp(real)
rest = (1 - sigma(score(o))) * U[o]
pushed = sum_over(s, (1 - sigma(-score(drawn(s)))) * U[drawn(s)])
lost_prime = -(slope(score(o)) / sigma(score(o))) * U[o] + sum_over(
    s, sigma(-score(drawn(s))) / sigma(-score(drawn(s))) * U[drawn(s)])
wrong_vector = -U[o] + exp(score(o)) / partition * v
steep = (up * (up + 1) + up * up) / (up + 1) ** 2
split = -(y[o] * log(yhat[o])) - (sum_over(w, y[w] * log(yhat[w])) - y[o] * log(yhat[o]))


def by_negative() -> Claim:
    """The textbook's gradient, though words may repeat."""
    return (grad(negative, U[drawn(s)]) == (1 - sigma(-score(drawn(s)))) * v).given(avoids(drawn, o))


def sloped(claim: Claim) -> Claim:
    """0 < alpha < 1."""
    return claim.given(positive(alpha), positive(1 - alpha))


PLANTED: tuple[Planted, ...] = (
    planted("sign", lambda: split == -log(yhat[o]), lambda: split == log(yhat[o])),
    planted("transpose", lambda: -U[o] + sum_over(x, yhat[x] * U[x]) == -(U.T @ y) + U.T @ yhat,
            lambda: -U[o] + sum_over(x, yhat[x] * U[x]) == -(U @ y) + U.T @ yhat,
            lambda: -(U @ y) + U.T @ yhat == U.T @ (yhat - y)),
    planted("factor", lambda: (alpha / absolute(alpha) * unit == unit).given(positive(alpha)),
            lambda: (alpha / absolute(alpha) * unit == alpha * unit).given(positive(alpha))),
    planted("letter", lambda: grad(naive, U[o]) == -v + exp(score(o)) / partition * v,
            lambda: grad(naive, U[o]) == wrong_vector, lambda: wrong_vector == (yhat[o] - 1) * v),
    planted("one-hot", lambda: other(zeros(D) + exp(score(w)) / partition * v == yhat[w] * v),
            lambda: other(zeros(D) + exp(score(w)) / partition * v == (yhat[w] - 1) * v)),
    planted("order", lambda: grad(naive, U) == outer(yhat - y, v), lambda: grad(naive, U) == (yhat - y) @ v),
    planted("factor", lambda: sloped(grad(leaky, real) == alpha).given(below(real)),
            lambda: sloped(grad(leaky, real) == alpha * real).given(below(real))),
    planted("sign", lambda: grad(up / (up + 1), real) == (up * (up + 1) - up * up) / (up + 1) ** 2,
            lambda: grad(up / (up + 1), real) == steep, lambda: steep == up / (up + 1) ** 2),
    planted("argument", lambda: up / (up + 1) ** 2 == sigma(real) * (1 - sigma(real)),
            lambda: up / (up + 1) ** 2 == sigma(real) * (1 - sigma(-real))),
    planted("prime", lambda: grad(negative, v) == -(slope(score(o)) / sigma(score(o))) * U[o] + sum_over(
                s, slope(-score(drawn(s))) / sigma(-score(drawn(s))) * U[drawn(s)]),
            lambda: grad(negative, v) == lost_prime, lambda: lost_prime == -rest + pushed),
    planted("lost -1", lambda: -(1 - sigma(score(o))) * v == (sigma(score(o)) - 1) * v,
            lambda: -(1 - sigma(score(o))) * v == sigma(score(o)) * v),
    planted("argument", lambda: apart(grad(negative, U[drawn(s)]) == (1 - sigma(-score(drawn(s)))) * v),
            lambda: apart(grad(negative, U[drawn(s)]) == (1 - sigma(score(drawn(s)))) * v)),
    planted("sum", lambda: (grad(negative, U[drawn(s)]) == sum_over(
                t, delta(drawn(t), drawn(s)) * (1 - sigma(-score(drawn(t)))) * v)).given(avoids(drawn, o)),
            by_negative),
    planted("window", lambda: grad(skipgram, U) == sum_over(at, F.partial(2)(around(at), centre, U)),
            lambda: grad(skipgram, U) == size(C) * sum_over(at, F.partial(2)(around(at), centre, U))),
    planted("index", lambda: grad(skipgram, Vin[c]) == sum_over(at, F.partial(1)(around(at), centre, U)),
            lambda: grad(skipgram, Vin[c]) == sum_over(at, F.partial(1)(c, centre, U))),
    planted("condition", lambda: (grad(skipgram, Vin[w]) == zeros(D)).given(distinct(w, c)),
            lambda: (grad(skipgram, Vin[w]) == zeros(D)).given(same(w, c))),
)
