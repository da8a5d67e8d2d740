"""word2vec with the naive softmax: p(w | c) = softmax(U v_c)_w, J = -log p(o | c).

Two layouts of U, each with its own claims: rows (U: V x D, a word is a row) and columns (U: D x V, a word is a column).
Blocks of B centre words at once, with target counts T (B x V), are what the trainer is compiled from.
"""

from __future__ import annotations

from derive.claims import Claim, Equation, distinct, negative, positive, same, sums_to_one
from derive.components import Axis, Index
from derive.exercises.exercise import S0, S1, S2, S3, S4, Exercise, a1, a2, a2_2023, clashes, fails, holds
from derive.terms import (
    Term,
    absolute,
    cross_entropy,
    delta,
    exp,
    grad,
    log,
    norm,
    onehot,
    ones,
    outer,
    sign,
    softmax,
    sum_over,
    tensor,
    total,
    zeros,
)

V, D, B, n = Axis("V"), Axis("D"), Axis("B"), Axis("n")
o, w, z, d = Index("o", V), Index("w", V), Index("z", V), Index("d", D)
v, y = tensor("v_c", D), tensor("y", V)

# Rows: the layout of the word2vec code; columns: the layout of the assignments' text.
U = tensor("U", V, D)
yhat = softmax(U @ v)
J = -log(yhat[o])
error = yhat - onehot(o)
Uc = tensor("U", D, V)
yhat_c = softmax(v @ Uc)
J_c = -log(yhat_c[o])
error_c = yhat_c - onehot(o)
# All axes equal, where a lost transpose goes unnoticed.
Us, vs, os = tensor("U", n, n), tensor("v_c", n), Index("o", n)
yhat_s = softmax(Us @ vs)
J_s = -log(yhat_s[os])
error_s = yhat_s - onehot(os)

VC, UW, FULL = (a1("3(a)"), a2("(b)"), a2_2023("(b)(i)")), (a1("3(b)"), a2("(c)"), a2_2023("(c)")), a2_2023("(d)")
NULL, STEP, UNIT = a2_2023("(b)(ii)"), a2_2023("(b)(iii)"), a2_2023("(b)(iv)")


def in_null_space(value: Term) -> Equation:
    """The rows-layout vector is 0. Sampled by a U with equal rows: yhat - y sums to 0, so U^T (yhat - y) = 0."""
    return Equation(value, zeros(D), ((U.args[0], tensor("row", D).along(V)),))


def in_null_space_columns(value: Term) -> Equation:
    """The same for U with a word per column."""
    return Equation(value, zeros(D), ((Uc.args[0], outer(tensor("column", D), ones(V))),))


def in_wrong_null_space() -> Equation:
    """U (yhat - y) = 0 for square U with words as rows. Sampled by a U whose columns are equal."""
    return Equation(Us @ error_s, zeros(n), ((Us.args[0], outer(tensor("column", n), ones(n))),))


def first_order(value: Term) -> Term:
    """How fast a scalar changes when v_c moves along minus the gradient of J."""
    return grad(value, v) @ -grad(J, v)


CENTRE: tuple[Exercise, ...] = (
    holds("word2vec/loss", "-log(exp(u_o.v_c) / sum_w exp(u_w.v_c)) = -u_o.v_c + log sum_w exp(u_w.v_c)",
          lambda: -log(softmax(U @ v)[o]) == -(U[o] @ v) + log(sum_over(w, exp(U[w] @ v))), *VC, S1, S2, S4),
    holds("word2vec/v_c-rows", "dJ/dv_c = U^T (yhat - y), words are rows of U",
          lambda: grad(J, v) == U.T @ (yhat - onehot(o)), *VC, S0, S2),
    holds("word2vec/v_c-columns", "dJ/dv_c = U (yhat - y), words are columns of U",
          lambda: grad(J_c, v) == Uc @ (yhat_c - onehot(o)), *VC, S3),
    holds("word2vec/v_c-expected-observed", "dJ/dv_c = sum_w yhat_w u_w - u_o: expected minus observed",
          lambda: grad(J, v) == sum_over(w, yhat[w] * U[w]) - U[o], *VC, STEP, S1, S2),
    holds("word2vec/v_c-expected-observed-columns", "dJ/dv_c = U yhat - u_o, words are columns of U",
          lambda: grad(J_c, v) == Uc @ yhat_c - Uc.T[o], *VC, STEP),
    holds("word2vec/v_c-quotient", "dJ/dv_c = -u_o + sum_w u_w exp(u_w.v_c) / sum_w exp(u_w.v_c)",
          lambda: (grad(J, v) == -U[o] + sum_over(w, exp(U[w] @ v) * U[w]) / sum_over(w, exp(U[w] @ v))), *VC, S1, S2),
    holds("word2vec/v_c-nested-sums", "dJ/dv_c = -u_o + sum_w u_w (exp(u_w.v_c) / sum_z exp(u_z.v_c))",
          lambda: (grad(J, v) == -U[o] + sum_over(w, exp(U[w] @ v) / sum_over(z, exp(U[z] @ v)) * U[w])), *VC, S1, S2),
    holds("word2vec/v_c-entry", "dJ/dv_d = -U_od + sum_w yhat_w U_wd",
          lambda: grad(J, v[d]) == -U[o, d] + sum_over(w, yhat[w] * U[w, d]), *VC, S1),
    holds("word2vec/v_c-any-target", "dCE(y, yhat)/dv_c = U^T (yhat - y) for any y with sum 1",
          lambda: (grad(cross_entropy(y, yhat), v) == U.T @ (yhat - y)).given(sums_to_one(y)), *VC, S0),
)

