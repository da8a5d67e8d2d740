"""word2vec with negative sampling: J = -log sigma(u_o.v_c) - sum_k log sigma(-u_w(k).v_c).

w: K -> V says which word the k-th negative is. Words may repeat, and then the count of each comes out; the textbook's
gradients need `injective(w)` (no negative twice) and `avoids(w, o)` (none is the true word), and say so.
Blocks of B centres, with weights M on true pairs and N on negative ones, are what the trainer is compiled from.
"""

from __future__ import annotations

from derive.claims import at_most, avoids, distinct, injective, same
from derive.components import Axis, Index, IndexLike
from derive.exercises.exercise import S0, S1, S2, S3, S4, Exercise, a1, a2, a2_2023, clashes, fails, holds
from derive.operations import operations
from derive.terms import (
    Term,
    as_term,
    delta,
    grad,
    index_map,
    let,
    log,
    onehot,
    outer,
    sigma,
    size,
    softmax,
    sum_over,
    tensor,
    total,
    zeros,
)

V, D, K, B, C = Axis("V"), Axis("D"), Axis("K"), Axis("B"), Axis("C")
o, x = Index("o", V), Index("x", V)
k, t = Index("k", K), Index("t", K)
w = index_map("w", K, V)
U, Uc, v = tensor("U", V, D), tensor("U", D, V), tensor("v_c", D)

LOSS = (a1("3(c)"), a2("(e)"), a2_2023("(g)(i)"))
SHARED, COST, REPEATED = a2_2023("(g)(ii)"), a2_2023("(g)(iii)"), a2_2023("(h)")


def score(word: IndexLike) -> Term:
    """u_word . v_c."""
    return U[word] @ v


def slope(argument: Term) -> Term:
    """sigma'(argument), written as a function of the value."""
    return sigma(argument) * (1 - sigma(argument))


true_part = -log(sigma(score(o)))
negative_part = -sum_over(k, log(sigma(-score(w(k)))))
J = true_part - sum_over(k, log(sigma(-score(w(k)))))
J_columns = -log(sigma(v @ Uc.T[o])) - sum_over(k, log(sigma(-(v @ Uc.T[w(k)]))))

CENTRE: tuple[Exercise, ...] = (
    holds("negative-sampling/v_c", "dJ/dv_c = (sigma(u_o.v_c) - 1) u_o - sum_k (sigma(-u_k.v_c) - 1) u_k",
          lambda: (grad(J, v) == (sigma(score(o)) - 1) * U[o]
                   - sum_over(k, (sigma(-score(w(k))) - 1) * U[w(k)])), *LOSS, S0, S3, S4),
    holds("negative-sampling/v_c-complement", "dJ/dv_c = -(1 - sigma(u_o.v_c)) u_o + sum_k (1 - sigma(-u_k.v_c)) u_k",
          lambda: (grad(J, v) == -(1 - sigma(score(o))) * U[o]
                   + sum_over(k, (1 - sigma(-score(w(k)))) * U[w(k)])), *LOSS, S1, S2),
    holds("negative-sampling/v_c-positive", "dJ/dv_c = (sigma(u_o.v_c) - 1) u_o + sum_k sigma(u_k.v_c) u_k",
          lambda: grad(J, v) == (sigma(score(o)) - 1) * U[o] + sum_over(k, sigma(score(w(k))) * U[w(k)]), *LOSS),
    holds("negative-sampling/v_c-reflected", "dJ/dv_c = -sigma(-u_o.v_c) u_o + sum_k sigma(u_k.v_c) u_k",
          lambda: grad(J, v) == -sigma(-score(o)) * U[o] + sum_over(k, sigma(score(w(k))) * U[w(k)]), *LOSS),
    holds("negative-sampling/v_c-quotients",
          "dJ/dv_c = -sigma'(u_o.v_c)/sigma(u_o.v_c) u_o + sum_k sigma'(-u_k.v_c)/sigma(-u_k.v_c) u_k",
          lambda: (grad(J, v) == -(slope(score(o)) / sigma(score(o))) * U[o]
                   + sum_over(k, slope(-score(w(k))) / sigma(-score(w(k))) * U[w(k)])), *LOSS, S1, S2, S4),
    holds("negative-sampling/v_c-true-part", "d(-log sigma(u_o.v_c))/dv_c = (sigma(u_o.v_c) - 1) u_o",
          lambda: grad(true_part, v) == (sigma(score(o)) - 1) * U[o], *LOSS, S3),
    holds("negative-sampling/v_c-negative-part",
          "d(-sum_k log sigma(-u_k.v_c))/dv_c = -sum_k (sigma(-u_k.v_c) - 1) u_k",
          lambda: grad(negative_part, v) == -sum_over(k, (sigma(-score(w(k))) - 1) * U[w(k)]), *LOSS, S3),
    holds("negative-sampling/v_c-columns", "the same for v_c where words are columns of U",
          lambda: (grad(J_columns, v) == (sigma(v @ Uc.T[o]) - 1) * Uc.T[o]
                   + sum_over(k, (1 - sigma(-(v @ Uc.T[w(k)]))) * Uc.T[w(k)])), *LOSS, S2),
)

