"""Cross entropy of a softmax: what a one-hot target makes of it, and its gradient for any target."""

from __future__ import annotations

from fractions import Fraction

from derive.claims import distinct, same, sums_to_one
from derive.components import Axis, Index
from derive.exercises.exercise import S0, S1, S2, S3, S4, Exercise, a1, a2, a2_2023, clashes, fails, holds
from derive.terms import (
    as_term,
    cross_entropy,
    delta,
    exp,
    grad,
    log,
    onehot,
    softmax,
    sqrt,
    sum_over,
    tensor,
    total,
)

n = Axis("n")
i, k, w = Index("i", n), Index("k", n), Index("w", n)
theta, y, p = tensor("theta", n), tensor("y", n), tensor("p", n)
yhat = softmax(theta)
J = cross_entropy(onehot(k), yhat)
soft = cross_entropy(y, yhat)
half = as_term(Fraction(1, 2))

EXERCISES: tuple[Exercise, ...] = (
    holds("cross-entropy/one-hot", "a one-hot target leaves one term: CE(e_k, yhat) = -log yhat_k",
          lambda: cross_entropy(onehot(k), yhat) == -log(yhat[k]), a1("2(b)"), a2("(a)"), a2_2023("(a)"), S1, S2, S4),
    holds("cross-entropy/one-hot-sum", "-sum_w [w = k] log yhat_w = -log yhat_k",
          lambda: -sum_over(w, delta(w, k) * log(yhat[w])) == -log(yhat[k]), a2("(a)"), a2_2023("(a)"), S1, S2),
    holds("cross-entropy/one-hot-any-prediction", "CE(e_k, p) = -log p_k for any p, a softmax or not",
          lambda: cross_entropy(onehot(k), p) == -log(p[k]), a2("(a)")),
    holds("cross-entropy/log-form", "-log yhat_k = -theta_k + log sum_i e^theta_i",
          lambda: -log(yhat[k]) == -theta[k] + log(sum_over(i, exp(theta[i]))), a1("2(b)"), S1, S4),
    holds("cross-entropy/gradient-one-hot", "d CE(e_k, softmax(theta)) / d theta = yhat - e_k",
          lambda: grad(J, theta) == yhat - onehot(k), a1("2(b)"), S0, S1, S4),
    holds("cross-entropy/gradient-log", "d (-log yhat_k) / d theta = yhat - e_k",
          lambda: grad(-log(yhat[k]), theta) == yhat - onehot(k), a1("2(b)"), S1, S4),
    holds("cross-entropy/gradient-steps",
          "d CE / d theta = -d theta_k / d theta + (1 / sum_i e^theta_i) sum_i d e^theta_i",
          lambda: grad(J, theta) == (-grad(theta[k], theta)
                                     + 1 / total(exp(theta)) * sum_over(i, grad(exp(theta[i]), theta))),
          a1("2(b)"), S1),
    holds("cross-entropy/gradient-entry", "d CE / d theta_i = yhat_i - [i = k]",
          lambda: grad(J, theta[i]) == yhat[i] - delta(i, k), a1("2(b)"), S1, S4),
    holds("cross-entropy/gradient-same", "d CE / d theta_i = yhat_i - 1 where i = k",
          lambda: (grad(J, theta[i]) == yhat[i] - 1).given(same(i, k)), a1("2(b)"), S1, S4),
    holds("cross-entropy/gradient-distinct", "d CE / d theta_i = yhat_i where i != k",
          lambda: (grad(J, theta[i]) == yhat[i]).given(distinct(i, k)), a1("2(b)"), S1, S4),
    holds("cross-entropy/gradient-distribution", "d CE(y, softmax(theta)) / d theta = yhat - y if y sums to 1",
          lambda: (grad(soft, theta) == yhat - y).given(sums_to_one(y)), a1("2(b)"), S0, S4),
    holds("cross-entropy/gradient-any-target", "d CE(y, softmax(theta)) / d theta = (sum y) yhat - y, for any y",
          lambda: grad(soft, theta) == total(y) * yhat - y, a1("2(b)")),
    holds("cross-entropy/gradient-sum", "d CE(y, softmax(theta)) / d theta = -sum_i y_i d log yhat_i / d theta",
          lambda: grad(soft, theta) == -sum_over(i, y[i] * grad(log(yhat[i]), theta)), a1("2(b)"), S4),
    holds("cross-entropy/log-likelihood-same", "d log yhat_k / d theta_i = 1 - yhat_i where i = k",
          lambda: (grad(theta[k] - log(total(exp(theta))), theta[i]) == 1 - yhat[i]).given(same(i, k)),
          a1("2(b)"), S4),
    holds("cross-entropy/log-likelihood-distinct", "d log yhat_k / d theta_i = 0 - yhat_i where i != k",
          lambda: (grad(theta[k] - log(total(exp(theta))), theta[i]) == 0 - yhat[i]).given(distinct(i, k)),
          a1("2(b)"), S4),
    fails("cross-entropy/error-any-target", "d CE(y, softmax(theta)) / d theta = yhat - y, nothing said of sum y",
          lambda: grad(soft, theta) == yhat - y, a1("2(b)"), S0, right="cross-entropy/gradient-any-target"),
    fails("cross-entropy/error-half", "1/sqrt(2) . 1/sqrt(2) = -(0 log(1/2) + 1 log(1/2)): a half is not log 2",
          lambda: sqrt(half) * sqrt(half) == -(0 * log(half) + 1 * log(half)), S3, right="cross-entropy/one-hot"),
    clashes("cross-entropy/error-case-same", "d CE / d theta = yhat_k - 1: the whole vector set equal to one entry",
            lambda: grad(J, theta) == yhat[k] - 1, S1, right="cross-entropy/gradient-same"),
    clashes("cross-entropy/error-case-distinct", "d CE / d theta = yhat_i: the whole vector set equal to one entry",
            lambda: (grad(J, theta) == yhat[i]).given(distinct(i, k)), S1, right="cross-entropy/gradient-distinct"),
    clashes("cross-entropy/error-loss-named-y", "y = -sum_i y_i log yhat_i: the loss takes the target's name",
            lambda: y == cross_entropy(y, yhat), S1, right="cross-entropy/one-hot"),
)
