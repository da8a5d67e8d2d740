"""One hidden layer on row vectors: z1 = x W1 + b1, h = sigma(z1), z2 = h W2 + b2, yhat = softmax(z2), cross entropy.

Each intermediate quantity is a `let`, so that a gradient by it treats it as a variable. A batch stacks examples along N
and adds up their costs. `square` is the same network with all widths equal: what an axis error hides behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.claims import Claim, sums_to_one
from derive.components import Axis, Index
from derive.exercises.exercise import S0, S1, S4, Exercise, a1, clashes, fails, holds
from derive.terms import (
    Term,
    cross_entropy,
    diag,
    grad,
    identity,
    index_map,
    let,
    log,
    onehot,
    outer,
    parameters,
    sigma,
    size,
    softmax,
    sum_over,
    tensor,
)

Dx, H, Dy, N, n = Axis("Dx"), Axis("H"), Axis("Dy"), Axis("N"), Axis("n")
PART = a1("2(c)")


@dataclass(frozen=True)
class Network:
    """A network on one example (row vectors) or on a batch (a row per example), with its target y.

    W1, b1, W2, b2: parameters; z1, h, z2: lets; yhat: prediction, axes as y.
    """

    x: Term
    W1: Term
    b1: Term
    W2: Term
    b2: Term
    y: Term
    z1: Term
    h: Term
    z2: Term
    yhat: Term

    @property
    def J(self) -> Term:
        """Cross entropy, over a whole batch its total: a scalar."""
        return cross_entropy(self.y, self.yhat)

    @property
    def slope(self) -> Term:
        """sigma'(z1), axes as h."""
        return sigma(self.z1) * (1 - sigma(self.z1))

    @property
    def d_z2(self) -> Term:
        """yhat - y."""
        return self.yhat - self.y

    @property
    def d_h(self) -> Term:
        """(yhat - y) W2^T."""
        return self.d_z2 @ self.W2.T

    @property
    def d_z1(self) -> Term:
        """(yhat - y) W2^T elementwise times h (1 - h)."""
        return self.d_h * (self.h * (1 - self.h))


def network(inputs: Axis, hidden: Axis, outputs: Axis, batch: Axis | None = None, y: Term | None = None) -> Network:
    """The network with the given widths; y: a target in place of the variable y or Y."""
    lead = () if batch is None else (batch,)
    capital = batch is not None
    x = tensor("X" if capital else "x", *lead, inputs)
    W1, b1 = tensor("W1", inputs, hidden), tensor("b1", hidden)
    W2, b2 = tensor("W2", hidden, outputs), tensor("b2", outputs)
    z1 = let("Z1" if capital else "z1", x @ W1 + (b1 if batch is None else b1.along(batch)))
    h = let("Hid" if capital else "h", sigma(z1))
    z2 = let("Z2" if capital else "z2", h @ W2 + (b2 if batch is None else b2.along(batch)))
    target = tensor("Y" if capital else "y", *lead, outputs) if y is None else y
    return Network(x, W1, b1, W2, b2, target, z1, h, z2, softmax(z2))


a, i, j, k, b = Index("a", Dx), Index("i", H), Index("j", Dy), Index("k", Dy), Index("b", N)
label = index_map("label", N, Dy)
one = network(Dx, H, Dy)
hot = network(Dx, H, Dy, y=onehot(k))
many = network(Dx, H, Dy, N)
square = network(n, n, n)