OUTPUTS: tuple[Exercise, ...] = (
    holds("negative-sampling/u_o", "dJ/du_o = (sigma(u_o.v_c) - 1) v_c, if o is no negative",
          lambda: (grad(J, U[o]) == (sigma(score(o)) - 1) * v).given(avoids(w, o)), *LOSS, S0, S3, S4),
    holds("negative-sampling/u_o-complement", "dJ/du_o = -(1 - sigma(u_o.v_c)) v_c, if o is no negative",
          lambda: (grad(J, U[o]) == -(1 - sigma(score(o))) * v).given(avoids(w, o)), *LOSS, S1, S2),
    holds("negative-sampling/u_o-reflected", "dJ/du_o = -sigma(-u_o.v_c) v_c, if o is no negative",
          lambda: (grad(J, U[o]) == -sigma(-score(o)) * v).given(avoids(w, o)), *LOSS),
    holds("negative-sampling/u_o-quotient", "dJ/du_o = -sigma'(u_o.v_c)/sigma(u_o.v_c) v_c, if o is no negative",
          lambda: (grad(J, U[o]) == -(slope(score(o)) / sigma(score(o))) * v).given(avoids(w, o)), *LOSS, S1, S4),
    holds("negative-sampling/u_o-negative-part", "the sum over negatives does not depend on u_o, if o is no negative",
          lambda: (grad(negative_part, U[o]) == zeros(D)).given(avoids(w, o)), *LOSS, S2, S3),
    holds("negative-sampling/u_k", "dJ/du_k = -(sigma(-u_k.v_c) - 1) v_c, negatives distinct and none of them o",
          lambda: (grad(J, U[w(k)]) == -(sigma(-score(w(k))) - 1) * v).given(injective(w), avoids(w, o)),
          *LOSS, S0),
    holds("negative-sampling/u_k-complement",
          "dJ/du_k = (1 - sigma(-u_k.v_c)) v_c, negatives distinct and none of them o",
          lambda: (grad(J, U[w(k)]) == (1 - sigma(-score(w(k)))) * v).given(injective(w), avoids(w, o)),
          *LOSS, S1, S2, S3, S4),
    holds("negative-sampling/u_k-positive", "dJ/du_k = sigma(u_k.v_c) v_c, negatives distinct and none of them o",
          lambda: (grad(J, U[w(k)]) == sigma(score(w(k))) * v).given(injective(w), avoids(w, o)), *LOSS),
    holds("negative-sampling/u_k-quotient", "dJ/du_k = -sigma'(-u_k.v_c)/sigma(-u_k.v_c) (-v_c), negatives distinct",
          lambda: (grad(J, U[w(k)]) == -(slope(-score(w(k))) / sigma(-score(w(k)))) * -v)
          .given(injective(w), avoids(w, o)), *LOSS, S1, S3, S4),
    holds("negative-sampling/u_k-one-term", "the other negatives do not depend on u_k, if negatives are distinct",
          lambda: (grad(negative_part, U[w(k)]) == -grad(log(sigma(-score(w(k)))), U[w(k)])).given(injective(w)),
          *LOSS, S2, S3),
    holds("negative-sampling/u_k-true-part", "the true word's term does not depend on u_k, if o is no negative",
          lambda: (grad(true_part, U[w(k)]) == zeros(D)).given(avoids(w, o)), *LOSS, S2, S3),
)

