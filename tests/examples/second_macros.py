"""assignment2-errors.tex in typed terms."""

from __future__ import annotations

from derive.claims import avoids, distinct, positive
from derive.terms import absolute, delta, exp, grad, log, maximum, norm, outer, sigma, size, sum_over, tensor, zeros
from tests.examples.planted import Planted, planted
from tests.examples.words import (
    D,
    F,
    K,
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
    t,
    v,
    w,
    x,
    y,
    yhat,
)

partition = sum_over(x, exp(score(x)))
bare = sum_over(w, U[w]) / partition
direction = tensor("y", D)
scaled = alpha * direction / norm(alpha * direction)
unit = direction / norm(direction)
shrunk = direction / (absolute(alpha) * norm(direction))
down = exp(-real)
falling = -down / (1 + down) ** 2
rest = -(1 - sigma(score(o))) * U[o]
one_vector = rest + sum_over(s, (1 - sigma(-score(drawn(s)))) * U[o])
reflected = -sigma(-score(o)) * U[o] + sum_over(s, sigma(score(drawn(s))) * U[drawn(s)])
leaky = maximum(real, alpha * real)

PLANTED: tuple[Planted, ...] = (
    planted("index", lambda: -sum_over(w, y[w] * log(yhat[w])) == -log(yhat[o]),
            lambda: -sum_over(w, y[w] * log(yhat[w])) == -log(yhat[w])),
    planted("sign", lambda: grad(-score(o), v) == -U[o], lambda: grad(-score(o), v) == U[o]),
    planted("factor", lambda: grad(log(partition), v) == sum_over(w, exp(score(w)) * U[w]) / partition,
            lambda: grad(log(partition), v) == bare, lambda: bare == sum_over(w, yhat[w] * U[w])),
    planted("one-hot", lambda: sum_over(w, yhat[w] * U[w]) - U[o] == sum_over(w, (yhat[w] - y[w]) * U[w]),
            lambda: sum_over(w, yhat[w] * U[w]) - U[o] == sum_over(w, yhat[w] * U[w]),
            lambda: (sum_over(w, yhat[w] * U[w]) == U.T @ (yhat - y)).every(o)),
    planted("factor", lambda: scaled == alpha * direction / (absolute(alpha) * norm(direction)),
            lambda: (scaled == shrunk).given(positive(alpha)), lambda: (shrunk == unit).given(positive(alpha))),
    planted("sign", lambda: other(grad(naive, U[w]) == yhat[w] * v), lambda: other(grad(naive, U[w]) == -yhat[w] * v)),
    planted("elementwise", lambda: grad(naive, U) == outer(yhat - y, v), lambda: grad(naive, U) == (yhat - y) * v),
    planted("factor", lambda: (grad(leaky, real) == 1).given(positive(real), positive(alpha), positive(1 - alpha)),
            lambda: (grad(leaky, real) == alpha).given(positive(real), positive(alpha), positive(1 - alpha))),
    planted("sign", lambda: grad((1 + down) ** -1, real) == down / (1 + down) ** 2,
            lambda: grad((1 + down) ** -1, real) == falling, lambda: falling == 1 / (1 + down) * (down / (1 + down))),
    planted("index", lambda: grad(negative, v) == rest + sum_over(s, (1 - sigma(-score(drawn(s)))) * U[drawn(s)]),
            lambda: grad(negative, v) == one_vector, lambda: one_vector == reflected),
    planted("factor", lambda: apart(grad(negative, U[o]) == -(1 - sigma(score(o))) * v),
            lambda: apart(grad(negative, U[o]) == -sigma(score(o)) * v)),
    planted("argument", lambda: (1 - sigma(-score(drawn(s)))) * v == sigma(score(drawn(s))) * v,
            lambda: (1 - sigma(-score(drawn(s)))) * v == sigma(-score(drawn(s))) * v),
    planted("factor", lambda: (grad(negative, U[drawn(s)]) == sum_over(
                t, delta(drawn(t), drawn(s)) * sigma(score(drawn(t))) * v)).given(avoids(drawn, o)),
            lambda: (grad(negative, U[drawn(s)]) == size(K) * sigma(score(drawn(s))) * v).given(avoids(drawn, o))),
    planted("sum", lambda: grad(skipgram, Vin[c]) == sum_over(at, F.partial(1)(around(at), centre, U)),
            lambda: grad(skipgram, Vin[c]) == F.partial(1)(around(at), centre, U)),
    planted("letter", lambda: (grad(skipgram, Vin[w]) == zeros(D)).given(distinct(w, c)),
            lambda: (grad(skipgram, U[w]) == zeros(D)).given(distinct(w, c))),
)
