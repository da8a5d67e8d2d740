"""The two assignments in typed terms: what the letters of their examples mean. U has a row per word throughout."""

from __future__ import annotations

from derive.claims import Claim, avoids, distinct, injective
from derive.components import Axis, Index
from derive.terms import Function, Term, index_map, let, log, onehot, sigma, softmax, sum_over, tensor

n, V, D, K, C = Axis("n"), Axis("V"), Axis("D"), Axis("K"), Axis("C")
i, j, k = Index("i", n), Index("j", n), Index("k", n)
o, w, x, c, q = Index("o", V), Index("w", V), Index("x", V), Index("c", V), Index("q", V)
s, t = Index("s", K), Index("t", K)
at, place = Index("at", C), Index("place", C)

# Softmax with cross entropy: theta are the logits, k the hot position.
theta = tensor("theta", n)
prediction = softmax(theta)
hot = onehot(k)

# The sigmoid and leaky ReLU.
real, alpha = tensor("x"), tensor("alpha")

# word2vec: one centre vector, the true word o, negatives w(1), ..., w(K).
U, v = tensor("U", V, D), tensor("v_c", D)
yhat, y = softmax(U @ v), onehot(o)
naive = -log(yhat[o])
drawn = index_map("w", K, V)
negative = -log(sigma(U[o] @ v)) - sum_over(s, log(sigma(-(U[drawn(s)] @ v))))

# A window: C holds the 2m positions around the centre c, F is any loss.
Vin, around = tensor("Vin", V, D), index_map("word", C, V)
F = Function("F", V, (D,), (V, D))
centre = Vin[c]
skipgram = sum_over(at, F(around(at), centre, U))
vhat = let("vhat", sum_over(at, Vin[around(at)]))
cbow = F(c, vhat, U)


def score(word: object) -> Term:
    """u_word . v_c."""
    return U[word] @ v  # type: ignore[index]


def slope(argument: Term) -> Term:
    """sigma' as a function of the value."""
    return sigma(argument) * (1 - sigma(argument))


def apart(claim: Claim) -> Claim:
    """The claim where no negative comes twice and none is the true word."""
    return claim.given(injective(drawn), avoids(drawn, o))


def other(claim: Claim) -> Claim:
    """The claim for a word that is not the true one."""
    return claim.given(distinct(w, o))