ANY_WORD: tuple[Exercise, ...] = (
    holds("negative-sampling/u_k-repeated", "dJ/du_k = the sum over t with w(t) = w(k) of (1 - sigma(-u_t.v_c)) v_c",
          lambda: (grad(J, U[w(k)]) == sum_over(t, delta(w(t), w(k)) * (1 - sigma(-score(w(t))))) * v)
          .given(avoids(w, o)), REPEATED, S2, S3),
    holds("negative-sampling/u_k-count", "dJ/du_k = (how often w(k) was drawn) (1 - sigma(-u_k.v_c)) v_c",
          lambda: (grad(J, U[w(k)]) == sum_over(t, delta(w(t), w(k))) * (1 - sigma(-score(w(k)))) * v)
          .given(avoids(w, o)), REPEATED, S2, S3),
    holds("negative-sampling/u_k-repeated-quotient", "the same with sigma'(-u_t.v_c)/sigma(-u_t.v_c)",
          lambda: (grad(J, U[w(k)])
                   == -sum_over(t, delta(w(t), w(k)) * (slope(-score(w(k))) / sigma(-score(w(k))))) * -v)
          .given(avoids(w, o)), REPEATED, S3),
    holds("negative-sampling/any-word",
          "dJ/du_x = [x = o] (sigma(u_o.v_c) - 1) v_c + sum_t [w(t) = x] (1 - sigma(-u_t.v_c)) v_c",
          lambda: (grad(J, U[x]) == delta(x, o) * (sigma(score(o)) - 1) * v
                   + sum_over(t, delta(w(t), x) * (1 - sigma(-score(w(t))))) * v), REPEATED, S2),
    holds("negative-sampling/any-word-count", "dJ/du_x = ([x = o] (sigma(u_x.v_c) - 1) + count(x) sigma(u_x.v_c)) v_c",
          lambda: (grad(J, U[x]) == (delta(x, o) * (sigma(score(x)) - 1)
                                     + sum_over(t, delta(w(t), x)) * sigma(score(x))) * v), REPEATED),
    holds("negative-sampling/U", "dJ/dU = e_o (sigma(u_o.v_c) - 1) v_c^T + sum_t e_w(t) (1 - sigma(-u_t.v_c)) v_c^T",
          lambda: (grad(J, U) == outer(onehot(o), (sigma(score(o)) - 1) * v)
                   + sum_over(t, outer(onehot(w(t)), (1 - sigma(-score(w(t)))) * v))), REPEATED),
    holds("negative-sampling/U-columns", "column x of dJ/dU is the same where words are columns of U",
          lambda: (grad(J_columns, Uc).T[x] == delta(x, o) * (sigma(v @ Uc.T[o]) - 1) * v
                   + sum_over(t, delta(w(t), x)) * (1 - sigma(-(v @ Uc.T[x]))) * v), REPEATED, S2),
    holds("negative-sampling/u_o-among-negatives", "dJ/du_o = (sigma(u_o.v_c) - 1) v_c + count(o) sigma(u_o.v_c) v_c",
          lambda: (grad(J, U[o]) == (sigma(score(o)) - 1) * v
                   + sum_over(t, delta(w(t), o)) * sigma(score(o)) * v), REPEATED),
    holds("negative-sampling/other-words", "dJ/du_x = 0 for a word that is neither o nor a negative",
          lambda: (grad(J, U[x]) == zeros(D)).given(distinct(x, o), avoids(w, x)), *LOSS),
    holds("negative-sampling/count-once", "a negative that is drawn once has count 1",
          lambda: (sum_over(t, delta(w(t), w(k))) == as_term(1)).given(injective(w)), REPEATED),
    holds("negative-sampling/same-word-same-row", "u_w(t) = u_w(k) where w(t) = w(k), so either may be written",
          lambda: (sigma(-score(w(t))) == sigma(-score(w(k)))).given(same(w(t), w(k))).every(k), REPEATED, S2),
)

# The negatives as rows of a matrix of their own, gathered beforehand, and the factors all three gradients share.
u_o, Y = tensor("u_o", D), tensor("Y", K, D)
loss_rows = -log(sigma(u_o @ v)) - total(log(sigma(-(Y @ v))))
e_o, e_k = let("e_o", sigma(u_o @ v) - 1), let("e", 1 - sigma(-(Y @ v)))
gradients = (e_o * u_o + e_k @ Y, e_o * v, outer(e_k, v))
naive = -log(softmax(U @ v)[o])
naive_error = let("e", softmax(U @ v) - onehot(o))
naive_gradients = (naive_error @ U, outer(naive_error, v))