OUTPUTS: tuple[Exercise, ...] = (
    holds("word2vec/u_w-other", "dJ/du_w = yhat_w v_c where w != o",
          lambda: (grad(J, U[w]) == yhat[w] * v).given(distinct(w, o)), *UW, S2, S4),
    holds("word2vec/u_w-true", "dJ/du_w = (yhat_w - 1) v_c where w = o",
          lambda: (grad(J, U[w]) == (yhat[w] - 1) * v).given(same(w, o)), *UW, S2, S4),
    holds("word2vec/u_o", "dJ/du_o = -v_c + yhat_o v_c",
          lambda: grad(J, U[o]) == -v + yhat[o] * v, *UW, S2, S4),
    holds("word2vec/u_w", "dJ/du_w = (yhat_w - y_w) v_c for every word w",
          lambda: grad(J, U[w]) == (yhat[w] - delta(w, o)) * v, *UW, S2, S4),
    holds("word2vec/u_w-any-target", "dCE(y, yhat)/du_w = (yhat_w - y_w) v_c for any y with sum 1",
          lambda: (grad(cross_entropy(y, yhat), U[w]) == (yhat[w] - y[w]) * v).given(sums_to_one(y)), *UW),
    holds("word2vec/u_w-parts", "dJ/du_w = d(-u_o.v_c)/du_w + yhat_w v_c",
          lambda: grad(J, U[w]) == grad(-(U[o] @ v), U[w]) + yhat[w] * v, *UW, S2, S4),
    holds("word2vec/u_w-score-other", "d(u_o.v_c)/du_w = 0 where w != o",
          lambda: (grad(U[o] @ v, U[w]) == zeros(D)).given(distinct(w, o)), *UW, S1, S4),
    holds("word2vec/u_w-score-true", "d(-u_o.v_c)/du_o = -v_c",
          lambda: grad(-(U[o] @ v), U[o]) == -v, *UW, S1, S3, S4),
    holds("word2vec/u_w-partition", "d(log sum_x exp(u_x.v_c))/du_w = yhat_w v_c: one term, no sum",
          lambda: grad(log(total(exp(U @ v))), U[w]) == yhat[w] * v, *UW, S2, S4),
    holds("word2vec/u_w-columns", "column w of dJ/dU is (yhat_w - y_w) v_c, words are columns of U",
          lambda: grad(J_c, Uc).T[w] == (yhat_c[w] - delta(w, o)) * v, *UW, FULL, S2, S4),
    holds("word2vec/U-rows", "dJ/dU = (yhat - y) v_c^T, words are rows of U",
          lambda: grad(J, U) == outer(yhat - onehot(o), v), a1("3(b)"), FULL),
    holds("word2vec/U-columns", "dJ/dU = v_c (yhat - y)^T, words are columns of U",
          lambda: grad(J_c, Uc) == outer(v, yhat_c - onehot(o)), a1("3(b)"), FULL, S0, S4),
)