# What, by what, and its gradient, for one example and for a batch.
Gradient = tuple[str, str, Callable[[Network], Term], Callable[[Network], Term]]
ONE: tuple[Gradient, ...] = (
    ("z2", "yhat - y",                        lambda net: net.z2, lambda net: net.d_z2),
    ("h",  "(yhat - y) W2^T",                 lambda net: net.h,  lambda net: net.d_h),
    ("z1", "(yhat - y) W2^T * h (1 - h)",     lambda net: net.z1, lambda net: net.d_z1),
    ("x",  "((yhat - y) W2^T * h (1 - h)) W1^T", lambda net: net.x, lambda net: net.d_z1 @ net.W1.T),
    ("W1", "x^T ((yhat - y) W2^T * h (1 - h))",  lambda net: net.W1, lambda net: outer(net.x, net.d_z1)),
    ("b1", "(yhat - y) W2^T * h (1 - h)",     lambda net: net.b1, lambda net: net.d_z1),
    ("W2", "h^T (yhat - y)",                  lambda net: net.W2, lambda net: outer(net.h, net.d_z2)),
    ("b2", "yhat - y",                        lambda net: net.b2, lambda net: net.d_z2),
)
BATCH: tuple[Gradient, ...] = (
    ("z2", "Yhat - Y",                        lambda net: net.z2, lambda net: net.d_z2),
    ("h",  "(Yhat - Y) W2^T",                 lambda net: net.h,  lambda net: net.d_h),
    ("z1", "(Yhat - Y) W2^T * H (1 - H)",     lambda net: net.z1, lambda net: net.d_z1),
    ("x",  "((Yhat - Y) W2^T * H (1 - H)) W1^T", lambda net: net.x, lambda net: net.d_z1 @ net.W1.T),
    ("W1", "X^T ((Yhat - Y) W2^T * H (1 - H))",  lambda net: net.W1, lambda net: net.x.T @ net.d_z1),
    ("b1", "the sum over the batch of (Yhat - Y) W2^T * H (1 - H)", lambda net: net.b1,
     lambda net: sum_over(b, net.d_z1[b])),
    ("W2", "H^T (Yhat - Y)",                  lambda net: net.W2, lambda net: net.h.T @ net.d_z2),
    ("b2", "the sum over the batch of Yhat - Y", lambda net: net.b2, lambda net: sum_over(b, net.d_z2[b])),
)


def _stated(row: Gradient, net: Network, normalised: bool) -> Callable[[], Claim]:
    _, _, by, formula = row

    def build() -> Claim:
        claim = grad(net.J, by(net)) == formula(net)
        return claim.given(sums_to_one(net.y)) if normalised else claim

    return build


GRADIENTS: tuple[Exercise, ...] = (
    *(holds(f"network/{row[0]}", f"dJ/d{row[0]} = {row[1]} if y sums to 1", _stated(row, one, True), PART, S0, S1, S4)
      for row in ONE),
    *(holds(f"network/one-hot-{row[0]}", f"dJ/d{row[0]} = {row[1]} for one-hot y", _stated(row, hot, False),
            PART, S0, S1, S4) for row in ONE),
    *(holds(f"network/batch-{row[0]}", f"in a batch, dJ/d{row[0]} = {row[1]} if each row of Y sums to 1",
            _stated(row, many, True), a1("2(g)"), S1) for row in BATCH),
)