COSTS: tuple[Exercise, ...] = (
    holds("negative-sampling/factors-v_c",
          "with e_o = sigma(u_o.v_c) - 1 and e_k = 1 - sigma(-u_k.v_c): dJ/dv_c = e_o u_o + e^T Y",
          lambda: grad(loss_rows, v) == e_o * u_o + e_k @ Y, SHARED, S2),
    holds("negative-sampling/factors-u_o", "the same e_o gives dJ/du_o = e_o v_c",
          lambda: grad(loss_rows, u_o) == e_o * v, SHARED, S2),
    holds("negative-sampling/factors-u_k", "the same e gives dJ/dY = e v_c^T, a row per negative",
          lambda: grad(loss_rows, Y) == outer(e_k, v), SHARED, S2),
    holds("negative-sampling/factors-signs",
          "e_k = 1 - sigma(-u_k.v_c) = sigma(u_k.v_c): one call of sigma serves both forms",
          lambda: 1 - sigma(-(Y @ v)) == sigma(Y @ v), SHARED, S2),
    holds("negative-sampling/count-multiplications",
          "the loss takes (K + 1)(D + 1) multiplications: K + 1 products u.v, K + 1 sigma",
          lambda: operations(J).multiplications == (size(K) + 1) * (size(D) + 1), COST, S2),
    holds("negative-sampling/count-additions", "the loss takes (K + 1) D + K additions",
          lambda: operations(J).additions == (size(K) + 1) * size(D) + size(K), COST),
    holds("negative-sampling/count-exponentials", "the loss takes K + 1 exponentials and K + 1 logarithms",
          lambda: operations(J).exponentials == 2 * (size(K) + 1), COST, S2),
    holds("negative-sampling/count-naive-multiplications",
          "the naive softmax takes V D + V multiplications: V products u.v",
          lambda: operations(naive).multiplications == size(V) * size(D) + size(V), COST, S2),
    holds("negative-sampling/count-naive-additions", "the naive softmax takes V D - 1 additions",
          lambda: operations(naive).additions == size(V) * size(D) - 1, COST),
    holds("negative-sampling/count-naive-exponentials", "the naive softmax takes V exponentials and one logarithm",
          lambda: operations(naive).exponentials == size(V) + 1, COST),
    holds("negative-sampling/cost-bounded", "O(K D): the loss takes at most 11 K D operations",
          lambda: at_most(operations(J).all, 11 * size(K) * size(D)), a1("3(c)"), COST, S2),
    holds("negative-sampling/cost-naive-bounded-below", "the naive softmax takes at least V D operations",
          lambda: at_most(size(V) * size(D), operations(naive).all), a1("3(c)"), COST, S2),
    holds("negative-sampling/cost-naive-bounded", "O(V D): the naive softmax takes at most 5 V D operations",
          lambda: at_most(operations(naive).all, 5 * size(V) * size(D)), COST, S2),
    holds("negative-sampling/cost-gradients-bounded", "O(K D): all three gradients take at most 17 K D operations",
          lambda: at_most(operations(*gradients).all, 17 * size(K) * size(D)), COST, S2),
    holds("negative-sampling/cost-naive-gradients-bounded-below",
          "both gradients of the naive softmax take at least 3 V D operations",
          lambda: at_most(3 * size(V) * size(D), operations(*naive_gradients).all), COST, S2),
    holds("negative-sampling/cost-shared", "the shared factors save (K + 1)(D + 1) multiplications, those of one loss",
          lambda: (operations(gradients[0]).multiplications + operations(*gradients[1:]).multiplications
                   - operations(*gradients).multiplications == (size(K) + 1) * (size(D) + 1)), SHARED, S2),
)

Vb, X, Yb = tensor("Vb", B, D), tensor("X", C, D), tensor("Y", K, D)
M, N = tensor("M", B, C), tensor("N", B, K)
J_block = -total(M * log(sigma(Vb @ X.T))) - total(N * log(sigma(-(Vb @ Yb.T))))

# The same with all output rows of a block in one matrix Z, true or not: W weighs each pair, T of it for the true word.
Z = tensor("Z", C, D)
T, W = tensor("T", B, C), tensor("W", B, C)
J_labelled = -total(T * log(sigma(Vb @ Z.T))) - total((W - T) * log(sigma(-(Vb @ Z.T))))

