"""Values of components against NumPy written by hand, and gradients against central differences of that NumPy."""

from __future__ import annotations

import ast
import itertools
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy

from derive import evaluation
from derive.components import (
    Absolute,
    Axis,
    Delta,
    Entry,
    Formal,
    Grad,
    IfPositive,
    Index,
    Let,
    MapAt,
    Maximum,
    Root,
    Sigma,
    Slot,
    Softmax,
    Sum,
    TensorSymbol,
)
from derive.errors import GradproofError, OutsideTheory
from derive.evaluation import Sample, entries, evaluate
from derive.intervals import Interval, Undefined, enclosure
from derive.terms import (
    Function,
    Term,
    absolute,
    component,
    cross_entropy,
    exp,
    grad,
    index_map,
    let,
    log,
    maximum,
    norm,
    onehot,
    outer,
    sigma,
    softmax,
    sqrt,
    sum_over,
    tensor,
    total,
    where_positive,
)

V, D, K, n = Axis("V"), Axis("D"), Axis("K"), Axis("n")
DX, H, DY = Axis("Dx"), Axis("H"), Axis("Dy")
SIZES = {V: 4, D: 3, K: 3, n: 3, DX: 2, H: 3, DY: 4}
i, j, k = Index("i", n), Index("j", n), Index("k", K)
x, s, alpha = tensor("x", n), tensor("s"), tensor("alpha")
rng = np.random.default_rng(7)


def value(term: Term, arrays: dict[str, object], maps=None, index=None, sizes=SIZES) -> np.ndarray:
    """Every entry of a term in floats, after checking that the exact enclosures hold and are narrow."""
    sample = sampled(term, arrays, maps, index, sizes)
    names = tuple(Index(f"at {number}", axis) for number, axis in enumerate(term.axes))
    expression = component(term, names)
    shape = tuple(sizes[axis] for axis in term.axes)
    result = np.zeros(shape)
    for at in np.ndindex(*shape):
        here = Sample(sample.sizes, sample.tensors, sample.maps, {**sample.index, **dict(zip(names, at, strict=True))})
        result[at] = evaluate(expression, here)
        exact = enclosure(evaluate(expression, here, exact=True))
        assert exact.low - 1e-9 <= result[at] <= exact.high + 1e-9
        assert exact.high - exact.low <= 1e-9 * max(1, abs(result[at]))
    return result


def sampled(term: Term, arrays, maps=None, index=None, sizes=SIZES) -> Sample:
    found: dict[str, TensorSymbol] = {}
    stack = [term]
    while stack:
        part = stack.pop()
        if part.op == "tensor":
            found[part.args[0].name] = part.args[0]
        stack += [a for a in part.args if isinstance(a, Term)]
        stack += [a for args in part.args if isinstance(args, tuple) for a in args if isinstance(a, Term)]
    tensors = {symbol: entries(arrays[name]) for name, symbol in found.items()}
    return Sample(sizes, tensors, maps or {}, index or {})


