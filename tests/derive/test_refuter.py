"""Wrong neighbours are refuted with numbers that can be redone; right claims never are, under many seeds."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from derive.claims import (
    Claim,
    Equation,
    Sign,
    at_most,
    avoids,
    distinct,
    injective,
    negative,
    nonnegative,
    positive,
    same,
    sums_to_one,
)
from derive.components import Axis, Index, MapSymbol
from derive.errors import GradproofError
from derive.evaluation import evaluate
from derive.refuter import agrees, refute, render, sample_instance
from derive.terms import (
    Function,
    absolute,
    component,
    cross_entropy,
    delta,
    diag,
    exp,
    grad,
    index_map,
    let,
    log,
    maximum,
    norm,
    number,
    onehot,
    ones,
    outer,
    parameters,
    sigma,
    size,
    softmax,
    sum_over,
    tensor,
    total,
    where_positive,
    zeros,
)
from derive.verdicts import Counterexample

V, D, K, B, n = Axis("V"), Axis("D"), Axis("K"), Axis("B"), Axis("n")
DX, H, DY = Axis("Dx"), Axis("H"), Axis("Dy")
i, j, o, u, k, m = Index("i", n), Index("j", n), Index("o", V), Index("u", V), Index("k", K), Index("m", K)
x, y, s, alpha = tensor("x", n), tensor("y", n), tensor("s"), tensor("alpha")
U, v, C = tensor("U", V, D), tensor("v_c", D), tensor("C", V, D)
w = index_map("w", K, V)
yhat = softmax(U @ v)
J = -log(yhat[o])
NEG = -log(sigma(U[o] @ v)) - sum_over(k, log(sigma(-(U[w(k)] @ v))))
F = Function("F", V, (D,), (V, D))
vhat = sum_over(k, C[w(k)])
CE = cross_entropy(y, softmax(x))


def network(batch: bool) -> dict[str, Claim]:
    """One hidden layer in row convention, for one example or for a batch: right claims."""
    lead = (B,) if batch else ()
    inputs, target = tensor("x", *lead, DX), tensor("y", *lead, DY)
    W1, b1, W2, b2 = tensor("W1", DX, H), tensor("b1", H), tensor("W2", H, DY), tensor("b2", DY)
    z1 = let("z1", inputs @ W1 + (b1.along(B) if batch else b1))
    h = let("h", sigma(z1))
    prediction = softmax(h @ W2 + (b2.along(B) if batch else b2))
    loss = cross_entropy(target, prediction)
    d2 = prediction - target
    d1 = (d2 @ W2.T) * h * (1 - h)
    claims = {
        "z1": grad(loss, z1) == d1, "x": grad(loss, inputs) == d1 @ W1.T, "h": grad(loss, h) == d2 @ W2.T,
        "W1": grad(loss, W1) == (inputs.T @ d1 if batch else outer(inputs, d1)),
        "b1": grad(loss, b1) == (ones(B) @ d1 if batch else d1),
        "W2": grad(loss, W2) == (h.T @ d2 if batch else outer(h, d2)),
    }
    return {f"{'batch' if batch else 'network'} {name}": c.given(sums_to_one(target)) for name, c in claims.items()}


RIGHT: dict[str, Claim] = {
    "shift": softmax(x + s * ones(n)) == softmax(x),
    "sums to one": total(softmax(x)) == 1,
    "jacobian": grad(softmax(x), x) == diag(softmax(x)) - outer(softmax(x), softmax(x)),
    "jacobian, case": (grad(softmax(x)[i], x[j]) == -softmax(x)[i] * softmax(x)[j]).given(distinct(i, j)),
    "jacobian, same": (grad(softmax(x)[i], x[j]) == softmax(x)[i] * (1 - softmax(x)[i])).given(same(i, j)),
    "sigma": grad(sigma(s), s) == exp(-s) / (1 + exp(-s)) ** 2,
    "reflection": sigma(-s) == 1 - sigma(s),
    "relu": (maximum(s, alpha * s) == where_positive(s, s, alpha * s)).given(positive(alpha), nonnegative(1 - alpha)),
    "relu, below": (grad(maximum(s, alpha * s), s) == alpha).given(negative(s), positive(alpha), positive(1 - alpha)),
    "cross entropy": (grad(CE, x) == softmax(x) - y).given(sums_to_one(y)),
    "cross entropy, any sum": grad(CE, x) == total(y) * softmax(x) - y,
    "v_c": grad(J, v) == U.T @ (yhat - onehot(o)),
    "U": grad(J, U) == outer(yhat - onehot(o), v),
    "u_o": (grad(J, U[u]) == (yhat[u] - 1) * v).given(same(u, o)),
    "unit vectors": (alpha * y / norm(alpha * y) == y / norm(y)).given(positive(alpha)),
    "negatives, v_c": grad(NEG, v) == (sigma(U[o] @ v) - 1) * U[o] + sum_over(k, sigma(U[w(k)] @ v) * U[w(k)]),
    "negatives, repeated": (grad(NEG, U[w(m)]) == sum_over(k, delta(w(k), w(m))) * sigma(U[w(m)] @ v) * v).given(
        avoids(w, o)),
    "negatives, distinct": (grad(NEG, U[w(m)]) == sigma(U[w(m)] @ v) * v).given(injective(w), avoids(w, o)),
    "cbow": grad(F(o, vhat, U), C[u]) == sum_over(k, delta(w(k), u)) * F.partial(1)(o, vhat, U),
    "cbow, others": (grad(F(o, vhat, U), C[u]) == zeros(D)).given(avoids(w, u)),
    "skip-gram": grad(sum_over(k, F(w(k), v, U)), v) == sum_over(k, F.partial(1)(w(k), v, U)),
    "parameters": parameters(tensor("W", DX, H), tensor("b", H)) == (size(DX) + 1) * size(H),
    "cost": at_most(size(K) * size(D), (size(V) + size(K)) * size(D)),
    "for all": (s * onehot(i)[j] == s * delta(i, j)).every(j),
    **network(False), **network(True),
}

# Each beside a right claim above, with one thing changed.
WRONG: dict[str, Claim] = {
    "lost sign": grad(sigma(s), s) == -exp(-s) / (1 + exp(-s)) ** 2,
    "lost -1": grad(J, v) == U.T @ yhat,
    "lost -1 in U": grad(J, U) == outer(yhat, v),
    "sign of the difference": grad(J, v) == U.T @ (onehot(o) - yhat),
    "wrong index": grad(softmax(x)[i], x[j]) == softmax(x)[i] * (delta(i, j) - softmax(x)[i]),
    "case without its hypothesis": grad(softmax(x)[i], x[j]) == -softmax(x)[i] * softmax(x)[j],
    "dropped sum to one": grad(CE, x) == softmax(x) - y,
    "slope 3/2": maximum(s, Fraction(3, 2) * s) == where_positive(s, s, Fraction(3, 2) * s),
    "any slope": maximum(s, alpha * s) == where_positive(s, s, alpha * s),
    "any sign": alpha * y / norm(alpha * y) == y / norm(y),
    "repeated negatives": (grad(NEG, U[w(m)]) == sigma(U[w(m)] @ v) * v).given(avoids(w, o)),
    "negative is the true word": (grad(NEG, U[w(m)]) == sigma(U[w(m)] @ v) * v).given(injective(w)),
    "cbow multiplicity": (grad(F(o, vhat, U), C[u]) == F.partial(1)(o, vhat, U)).given(same(u, w(m))),
    "cbow factor": grad(F(o, vhat, U), C[u]) == size(K) * sum_over(k, delta(w(k), u)) * F.partial(1)(o, vhat, U),
    "wrong slot's word": grad(sum_over(k, F(w(k), v, U)), v) == sum_over(k, F.partial(1)(w(m), v, U)),
    "forgotten bias": parameters(tensor("W", DX, H), tensor("b", H)) == size(DX) * size(H),
    "cost": at_most((size(V) + size(K)) * size(D), size(K) * size(D) * 2),
    "square transposed": total(tensor("A", n, n) @ x * y) == total(tensor("A", n, n).T @ x * y),
    **{f"{name}, sign": Claim(-c.left, c.right, c.hypotheses) for name, c in (network(False) | network(True)).items()},
    **{f"{name}, no sum": Claim(c.left, c.right) for name, c in network(False).items()},
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_claims_agree_and_are_never_refuted(name):
    heavy = name.startswith("batch")
    for seed in range(1 if heavy else 4):
        assert agrees(RIGHT[name], seed) is True
        assert refute(RIGHT[name], seed, attempts=7 if heavy else 13) is None


@pytest.mark.parametrize("name", WRONG)
def test_wrong_neighbours_are_refuted(name):
    for seed in range(3):
        found = refute(WRONG[name], seed)
        assert found is not None and found.left != found.right
        assert agrees(WRONG[name], seed, points=12) is False


@pytest.mark.parametrize("name", WRONG)
def test_counterexamples_are_small(name):
    found = refute(WRONG[name])
    assert found is not None
    assert max(found.sizes.values(), default=2) <= 4
    numbers = [Fraction(number) for value in found.values.values() if "A + B" not in value for number in _leaves(value)]
    assert all(abs(q) <= 3 and q.denominator <= 12 for q in numbers)


def _leaves(value):
    return [value] if isinstance(value, str) else [leaf for part in value for leaf in _leaves(part)]


def test_the_numbers_can_be_redone():
    found = refute(grad(J, v) == U.T @ yhat)
    matrix, vector = (np.array(found.values[name], dtype=float) for name in ("U", "v_c"))
    scores = np.exp(matrix @ vector)
    right = matrix.T @ (scores / scores.sum())
    left = right - matrix[found.index["o"]]
    d = found.index["d"]
    assert float(Fraction(found.left)) == pytest.approx(left[d])
    assert float(Fraction(found.right)) == pytest.approx(right[d])
    assert found.entry == "grad(-log(softmax(U @ v_c)[o]), v_c)[d]"


def test_render_counts_from_one():
    record = Counterexample({"n": 2, "K": 1}, {"x": ("1", "-2"), "a": "1/3", "A": (("1", "0"),)}, {"w": (1, 0)},
                            {"i": 0}, "2", "0.25")
    assert render(record) == ("n = 2\nK = 1\nx = (1, -2)\na = 1/3\nA = ((1, 0),)\nw = (2, 1) (counting from 1)\n"
                              "i = 1 (counting from 1)\nleft = 2\nright = 0.25")


def test_an_abstract_function_is_shown():
    found = refute(WRONG["cbow factor"])
    shown = [value for name, value in found.values.items() if name.startswith("F at index slots [")]
    assert shown and all(value.startswith("A + B*C + B*C^2 with A = ") for value in shown)


def test_the_entry_is_named_like_nothing_else():
    found = refute(2 * x == x)
    assert list(found.sizes) == ["n"] and list(found.index) == ["i"]
    clash = refute(2 * tensor("d", D) * tensor("i") == tensor("d", D) * tensor("i"))
    assert list(clash.index) == ["j"]


def test_close_values_are_shown_with_enough_digits():
    tiny = number(Fraction(1, 10**6)) * exp(number(1))
    found = refute(exp(s) + tiny == exp(s), attempts=6)
    assert found is not None and found.left != found.right


def test_nothing_refutes_where_a_side_is_undefined():
    assert refute(log(-exp(s)) == s) is None
    assert agrees(log(-exp(s)) == s) is None
    assert refute((grad(maximum(s, 0), s) == 1).given(positive(s))) is None


def test_a_kink_is_no_counterexample():
    sign_of = where_positive(s, number(1), number(-1))
    assert refute(grad(absolute(s), s) == sign_of) is None
    assert refute(absolute(s) == s * sign_of) is None


def test_cancellation_is_no_counterexample():
    # The floats of the left side are pure rounding noise, times 10^12.
    noise = number(10**12) * (exp(s) * exp(alpha) - exp(s + alpha))
    assert refute(noise == 0) is None and agrees(noise == 0) is not False
    zero = softmax(x)[i] - exp(x[i]) / total(exp(x))
    assert refute(zero / absolute(zero) == 1) is None


# --- hypotheses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_instances_satisfy_their_hypotheses(seed):
    p, q = Index("p", V), Index("q", V)
    claim = (s == s).given(distinct(p, q), avoids(w, p), injective(w), same(q, w(m)), positive(alpha),
                           nonnegative(1 - alpha), sums_to_one(y), Sign(size(V) - size(K), ">="))
    found = sample_instance(claim, seed)
    words = found.maps[w]
    assert found.index[p] != found.index[q] == words[found.index[m]]
    assert found.index[p] not in words and len(set(words)) == len(words) == found.sizes[K] <= found.sizes[V]
    assert 0 < found.tensors[alpha.args[0]][()] <= 1
    total_y = sum(found.tensors[y.args[0]].values())
    assert isinstance(total_y, Fraction) and total_y == 1


def test_rows_that_sum_to_one():
    rows = tensor("Y", B, DY)
    found = sample_instance((rows == rows).given(sums_to_one(rows)))
    values = found.tensors[rows.args[0]]
    for b in range(found.sizes[B]):
        assert sum(values[b, d] for d in range(found.sizes[DY])) == 1


def test_an_equation_without_samples_is_read_as_a_definition():
    claim = (x @ x == alpha * alpha * (y @ y)).given(Equation(x, alpha * y))
    found = sample_instance(claim)
    assert evaluate(component(x @ x), found, exact=True) == evaluate(component(claim.right), found, exact=True)
    assert agrees(claim) is True and refute(claim) is None
    assert refute((x @ x == alpha * (y @ y)).given(Equation(x, alpha * y))) is not None


def test_a_sample_may_be_transcendental():
    claim = (total(y) == 1).given(Equation(y, softmax(x), ((y.args[0], softmax(x)),)))
    assert agrees(claim) is True and refute(claim) is None
    wrong = refute((total(y) == 2).given(Equation(y, softmax(x), ((y.args[0], softmax(x)),))))
    assert wrong is not None and wrong.right == "2"


def test_a_hypothesis_that_holds_only_to_rounding_refutes_nothing():
    nearly = number(2 + Fraction(1, 10**12))
    assert refute((10**6 * (s - 2) == 0).given(Equation(s, number(2), ((s.args[0], nearly),)))) is None
    assert refute(10**6 * (nearly - 2) == 0) is not None


@pytest.mark.parametrize("claim", [
    (s == 0).given(positive(s), negative(s)),
    (s == 0).given(same(i, j), distinct(i, j)),
    (s == 0).given(Equation(s * s, number(-1))),
    (s == 0).given(Equation(s, number(2), ((s.args[0], number(3)),))),
])
def test_hypotheses_that_hold_nowhere(claim):
    with pytest.raises(GradproofError, match=r"no instance of the hypotheses .*; expected .*; try "):
        sample_instance(claim)
    assert refute(claim, attempts=4) is None
    assert agrees(claim) is None


def test_a_hypothesis_on_sizes():
    narrow = at_most(size(K), size(V))
    assert refute(narrow) is not None
    assert refute(narrow.given(Sign(size(V) - size(K), ">="))) is None
    assert agrees(narrow.given(Sign(size(V) - size(K), ">="))) is True


def test_axes_and_maps_of_hypotheses_alone():
    other = index_map("r", Axis("A"), Axis("Z"))
    assert isinstance(other, MapSymbol)
    found = sample_instance((s == s).given(injective(other)))
    assert len(set(found.maps[other])) == found.sizes[Axis("A")] <= found.sizes[Axis("Z")]


def test_claims_with_nothing_to_draw():
    assert refute(number(1) == 2) == Counterexample({}, {}, {}, {}, "1", "2", "1")
    assert refute(exp(number(1)) == number(Fraction(2718281828, 10**9))) is not None
    assert refute(log(exp(number(1))) == 1) is None
    assert refute(size(n) * size(n) == size(n)).sizes == {"n": 2}


def test_seeds_are_reproducible():
    claim = WRONG["dropped sum to one"]
    assert refute(claim, 5) == refute(claim, 5)
    assert math.isclose(float(Fraction(refute(claim).right)), 0.5)
