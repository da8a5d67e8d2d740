"""A window of context words around a centre word c: skip-gram and CBOW, over any loss F and with both losses.

C: positions of the window, the centre's own not among them; w: C -> V says which word stands at each, and words may
repeat. Vin: input vectors, a row per word; U: output vectors. F(o, v, U) is abstract: F.partial(1) and F.partial(2) are
its derivatives by v and by U. For negative sampling, r: K -> V says which words were drawn, for the whole window.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.claims import avoids, distinct, injective
from derive.components import Axis, Index
from derive.exercises.exercise import S0, S1, S2, S3, S4, Exercise, a1, a2, a2_2023, clashes, fails, holds
from derive.terms import (
    Function,
    Term,
    delta,
    grad,
    index_map,
    let,
    log,
    onehot,
    ones,
    outer,
    sigma,
    size,
    softmax,
    sum_over,
    tensor,
    total,
    zeros,
)

V, D, C, K, B, E = Axis("V"), Axis("D"), Axis("C"), Axis("K"), Axis("B"), Axis("E")
c, x = Index("c", V), Index("x", V)
j, i, k = Index("j", C), Index("i", C), Index("k", K)
w, r = index_map("w", C, V), index_map("r", K, V)
Vin, U = tensor("Vin", V, D), tensor("U", V, D)
F = Function("F", V, (D,), (V, D))

SG_U, SG_V, SG_0 = ((a1("3(d)"), a2(f"(f){part}"), a2_2023(f"(i){part}")) for part in ("(i)", "(ii)", "(iii)"))
CBOW = a1("3(d)")

centre = Vin[c]
J_skipgram = sum_over(j, F(w(j), centre, U))
v_sum = let("vhat", sum_over(j, Vin[w(j)]))
v_mean = let("vhat", sum_over(j, Vin[w(j)]) / size(C))
J_sum, J_mean = F(c, v_sum, U), F(c, v_mean, U)


def occurrences(word: Index) -> Term:
    """How often a word stands in the window: a scalar."""
    return sum_over(j, delta(w(j), word))


SKIPGRAM: tuple[Exercise, ...] = (
    holds("windows/skipgram-U", "skip-gram: dJ/dU = sum_j dF(w_j, v_c, U)/dU",
          lambda: grad(J_skipgram, U) == sum_over(j, F.partial(2)(w(j), centre, U)), *SG_U, S0, S1, S2, S4),
    holds("windows/skipgram-centre", "skip-gram: dJ/dv_c = sum_j dF(w_j, v_c, U)/dv_c",
          lambda: grad(J_skipgram, Vin[c]) == sum_over(j, F.partial(1)(w(j), centre, U)), *SG_V, S0, S1, S2, S4),
    holds("windows/skipgram-others", "skip-gram: dJ/dv_x = 0 for every word x other than c",
          lambda: (grad(J_skipgram, Vin[x]) == zeros(D)).given(distinct(x, c)), *SG_0, S0, S2, S4),
    holds("windows/skipgram-position", "skip-gram: dJ/dv_w(i) = 0 for the word at a position i, if it is not c",
          lambda: (grad(J_skipgram, Vin[w(i)]) == zeros(D)).given(distinct(w(i), c)), *SG_0, S1),
    holds("windows/skipgram-inputs", "skip-gram: dJ/dVin has its one row at c",
          lambda: grad(J_skipgram, Vin) == outer(onehot(c), sum_over(j, F.partial(1)(w(j), centre, U))), *SG_V, *SG_0),
    holds("windows/skipgram-u_x", "skip-gram: dJ/du_x = sum_j dF(w_j, v_c, U)/du_x, in the window or not",
          lambda: grad(J_skipgram, U[x]) == sum_over(j, F.partial(2)(w(j), centre, U)[x]), *SG_U),
)

CBOW_ANY: tuple[Exercise, ...] = (
    holds("windows/cbow-sum-U", "CBOW, vhat = sum_j v_w(j): dJ/dU = dF(c, vhat, U)/dU, once",
          lambda: grad(J_sum, U) == F.partial(2)(c, v_sum, U), CBOW, S1, S4),
    holds("windows/cbow-sum-vhat", "CBOW: dJ/dvhat = dF(c, vhat, U)/dvhat",
          lambda: grad(J_sum, v_sum) == F.partial(1)(c, v_sum, U), CBOW, S1, S4),
    holds("windows/cbow-sum-context", "CBOW with the sum: dJ/dv_w(i) = dF/dvhat, if no word repeats",
          lambda: (grad(J_sum, Vin[w(i)]) == F.partial(1)(c, v_sum, U)).given(injective(w)), CBOW, S1, S4),
    holds("windows/cbow-sum-repeated", "CBOW with the sum: dJ/dv_x = (how often x stands in the window) dF/dvhat",
          lambda: grad(J_sum, Vin[x]) == occurrences(x) * F.partial(1)(c, v_sum, U), CBOW),
    holds("windows/cbow-sum-others", "CBOW with the sum: dJ/dv_x = 0 for a word that is not in the window",
          lambda: (grad(J_sum, Vin[x]) == zeros(D)).given(avoids(w, x)), CBOW, S0, S1, S4),
    holds("windows/cbow-sum-centre", "CBOW with the sum: dJ/dv_c = 0 for the centre, if it is not in its own window",
          lambda: (grad(J_sum, Vin[c]) == zeros(D)).given(avoids(w, c)), CBOW, S1),
    holds("windows/cbow-sum-inputs", "CBOW with the sum: dJ/dVin = sum_j e_w(j) (dF/dvhat)^T",
          lambda: grad(J_sum, Vin) == sum_over(j, outer(onehot(w(j)), F.partial(1)(c, v_sum, U))), CBOW),
    holds("windows/cbow-mean-U", "CBOW, vhat = the mean of v_w(j): dJ/dU = dF(c, vhat, U)/dU, once",
          lambda: grad(J_mean, U) == F.partial(2)(c, v_mean, U), CBOW),
    holds("windows/cbow-mean-context", "CBOW with the mean: dJ/dv_w(i) = (1/C) dF/dvhat, if no word repeats",
          lambda: (grad(J_mean, Vin[w(i)]) == F.partial(1)(c, v_mean, U) / size(C)).given(injective(w)), CBOW),
    holds("windows/cbow-mean-repeated", "CBOW with the mean: dJ/dv_x = (how often x stands in the window / C) dF/dvhat",
          lambda: grad(J_mean, Vin[x]) == occurrences(x) / size(C) * F.partial(1)(c, v_mean, U), CBOW),
    holds("windows/cbow-mean-others", "CBOW with the mean: dJ/dv_x = 0 for a word that is not in the window",
          lambda: (grad(J_mean, Vin[x]) == zeros(D)).given(avoids(w, x)), CBOW),
    holds("windows/cbow-mean-centre", "CBOW with the mean: dJ/dv_c = 0 for the centre, if it is not in its own window",
          lambda: (grad(J_mean, Vin[c]) == zeros(D)).given(avoids(w, c)), CBOW),
)

yhat = softmax(U @ centre)
J_sg_softmax = -sum_over(j, log(yhat[w(j)]))
J_sg_negative = -sum_over(j, log(sigma(U[w(j)] @ centre))) - sum_over(k, log(sigma(-(U[r(k)] @ centre))))

SKIPGRAM_LOSSES: tuple[Exercise, ...] = (
    holds("windows/skipgram-softmax-centre", "skip-gram, naive softmax: dJ/dv_c = sum_j U^T (yhat - e_w(j))",
          lambda: grad(J_sg_softmax, Vin[c]) == sum_over(j, U.T @ (yhat - onehot(w(j)))), *SG_V),
    holds("windows/skipgram-softmax-U", "skip-gram, naive softmax: dJ/dU = sum_j (yhat - e_w(j)) v_c^T",
          lambda: grad(J_sg_softmax, U) == sum_over(j, outer(yhat - onehot(w(j)), centre)), *SG_U),
    holds("windows/skipgram-softmax-repeated",
          "skip-gram, naive softmax: dJ/du_x = (C yhat_x - how often x stands in the window) v_c",
          lambda: grad(J_sg_softmax, U[x]) == (size(C) * yhat[x] - occurrences(x)) * centre, *SG_U),
    holds("windows/skipgram-softmax-others", "skip-gram, naive softmax: dJ/dv_x = 0 for x other than c",
          lambda: (grad(J_sg_softmax, Vin[x]) == zeros(D)).given(distinct(x, c)), *SG_0),
    holds("windows/skipgram-negative-centre",
          "skip-gram, negative sampling: dJ/dv_c = sum_j (sigma(u_j.v_c) - 1) u_j + sum_k sigma(u_k.v_c) u_k",
          lambda: (grad(J_sg_negative, Vin[c]) == sum_over(j, (sigma(U[w(j)] @ centre) - 1) * U[w(j)])
                   + sum_over(k, sigma(U[r(k)] @ centre) * U[r(k)])), *SG_V),
    holds("windows/skipgram-negative-u_x",
          "skip-gram, negative sampling: dJ/du_x = (count(x) (sigma(u_x.v_c) - 1) + drawn(x) sigma(u_x.v_c)) v_c",
          lambda: (grad(J_sg_negative, U[x]) == (occurrences(x) * (sigma(U[x] @ centre) - 1)
                                                 + sum_over(k, delta(r(k), x)) * sigma(U[x] @ centre)) * centre),
          *SG_U),
    holds("windows/skipgram-negative-others", "skip-gram, negative sampling: dJ/dv_x = 0 for x other than c",
          lambda: (grad(J_sg_negative, Vin[x]) == zeros(D)).given(distinct(x, c)), *SG_0),
)


def _cbow_losses(kind: str, vhat: Term, share: Callable[[Term], Term], part: str) -> tuple[Exercise, ...]:
    p = softmax(U @ vhat)
    J_softmax = -log(p[c])
    J_negative = -log(sigma(U[c] @ vhat)) - sum_over(k, log(sigma(-(U[r(k)] @ vhat))))
    signal = (sigma(U[c] @ vhat) - 1) * U[c] + sum_over(k, sigma(U[r(k)] @ vhat) * U[r(k)])
    outputs = delta(x, c) * (sigma(U[c] @ vhat) - 1) + sum_over(k, delta(r(k), x)) * sigma(U[x] @ vhat)
    said, id = f"CBOW with the {kind}", f"windows/cbow-{kind}"
    return (
        holds(f"{id}-softmax-U", f"{said}, naive softmax: dJ/dU = (yhat - e_c) vhat^T",
              lambda: grad(J_softmax, U) == outer(p - onehot(c), vhat), CBOW),
        holds(f"{id}-softmax-repeated", f"{said}, naive softmax: dJ/dv_x = {part} U^T (yhat - e_c)",
              lambda: grad(J_softmax, Vin[x]) == share(occurrences(x)) * (U.T @ (p - onehot(c))), CBOW),
        holds(f"{id}-softmax-context", f"{said}, naive softmax: the count is 1 if no word repeats",
              lambda: (grad(J_softmax, Vin[w(i)]) == share(U.T @ (p - onehot(c)))).given(injective(w)), CBOW),
        holds(f"{id}-softmax-others", f"{said}, naive softmax: dJ/dv_x = 0 for a word that is not in the window",
              lambda: (grad(J_softmax, Vin[x]) == zeros(D)).given(avoids(w, x)), CBOW),
        holds(f"{id}-negative-u_x",
              f"{said}, drawn words: dJ/du_x = ([x = c] (sigma(u_c.vhat) - 1) + drawn(x) sigma(u_x.vhat)) vhat",
              lambda: grad(J_negative, U[x]) == outputs * vhat, CBOW),
        holds(f"{id}-negative-repeated",
              f"{said}, drawn words: dJ/dv_x = {part} ((sigma(u_c.vhat) - 1) u_c + sum_k sigma(u_k.vhat) u_k)",
              lambda: grad(J_negative, Vin[x]) == share(occurrences(x)) * signal, CBOW),
        holds(f"{id}-negative-context", f"{said}, drawn words: the count is 1 if no word repeats",
              lambda: (grad(J_negative, Vin[w(i)]) == share(signal)).given(injective(w)), CBOW),
        holds(f"{id}-negative-others", f"{said}, drawn words: dJ/dv_x = 0 for a word that is not in the window",
              lambda: (grad(J_negative, Vin[x]) == zeros(D)).given(avoids(w, x)), CBOW),
    )


# A block of B windows: A weighs the context rows Z (C x D) into vhat, X (E x D) and Y (K x D) are gathered output rows.
A, Z = tensor("A", B, C), tensor("Z", C, D)
X, Y = tensor("X", E, D), tensor("Y", K, D)
M, N, T = tensor("M", B, E), tensor("N", B, K), tensor("T", B, V)
means = let("vhat", A @ Z)
J_block = -total(M * log(sigma(means @ X.T))) - total(N * log(sigma(-(means @ Y.T))))
J_block_softmax = -total(T * log(softmax(means @ U.T)))
up, down = M * (sigma(means @ X.T) - 1), N * sigma(means @ Y.T)
# The same where each window has one true word: its output row is that of R (B x D), its weight that of m.
R, m = tensor("R", B, D), tensor("m", B)
own = (means * R) @ ones(D)
J_own = -total(m * log(sigma(own))) - total(N * log(sigma(-(means @ Y.T))))
rise = outer(m * (sigma(own) - 1), ones(D))
rest = outer(T @ ones(V), ones(V)) * softmax(means @ U.T) - T

BLOCKS: tuple[Exercise, ...] = (
    holds("windows/cbow-block-means",
          "a block of CBOW windows, vhat = A Z: dJ/dvhat = (M * (sigma(vhat X^T) - 1)) X + (N * sigma(vhat Y^T)) Y",
          lambda: grad(J_block, means) == up @ X + down @ Y, CBOW),
    holds("windows/cbow-block-contexts", "a block of CBOW windows: dJ/dZ = A^T (dJ/dvhat)",
          lambda: grad(J_block, Z) == A.T @ (up @ X + down @ Y), CBOW),
    holds("windows/cbow-block-outputs", "a block of CBOW windows: dJ/dX = (M * (sigma(vhat X^T) - 1))^T vhat",
          lambda: grad(J_block, X) == up.T @ means, CBOW),
    holds("windows/cbow-block-negatives", "a block of CBOW windows: dJ/dY = (N * sigma(vhat Y^T))^T vhat",
          lambda: grad(J_block, Y) == down.T @ means, CBOW),
    holds("windows/cbow-own-contexts",
          "CBOW, a true word each, s_b = vhat_b.r_b: dJ/dZ = A^T (m (sigma(s) - 1) R + (N * sigma(vhat Y^T)) Y)",
          lambda: grad(J_own, Z) == A.T @ (rise * R + down @ Y), CBOW),
    holds("windows/cbow-own-targets", "CBOW windows with a true word each: dJ/dr_b = m_b (sigma(s_b) - 1) vhat_b",
          lambda: grad(J_own, R) == rise * means, CBOW),
    holds("windows/cbow-own-negatives", "CBOW windows with a true word each: dJ/dY = (N * sigma(vhat Y^T))^T vhat",
          lambda: grad(J_own, Y) == down.T @ means, CBOW),
    holds("windows/cbow-block-softmax-contexts",
          "a block of CBOW windows, naive softmax: dJ/dZ = A^T ((T 1 1^T * P - T) U)",
          lambda: grad(J_block_softmax, Z) == A.T @ (rest @ U), CBOW),
    holds("windows/cbow-block-softmax-outputs",
          "a block of CBOW windows, naive softmax: dJ/dU = (T 1 1^T * P - T)^T vhat",
          lambda: grad(J_block_softmax, U) == rest.T @ means, CBOW),
)

ERRORS: tuple[Exercise, ...] = (
    fails("windows/error-skipgram-centre-position-U",
          "skip-gram: dJ/dU summed over j = 0 too: the centre predicts itself",
          lambda: grad(J_skipgram, U) == sum_over(j, F.partial(2)(w(j), centre, U)) + F.partial(2)(c, centre, U),
          S3, right="windows/skipgram-U"),
    fails("windows/error-skipgram-centre-position-v_c",
          "skip-gram: dJ/dv_c summed over j = 0 too: the centre predicts itself",
          lambda: grad(J_skipgram, Vin[c]) == sum_over(j, F.partial(1)(w(j), centre, U)) + F.partial(1)(c, centre, U),
          S3, right="windows/skipgram-centre"),
    fails("windows/error-skipgram-position",
          "skip-gram: dJ/dv_w(i) = 0 at every position i, though a word there may be c",
          lambda: grad(J_skipgram, Vin[w(i)]) == zeros(D), S1, right="windows/skipgram-position"),
    fails("windows/error-skipgram-outputs",
          "skip-gram: dJ/du_x = 0 for a word outside the window: true of CBOW's inputs only",
          lambda: (grad(J_skipgram, U[x]) == zeros(D)).given(avoids(w, x)), S0, right="windows/skipgram-u_x"),
    fails("windows/error-skipgram-softmax-outputs",
          "skip-gram, naive softmax: dJ/du_x = 0 for a word outside the window",
          lambda: (grad(J_sg_softmax, U[x]) == zeros(D)).given(avoids(w, x)), S0,
          right="windows/skipgram-softmax-repeated"),
    fails("windows/error-cbow-U-summed", "CBOW: dJ/dU = sum_j dF(c, vhat, U)/dU: a factor 2m",
          lambda: grad(J_sum, U) == sum_over(j, F.partial(2)(c, v_sum, U)), S0, right="windows/cbow-sum-U"),
    fails("windows/error-cbow-context-summed", "CBOW: dJ/dv_w(i) = sum_j dF(c, vhat, U)/dvhat: a factor 2m",
          lambda: (grad(J_sum, Vin[w(i)]) == sum_over(j, F.partial(1)(c, v_sum, U))).given(injective(w)),
          S0, right="windows/cbow-sum-context"),
    clashes("windows/error-cbow-U-is-v", "CBOW: dJ/dV = dF(c, vhat, U)/dvhat: a matrix set equal to a vector, v for U",
            lambda: grad(J_sum, Vin) == F.partial(1)(c, v_sum, U), S4, right="windows/cbow-sum-U"),
    fails("windows/error-cbow-centre", "CBOW: dJ/dv_j = dF/dvhat for all j in c-m..c+m, the centre among them",
          lambda: (grad(J_sum, Vin[c]) == F.partial(1)(c, v_sum, U)).given(avoids(w, c), injective(w)), S0, S4,
          right="windows/cbow-sum-centre"),
    fails("windows/error-cbow-repeated", "CBOW: dJ/dv_w(i) = dF/dvhat, even if words repeat",
          lambda: grad(J_sum, Vin[w(i)]) == F.partial(1)(c, v_sum, U), S1, S4, right="windows/cbow-sum-repeated"),
    fails("windows/error-cbow-position-zero",
          "CBOW: dJ/dv_x = 0 for the word of any other position, though it may stand in the window too",
          lambda: grad(J_sum, Vin[x]) == zeros(D), S1, right="windows/cbow-sum-others"),
    fails("windows/error-cbow-mean-share", "CBOW with the mean: dJ/dv_w(i) = dF/dvhat: the 1/2m is lost",
          lambda: (grad(J_mean, Vin[w(i)]) == F.partial(1)(c, v_mean, U)).given(injective(w)), CBOW,
          right="windows/cbow-mean-context"),
    fails("windows/error-cbow-own-targets",
          "CBOW windows with a true word each, dJ/dr_b = (m_b sigma(s_b) - 1) vhat_b: the weight misses the 1",
          lambda: grad(J_own, R) == outer(m * sigma(own) - 1, ones(D)) * means, CBOW,
          right="windows/cbow-own-targets"),
    fails("windows/error-cbow-own-contexts",
          "CBOW windows with a true word each, dJ/dZ = A^T A (...): the mean is taken twice",
          lambda: grad(J_own, Z) == A.T @ (A @ A.T @ (rise * R + down @ Y)), CBOW,
          right="windows/cbow-own-contexts"),
)

EXERCISES: tuple[Exercise, ...] = (
    *SKIPGRAM, *CBOW_ANY, *SKIPGRAM_LOSSES,
    *_cbow_losses("sum", v_sum, lambda t: t, "count(x)"),
    *_cbow_losses("mean", v_mean, lambda t: t / size(C), "count(x)/C"),
    *BLOCKS, *ERRORS,
)
