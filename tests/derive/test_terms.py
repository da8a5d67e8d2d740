"""The notation a person writes: axes checked where it is written, NumPy's operators, and the meaning of an entry."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from derive.components import (
    Axis,
    Delta,
    Entry,
    Grad,
    Index,
    MapAt,
    Size,
    Softmax,
    TensorSymbol,
    axes_text,
    free_indices,
    fresh_index,
)
from derive.components import Sum as TypedSum
from derive.errors import AxisError, GradproofError, OutsideTheory
from derive.normal_form import Normalizer
from derive.prover import decide
from derive.terms import (
    MEANING,
    Function,
    Term,
    as_term,
    component,
    cross_entropy,
    delta,
    diag,
    exp,
    grad,
    identity,
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
    size,
    softmax,
    subterms,
    sum_over,
    tensor,
    total,
    unfolded,
    variables,
    where_positive,
    zeros,
)
from tests.cases.letters import A, B, D, K, U, V, b, h, i, j, k, loss, m, n, o, q, s, t, v, w, x, y
from tests.derive.oracle import World, evaluate, evaluate_poly

C3 = tensor("C3", n, m, K)

# Each message says what stood there with its axes, what was expected, and one thing to try.
ILL_TYPED: list[tuple[Callable[[], object], str]] = [
    (lambda: U @ x, r"U @ x: axis D on the left meets axis n on the right; expected the last axis of \(V, D\) to be "
                    r"the first of \(n\); try the factors in the other order"),
    (lambda: B @ b, r"B @ b: axis n on the left meets axis m on the right; .*; try the transpose of the left factor"),
    (lambda: x @ B, r"x @ B: axis n on the left meets axis m on the right; .*; try the transpose of the right factor"),
    (lambda: C3 @ A, r"axis K on the left meets axis n on the right; .*; try the factors in the other order"),
    (lambda: B.T @ outer(x, v), r"axis m on the left meets axis n on the right; .*; try the transpose of the left"),
    (lambda: x @ U, r"axis n on the left meets axis V on the right; .*; try the factors in the other order"),
    (lambda: U @ outer(x, v), r"axis D on the left meets axis n on the right; .*; try the transpose of the right"),
    (lambda: x @ v, r"axis n on the left meets axis D on the right; .*; try outer\(a, b\)"),
    (lambda: s @ x, r"s @ x: scalar @ \(n\); expected at least one axis on each side; try \* for a scalar factor"),
    (lambda: x @ s, r"x @ s: \(n\) @ scalar; expected at least one axis on each side; try \* for a scalar factor"),
    (lambda: x + b, r"x \+ b: axes \(n\) on the left, \(m\) on the right; expected the same axes on both sides"),
    (lambda: B - B.T, r"B - B\.T: axes \(m, n\) on the left, \(n, m\) on the right; .*; try \.T on one side"),
    (lambda: x + s, r"x \+ s: axes \(n\) on the left, scalar on the right; .*; try \.along\(axis\)"),
    (lambda: s - x, r"s - x: axes scalar on the left, \(n\) on the right"),
    (lambda: B * x, r"B \* x: axes \(m, n\) on the left, \(n\) on the right"),
    (lambda: s / x, r"s / x: axes scalar on the left, \(n\) on the right"),
    (lambda: maximum(x, b), r"^maximum\(x, b\): axes \(n\) on the left, \(m\) on the right"),
    (lambda: x[o], r"x\[o\] with indices on \(V\); expected indices on the leading axes of \(n\)"),
    (lambda: x[i, j], r"x\[i, j\] with indices on \(n, n\); expected indices on the leading axes of \(n\)"),
    (lambda: U[w(q), o], r"U\[w\(q\), o\] with indices on \(V, V\)"),
    (lambda: s[i], r"s\[i\] with indices on \(n\); expected indices on the leading axes of scalar"),
    (lambda: x["i"], r"'i' in the place of an index; expected an Index"),  # type: ignore[index]
    (lambda: x[0], r"0 in the place of an index"),  # type: ignore[index]
    (lambda: w(o), r"w\(o\) with o on axis V; expected an index on axis K; try w\(Index\(\"k\", K\)\)"),
    (lambda: delta(i, o), r"delta of i on n and o on V; expected two indices of one axis"),
    (lambda: diag(B), r"^diag\(B\) with axes \(m, n\); expected 1 axis"),
    (lambda: softmax(s), r"softmax\(s\) of a scalar; expected at least one axis"),
    (lambda: sum_over(w(q), x), r"a sum over w\(q\); expected an Index to bind"),  # type: ignore[arg-type]
    (lambda: cross_entropy(x, b), r"cross_entropy\(x, b\): axes \(n\) and \(m\); expected the same axes"),
    (lambda: grad(s, x + y), r"grad by x \+ y; expected a tensor, a let, or an item of one; try let\('h'"),
    (lambda: grad(s, as_term(2)), r"grad by 2; expected a tensor"),
    (lambda: where_positive(x, x, b), r"where_positive\(x, x, b\): \(m\); expected axes \(n\) in all three"),
    (lambda: where_positive(x, s, 0), r"where_positive\(x, s, 0\): scalar; expected axes \(n\)"),
    (lambda: loss(o, U, v), r"F\(o, U, v_c\); expected arguments \(index of V, \(D\), \(V, D\)\)"),
    (lambda: loss(v, v, U), r"F\(v_c, v_c, U\); expected arguments"),
    (lambda: loss.partial(0), r"slot 0 of F holds an index; expected a slot that holds a tensor"),
    (lambda: x**0.5, r"exponent 0\.5; expected a whole number or a Fraction"),  # type: ignore[operator]
    (lambda: x + 0.5, r"0\.5 \(type float\); expected a Term, an int or a Fraction; try Fraction\(1, 2\)"),  # type: ignore[operator]
    (lambda: number(True), r"True \(type bool\)"),
    (lambda: exp("x"), r"'x' \(type str\)"),  # type: ignore[arg-type]
    (lambda: Index("i", "n"), r"Index\('i', 'n'\); expected an Axis as second argument"),  # type: ignore[arg-type]
    (lambda: Entry(TensorSymbol("x", n), o), r"x\[o\] with indices on \(V\); expected indices on \(n\)"),
    (lambda: TypedSum(w(q), as_term(1)), r"a sum over w\(q\)"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("build", "message"), ILL_TYPED, ids=[str(k) for k in range(len(ILL_TYPED))])
def test_an_ill_typed_term_cannot_be_written(build: Callable[[], object], message: str) -> None:
    with pytest.raises(AxisError, match=message) as error:
        build()
    assert error.value.found and error.value.expected and error.value.hint


TYPED: list[tuple[Term, tuple[Axis, ...]]] = [
    (U @ v, (V,)), (v @ U.T, (V,)), (U.T, (D, V)), (x.T, (n,)), (A @ A, (n, n)), (x @ y, ()), (x @ A @ y, ()),
    (2 - x, (n,)), (1 / x, (n,)), (s * B, (m, n)), (B * s, (m, n)), (B / s, (m, n)), (x**-2, (n,)), (-B, (m, n)),
    (U[o], (D,)), (U[w(q)], (D,)), (U[o, Index("d", D)], ()), (x.along(m), (m, n)), (outer(x, B), (n, m, n)),
    (diag(x), (n, n)), (identity(m), (m, m)), (onehot(w(q)), (V,)), (softmax(B), (m, n)), (norm(B), ()),
    (total(B), ()), (sum_over(i, x[i] * B), (m, n)), (grad(U @ v, U), (V, V, D)), (grad(s, U[o]), (D,)),
    (grad(x, A[i]), (n, n)), (loss.partial(2)(o, v, U), (V, D)), (parameters(B, b), ()), (size(n), ()),
    (maximum(x, 0), (n,)), (where_positive(B, B, 0), (m, n)), (h, (n,)), (ones(), ()), (zeros(K, V), (K, V)),
]


@pytest.mark.parametrize(("term", "axes"), TYPED, ids=[repr(term) for term, _ in TYPED])
def test_axes_follow_numpy(term: Term, axes: tuple[Axis, ...]) -> None:
    assert term.axes == axes
    sizes = {axis.name: k + 2 for k, axis in enumerate((n, m, V, D, K))}
    rng = np.random.default_rng(3)
    drawn = {symbol.args[0]: rng.uniform(0.2, 1.5, [sizes[a.name] for a in symbol.axes])
             for symbol in (x, y, A, B, b, s, t, U, v)}
    world = World(sizes, drawn, {w: tuple(k % sizes["V"] for k in range(sizes["K"]))},
                  {i: 1, j: 0, o: 2, q: 3, Index("d", D): 1})
    assert evaluate(term, world).shape == tuple(sizes[a.name] for a in axes)


def test_free_indices_of_a_term() -> None:
    assert (U[w(q)] @ v * x[i]).free == {q, i}
    assert sum_over(i, x[i] * y[j]).free == {j}
    assert sum_over(i, sum_over(i, x[i])).free == frozenset()
    assert (sum_over(i, x[i]) * x[i]).free == {i}
    assert onehot(o).free == {o} and delta(w(q), o).free == {q, o}
    assert grad(s, U[o]).free == {o} and loss(o, v, U).free == {o}
    assert let("d", x[i]).free == {i} and (softmax(x) @ A).free == frozenset()


def test_terms_are_immutable_and_plain() -> None:
    with pytest.raises(AttributeError, match="a Term is immutable: args cannot be set"):
        x.args = ()
    with pytest.raises(TypeError, match="cannot be iterated over"):
        list(x)  # type: ignore[call-overload]
    term = grad(softmax(U @ v)[o], v) * Fraction(1, 2)
    for again in (pickle.loads(pickle.dumps(term)), copy.deepcopy(term), copy.copy(term)):
        assert again.same(term) and hash(again) == hash(term) and again.axes == term.axes
    assert not x.same(y) and not (x + y).same(y + x) and {x: 1}[tensor("x", n)] == 1


def test_an_equal_hash_is_not_enough_to_be_written_the_same() -> None:
    assert hash(x**-1) == hash(x**-2)  # Python's hash of -1 is that of -2
    assert not (x**-1).same(x**-2)
    with pytest.raises(AxisError, match="the name d for two different things"):
        (let("d", x**-1) == let("d", x**-2)).checked()


@pytest.mark.parametrize(("name", "value"), [
    ("op", "sub"), ("axes", (m,)), ("args", (s,)), ("args", (s, 2)), ("args", (s, t, t))])
def test_a_term_altered_behind_its_back_is_not_what_it_was(name: str, value: object) -> None:
    altered = s + t
    object.__setattr__(altered, name, value)
    assert hash(altered) == hash(s + t)
    assert not altered.same(s + t) and not (s + t).same(altered)


def test_comparison_with_something_else_is_no_claim() -> None:
    assert (x == "x") is False
    with pytest.raises(AxisError):
        x == 0.5 or Term.__eq__(x, s)


# --- what an entry means ----------------------------------------------------------------------------------------------

tensor_x, tensor_a = TensorSymbol("x", n), TensorSymbol("A", n, n)
n_, n_1 = Index("n_", n), Index("n_1", n)


@pytest.mark.parametrize(("term", "at", "entry"), [
    (x, (i,), Entry(tensor_x, i)),
    (A.T, (i, j), Entry(tensor_a, j, i)),
    (A @ x, (i,), TypedSum(n_, Entry(tensor_a, i, n_) * Entry(tensor_x, n_))),
    (A @ x, (n_,), TypedSum(n_1, Entry(tensor_a, n_, n_1) * Entry(tensor_x, n_1))),
    (sum_over(i, A[i]), (i,), TypedSum(Index("i1", n), Entry(tensor_a, Index("i1", n), i))),
    (sum_over(i, x[i] * sum_over(i, x[i])), (),
     TypedSum(i, Entry(tensor_x, i) * TypedSum(Index("i1", n), Entry(tensor_x, Index("i1", n))))),
    (identity(n), (i, j), Delta(i, j)), (onehot(j), (i,), Delta(i, j)), (size(n), (), Size(n)),
    (x[i].along(m), (Index("r", m),), Entry(tensor_x, i)),
    (diag(A @ x), (i, n_), Delta(i, n_) * TypedSum(n_1, Entry(tensor_a, i, n_1) * Entry(tensor_x, n_1))),
    (grad(x[i], x), (j,), Grad(Entry(tensor_x, i), Entry(tensor_x, j))),
    (tensor("a", V)[w(q)], (), Entry(TensorSymbol("a", V), MapAt(w, q))),
])
def test_an_entry_is_what_the_table_says(term: Term, at: tuple[Index, ...], entry: object) -> None:
    assert component(term, at) == entry


def test_every_operation_has_a_meaning_and_an_unknown_one_is_refused() -> None:
    assert {term.op for term, _ in TYPED} <= set(MEANING)
    with pytest.raises(OutsideTheory, match="the operation 'convolve'"):
        component(Term("convolve", (x, y), (n,)), (i,))


CAPTURES = [
    (sum_over(i, x[i] * A[i]), (i,)),  # the entry's index has the binder's letter
    (outer(x, sum_over(i, x[i] * A[i])), (i, i)),
    (sum_over(j, A[j] * sum_over(j, x[j])), (j,)),
    (sum_over(i, A[i] * sum_over(k, A[i, k] * x[k])), (i,)),  # the sum inside keeps the new name of i
    (sum_over(i, let("d", x[i] * y)), (i,)),
    (sum_over(q, U[w(q)]) * delta(w(q), o), (Index("d", D),)),
    (grad(sum_over(i, x[i] ** 3), x), (i,)),
    (grad(total(softmax(A)[i] ** 2), A), (i, n_)),
    (softmax(A * x[i]), (i, Index("n_", n))),
    (let("d", outer(x, A[i])), (j, i)),
    (grad(total(h * h * x[i]), h), (i,)),
]


@pytest.mark.parametrize(("term", "at"), CAPTURES, ids=[repr(term) for term, _ in CAPTURES])
def test_no_binder_captures_an_index(term: Term, at: tuple[Index, ...]) -> None:
    rng, found = np.random.default_rng(5), random.Random(5)
    sizes = {"n": 3, "m": 2, "V": 2, "D": 2, "K": 3}
    drawn = {f.args[0]: rng.uniform(-1, 1, [sizes[a.name] for a in f.axes]) for f in (x, y, A, U, v)}
    poly = Normalizer().poly(component(term, at))
    for _ in range(4):
        index = {k: found.randrange(sizes[k.axis.name]) for k in {*term.free, *at}}
        world = World(sizes, drawn, {w: (0, 1, 1)}, index)
        wanted = evaluate(term, world)[tuple(index[k] for k in at)]
        assert np.isclose(evaluate_poly(poly, world, {(k.name, k.axis.name): p for k, p in index.items()}), wanted.real)


@pytest.mark.parametrize("claim", [
    lambda: grad(grad(let("z", h * h) ** 2, h), let("z", h * h)) == zeros(n, n, n),
    lambda: grad(sum_over(i, let("d", x[i])), let("d", x[i])) == size(n),
])
def test_a_gradient_by_a_let_that_would_lose_a_path_is_outside_the_theory(claim: Callable[[], Term]) -> None:
    with pytest.raises(OutsideTheory, match="a gradient by"):
        built = claim()
        component(built.left, tuple(Index(f"e{k}", a) for k, a in enumerate(built.left.axes)))  # type: ignore[attr-defined]


def test_gradients_by_lets_inside_each_other_and_with_an_index() -> None:
    first, second, d = let("f", x * y), let("g", x + y), let("d", x[i] * y)
    assert decide(grad(grad(total(first * second), second), first) == identity(n)).kind == "proved"
    assert decide(grad(grad(total(first * second), second), first) == zeros(n, n)).kind == "refuted"
    assert decide(grad(total(d * d), d) == 2 * d).kind == "proved"


def test_what_is_outside_the_theory_is_undecided() -> None:
    d = let("d", x[i])
    assert decide(grad(sum_over(i, d), d) == size(n)).kind == "undecided"


# Open when it was written: a frame of the evaluator is kept although making it failed, and has no entries.
def test_a_let_without_a_value_at_some_points_is_decided() -> None:
    d = let("d", log(y))
    assert decide(grad(grad(total(d**3), d), d) == diag(d)).kind == "refuted"
    assert decide(grad(grad(total(d**3), d), d) == 6 * diag(d)).kind == "proved"


# --- small helpers ----------------------------------------------------------------------------------------------------


def test_every_term_inside_is_found_once() -> None:
    term = loss(o, v, let("W", U)) + s[()] * 2
    assert {part.args[0].name for part in subterms(term) if part.op in ("tensor", "let")} == {"v_c", "W", "U", "s"}
    assert variables(ones(n) * total(x) @ let("d", y)) == {TensorSymbol(name, n) for name in "xdy"}
    assert variables(grad(s, let("d", y))) == {TensorSymbol("s"), TensorSymbol("d", n), TensorSymbol("y", n)}
    assert unfolded(loss(o, let("W", v), U)).same(loss(o, v, U))


def test_what_is_shared_a_million_times_is_looked_at_once() -> None:
    term: Term = let("d", x)
    for _ in range(20):
        term = term + term
    assert len(list(subterms(term))) == 22
    left, right = unfolded(term).args
    assert left is right


def test_names_that_nobody_has() -> None:
    assert fresh_index(i, frozenset()) is i
    assert fresh_index(i, frozenset({i, Index("i1", V)})).name == "i2"
    assert fresh_index(Index("i1", n), frozenset({Index("i1", n)})).name == "i2"
    assert fresh_index(Index("X", n), frozenset({Index("X", n)})).name == "X1"
    assert axes_text(()) == "scalar" and axes_text((n, V)) == "(n, V)"


def test_a_size_is_positive() -> None:
    root = (size(n) ** 2) ** Fraction(1, 2)
    assert decide(root == size(n)).kind == "proved"
    assert decide(root == -size(n)).kind == "refuted"


def test_softmax_binds_its_index_in_the_denominator_only() -> None:
    assert free_indices(Softmax(Entry(tensor_x, i), j, Entry(tensor_a, j, k))) == {i, k}
    assert free_indices(Softmax(Entry(tensor_x, j), j, Entry(tensor_x, j))) == {j}


def test_functions_and_maps_are_told_apart_by_their_signature() -> None:
    other = Function("F", (D,), (V, D))
    assert other.symbol != loss.symbol and Function("F", V, (D,), (V, D)).symbol == loss.symbol
    flat = Function("F", V, D, (V, D))  # the same axes in other slots
    assert flat.symbol != loss.symbol and Function("F", V, (D, V, D)).symbol != loss.symbol
    assert TensorSymbol("x", n) != Index("x", n) and Index("x", n) != TensorSymbol("x", n)
    assert index_map("w", K, V) == w and index_map("w", K, n) != w
    assert pickle.loads(pickle.dumps(loss.symbol)) == loss.symbol and pickle.loads(pickle.dumps(w)) == w
    assert pickle.loads(pickle.dumps(w(q))) == w(q) and pickle.loads(pickle.dumps(n.size)) == Size(n)


def test_errors_say_three_things() -> None:
    assert str(GradproofError("found", "this", "that")) == "found; expected this; try that"
    assert str(GradproofError("found")) == "found"
    error = pickle.loads(pickle.dumps(AxisError("a", "b", "c")))
    assert (error.found, error.expected, error.hint) == ("a", "b", "c")
