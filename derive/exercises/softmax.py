"""Softmax: what a shift does to it, what it sums to, its derivative.

Lets the compiler shift by the maximum: `stable-shift`, `stable-shift-batch`, `logsumexp-shift`, `log-softmax-shift`.
"""

from __future__ import annotations

from derive.claims import distinct, same
from derive.components import Axis, Index
from derive.exercises.exercise import S0, S1, S4, Exercise, a1, clashes, holds
from derive.terms import (
    delta,
    diag,
    exp,
    grad,
    log,
    onehot,
    ones,
    outer,
    sigma,
    softmax,
    sum_over,
    tensor,
    total,
    zeros,
)

n, B = Axis("n"), Axis("B")
i, j = Index("i", n), Index("j", n)
x, c, m = tensor("x", n), tensor("c"), tensor("m")
X, rows = tensor("X", B, n), tensor("m", B)
s = softmax(x)

EXERCISES: tuple[Exercise, ...] = (
    holds("softmax/definition", "softmax(x)_i = e^x_i / sum_j e^x_j",
          lambda: softmax(x)[i] == exp(x[i]) / sum_over(j, exp(x[j])), a1("1(a)"), S0, S1, S4),
    holds("softmax/shift-invariance", "one number added to every input changes nothing: softmax(x + c) = softmax(x)",
          lambda: softmax(x + c.along(n)) == softmax(x), a1("1(a)"), S0, S1, S4),
    holds("softmax/shift-component", "e^(x_i + c) / sum_j e^(x_j + c) = softmax(x)_i",
          lambda: exp(x[i] + c) / sum_over(j, exp(x[j] + c)) == softmax(x)[i], a1("1(a)"), S0, S1, S4),
    holds("softmax/shift-split", "e^x_i e^c / sum_j (e^x_j e^c) = e^x_i / sum_j e^x_j",
          lambda: exp(x[i]) * exp(c) / sum_over(j, exp(x[j]) * exp(c)) == exp(x[i]) / sum_over(j, exp(x[j])),
          a1("1(a)"), S0, S1, S4),
    holds("softmax/shift-factored", "e^x_i e^c / (e^c sum_j e^x_j) = e^x_i / sum_j e^x_j",
          lambda: exp(x[i]) * exp(c) / (exp(c) * sum_over(j, exp(x[j]))) == exp(x[i]) / sum_over(j, exp(x[j])),
          a1("1(a)"), S0, S1, S4),
    holds("softmax/sums-to-one", "the entries of a softmax sum to 1",
          lambda: total(softmax(x)) == 1, a1("1(a)")),
    holds("softmax/jacobian", "d softmax(x) / dx = diag(s) - s s^T",
          lambda: grad(softmax(x), x) == diag(s) - outer(s, s), a1("2(b)")),
    holds("softmax/jacobian-entry", "d s_i / d x_j = s_i (delta_ij - s_j)",
          lambda: grad(s[i], x[j]) == s[i] * (delta(i, j) - s[j]), a1("2(b)")),
    holds("softmax/jacobian-same", "d s_i / d x_j = s_i (1 - s_i) where i = j",
          lambda: (grad(s[i], x[j]) == s[i] * (1 - s[i])).given(same(i, j)), a1("2(b)")),
    holds("softmax/jacobian-distinct", "d s_i / d x_j = -s_i s_j where i != j",
          lambda: (grad(s[i], x[j]) == -(s[i] * s[j])).given(distinct(i, j)), a1("2(b)")),
    holds("softmax/jacobian-row-sums", "each row of the Jacobian sums to 0: a shift of x is not felt",
          lambda: grad(softmax(x), x) @ ones(n) == zeros(n), a1("1(a)")),
    holds("softmax/log-gradient", "d log s_i / dx = e_i - s",
          lambda: grad(log(s[i]), x) == onehot(i) - s, a1("2(b)"), S4),
    holds("softmax/logsumexp-gradient", "d (log sum_j e^x_j) / dx = softmax(x)",
          lambda: grad(log(total(exp(x))), x) == softmax(x), a1("2(b)"), S1, S4),
    holds("softmax/pair", "of two classes: s_i / (s_i + s_j) = sigma(x_i - x_j)",
          lambda: s[i] / (s[i] + s[j]) == sigma(x[i] - x[j]), a1("1(a)")),
    # What the compiler rests on when it subtracts the maximum before exp.
    holds("softmax/stable-shift", "softmax(x - m) = softmax(x), for any number m",
          lambda: softmax(x - m.along(n)) == softmax(x), a1("1(a)")),
    holds("softmax/stable-shift-batch", "each row may be shifted by its own number: softmax(X - m 1^T) = softmax(X)",
          lambda: softmax(X - outer(rows, ones(n))) == softmax(X), a1("1(b)")),
    holds("softmax/logsumexp-shift", "log sum_j e^x_j = m + log sum_j e^(x_j - m)",
          lambda: log(total(exp(x))) == m + log(total(exp(x - m.along(n)))), a1("1(a)")),
    holds("softmax/log-softmax-shift", "log s_i = x_i - m - log sum_j e^(x_j - m)",
          lambda: log(softmax(x)[i]) == x[i] - m - log(total(exp(x - m.along(n)))), a1("1(a)")),
    clashes("softmax/error-lost-index", "softmax(x)_i = e^x e^c / sum_j e^x_j e^c: the index of e^x_i is lost",
            lambda: softmax(x + c.along(n))[i] == exp(x) * exp(c) / sum_over(j, exp(x[j]) * exp(c)),
            S0, right="softmax/shift-split"),
    clashes("softmax/error-of-an-entry", "softmax(x_i + c) = softmax(x)_i: softmax of one number",
            lambda: softmax(x[i] + c) == softmax(x)[i], S0, S1, right="softmax/shift-invariance"),
)
