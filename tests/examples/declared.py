"""The examples from outside the assignments in typed terms, an error file each."""

from __future__ import annotations

from fractions import Fraction

from derive.claims import positive, sums_to_one
from derive.components import Axis, Index
from derive.terms import (
    Term,
    delta,
    diag,
    exp,
    grad,
    let,
    log,
    norm,
    ones,
    outer,
    sigma,
    softmax,
    sum_over,
    tensor,
)
from tests.examples.planted import Planted, planted

N, D, n = Axis("N"), Axis("D"), Axis("n")
m, d = Index("m", N), Index("d", D)
i, j = Index("i", n), Index("j", n)
X, w, y = tensor("X", N, D), tensor("w", D), tensor("y", N)
b, weight = tensor("b"), tensor("lambda")
half = Fraction(1, 2)

# Logistic regression: a score for each row of X.
z = let("z", X @ w + b * ones(N))
p = sigma(z)
loss = -sum_over(m, y[m] * log(p[m]) + (1 - y[m]) * log(1 - p[m]))
by_scores = exp(z[m]) / (1 + exp(z[m])) - y[m]
lost_exp = 1 / (1 + exp(z[m])) - y[m]
penalised = loss + half * weight * (w @ w)


def softplus(label: Term) -> Term:
    """The loss in terms of the scores, with a label of either sign."""
    return sum_over(m, log(1 + exp(z[m])) + label * z[m])


LOGISTIC: tuple[Planted, ...] = (
    planted("sign", lambda: loss == softplus(-y[m]), lambda: loss == softplus(y[m])),
    planted("factor", lambda: grad(loss, z[m]) == by_scores,
            lambda: grad(loss, z[m]) == lost_exp, lambda: lost_exp == p[m] - y[m]),
    planted("transpose", lambda: sum_over(m, (p[m] - y[m]) * X[m]) == X.T @ (p - y),
            lambda: sum_over(m, (p[m] - y[m]) * X[m]) == X @ (p - y)),
    planted("sum", lambda: grad(loss, b) == sum_over(m, p[m] - y[m]), lambda: grad(loss, b) == p[m] - y[m]),
    planted("factor", lambda: (grad(penalised, w) == X.T @ (p - y) + weight * w).given(positive(weight)),
            lambda: (grad(penalised, w) == X.T @ (p - y) + 2 * weight * w).given(positive(weight))),
    planted("factor", lambda: grad(p[m], w) == p[m] * (1 - p[m]) * X[m],
            lambda: grad(p[m], w) == (1 - p[m]) * X[m]),
)

# Least squares.
r = let("r", X @ w - y)
squares = half * sum_over(m, r[m] ** 2)
product = half * ((X @ w - y) @ (X @ w - y))
first, last = half * (w @ X.T @ X @ w), half * (y @ y)

SQUARES: tuple[Planted, ...] = (
    planted("factor", lambda: product == first - w @ X.T @ y + last,
            lambda: product == first - half * (w @ X.T @ y) + last),
    planted("sign", lambda: grad(squares, w) == X.T @ X @ w - X.T @ y,
            lambda: grad(squares, w) == X.T @ X @ w + X.T @ y, lambda: X.T @ X @ w + X.T @ y == X.T @ (X @ w - y)),
    planted("order", lambda: X.T @ (X @ w - y) == X.T @ r, lambda: X.T @ (X @ w - y) == r @ X.T),
    planted("index", lambda: sum_over(m, r[m] * grad(r[m], w[d])) == sum_over(m, r[m] * X[m, d]),
            lambda: sum_over(m, r[m] * grad(r[m], w[d])) == sum_over(m, r[d] * X[m, d])),
    planted("elementwise", lambda: grad(half * norm(r) ** 2, X) == outer(r, w),
            lambda: grad(half * norm(r) ** 2, X) == r * w),
)

# The Jacobian of the softmax.
x, t = tensor("x", n), tensor("t", n)
q = softmax(x)
total_exp = sum_over(j, exp(x[j]))
quotient = delta(i, j) * exp(x[i]) / total_exp - exp(x[i]) * exp(x[j]) / total_exp ** 2
squared = delta(i, j) * q[i] - q[i] ** 2
by_target = -sum_over(i, t[i] * (delta(i, j) - q[j]))

JACOBIAN: tuple[Planted, ...] = (
    planted("index", lambda: quotient == delta(i, j) * q[i] - q[i] * q[j],
            lambda: quotient == squared, lambda: squared == q[i] * (delta(i, j) - q[j])),
    planted("order", lambda: grad(q, x) == diag(q) - outer(q, q), lambda: grad(q, x) == diag(q) - q @ q),
    planted("sum", lambda: sum_over(j, grad(q[i], x[j])) == 0, lambda: sum_over(j, grad(q[i], x[j])) == q[i]),
    planted("one-hot", lambda: grad(log(q[i]), x[j]) == delta(i, j) - q[j], lambda: grad(log(q[i]), x[j]) == 1 - q[j]),
    planted("sign", lambda: (by_target == q[j] - t[j]).given(sums_to_one(t)),
            lambda: (by_target == t[j] - q[j]).given(sums_to_one(t))),
)