RIGHT: tuple[Exercise, ...] = (
    holds("network/parameters", "the network holds (Dx + 1) H + (H + 1) Dy numbers",
          lambda: (parameters(one.W1, one.b1, one.W2, one.b2)
                   == (size(Dx) + 1) * size(H) + (size(H) + 1) * size(Dy)), a1("2(d)"), S0, S1, S4),
    holds("network/parameters-by-tensor", "H Dy + 1 Dy + Dx H + 1 H = (H + 1) Dy + (Dx + 1) H",
          lambda: (size(H) * size(Dy) + 1 * size(Dy) + size(Dx) * size(H) + 1 * size(H)
                   == (size(H) + 1) * size(Dy) + (size(Dx) + 1) * size(H)), a1("2(d)"), S1, S4),
    holds("network/z1-entry", "z1_i = sum_a x_a W1_ai + b1_i",
          lambda: one.z1[i] == sum_over(a, one.x[a] * one.W1[a, i]) + one.b1[i], PART, S1, S4),
    holds("network/z2-entry", "z2_j = sum_i h_i W2_ij + b2_j",
          lambda: one.z2[j] == sum_over(i, one.h[i] * one.W2[i, j]) + one.b2[j], PART, S1, S4),
    holds("network/W2-entry", "dJ/dW2_ij = h_i (yhat_j - y_j) for one-hot y",
          lambda: grad(hot.J, hot.W2[i, j]) == hot.h[i] * (hot.yhat[j] - hot.y[j]), PART, S4),
    holds("network/z2-by-W2-entry", "dz2_j / dW2_ij = h_i",
          lambda: grad(one.z2[j], one.W2[i, j]) == one.h[i], PART, S4),
    holds("network/z1-by-W1-entry", "dz1_i / dW1_ai = x_a",
          lambda: grad(one.z1[i], one.W1[a, i]) == one.x[a], PART, S4),
    holds("network/W1-entry-chain", "dJ/dW1_ai = dz1/dW1_ai . dJ/dz1",
          lambda: grad(one.J, one.W1[a, i]) == grad(one.z1, one.W1[a, i]) @ grad(one.J, one.z1), PART, S4),
    holds("network/z2-by-h", "dz2/dh = W2^T",
          lambda: grad(one.z2, one.h) == one.W2.T, PART, S4),
    holds("network/z1-by-x", "dz1/dx = W1^T",
          lambda: grad(one.z1, one.x) == one.W1.T, PART, S4),
    holds("network/h-by-z1", "dh/dz1 = diag(sigma'(z1))",
          lambda: grad(one.h, one.z1) == diag(one.slope), PART, S4),
    holds("network/z2-by-b2", "dz2/db2 = 1",
          lambda: grad(one.z2, one.b2) == identity(Dy), PART, S4),
    holds("network/z1-by-b1", "dz1/db1 = 1",
          lambda: grad(one.z1, one.b1) == identity(H), PART, S4),
    holds("network/h-chain", "dJ/dh = dJ/dz2 . dz2/dh",
          lambda: grad(one.J, one.h) == grad(one.J, one.z2) @ grad(one.z2, one.h), PART, S0, S4),
    holds("network/z1-chain", "dJ/dz1 = dJ/dh . dh/dz1",
          lambda: grad(one.J, one.z1) == grad(one.J, one.h) @ grad(one.h, one.z1), PART, S0, S4),
    holds("network/x-chain", "dJ/dx = dJ/dz1 . dz1/dx",
          lambda: grad(one.J, one.x) == grad(one.J, one.z1) @ grad(one.z1, one.x), PART, S0, S1, S4),
    holds("network/x-full-chain", "dJ/dx = dJ/dz2 . dz2/dh . dh/dz1 . dz1/dx",
          lambda: (grad(one.J, one.x) == grad(one.J, one.z2) @ grad(one.z2, one.h) @ grad(one.h, one.z1)
                   @ grad(one.z1, one.x)), PART, S1),
    holds("network/h-from-W2", "dJ/dh = dJ/dz2 W2^T, whatever the target",
          lambda: grad(one.J, one.h) == grad(one.J, one.z2) @ one.W2.T, PART, S0, S1),
    holds("network/z1-from-slope", "dJ/dz1 = dJ/dh * sigma'(z1), elementwise",
          lambda: grad(one.J, one.z1) == grad(one.J, one.h) * one.slope, PART, S1, S4),
    holds("network/x-from-W1", "dJ/dx = dJ/dz1 W1^T, whatever the target",
          lambda: grad(one.J, one.x) == grad(one.J, one.z1) @ one.W1.T, PART, S0, S1),
    holds("network/W1-from-z1", "dJ/dW1 = x^T dJ/dz1",
          lambda: grad(one.J, one.W1) == outer(one.x, grad(one.J, one.z1)), PART, S4),
    holds("network/b1-from-z1", "dJ/db1 = dJ/dz1",
          lambda: grad(one.J, one.b1) == grad(one.J, one.z1), PART, S4),
    holds("network/batch-b1-from-z1", "in a batch, dJ/db1 = the sum of dJ/dz1 over the examples",
          lambda: grad(many.J, many.b1) == sum_over(b, grad(many.J, many.z1)[b]), a1("2(g)"), S1),
    holds("network/batch-labels", "in a batch with labels, row b of dJ/dz2 is yhat_b - e_label(b)",
          lambda: (grad(-sum_over(b, log(many.yhat[b, label(b)])), many.z2[b])
                   == many.yhat[b] - onehot(label(b))), a1("2(g)"), S1),
    holds("network/batch-mean", "the mean cost over N examples divides the gradient by N",
          lambda: (grad(many.J / size(N), many.z2) == many.d_z2 / size(N)).given(sums_to_one(many.y)), a1("2(g)")),
    holds("network/sigmoid-output",
          "with a sigmoid in place of the softmax, d(-log sigma(z2)_k)/dz2 = (sigma(z2_k) - 1) e_k",
          lambda: grad(-log(sigma(one.z2)[k]), one.z2) == (sigma(one.z2)[k] - 1) * onehot(k), PART, S1),
)