def differences(function, array: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Central differences of a scalar function by every entry of an array."""
    result = np.zeros_like(array)
    for at in np.ndindex(*array.shape):
        moved = np.zeros_like(array)
        moved[at] = step
        result[at] = (function(array + moved) - function(array - moved)) / (2 * step)
    return result


def np_softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def np_sigma(z):
    return 1 / (1 + np.exp(-z))


def test_softmax_and_its_jacobian():
    z = rng.normal(size=3)
    p = np_softmax(z)
    assert value(softmax(x), {"x": z}) == pytest.approx(p)
    assert value(grad(softmax(x), x), {"x": z}) == pytest.approx(np.diag(p) - np.outer(p, p))
    assert value(softmax(tensor("X", K, n)), {"X": np.tile(z, (3, 1))}) == pytest.approx(np.tile(p, (3, 1)))


@pytest.mark.parametrize(("term", "function"), [
    (sigma(s), np_sigma),
    (log(sigma(s)), lambda t: np.log(np_sigma(t))),
    (exp(s * s) / (1 + s**2), lambda t: np.exp(t * t) / (1 + t * t)),
    (sqrt(s * s + 2) ** 3, lambda t: (t * t + 2) ** 1.5),
    (absolute(s) * s, lambda t: abs(t) * t),
    (maximum(s, alpha * s), lambda t: max(t, 0.25 * t)),
    (where_positive(s, s, alpha * s), lambda t: t if t > 0 else 0.25 * t),
    ((s + 3) ** -2, lambda t: (t + 3) ** -2.0),
])
@pytest.mark.parametrize("at", [-1.5, -0.3, 0.7, 2.0])
def test_scalar_functions_and_slopes(term, function, at):
    arrays = {"s": at, "alpha": 0.25}
    assert value(term, arrays) == pytest.approx(function(at))
    assert value(grad(term, s), arrays) == pytest.approx((function(at + 1e-6) - function(at - 1e-6)) / 2e-6, rel=1e-6)


def test_norm():
    z = rng.normal(size=3)
    assert value(norm(x), {"x": z}) == pytest.approx(np.linalg.norm(z))
    assert value(grad(norm(x), x), {"x": z}) == pytest.approx(z / np.linalg.norm(z))


def test_network_gradients():
    row, y = tensor("x", DX), tensor("y", DY)
    W1, b1, W2, b2 = tensor("W1", DX, H), tensor("b1", H), tensor("W2", H, DY), tensor("b2", DY)
    arrays = {"x": rng.normal(size=2), "y": np.array([0, 0.25, 0.5, 0.25]), "W1": rng.normal(size=(2, 3)),
              "b1": rng.normal(size=3), "W2": rng.normal(size=(3, 4)), "b2": rng.normal(size=4)}
    h = let("h", sigma(row @ W1 + b1))
    J = cross_entropy(y, softmax(h @ W2 + b2))

    def loss(**changed):
        a = {**arrays, **changed}
        return -(a["y"] * np.log(np_softmax(np_sigma(a["x"] @ a["W1"] + a["b1"]) @ a["W2"] + a["b2"]))).sum()

    assert value(J, arrays) == pytest.approx(loss())
    for variable in (row, W1, b1, W2, b2):
        name = variable.args[0].name
        expected = differences(lambda array, name=name: loss(**{name: array}), arrays[name])
        assert value(grad(J, variable), arrays) == pytest.approx(expected, abs=1e-7), name
    hidden = np_sigma(arrays["x"] @ arrays["W1"] + arrays["b1"])
    delta = np_softmax(hidden @ arrays["W2"] + arrays["b2"]) - arrays["y"]
    assert value(grad(J, h), arrays) == pytest.approx(delta @ arrays["W2"].T)


def test_word2vec_with_repeated_negatives():
    U, v, o, m = tensor("U", V, D), tensor("v", D), Index("o", V), Index("m", K)
    w = index_map("w", K, V)
    arrays = {"U": rng.normal(size=(4, 3)), "v": rng.normal(size=3)}
    words = (2, 2, 1)
    J = -log(sigma(U[o] @ v)) - sum_over(k, log(sigma(-(U[w(k)] @ v))))

    def loss(U_, v_):
        return -np.log(np_sigma(U_[3] @ v_)) - sum(np.log(np_sigma(-U_[q] @ v_)) for q in words)

    at = {o: 3, m: 1}
    by_U = differences(lambda a: loss(a, arrays["v"]), arrays["U"])
    assert value(grad(J, U), arrays, {w: words}, at) == pytest.approx(by_U, abs=1e-7)
    assert value(grad(J, U[w(m)]), arrays, {w: words}, at) == pytest.approx(by_U[2], abs=1e-7)
    assert value(grad(J, v), arrays, {w: words}, at) == pytest.approx(
        differences(lambda a: loss(arrays["U"], a), arrays["v"]), abs=1e-7)
    naive = -log(softmax(U @ v)[o])
    p = np_softmax(arrays["U"] @ arrays["v"])
    assert value(grad(naive, U), arrays, index=at) == pytest.approx(np.outer(p - np.eye(4)[3], arrays["v"]))
    assert value(outer(softmax(U @ v) - onehot(o), v), arrays, index=at) == pytest.approx(
        np.outer(p - np.eye(4)[3], arrays["v"]))


def test_second_derivatives():
    z = rng.normal(size=3)
    p = np_softmax(z)
    hessian = value(grad(grad(log(total(exp(x))), x), x), {"x": z})
    assert hessian == pytest.approx(np.diag(p) - np.outer(p, p))


# --- abstract functions -----------------------------------------------------------------------------------------------

VEC, MAT = tensor("v", D), tensor("M", V, D)
F = Function("F", V, (D,), (V, D))
word_o = Index("o", V)
FORMAL_SIZES = {V: 3, D: 2, K: 2}


def formal_arrays():
    return {"v": rng.integers(-2, 3, size=2), "M": rng.integers(-2, 3, size=(3, 2))}


@pytest.mark.parametrize("word", [0, 1, 2])
def test_partials_belong_to_the_function(word):
    arrays, at = formal_arrays(), {word_o: word}
    for slot, variable in ((1, VEC), (2, MAT)):
        by_grad = value(grad(F(word_o, VEC, MAT), variable), arrays, index=at, sizes=FORMAL_SIZES)
        partial = value(F.partial(slot)(word_o, VEC, MAT), arrays, index=at, sizes=FORMAL_SIZES)
        name = variable.args[0].name
        numeric = differences(lambda a, name=name: float(value(F(word_o, VEC, MAT), {**arrays, name: a}, index=at,
                                                               sizes=FORMAL_SIZES)), arrays[name].astype(float), 1e-4)
        assert np.array_equal(by_grad, partial)
        assert by_grad == pytest.approx(numeric, rel=1e-5, abs=1e-5)


def test_chain_rule_through_an_argument_and_inside_another_gradient():
    arrays, at = formal_arrays(), {word_o: 1}
    d = Index("d", D)
    outer_value = F(word_o, MAT[word_o] * VEC, MAT)
    by_v = value(grad(outer_value, VEC), arrays, index=at, sizes=FORMAL_SIZES)
    chained = value(F.partial(1)(word_o, MAT[word_o] * VEC, MAT) * MAT[word_o], arrays, index=at, sizes=FORMAL_SIZES)
    assert np.array_equal(by_v, chained)
    mixed = value(grad(F.partial(1)(word_o, VEC, MAT), MAT), arrays, index=at, sizes=FORMAL_SIZES)
    swapped = value(grad(F.partial(2)(word_o, VEC, MAT), VEC), arrays, index=at, sizes=FORMAL_SIZES)
    assert np.array_equal(mixed, np.moveaxis(swapped, 2, 0)) and np.count_nonzero(mixed)
    node = component(F(word_o, VEC, MAT))
    twice = Formal(node.args[0], node.args[1], sympy.Tuple(sympy.Tuple(1, d), sympy.Tuple(2, word_o, d)))
    sample = sampled(F(word_o, VEC, MAT), arrays, index={word_o: 1, d: 1}, sizes=FORMAL_SIZES)
    assert evaluate(twice, sample, exact=True) == mixed[1, 1, 1]


def test_an_abstract_function_has_no_symmetry():
    arrays = {"v": [1, 1], "M": [[1, 1], [1, 1], [1, 1]]}
    partials = [tuple(value(F.partial(1)(word_o, VEC, MAT), arrays, index={word_o: word}, sizes=FORMAL_SIZES))
                for word in range(3)]
    assert len({p for pair in partials for p in pair}) > 3
    other_seed = Sample(FORMAL_SIZES, sampled(F(word_o, VEC, MAT), arrays).tensors, index={word_o: 0}, seed=1)
    assert evaluate(component(F(word_o, VEC, MAT)), other_seed) != evaluate(
        component(F(word_o, VEC, MAT)), Sample(FORMAL_SIZES, other_seed.tensors, index={word_o: 0}))


# --- binders and names ------------------------------------------------------------------------------------------------

X = TensorSymbol("x", n)
AT = Sample({n: 3, K: 2, V: 4}, {X: entries((2, -3, 5))}, {(W := index_map("w", K, n)): (2, 0)}, {i: 1, k: 0})


@pytest.mark.parametrize(("expression", "expected"), [
    (Sum(j, Entry(X, j)), 4),
    (Sum(j, Delta(i, j) * Entry(X, j)), -3),
    (Sum(j, Entry(X, i)), -9),
    (Sum(i, Entry(X, i) * Sum(j, Entry(X, i) + Entry(X, j))), 4 * 4 + 3 * 38),
    (Sum(j, Sum(j, Entry(X, j))), 12),
    (Sum(j, sympy.Integer(1)), 3),
    (n.size * V.size, 12),
    (Entry(X, MapAt(W, k)), 5),
    (Sum(Index("q", K), Delta(MapAt(W, Index("q", K)), j)) * 7, {0: 7, 1: 0, 2: 7}),
    (Grad(Sum(j, Entry(X, j) ** 2), Entry(X, i)), -6),
    (Grad(Sum(i, Entry(X, i) ** 2), Entry(X, i)), -6),
    (Grad(Entry(X, MapAt(W, k)) ** 2, Entry(X, j)), {0: 0, 1: 0, 2: 10}),
    (Sum(i, Grad(Entry(X, i) ** 3, Entry(X, j))), {0: 12, 1: 27, 2: 75}),
    (Maximum(Entry(X, i), Entry(X, MapAt(W, k))), 5),
    (IfPositive(Entry(X, i), sympy.log(Entry(X, i)), sympy.Integer(7)), 7),
    (Absolute(Entry(X, i)) + sympy.Abs(Entry(X, i)) + sympy.sign(Entry(X, i)), 5),
    (Root(Entry(X, i) ** 2 + 7), 4),
    (Sigma(Entry(X, i) + 3), Fraction(1, 2)),
    (Softmax(sympy.Integer(0), j, sympy.Integer(0)), Fraction(1, 3)),
])
def test_exact_values(expression, expected):
    for at, wanted in (expected if isinstance(expected, dict) else {0: expected}).items():
        sample = Sample(AT.sizes, AT.tensors, AT.maps, {**AT.index, j: at})
        found = evaluate(expression, sample, exact=True)
        assert isinstance(found, Fraction) and found == wanted
        assert evaluate(expression, sample) == pytest.approx(float(wanted))


def test_a_let_is_a_variable_inside_and_its_definition_outside():
    h = TensorSymbol("h", n)
    square = Slot(j, Entry(X, j) ** 2)
    body = Sum(i, Entry(h, i) * Entry(X, i))
    assert evaluate(Let(h, square, body), AT, exact=True) == 2**3 - 3**3 + 5**3
    assert evaluate(Let(h, square, Grad(body, Entry(h, i))), AT, exact=True) == -3
    # With h a variable of its own, x enters only once; with h expanded, three times.
    assert evaluate(Let(h, square, Grad(body, Entry(X, i))), AT, exact=True) == 9
    assert evaluate(Grad(Let(h, square, body), Entry(X, i)), AT, exact=True) == 27
    # The definition may depend on a free index, and a sum outside may bind it.
    shifted = Let(h, Slot(j, Entry(X, i) * Entry(X, j) ** 2), Sum(j, Entry(h, j)))
    assert evaluate(shifted, AT, exact=True) == -3 * 38
    assert evaluate(Sum(i, shifted), AT, exact=True) == 4 * 38


def test_equal_shapes_under_other_names_are_computed_once():
    machine = evaluation.Machine()
    first, _ = machine.locate(Sum(i, sympy.exp(Entry(X, i)) * Entry(X, j)))
    second, free = machine.locate(Sum(j, sympy.exp(Entry(X, j)) * Entry(X, i)))
    other, _ = machine.locate(Sum(j, sympy.exp(Entry(X, i)) * Entry(X, j)))
    assert first is second and free == (i,) and other is not first


@pytest.mark.parametrize("expression", [
    1 / (Sum(j, Entry(X, j)) - 4),
    sympy.log(Entry(X, i)),
    Root(Entry(X, i)),
    Grad(Absolute(Entry(X, i) + 3), Entry(X, i)),
    Grad(Maximum(Entry(X, i), sympy.Integer(-3)), Entry(X, i)),
    IfPositive(Entry(X, i) + 3, sympy.Integer(1), sympy.Integer(2)),
    Grad(IfPositive(Entry(X, i) + 3, Entry(X, i), 2 * Entry(X, i) + 3), Entry(X, i)),
    1 / sympy.Integer(0) * Entry(X, i),
    sympy.log(sympy.Integer(-1)) * Entry(X, i),
])
@pytest.mark.parametrize("exact", [False, True])
def test_undefined(expression, exact):
    with pytest.raises(Undefined):
        evaluate(expression, AT, exact)


def test_at_zero_two_equal_branches_have_a_value():
    assert evaluate(IfPositive(Entry(X, i) + 3, Entry(X, i), 2 * Entry(X, i) + 3), AT, exact=True) == -3
    same_slope = IfPositive(Entry(X, i) + 3, Entry(X, i), Entry(X, i))
    assert evaluate(Grad(same_slope, Entry(X, i)), AT, exact=True) == 1


def test_what_is_no_component_is_refused():
    with pytest.raises(OutsideTheory, match=r"sin.*in the place of a number"):
        evaluate(sympy.sin(Entry(X, i)), AT)
    with pytest.raises(OutsideTheory, match="in the place of a number"):
        evaluate(sympy.Symbol("z") + 1, AT)
    with pytest.raises(GradproofError, match=r"y\[1\].*an entry the sample holds"):
        evaluate(Entry(TensorSymbol("y", n), i), AT)


def test_transcendental_values_are_enclosed():
    found = evaluate(sympy.exp(Entry(X, i)) + sympy.E, AT, exact=True)
    assert isinstance(found, Interval) and found.low < np.exp(-3) + np.e < found.high


@pytest.mark.parametrize("module", ["intervals", "evaluation", "sampling", "refuter"])
def test_independence(module):
    """The refuter sees neither the symbolic derivative nor the normal form, directly or through another module."""
    seen, waiting = set(), {f"derive.{module}"}
    while waiting:
        name = waiting.pop()
        seen.add(name)
        path = Path(evaluation.__file__).with_name(name.partition(".")[2] + ".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            imported = ([node.module, *(f"{node.module}.{a.name}" for a in node.names)]
                        if isinstance(node, ast.ImportFrom) and node.module else [])
            waiting |= {m for m in imported if (path.parent / (m.removeprefix("derive.") + ".py")).exists()
                        and m.startswith("derive.") and not _only_for_types(path, m)} - seen
    assert not {"derive.derivative", "derive.normal_form", "derive.kernel", "derive.prover", "derive.atoms"} & seen


def _only_for_types(path: Path, module: str) -> bool:
    source = path.read_text(encoding="utf-8")
    guarded = itertools.takewhile(lambda line: line.startswith((" ", "\n")),
                                  source.partition("if TYPE_CHECKING:\n")[2].splitlines(keepends=True))
    return any(f"from {module} import" in line for line in guarded)