MEANING: tuple[Exercise, ...] = (
    holds("word2vec/zero-if", "dJ/dv_c = 0 if yhat - y lies in the null space of U^T, words are rows of U",
          lambda: (grad(J, v) == zeros(D)).given(in_null_space(U.T @ error)), NULL, S2),
    holds("word2vec/zero-only-if", "only if: where dJ/dv_c = 0, yhat - y lies in the null space of U^T",
          lambda: (U.T @ error == zeros(D)).given(in_null_space(grad(J, v))), NULL, S2),
    holds("word2vec/zero-if-columns", "dJ/dv_c = 0 if yhat - y lies in the null space of U, words are columns of U",
          lambda: (grad(J_c, v) == zeros(D)).given(in_null_space_columns(Uc @ error_c)), NULL, S2, S3),
    holds("word2vec/zero-only-if-columns", "only if: where dJ/dv_c = 0, yhat - y lies in the null space of U",
          lambda: (Uc @ error_c == zeros(D)).given(in_null_space_columns(grad(J_c, v))), NULL, S2),
    holds("word2vec/zero-at-target", "dCE(y, yhat)/dv_c = 0 where y = yhat",
          lambda: (grad(cross_entropy(y, yhat), v) == zeros(D))
          .given(Equation(y, yhat, ((y.args[0], yhat),))), NULL, S3),
    holds("word2vec/step-raises-p", "a small step along -dJ/dv_c raises p(o|c) at the rate p |dJ/dv_c|^2 >= 0",
          lambda: first_order(yhat[o]) == yhat[o] * norm(grad(J, v)) ** 2, STEP, S2),
    holds("word2vec/step-raises-log-p", "the same step raises log p(o|c) at the rate |dJ/dv_c|^2 >= 0",
          lambda: first_order(log(yhat[o])) == norm(grad(J, v)) ** 2, STEP, S2),
    holds("word2vec/step-lowers-J", "the same step lowers J at the rate |dJ/dv_c|^2",
          lambda: first_order(J) == -(norm(grad(J, v)) ** 2), STEP, S2),
    holds("word2vec/step-expected-observed", "the same step moves v_c towards u_o and away from the expected vector",
          lambda: -grad(J, v) == U[o] - sum_over(w, yhat[w] * U[w]), STEP, S2),
)


def _normalising() -> tuple[Exercise, ...]:
    y, alpha = tensor("y", D), tensor("alpha")
    x = alpha * y
    return (
        holds("word2vec/norm-scaled", "|alpha y| = |alpha| |y|",
              lambda: norm(x) == absolute(alpha) * norm(y), UNIT, S2),
        holds("word2vec/unit-positive", "x = alpha y with alpha > 0: x/|x| = y/|y|, normalised they are one",
              lambda: (x / norm(x) == y / norm(y)).given(positive(alpha)), UNIT, S2),
        holds("word2vec/unit-negative", "x = alpha y with alpha < 0: x/|x| = -y/|y|",
              lambda: (x / norm(x) == -(y / norm(y))).given(negative(alpha)), UNIT, S2),
        holds("word2vec/unit-sign", "x = alpha y: x/|x| = sign(alpha) y/|y|, all else of alpha is lost",
              lambda: x / norm(x) == sign(alpha) * (y / norm(y)), UNIT, S2),
        holds("word2vec/unit-ratio", "x = alpha y: x/|x| = (alpha/|alpha|) y/|y|",
              lambda: x / norm(x) == alpha / absolute(alpha) * (y / norm(y)), UNIT, S2),
        holds("word2vec/unit-length", "a normalised vector has length 1",
              lambda: norm(y / norm(y)) == 1, UNIT, S2),
        fails("word2vec/error-unit-any-sign", "x = alpha y: x/|x| = y/|y|, nothing said of the sign of alpha",
              lambda: x / norm(x) == y / norm(y), UNIT, right="word2vec/unit-sign"),
    )


Vb, T = tensor("Vb", B, D), tensor("T", B, V)
P = softmax(Vb @ U.T)
J_block = -total(T * log(P))
counts = outer(T @ ones(V), ones(V))

BLOCKS: tuple[Exercise, ...] = (
    holds("word2vec/block-centres", "J = -sum T log softmax(Vb U^T): dJ/dVb = (T 1 1^T * P - T) U",
          lambda: grad(J_block, Vb) == (counts * P - T) @ U, *VC),
    holds("word2vec/block-outputs", "J = -sum T log softmax(Vb U^T): dJ/dU = (T 1 1^T * P - T)^T Vb",
          lambda: grad(J_block, U) == (counts * P - T).T @ Vb, a1("3(b)"), FULL),
    holds("word2vec/block-scores", "J = -sum T log softmax(S): dJ/dS = T 1 1^T * softmax(S) - T",
          lambda: (grad(-total(T * log(softmax(tensor("S", B, V)))), tensor("S", B, V))
                   == counts * softmax(tensor("S", B, V)) - T), a1("2(b)")),
    holds("word2vec/block-centres-distribution", "dJ/dVb = (P - T) U if each row of T sums to 1",
          lambda: (grad(J_block, Vb) == (P - T) @ U).given(sums_to_one(T)), *VC),
    holds("word2vec/block-outputs-distribution", "dJ/dU = (P - T)^T Vb if each row of T sums to 1",
          lambda: (grad(J_block, U) == (P - T).T @ Vb).given(sums_to_one(T)), a1("3(b)"), FULL),
)


def _v_c_with_wrong_null_space() -> Claim:
    return (grad(J, v) == zeros(D)).given(Equation(U @ error, zeros(V)))