BLOCKS: tuple[Exercise, ...] = (
    holds("negative-sampling/block-centres",
          "a block with weights: dJ/dVb = (M * (sigma(Vb X^T) - 1)) X + (N * sigma(Vb Y^T)) Y",
          lambda: (grad(J_block, Vb) == (M * (sigma(Vb @ X.T) - 1)) @ X + (N * sigma(Vb @ Yb.T)) @ Yb), *LOSS),
    holds("negative-sampling/block-outputs", "a block with weights: dJ/dX = (M * (sigma(Vb X^T) - 1))^T Vb",
          lambda: grad(J_block, X) == (M * (sigma(Vb @ X.T) - 1)).T @ Vb, *LOSS),
    holds("negative-sampling/block-negatives", "a block with weights: dJ/dY = (N * sigma(Vb Y^T))^T Vb",
          lambda: grad(J_block, Yb) == (N * sigma(Vb @ Yb.T)).T @ Vb, *LOSS),
    holds("negative-sampling/block-loss", "the block's loss from sigma(Vb Y^T): log sigma(-s) = log(1 - sigma(s))",
          lambda: J_block == (-total(M * log(sigma(Vb @ X.T))) - total(N * log(1 - sigma(Vb @ Yb.T)))), *LOSS),
    holds("negative-sampling/labelled-centres",
          "a block of labelled pairs, weights W, of them T true: dJ/dVb = (W * sigma(Vb Z^T) - T) Z",
          lambda: grad(J_labelled, Vb) == (W * sigma(Vb @ Z.T) - T) @ Z, *LOSS),
    holds("negative-sampling/labelled-outputs", "a block of labelled pairs: dJ/dZ = (W * sigma(Vb Z^T) - T)^T Vb",
          lambda: grad(J_labelled, Z) == (W * sigma(Vb @ Z.T) - T).T @ Vb, *LOSS),
)