ERRORS: tuple[Exercise, ...] = (
    clashes("network/error-x-is-z2", "dJ/dx = yhat - y: x written for z2",
            lambda: grad(one.J, one.x) == one.d_z2, S0, right="network/z2"),
    fails("network/error-x-is-z2-square", "dJ/dx = yhat - y, even where all widths are equal",
          lambda: (grad(square.J, square.x) == square.d_z2).given(sums_to_one(square.y)), S0, right="network/x"),
    clashes("network/error-layer", "dJ/dz1 = dJ/dh * sigma'(z2): the slope of the wrong layer",
            lambda: grad(one.J, one.z1) == grad(one.J, one.h) * (sigma(one.z2) * (1 - sigma(one.z2))),
            S1, right="network/z1-from-slope"),
    fails("network/error-layer-square", "dJ/dz1 = dJ/dh * sigma'(z2), even where all widths are equal",
          lambda: grad(square.J, square.z1) == grad(square.J, square.h) * (sigma(square.z2) * (1 - sigma(square.z2))),
          S1, right="network/z1-from-slope"),
    clashes("network/error-W1-order", "dJ/dW1 = delta3 X: the transpose and the order are lost",
            lambda: grad(many.J, many.W1) == many.d_z1 @ many.x, S1, right="network/batch-W1"),
    clashes("network/error-b1-is-W1", "dJ/db1 = X^T delta3: the formula of W1 stands at b1",
            lambda: grad(many.J, many.b1) == many.x.T @ many.d_z1, S1, right="network/batch-b1"),
    clashes("network/error-W2-delta2", "dJ/dW2 = delta2 a1: the signal at h in place of the one at z2",
            lambda: grad(many.J, many.W2) == many.h.T @ many.d_h, S1, right="network/batch-W2"),
    fails("network/error-W2-delta2-square", "dJ/dW2 = h^T delta2, even where all widths are equal",
          lambda: (grad(square.J, square.W2) == outer(square.h, square.d_h)).given(sums_to_one(square.y)),
          S1, right="network/W2"),
    clashes("network/error-b2-delta4", "dJ/db2 = the sum of delta4: the signal at the input in place of the one at z2",
            lambda: grad(many.J, many.b2) == sum_over(b, (many.d_z1 @ many.W1.T)[b]), S1, right="network/batch-b2"),
    fails("network/error-sigmoid-output", "dJ/dz2 = a2 - y with a2 = sigma(z2): a sigmoid where the softmax belongs",
          lambda: grad(-log(sigma(one.z2)[k]), one.z2) == sigma(one.z2) - onehot(k), S1,
          right="network/sigmoid-output"),
    fails("network/error-z1-bias", "z1_i = sum_a x_a W1_ai: the bias is forgotten",
          lambda: one.z1[i] == sum_over(a, one.x[a] * one.W1[a, i]), S1, right="network/z1-entry"),
    fails("network/error-z2-bias", "z2_j = sum_i h_i W2_ij: the bias is forgotten",
          lambda: one.z2[j] == sum_over(i, one.h[i] * one.W2[i, j]), S1, right="network/z2-entry"),
    clashes("network/error-x-width", "x in R^(1 x Dy): x W1 does not exist",
            lambda: tensor("x", Dy) @ one.W1 == one.z1 - one.b1, S1, right="network/z1-entry"),
    fails("network/error-parameters-twice", "H + Dx H + H + H Dy + Dy parameters: b1 counted twice",
          lambda: (parameters(one.W1, one.b1, one.W2, one.b2)
                   == size(H) + size(Dx) * size(H) + size(H) + size(H) * size(Dy) + size(Dy)), S1,
          right="network/parameters"),
    clashes("network/error-z2-by-W2", "dz2/dW2 = h^T: a derivative with three indices set equal to a vector",
            lambda: grad(one.z2, one.W2) == one.h, S4, right="network/z2-by-W2-entry"),
    clashes("network/error-difference-is-h",
            "[yhat_1 - y_1, ...] = h^T: a lost factor sets outputs equal to hidden units",
            lambda: one.d_z2 == one.h, S4, right="network/W2"),
    clashes("network/error-h-by-z1", "dh/dz1 = sigma'(z1): the diagonal is lost",
            lambda: grad(one.h, one.z1) == one.slope, S4, right="network/h-by-z1"),
    clashes("network/error-matrix-product", "dJ/dz1 = dJ/dh . sigma'(z1) as a matrix product of two rows",
            lambda: grad(one.J, one.z1) == one.d_h @ one.slope, S1, S4, right="network/z1-from-slope"),
    clashes("network/error-b1-product", "dJ/db1 = (yhat - y) W2^T sigma'(z1) as a matrix product",
            lambda: grad(one.J, one.b1) == one.d_h @ one.slope, S4, right="network/b1"),
    clashes("network/error-x-product", "dJ/dx = (yhat - y) W2^T sigma'(z1) W1^T as matrix products",
            lambda: grad(one.J, one.x) == (one.d_h @ one.slope) @ one.W1.T, S4, right="network/x"),
    clashes("network/error-z1-lost-index", "x_a = dz1/dW1_ai: the index of z1_i is lost",
            lambda: grad(one.z1, one.W1[a, i]) == one.x[a], S4, right="network/z1-by-W1-entry"),
    clashes("network/error-W1-layer-index", "dJ/dW1_ai = x_a dJ/dz^i: an index set as a layer, so z2 for z1_2",
            lambda: grad(one.J, one.W1) == outer(one.x, grad(one.J, one.z2)), S4, right="network/W1-from-z1"),
    fails("network/error-W1-layer-index-square", "dJ/dW1 = x^T dJ/dz2, even where all widths are equal",
          lambda: grad(square.J, square.W1) == outer(square.x, grad(square.J, square.z2)), S4,
          right="network/W1-from-z1"),
    clashes("network/error-W1-by-W1", "dJ/dW1 = x^T dz1/dW1: the derivative of z1 in place of the one by z1",
            lambda: grad(one.J, one.W1) == outer(one.x, grad(one.z1, one.W1)), S4, right="network/W1-from-z1"),
    clashes("network/error-W2-transpose", "dJ/dW1 = x^T ((yhat - y) W2 * sigma'(z1)): a lost transpose",
            lambda: grad(one.J, one.W1) == outer(one.x, one.d_z2 @ one.W2 * one.slope), S4, right="network/W1"),
    fails("network/error-W2-transpose-square", "dJ/dW1 = x^T ((yhat - y) W2 * sigma'(z1)), even where widths are equal",
          lambda: (grad(square.J, square.W1) == outer(square.x, square.d_z2 @ square.W2 * square.slope))
          .given(sums_to_one(square.y)), S4, right="network/W1"),
)

EXERCISES: tuple[Exercise, ...] = GRADIENTS + RIGHT + ERRORS