ERRORS: tuple[Exercise, ...] = (
    clashes("word2vec/error-v_c-transpose", "dJ/dv_c = U^T (yhat - y) where words are columns of U",
            lambda: grad(J_c, v) == Uc.T @ error_c, S0, S2, right="word2vec/v_c-columns"),
    clashes("word2vec/error-U-transpose", "dJ/dU = v_c (yhat - y)^T where words are rows of U",
            lambda: grad(J, U) == outer(v, error), S0, right="word2vec/U-rows"),
    fails("word2vec/error-v_c-transpose-square", "dJ/dv_c = U (yhat - y) with words as rows, even where V = D",
          lambda: grad(J_s, vs) == Us @ error_s, S0, S2, right="word2vec/v_c-rows"),
    fails("word2vec/error-U-transpose-square", "dJ/dU = v_c (yhat - y)^T with words as rows, even where V = D",
          lambda: grad(J_s, Us) == outer(vs, error_s), S0, right="word2vec/U-rows"),
    clashes("word2vec/error-null-space", "dJ/dv_c = U^T (yhat - y) = 0 when yhat - y lies in Ker(U)",
            _v_c_with_wrong_null_space, S2, right="word2vec/zero-if"),
    fails("word2vec/error-null-space-square", "dJ/dv_c = 0 when yhat - y lies in Ker(U), words as rows, V = D",
          lambda: (grad(J_s, vs) == zeros(n)).given(in_wrong_null_space()), S2, right="word2vec/zero-if"),
    fails("word2vec/error-equal-hats", "dJ/dv_c = U^T (yhat - yhat): y has taken a hat, and the gradient is always 0",
          lambda: grad(J, v) == U.T @ (yhat - yhat), S3, right="word2vec/v_c-rows"),
    fails("word2vec/error-lost-hat", "y_o = p(o|c): the hat is lost",
          lambda: onehot(o)[o] == yhat[o], S1, right="word2vec/loss"),
    clashes("word2vec/error-v_c-lost-vector", "dJ/dv_c = -u_o + sum_w yhat_w u_wd: a vector minus a number",
            lambda: grad(J, v) == -U[o] + sum_over(w, yhat[w] * U[w, d]), S1, right="word2vec/v_c-entry"),
    clashes("word2vec/error-product", "J = -u_o v_c + log sum_w exp(u_w.v_c): a product of columns without transpose",
            lambda: -log(softmax(U @ v)[o]) == -(U[o] * v) + log(total(exp(U @ v))), S2, right="word2vec/loss"),
    fails("word2vec/error-u_w-by-v_c", "dJ/du_w with d/dv_c in its second half",
          lambda: grad(J, U[w]) == -grad(log(exp(U[o] @ v)), U[w]) + grad(log(total(exp(U @ v))), v),
          S1, right="word2vec/u_w-parts"),
    fails("word2vec/error-u_w-partition",
          "d(log sum_x exp(u_x.v_c))/du_w = sum_x yhat_x v_c: a sum that should not be there",
          lambda: grad(log(total(exp(U @ v))), U[w]) == sum_over(z, yhat[z] * v), S1, right="word2vec/u_w-partition"),
    fails("word2vec/error-u_w-other", "dJ/du_w = sum_x yhat_x v_c where w != o: a sum that should not be there",
          lambda: (grad(J, U[w]) == sum_over(z, yhat[z] * v)).given(distinct(w, o)), S1, right="word2vec/u_w-other"),
    fails("word2vec/error-u_w-true", "dJ/du_w = sum_x yhat_x v_c - v_c where w = o: a sum that should not be there",
          lambda: (grad(J, U[w]) == sum_over(z, yhat[z] * v) - v).given(same(w, o)), S1, right="word2vec/u_w-true"),
    fails("word2vec/error-u_o-unexpected", "dJ/du_o = -v_c: the expected part is lost",
          lambda: grad(J, U[o]) == -v, S3, right="word2vec/u_o"),
    clashes("word2vec/error-u_w-hat-other", "dJ/du_w = -yhat_o + v_c yhat_w where w != o: a number minus a vector",
            lambda: (grad(J, U[w]) == -yhat[o] + yhat[w] * v).given(distinct(w, o)), S4, right="word2vec/u_w-other"),
    clashes("word2vec/error-u_w-hat-true", "dJ/du_o = -yhat_o + v_c yhat_o: yhat_o written for v_c",
            lambda: grad(J, U[o]) == -yhat[o] + yhat[o] * v, S4, right="word2vec/u_o"),
)

EXERCISES: tuple[Exercise, ...] = CENTRE + OUTPUTS + MEANING + _normalising() + BLOCKS + ERRORS