ERRORS: tuple[Exercise, ...] = (
    fails("negative-sampling/error-u_o-lost-one", "dJ/du_o = sigma(u_o.v_c) v_c: the -1 is lost",
          lambda: (grad(J, U[o]) == sigma(score(o)) * v).given(avoids(w, o)), S1, S3, right="negative-sampling/u_o"),
    fails("negative-sampling/error-u_o-sign", "dJ/du_o = (1 - sigma(u_o.v_c)) v_c: the wrong sign",
          lambda: (grad(J, U[o]) == (1 - sigma(score(o))) * v).given(avoids(w, o)), S3,
          right="negative-sampling/u_o-complement"),
    fails("negative-sampling/error-u_o-is-v_c",
          "dJ/du_o = (sigma(u_o.v_c) - 1) u_o - sum_k (sigma(-u_k.v_c) - 1) u_k: that is dJ/dv_c",
          lambda: (grad(J, U[o]) == (sigma(score(o)) - 1) * U[o]
                   - sum_over(k, (sigma(-score(w(k))) - 1) * U[w(k)])).given(avoids(w, o)), S3,
          right="negative-sampling/v_c"),
    fails("negative-sampling/error-u_o-any-negatives",
          "dJ/du_o = (sigma(u_o.v_c) - 1) v_c, even if o is among the negatives",
          lambda: grad(J, U[o]) == (sigma(score(o)) - 1) * v, S0, S1, right="negative-sampling/u_o-among-negatives"),
    fails("negative-sampling/error-v_c-no-negatives", "dJ/dv_c = (sigma(u_o.v_c) - 1) u_o: the negatives are lost",
          lambda: grad(J, v) == (sigma(score(o)) - 1) * U[o], S3, right="negative-sampling/v_c"),
    clashes("negative-sampling/error-v_c-minus-vector", "sum_k (sigma(-u_k.v_c) - u_k): a vector taken from a number",
            lambda: grad(negative_part, v) == sum_over(k, sigma(-score(w(k))) - U[w(k)]), S3,
            right="negative-sampling/v_c-negative-part"),
    fails("negative-sampling/error-v_c-lost-one",
          "sum_k sigma(-u_k.v_c) u_k for the negatives' part: the -1 and the sign are lost",
          lambda: grad(negative_part, v) == sum_over(k, sigma(-score(w(k))) * U[w(k)]), S3,
          right="negative-sampling/v_c-negative-part"),
    fails("negative-sampling/error-u_k-summed",
          "dJ/du_k = sum_k (1 - sigma(-u_k.v_c)) v_c: a sum that should not be there",
          lambda: (grad(J, U[w(k)]) == sum_over(k, (1 - sigma(-score(w(k)))) * v)).given(injective(w), avoids(w, o)),
          S1, right="negative-sampling/u_k-complement"),
    fails("negative-sampling/error-u_k-summed-quotient",
          "dJ/du_k = -sum_k sigma'(-u_k.v_c)/sigma(-u_k.v_c) (-v_c): a sum too many",
          lambda: (grad(J, U[w(k)]) == -sum_over(k, slope(-score(w(k))) / sigma(-score(w(k))) * -v))
          .given(injective(w), avoids(w, o)), S1, S4, right="negative-sampling/u_k-quotient"),
    fails("negative-sampling/error-u_k-zero", "the sum over negatives does not depend on u_k, because o is no negative",
          lambda: (grad(negative_part, U[w(k)]) == zeros(D)).given(injective(w), avoids(w, o)), S3,
          right="negative-sampling/u_k-true-part"),
    fails("negative-sampling/error-u_k-inner-index", "sum_t log sigma(-u_k.v_c), k for t inside the sum, has one term",
          lambda: (-grad(sum_over(t, log(sigma(-score(w(k))))), U[w(k)]) == -grad(log(sigma(-score(w(k)))), U[w(k)])),
          S3, right="negative-sampling/u_k-one-term"),
    fails("negative-sampling/error-u_k-slope-of-vector",
          "dJ/du_k = -1/sigma(-u_k.v_c) sigma'(-v_c): u_k is lost inside sigma'",
          lambda: (grad(J, U[w(k)]) == -1 / sigma(-score(w(k))) * slope(-v)).given(injective(w), avoids(w, o)), S3,
          right="negative-sampling/u_k-quotient"),
    fails("negative-sampling/error-u_k-no-slope", "dJ/du_k = -1/sigma(-u_k.v_c) (-v_c): sigma' is lost",
          lambda: (grad(J, U[w(k)]) == -1 / sigma(-score(w(k))) * -v).given(injective(w), avoids(w, o)), S3,
          right="negative-sampling/u_k-quotient"),
    fails("negative-sampling/error-u_k-repeated", "dJ/du_k = (1 - sigma(-u_k.v_c)) v_c, even if negatives repeat",
          lambda: (grad(J, U[w(k)]) == (1 - sigma(-score(w(k)))) * v).given(avoids(w, o)), S0, S1, S4, REPEATED,
          right="negative-sampling/u_k-count"),
    fails("negative-sampling/error-repeated-twice",
          "sum over equal and over other negatives, conditions lost: everything twice",
          lambda: (grad(negative_part, U[w(k)])
                   == -grad(sum_over(t, log(sigma(-score(w(t))))) + sum_over(t, log(sigma(-score(w(t))))), U[w(k)])),
          S3, right="negative-sampling/u_k-repeated"),
    fails("negative-sampling/error-repeated-condition",
          "dJ/du_k = sum_t (1 - sigma(-u_k.v_c)) v_c: the condition w(t) = w(k) is lost",
          lambda: (grad(J, U[w(k)]) == sum_over(t, 1 - sigma(-score(w(k)))) * v).given(avoids(w, o)), S3,
          right="negative-sampling/u_k-count"),
    fails("negative-sampling/error-stored-factor",
          "1 - sigma([u_o, u_1, ..]^T v_c) is what all gradients share: the minus of -u_k is lost",
          lambda: grad(loss_rows, v) == e_o * u_o + (1 - sigma(Y @ v)) @ Y, S2,
          right="negative-sampling/factors-v_c"),
    fails("negative-sampling/error-labelled-negatives",
          "a block of labelled pairs, dJ/dVb = (T * (sigma(Vb Z^T) - 1)) Z: the negatives are lost",
          lambda: grad(J_labelled, Vb) == (T * (sigma(Vb @ Z.T) - 1)) @ Z, *LOSS,
          right="negative-sampling/labelled-centres"),
    fails("negative-sampling/error-labelled-weights",
          "a block of labelled pairs, dJ/dZ = (W * (sigma(Vb Z^T) - T))^T Vb: T weighed twice",
          lambda: grad(J_labelled, Z) == (W * (sigma(Vb @ Z.T) - T)).T @ Vb, *LOSS,
          right="negative-sampling/labelled-outputs"),
)

EXERCISES: tuple[Exercise, ...] = CENTRE + OUTPUTS + ANY_WORD + COSTS + BLOCKS + ERRORS
