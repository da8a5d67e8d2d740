"""assignment1-rows-errors.md in typed terms: the network on rows, from the catalogue of exercises."""

from __future__ import annotations

from derive.claims import sums_to_one
from derive.exercises.network import Dx, Dy, H, one
from derive.terms import Term, delta, exp, grad, outer, sigma, size, softmax, sum_over, tensor
from tests.examples.planted import Planted, planted
from tests.examples.words import (
    U,
    apart,
    drawn,
    i,
    j,
    n,
    naive,
    negative,
    o,
    prediction,
    real,
    s,
    score,
    slope,
    theta,
    v,
    w,
    y,
    yhat,
)

X, target = tensor("x", n), tensor("y", n)
up = exp(real)
total_exp = sum_over(j, exp(X[j]))
lost_factor = (up * (up + 1) - up) / (up + 1) ** 2
by_quotient = grad(sigma(real), real)
by_theta = -sum_over(i, target[i] * (delta(i, j) - prediction[j]))
wrong_sign = target[j] + prediction[j] * sum_over(i, target[i])
d1, d2, d3 = one.d_z2, one.d_h, one.d_z1
reflected = sum_over(s, sigma(score(drawn(s))) * U[drawn(s)])


def backwards(last: Term) -> Term:
    """The signal that reaches x, with some factor in place of 1 - h."""
    return (d2 * one.h * last) @ one.W1.T


PLANTED: tuple[Planted, ...] = (
    planted("index", lambda: exp(X[i]) / total_exp == softmax(X)[i], lambda: exp(X[i]) / total_exp == softmax(X)[j]),
    planted("factor", lambda: by_quotient == (up * (up + 1) - up * up) / (up + 1) ** 2,
            lambda: by_quotient == lost_factor, lambda: lost_factor == up / (up + 1) ** 2),
    planted("factor", lambda: sigma(real) * (1 - sigma(real)) == sigma(real) - sigma(real) ** 2,
            lambda: sigma(real) * (1 - sigma(real)) == 1 - sigma(real) ** 2),
    planted("index", lambda: grad(prediction[i], theta[j]) == prediction[i] * (delta(i, j) - prediction[j]),
            lambda: grad(prediction[i], theta[j]) == prediction[i] * (delta(i, j) - prediction[i])),
    planted("sign", lambda: by_theta == -target[j] + prediction[j] * sum_over(i, target[i]),
            lambda: by_theta == wrong_sign,
            lambda: (wrong_sign == prediction[j] - target[j]).given(sums_to_one(target))),
    planted("transpose", lambda: (grad(one.J, one.h) == d1 @ one.W2.T).given(sums_to_one(one.y)),
            lambda: grad(one.J, one.h) == d1 @ one.W2),
    planted("prime", lambda: (grad(one.J, one.z1) == d2 * slope(one.z1)).given(sums_to_one(one.y)),
            lambda: (grad(one.J, one.z1) == d2 * sigma(one.z1)).given(sums_to_one(one.y))),
    planted("sign", lambda: (grad(one.J, one.x) == backwards(1 - one.h)).given(sums_to_one(one.y)),
            lambda: (grad(one.J, one.x) == backwards(1 + one.h)).given(sums_to_one(one.y))),
    planted("order", lambda: (grad(one.J, one.W2) == outer(one.h, d1)).given(sums_to_one(one.y)),
            lambda: grad(one.J, one.W2) == d1 @ one.h),
    planted("one-hot", lambda: (grad(one.J, one.b2) == d1).given(sums_to_one(one.y)),
            lambda: (grad(one.J, one.b2) == one.yhat).given(sums_to_one(one.y))),
    planted("elementwise", lambda: (grad(one.J, one.W1) == outer(one.x, d3)).given(sums_to_one(one.y)),
            lambda: grad(one.J, one.W1) == one.x * d3),
    planted("layer", lambda: (grad(one.J, one.b1) == d3).given(sums_to_one(one.y)),
            lambda: (grad(one.J, one.b1) == d2).given(sums_to_one(one.y))),
    planted("bias", lambda: size(Dx) * size(H) + size(H) + size(H) * size(Dy) + size(Dy)
            == (size(Dx) + 1) * size(H) + (size(H) + 1) * size(Dy),
            lambda: size(Dx) * size(H) + size(H) + size(H) * size(Dy) + size(Dy)
            == size(Dx) * size(H) + (size(H) + 1) * size(Dy)),
    planted("sum", lambda: grad(naive, v) == -U[o] + sum_over(w, yhat[w] * U[w]),
            lambda: grad(naive, v) == -U[o] + yhat[w] * U[w], lambda: -U[o] + yhat[w] * U[w] == (yhat - y) @ U),
    planted("one-hot", lambda: grad(naive, U[w]) == (yhat[w] - y[w]) * v,
            lambda: grad(naive, U[w]) == (yhat[w] - 1) * v),
    planted("transpose", lambda: grad(naive, U) == outer(yhat - y, v), lambda: grad(naive, U) == (yhat - y) @ v),
    planted("argument", lambda: grad(negative, v) == -sigma(-score(o)) * U[o] + reflected,
            lambda: grad(negative, v) == -sigma(score(o)) * U[o] + reflected),
    planted("sign", lambda: -sigma(-score(o)) * v == (sigma(score(o)) - 1) * v,
            lambda: -sigma(-score(o)) * v == (1 - sigma(score(o))) * v),
    planted("letter", lambda: apart(grad(negative, U[drawn(s)]) == sigma(score(drawn(s))) * v),
            lambda: apart(grad(negative, U[drawn(s)]) == sigma(score(drawn(s))) * U[drawn(s)])),
)
