"""assignment1-errors.md in typed terms: the network on columns."""

from __future__ import annotations

from derive.claims import injective, same, sums_to_one
from derive.components import Axis
from derive.terms import Term, cross_entropy, exp, grad, let, log, outer, sigma, size, softmax, sum_over, tensor
from tests.examples.planted import Planted, planted
from tests.examples.words import (
    C,
    F,
    U,
    Vin,
    apart,
    around,
    at,
    c,
    cbow,
    drawn,
    hot,
    i,
    j,
    k,
    n,
    naive,
    negative,
    o,
    place,
    prediction,
    real,
    s,
    score,
    slope,
    t,
    theta,
    v,
    vhat,
    x,
    y,
    yhat,
)

Dx, H, Dy = Axis("Dx"), Axis("H"), Axis("Dy")
inputs, target = tensor("x", Dx), tensor("y", Dy)
W1, b1, W2, b2 = tensor("W1", H, Dx), tensor("b1", H), tensor("W2", Dy, H), tensor("b2", Dy)
z1 = let("z1", W1 @ inputs + b1)
h = let("h", sigma(z1))
z2 = let("z2", W2 @ h + b2)
output = softmax(z2)
J = cross_entropy(target, output)
delta_2 = output - target
delta_1 = (W2.T @ delta_2) * slope(z1)

X, shift = tensor("x", n), tensor("c")
total_exp = sum_over(j, exp(X[j]))
shifted = exp(shift) * exp(X[i]) / sum_over(j, exp(shift) * exp(X[j]))
unbalanced = exp(shift) * exp(X[i]) / total_exp
pulled = (sigma(score(o)) - 1) * U[o]
wrong_sum = sum_over(x, yhat[x] * U[o]) - U[o]
copies = sum_over(t, (1 - sigma(-score(drawn(t)))) * v)


def quotient() -> Term:
    """The last line but one of 2(a)."""
    return 1 / (1 + exp(-real)) * (1 - 1 / (1 + exp(-real)))


PLANTED: tuple[Planted, ...] = (
    planted("factor", lambda: shifted == exp(shift) * exp(X[i]) / (exp(shift) * total_exp),
            lambda: shifted == unbalanced, lambda: unbalanced == exp(X[i]) / total_exp),
    planted("sign", lambda: quotient() == sigma(real) * (1 - sigma(real)),
            lambda: quotient() == sigma(real) * (sigma(real) - 1)),
    planted("index", lambda: -grad(theta[k], theta[i]) + exp(theta[i]) / sum_over(j, exp(theta[j]))
            == -grad(theta[k], theta[i]) + prediction[i],
            lambda: -grad(theta[k], theta[i]) + exp(theta[i]) / sum_over(j, exp(theta[j]))
            == -grad(theta[k], theta[i]) + prediction[k]),
    planted("lost -1", lambda: (grad(cross_entropy(hot, prediction), theta[i]) == prediction[i] - 1).given(same(i, k)),
            lambda: (grad(cross_entropy(hot, prediction), theta[i]) == prediction[i]).given(same(i, k))),
    planted("sign", lambda: grad(cross_entropy(hot, prediction), theta) == prediction - hot,
            lambda: grad(cross_entropy(hot, prediction), theta) == hot - prediction),
    planted("transpose", lambda: (W2.T @ grad(J, z2) == W2.T @ delta_2).given(sums_to_one(target)),
            lambda: W2.T @ grad(J, z2) == W2 @ delta_2),
    planted("layer", lambda: grad(J, z1) == grad(J, h) * slope(z1),
            lambda: grad(J, z1) == grad(J, h) * slope(z2), lambda: grad(J, h) * slope(z2) == delta_1),
    planted("elementwise", lambda: (grad(J, inputs) == W1.T @ delta_1).given(sums_to_one(target)),
            lambda: grad(J, inputs) == W1.T * delta_1),
    planted("order", lambda: (grad(J, W2) == outer(delta_2, h)).given(sums_to_one(target)),
            lambda: grad(J, W2) == h @ delta_2),
    planted("layer", lambda: (grad(J, b1) == delta_1).given(sums_to_one(target)), lambda: grad(J, b1) == delta_2),
    planted("bias", lambda: size(Dx) * size(H) + size(H) + size(H) * size(Dy) + size(Dy)
            == (size(Dx) + 1) * size(H) + (size(H) + 1) * size(Dy),
            lambda: size(Dx) * size(H) + size(H) + size(H) * size(Dy) + size(Dy)
            == (size(Dx) + 1) * size(H) + size(H) * size(Dy)),
    planted("sign", lambda: naive == -score(o) + log(sum_over(x, exp(score(x)))),
            lambda: naive == score(o) + log(sum_over(x, exp(score(x))))),
    planted("index", lambda: grad(naive, v) == sum_over(x, yhat[x] * U[x]) - U[o],
            lambda: grad(naive, v) == wrong_sum, lambda: wrong_sum == U.T @ (yhat - y)),
    planted("lost -1", lambda: -v + yhat[o] * v == (yhat[o] - 1) * v, lambda: -v + yhat[o] * v == yhat[o] * v),
    planted("one-hot", lambda: grad(naive, U) == outer(yhat - y, v), lambda: grad(naive, U) == outer(yhat, v)),
    planted("argument", lambda: grad(negative, v) == pulled + sum_over(s, sigma(score(drawn(s))) * U[drawn(s)]),
            lambda: grad(negative, v) == pulled + sum_over(s, sigma(-score(drawn(s))) * U[drawn(s)])),
    planted("lost -1", lambda: apart(grad(negative, U[o]) == (sigma(score(o)) - 1) * v),
            lambda: apart(grad(negative, U[o]) == sigma(score(o)) * v)),
    planted("sum", lambda: apart(grad(negative, U[drawn(s)]) == (1 - sigma(-score(drawn(s)))) * v),
            lambda: apart(grad(negative, U[drawn(s)]) == copies),
            lambda: apart(sigma(score(drawn(s))) * v == copies)),
    planted("window", lambda: grad(cbow, U) == F.partial(2)(c, vhat, U),
            lambda: grad(cbow, U) == sum_over(at, F.partial(2)(c, vhat, U))),
    planted("window", lambda: (grad(cbow, Vin[around(place)]) == F.partial(1)(c, vhat, U)).given(injective(around)),
            lambda: (grad(cbow, Vin[around(place)]) == size(C) * F.partial(1)(c, vhat, U)).given(injective(around))),
)
