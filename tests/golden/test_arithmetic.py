"""The labels redone with numbers, and without a line of the product: NumPy, central differences, fixed numbers.

All sizes differ, negatives are distinct unless a row says they repeat, and no context word is the centre. A label
`proved` wants equal arrays, `refuted` different ones of one shape, `ill-typed` shapes that do not meet.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.golden.labels import Label, read_labels

Array = np.ndarray
rng = np.random.default_rng(20160)
Dx, H, Dy, V, D, K = 3, 4, 5, 7, 2, 3


def sigma(t: Array | float) -> Array:
    return 1 / (1 + np.exp(-np.asarray(t, float)))


def slope(t: Array | float) -> Array:
    return sigma(t) * (1 - sigma(t))


def softmax(t: Array) -> Array:
    e = np.exp(t)
    return e / e.sum()


def hot(size: int, at: int) -> Array:
    return np.eye(size)[at]


def grad(f: Callable[[Array], Array | float], at: Array | float) -> Array:
    """Derivatives by central differences: axes of f, then axes of `at`."""
    at = np.asarray(at, float)
    columns = []
    for place in np.ndindex(at.shape):
        step = np.zeros(at.shape)
        step[place] = 1e-5
        columns.append((np.asarray(f(at + step)) - np.asarray(f(at - step))) / 2e-5)
    shape = np.shape(columns[0])
    return np.stack(columns, -1).reshape(shape + at.shape)


# One number, one vector.
s, E = 0.7, np.exp
theta, k, i, c = rng.normal(size=Dy), 2, 4, 0.3
yh, y = softmax(theta), hot(Dy, k)
X = rng.normal(size=Dy)

# The network, on row vectors.
x, W1, b1 = rng.normal(size=Dx), rng.normal(size=(Dx, H)), rng.normal(size=H)
W2, b2 = rng.normal(size=(H, Dy)), rng.normal(size=Dy)
z1 = x @ W1 + b1
h = sigma(z1)
z2 = h @ W2 + b2
e2 = softmax(z2) - y


def after_z2(z: Array) -> float:
    return float(-np.log(softmax(z)[k]))


def after_h(v: Array) -> float:
    return after_z2(v @ W2 + b2)


def after_z1(z: Array) -> float:
    return after_h(sigma(z))


def after_x(v: Array) -> float:
    return after_z1(v @ W1 + b1)


gz2, gh, gz1, gx = grad(after_z2, z2), grad(after_h, h), grad(after_z1, z1), grad(after_x, x)
gW1 = grad(lambda w: after_z1(x @ w + b1), W1)
gW2 = grad(lambda w: after_z2(h @ w + b2), W2)
gb1, gb2 = grad(lambda b: after_z1(x @ W1 + b), b1), grad(lambda b: after_z2(h @ W2 + b), b2)
z2_by_W2, z2_by_h = grad(lambda w: h @ w + b2, W2), grad(lambda v: v @ W2 + b2, h)
z1_by_W1, z1_by_x, h_by_z1 = grad(lambda w: x @ w + b1, W1), grad(lambda v: v @ W1 + b1, x), grad(sigma, z1)
a2 = sigma(z2)
gz2_sigmoid = grad(lambda z: -np.log(sigma(z)[k]), z2)
entries_by_case = np.array([a2[j] - 1 if j == k else a2[j] for j in range(Dy)])

# Words: rows of U; o and the negatives are different words.
U, v, o, negatives = rng.normal(size=(V, D)), rng.normal(size=D), 1, (3, 5, 6)
p = softmax(U @ v)
y_o = hot(V, o)
Q = list(negatives)


def naive(U: Array, v: Array) -> float:
    return float(-np.log(softmax(U @ v)[o]))


def sampled(U: Array, v: Array, words: tuple[int, ...] = negatives) -> float:
    return float(-np.log(sigma(U[o] @ v)) - sum(np.log(sigma(-U[w] @ v)) for w in words))


n_v, n_U = grad(lambda t: naive(U, t), v), grad(lambda t: naive(t, v), U)
s_v, s_U = grad(lambda t: sampled(U, t), v), grad(lambda t: sampled(t, v), U)
again = (3, 5, 3)
r_U = grad(lambda t: sampled(t, v, again), U)
weight = sigma(U[o] @ v)
rest = np.array([1 - sigma(-U[w] @ v) for w in Q])
other = 4

# Windows: context words around the centre; the loss F is the naive softmax.
centre, context = 2, (0, 4, 5, 6)
Vin = rng.normal(size=(V, D))


def F(word: int, vector: Array, U: Array) -> float:
    return float(-np.log(softmax(U @ vector)[word]))


def skipgram(Vin: Array, U: Array) -> float:
    return sum(F(word, Vin[centre], U) for word in context)


def cbow(Vin: Array, U: Array) -> float:
    return F(centre, Vin[list(context)].sum(0), U)


vhat = Vin[list(context)].sum(0)
g_in, g_out = grad(lambda t: skipgram(t, U), Vin), grad(lambda t: skipgram(Vin, t), U)
b_in, b_out = grad(lambda t: cbow(t, U), Vin), grad(lambda t: cbow(Vin, t), U)
F_v = [grad(lambda t, w=w: F(w, t, U), Vin[centre]) for w in range(V)]
F_U = [grad(lambda t, w=w: F(w, Vin[centre], t), U) for w in range(V)]
F_vhat, F_U_hat = grad(lambda t: F(centre, t, U), vhat), grad(lambda t: F(centre, vhat, t), U)

# Scaled vectors.
yv, alpha = rng.normal(size=D), -1.7
norm = np.linalg.norm
xv = alpha * yv

Pair = tuple[object, object]
WRITE_UPS: dict[tuple[int, int, int], Callable[[], Pair]] = {
    (0, 3, 22): lambda: (softmax(X + c)[i], E(X[i] + c) / E(X + c).sum()),
    (0, 5, 5): lambda: (E(X[i] + c) / E(X + c).sum(), E(X) * E(c) / (E(X) * E(c)).sum()),
    (0, 7, 5): lambda: (E(X) * E(c) / (E(X) * E(c)).sum(), E(X) * E(c) / (E(c) * E(X).sum())),
    (0, 9, 5): lambda: (E(X) * E(c) / (E(c) * E(X).sum()), E(X[i]) / E(X).sum()),
    (0, 15, 27): lambda: (grad(sigma, s), grad(lambda t: 1 / (1 + E(-t)), s)),
    (0, 19, 5): lambda: (grad(lambda t: (1 + E(-t)) ** -1, s), -((1 + E(-s)) ** -2) * -E(-s)),
    (0, 21, 5): lambda: (-((1 + E(-s)) ** -2) * -E(-s), E(-s) / (1 + E(-s)) ** 2),
    (0, 27, 5): lambda: (1 / (1 + E(-s)) * ((1 + E(-s)) - 1) / (1 + E(-s)), 1 / (1 + E(-s)) * (1 - 1 / (1 + E(-s)))),
    (0, 29, 5): lambda: (1 / (1 + E(-s)) * (1 - 1 / (1 + E(-s))), slope(s)),
    (0, 41, 47): lambda: (gx, e2),
    (0, 43, 47): lambda: (gh, e2 @ z2_by_h),
    (0, 43, 90): lambda: (e2 @ z2_by_h, e2 @ W2.T),
    (0, 45, 49): lambda: (gz1, gh @ h_by_z1),
    (0, 47, 36): lambda: (gx, gz1 @ z1_by_x),
    (0, 47, 79): lambda: (gz1 @ z1_by_x, gz1 @ W1.T),
    (0, 53, 37): lambda: (n_v, U.T @ (p - y_o)),
    (0, 57, 35): lambda: (grad(lambda t: naive(t.T, v), U.T), np.outer(v, p - y_o)),
    (0, 61, 37): lambda: (s_v, (weight - 1) * U[o] - sum((sigma(-U[w] @ v) - 1) * U[w] for w in Q)),
    (0, 64, 37): lambda: (s_U[o], (weight - 1) * v),
    (0, 66, 37): lambda: (s_U[Q[0]], -(sigma(-U[Q[0]] @ v) - 1) * v),
    (0, 70, 81): lambda: (g_out, sum(F_U[w] for w in context)),
    (0, 72, 85): lambda: (g_in[centre], sum(F_v[w] for w in context)),
    (0, 76, 86): lambda: (g_in[context[0]], np.zeros(D)),
    (0, 78, 75): lambda: (b_out, len(context) * F_U_hat),
    (0, 80, 76): lambda: (b_in[context[0]], len(context) * F_vhat),
    (0, 82, 82): lambda: (g_out[1], np.zeros(D)),
    (1, 17, 56): lambda: (slope(s), (0 - (1 + E(-s)) ** -1) / (1 + E(-s)) ** 2),
    (1, 17, 99): lambda: ((0 - (1 + E(-s)) ** -1) / (1 + E(-s)) ** 2, E(-s) / (1 + E(-s)) ** 2),
    (1, 17, 129): lambda: (E(-s) / (1 + E(-s)) ** 2, ((1 + E(-s)) - 1) / (1 + E(-s)) ** 2),
    (1, 19, 5): lambda: (((1 + E(-s)) - 1) / (1 + E(-s)) ** 2, sigma(s) - sigma(s) ** 2),
    (1, 23, 63): lambda: (-y @ np.log(yh), -np.log(yh[k])),
    (1, 25, 60): lambda: (grad(after_z2, theta), grad(lambda t: -(np.log(E(t[k])) - np.log(E(t).sum())), theta)),
    (1, 27, 80): lambda: (grad(lambda t: -t[k] + np.log(E(t).sum()), theta),
                          -y + grad(lambda t: np.log(E(t).sum()), theta)),
    (1, 29, 5): lambda: (-y + grad(lambda t: np.log(E(t).sum()), theta),
                         -y + 1 / E(theta).sum() * grad(lambda t: E(t), theta).sum(0)),
    (1, 32, 64): lambda: (grad(lambda t: t[k], theta)[k], 1.0),
    (1, 32, 176): lambda: (grad(lambda t: E(t), theta)[:, k].sum() / E(theta).sum(), E(theta[k]) / E(theta).sum()),
    (1, 34, 60): lambda: (grad(after_z2, theta), yh[k] - 1),
    (1, 36, 67): lambda: (grad(lambda t: t[k], theta)[i], 0.0),
    (1, 36, 163): lambda: (grad(lambda t: E(t), theta)[:, i].sum() / E(theta).sum(), E(theta[i]) / E(theta).sum()),
    (1, 38, 60): lambda: (grad(after_z2, theta), yh[i]),
    (1, 60, 9): lambda: (z2, h @ W2),
    (1, 64, 62): lambda: (grad(lambda t: -np.log(sigma(sigma(t @ W1 + b1) @ W2 + b2)[k]), x),
                          gz2_sigmoid @ z2_by_h @ h_by_z1 @ z1_by_x),
    (1, 66, 52): lambda: (gz2_sigmoid, entries_by_case),
    (1, 66, 128): lambda: (entries_by_case, a2 - y),
    (1, 68, 52): lambda: (grad(lambda t: -np.log(sigma(t @ W2 + b2)[k]), h), gz2_sigmoid @ W2.T),
    (1, 72, 52): lambda: (gz1, gh * slope(z1)),
    (1, 79, 6): lambda: (x, np.zeros(Dy)),
    (1, 98, 41): lambda: (gW1, np.einsum("j,jh,hg,gab->ab", gz2, z2_by_h, h_by_z1, z1_by_W1)),
    (1, 100, 109): lambda: (gh, slope(z2)),
    (1, 106, 41): lambda: (gW2, np.einsum("j,jab->ab", gz2, z2_by_W2)),
    (1, 106, 117): lambda: (gW2, gh * h),
    (1, 108, 41): lambda: (gb2, gz1 @ W1.T),
    (1, 114, 9): lambda: (y_o[o], p[o]),
    (1, 114, 26): lambda: (y, -y @ np.log(yh)),
    (1, 114, 57): lambda: (-y @ np.log(yh), -np.log(yh[k])),
    (1, 116, 37): lambda: (n_v, -grad(lambda t: np.log(E(U[o] @ t) / E(U @ t).sum()), v)),
    (1, 124, 5): lambda: (grad(lambda t: E(U @ t), v).sum(0) / E(U @ v).sum(), E(U @ v) @ U / E(U @ v).sum()),
    (1, 126, 83): lambda: (E(U @ v) @ U / E(U @ v).sum(), p @ U),
    (1, 128, 37): lambda: (n_v, -U[o] + p @ U),
    (1, 138, 5): lambda: (sum(p[a] * v for a in range(V)), p.sum() * v),
    (1, 138, 84): lambda: (np.array([n_U[other], n_U[o]]), np.array([p.sum() * v, p.sum() * v - v])),
    (1, 142, 37): lambda: (s_v, -slope(U[o] @ v) / weight * U[o]
                           + sum(slope(-U[w] @ v) / sigma(-U[w] @ v) * U[w] for w in Q)),
    (1, 144, 5): lambda: (s_v, (-1 + weight) * U[o] + rest @ U[Q]),
    (1, 146, 37): lambda: (s_U[o], -slope(U[o] @ v) / weight * v),
    (1, 146, 97): lambda: (-slope(U[o] @ v) / weight * v, -(1 - weight) * v),
    (1, 146, 128): lambda: (-(1 - weight) * v, weight * v),
    (1, 148, 37): lambda: (s_U[Q[0]], sum(slope(-U[w] @ v) / sigma(-U[w] @ v) for w in Q) * v),
    (1, 148, 119): lambda: (sum(slope(-U[w] @ v) / sigma(-U[w] @ v) for w in Q) * v, rest.sum() * v),
    (1, 160, 65): lambda: (b_out, F_U_hat),
    (1, 162, 75): lambda: (b_in[context[0]], F_vhat),
    (1, 164, 75): lambda: (b_in[1], np.zeros(D)),
    (2, 4, 316): lambda: (-y_o @ np.log(p), -np.log(p[o])),
    (2, 6, 376): lambda: (grad(lambda t: -U[o] @ t + np.log(E(U @ t).sum()), v),
                          -U[o] + E(U @ v) @ U / E(U @ v).sum()),
    (2, 6, 667): lambda: (-U[o] + p @ U, U.T @ (p - y_o)),
    (2, 12, 17): lambda: (norm(xv), abs(alpha) * norm(yv)),
    (2, 12, 90): lambda: (alpha * yv / norm(xv), alpha / abs(alpha) * yv / norm(yv)),
    (2, 12, 134): lambda: (alpha / abs(alpha) * yv / norm(yv), np.sign(alpha) * yv / norm(yv)),
    (2, 24, 90): lambda: (n_U[other], v * p[other]),
    (2, 26, 88): lambda: (n_U[o], -v + v * p[o]),
    (2, 26, 111): lambda: (-v + v * p[o], v * (p[o] - y_o[o])),
    (2, 30, 80): lambda: (n_U, np.outer(p - y_o, v)),
    (2, 34, 72): lambda: (grad(lambda t: naive(t.T, v), U.T), np.stack(list(n_U), 1)),
    (2, 36, 52): lambda: (np.maximum([s, -s], [0.2 * s, -0.2 * s]), np.array([s, -0.2 * s])),
    (2, 40, 43): lambda: (np.maximum([s, -s], [0.2 * s, -0.2 * s]), np.array([1, 0.2])),
    (2, 51, 5): lambda: (-sum(-U[w] * slope(-U[w] @ v) / sigma(-U[w] @ v) for w in Q) - U[o] * slope(U[o] @ v) / weight,
                         rest @ U[Q] - U[o] * (1 - weight)),
    (2, 54, 68): lambda: (s_U[o], 0 - grad(lambda t: np.log(sigma(t @ v)), U[o])),
    (2, 56, 157): lambda: (s_U[Q[0]], v * rest[0]),
    (2, 69, 72): lambda: (r_U[3], -grad(lambda t: np.log(sigma(U[o] @ v)) + 2 * np.log(sigma(-t @ v))
                                        + np.log(sigma(-U[5] @ v)), U[3])),
    (2, 70, 5): lambda: (r_U[3], sum(v * (1 - sigma(-U[w] @ v)) for w in again if w == 3)),
    (2, 81, 110): lambda: (g_in[centre], sum(F_v[w] for w in context)),
    (3, 16, 142): lambda: (((E(s) + 1) * E(s) - E(s) * E(s)) / (E(s) + 1) ** 2, E(s) / (E(s) + 1) / (E(s) + 1)),
    (3, 16, 194): lambda: (E(s) / (E(s) + 1) / (E(s) + 1), sigma(s) * (1 - E(s) + 1)),
    (3, 22, 5): lambda: (-1 / weight * slope(U[o] @ v) * U[o], (weight - 1) * U[o]),
    (3, 41, 101): lambda: (-1 / sigma(-U[3] @ v) * -v, (1 - sigma(-U[3] @ v)) * v),
    (3, 60, 47): lambda: (g_out, sum(F_U[w] for w in (*context, centre))),
    (3, 62, 56): lambda: (g_in[centre], sum(F_v[w] for w in (*context, centre))),
    (4, 17, 127): lambda: (grad(sigma, s), -((1 + E(-s)) ** -2) * -E(-s)),
    (4, 25, 41): lambda: (grad(after_z2, theta), -y @ grad(lambda t: np.log(softmax(t)), theta)),
    (4, 29, 41): lambda: (grad(after_z2, theta), -y[k] * grad(lambda t: np.log(softmax(t)[k]), theta)),
    (4, 35, 167): lambda: (grad(lambda t: t[k] - np.log(E(t).sum()), theta)[k], 1 - E(theta[k]) / E(theta).sum()),
    (4, 35, 384): lambda: (grad(lambda t: t[k] - np.log(E(t).sum()), theta)[i], 0 - E(theta[i]) / E(theta).sum()),
    (4, 35, 447): lambda: (0 - yh[i], y[i] - yh[i]),
    (4, 41, 143): lambda: (grad(lambda t: np.log(E(t[k]) / E(t).sum()), theta), y - yh),
    (4, 53, 38): lambda: (gz2, e2),
    (4, 59, 38): lambda: (gW2, np.einsum("jab,j->ab", z2_by_W2, gz2)),
    (4, 65, 26): lambda: (h[0], z2_by_W2[0, 0, 0]),
    (4, 65, 69): lambda: (z2_by_W2[0, 0, 0], z2_by_W2[1, 0, 1]),
    (4, 65, 558): lambda: (z2_by_W2[2, H - 1, 2], z2_by_W2[Dy - 1, H - 1, Dy - 1]),
    (4, 67, 508): lambda: (gW2, np.array([[z2_by_W2[j, a, j] * gz2[j] for j in range(Dy)] for a in range(H)])),
    (4, 69, 644): lambda: (e2, h),
    (4, 69, 659): lambda: (h, z2_by_W2),
    (4, 73, 125): lambda: (np.einsum("jab,j->ab", z2_by_W2, e2), np.outer(h, e2)),
    (4, 80, 38): lambda: (gb2, np.ones(Dy) * gz2),
    (4, 84, 64): lambda: (gh, gz2 @ z2_by_h),
    (4, 86, 313): lambda: (W2[1, 3], z2_by_h[3, 1]),
    (4, 88, 495): lambda: (z2_by_h, W2.T),
    (4, 98, 92): lambda: (gz1, gh @ h_by_z1),
    (4, 98, 216): lambda: (gh @ h_by_z1, e2 @ W2.T * slope(z1)),
    (4, 106, 78): lambda: (z1_by_W1[:, 0, 0], z1_by_W1[:, 0, 1]),
    (4, 106, 127): lambda: (z1_by_W1[:, 0, 1], z1_by_W1[:, 0, H - 1]),
    (4, 108, 515): lambda: (gW1, np.array([[z1_by_W1[:, a, b] @ gz1 for b in range(H)] for a in range(Dx)])),
    (4, 112, 4): lambda: (gW1, np.multiply.outer(x, z1_by_W1)),
    (4, 114, 50): lambda: (gW1, np.outer(x, gz1)),
    (4, 122, 38): lambda: (gb1, np.ones(H) * gz1),
    (4, 124, 218): lambda: (gz1, e2 @ W2.T * slope(z1)),
    (4, 128, 48): lambda: (gx, (e2 @ W2.T * slope(z1)) @ W1.T),
    (4, 138, 5): lambda: (H * Dy + Dy + Dx * H + H, (H + 1) * Dy + (Dx + 1) * H),
    (4, 153, 103): lambda: (n_U[other], v * E(U[other] @ v) / E(U @ v).sum()),
    (4, 155, 148): lambda: (v * (p[o] - y_o[o]), v * (p[o] - 1)),
    (4, 157, 174): lambda: (grad(lambda t: naive(t.T, v), U.T), np.outer(v, p - y_o)),
    (4, 169, 37): lambda: (s_v, -(1 - weight) * U[o] - sum(-(1 - sigma(-U[w] @ v)) * U[w] for w in Q)),
    (4, 177, 76): lambda: (s_U[Q[0]], -grad(lambda t: sum(np.log(sigma(-t[w] @ v)) for w in Q), U)[Q[0]]),
    (4, 179, 37): lambda: (s_U[Q[0]], -sum(1 - sigma(-U[w] @ v) for w in Q) * -v),
    (4, 181, 37): lambda: (s_U[Q[0]], rest[0] * v),
    (4, 189, 436): lambda: (g_in[1], np.zeros(D)),
    (4, 203, 230): lambda: (b_in[[*context, centre]], np.stack([F_vhat] * (len(context) + 1))),
    (4, 203, 406): lambda: (b_in[1], np.zeros(D)),
}


@pytest.mark.parametrize("place", sorted(WRITE_UPS), ids=lambda place: "{:03d}:{}:{}".format(*place))
def test_numbers_agree_with_the_label(place: tuple[int, int, int]) -> None:
    left, right = (np.asarray(side, float) for side in WRITE_UPS[place]())
    label = LABELS[place]
    found = "ill-typed" if left.shape != right.shape else "proved" if np.allclose(left, right, atol=1e-6) else "refuted"
    assert label.verdict == found, f"{label.place} is labelled {label.verdict}, numbers say {found}: {left} and {right}"


def test_every_refuted_label_has_numbers() -> None:
    unsettled = [label.place for place, label in LABELS.items()
                 if label.verdict == "refuted" and place not in WRITE_UPS and not _as_another(label)]
    assert not unsettled


def _as_another(label: Label) -> bool:
    """Rows of one display that repeat a row with numbers."""
    return label.note.startswith("lost index") or (label.seed, label.line) == (3, 43)


LABELS = {(seed, label.line, label.column): label for seed in range(5) for label in read_labels(seed)}
