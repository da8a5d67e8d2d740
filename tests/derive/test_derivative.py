"""The table of derivatives: every row beside complex steps, and no binder ever captures.

Values come from the loops of tests/derive/oracle.py, on component expressions as they are, before any normal form.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import Add, Expr, Integer, Mul, Pow, Rational, Tuple

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
    Size,
    Slot,
    Softmax,
    Sum,
    TensorSymbol,
    free_indices,
    tensors_of,
)
from derive.derivative import TABLE, derivative, renamed_away, with_entries, with_indices, without_gradients
from derive.errors import OutsideTheory
from derive.prover import decide
from derive.terms import Term, absolute, component, exp, grad, let, log, maximum, norm, sigma, softmax, sqrt, total
from tests.cases.letters import K, V, i, j, k, n, o, q, w
from tests.derive.oracle import World, evaluate_component
from tests.derive.random_terms import AXES, F, Maker

X, Y, M = TensorSymbol("x", n), TensorSymbol("y", n), TensorSymbol("M", n, n)
S, W = TensorSymbol("s"), TensorSymbol("W", V)
x_i, x_j, x_k = (Entry(X, index) for index in (i, j, k))
s, y_i, y_j = Entry(S), Entry(Y, i), Entry(Y, j)
f = F.symbol
f_slots = Tuple(Index("e", f.signature[0]), Slot(Index("f", f.signature[0]), s), Slot(s * s))  # type: ignore[arg-type]


def world(seed: int, sign: float = 1) -> tuple[World, dict[Index, int]]:
    """Sizes, values of one sign or of both, positions of the free indices."""
    rng = np.random.default_rng(seed)
    sizes = {"n": 3, "V": 2, "K": 4, "N": 2, "M": 3}

    def drawn(*axes: Axis) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return rng.uniform(0.3, 1.7, [sizes[a.name] for a in axes]) * sign

    values = {tensor: drawn(*tensor.axes) for tensor in (X, Y, M, S, W)}
    dice = random.Random(seed)
    index = {each: dice.randrange(sizes[each.axis.name]) for each in (i, j, k, o, q, Index("e", AXES[0]))}
    return World(sizes, values, {w: (0, 1, 1, 0)}, index), index


def slope(e: Expr, entry: Entry, at: World, env: Mapping[Index, int]) -> float:
    """d e / d entry by a complex step."""
    where = tuple(env[each] for each in entry.indices)
    moved = np.array(at.tensors[entry.tensor], dtype=complex)
    moved[where] += 1e-30j
    return evaluate_component(e, replace(at, tensors={**at.tensors, entry.tensor: moved}), env).imag / 1e-30


# An expression for every row, and the entry it is differentiated by.
ROWS: list[tuple[Expr, Entry]] = [
    (x_i, x_j), (x_i, x_i), (Entry(M, i, j), Entry(M, j, i)), (Entry(M, i, i), Entry(M, j, k)),
    (Add(x_i, x_j, s), x_j), (Mul(x_i, x_j, x_k), x_j), (Mul(x_i, x_i), x_i),
    (Pow(x_i, 3), x_j), (Pow(x_i + s, -2), s), (Pow(s, Rational(1, 3)), s), (Pow(1 + x_i**2, Rational(-3, 2)), x_i),
    (sympy.exp(x_i * x_j), x_j), (sympy.log(x_i + 2 * s), s), (Sum(j, Entry(X, j) ** 2), x_j),
    (Sum(i, Sum(j, Entry(X, i) * Entry(X, j) * Entry(M, i, j))), x_k), (Sum(j, Entry(M, i, j) * x_j), Entry(M, j, i)),
    (Sum(q, Entry(W, MapAt(w, q)) ** 2), Entry(W, o)), (Entry(W, MapAt(w, q)), Entry(W, o)),
    (Sigma(x_i * s), s), (Softmax(x_i, j, x_j), x_k), (Softmax(x_i, j, x_j), x_i),
    (Softmax(Entry(M, i, j), k, Entry(M, i, k)), Entry(M, j, i)), (Root(x_i), x_i), (Root(Sum(i, x_i**2)), x_j),
    (Absolute(x_i * s), s), (Absolute(x_i - 5), x_i), (sympy.Abs(x_i), x_i),
    (Maximum(x_i, 2 * s), s), (Maximum(x_i, 2 * s), x_i), (Maximum(s, s**2), s),
    (IfPositive(x_i - s, x_i**2, s**3), s), (IfPositive(x_i - s, x_i**2, s**3), x_i),
    (Formal(f, f_slots, Tuple()), s), (Delta(i, j) * x_j, x_i), (Size(n) * s, s),
]


@pytest.mark.parametrize(("e", "entry"), ROWS, ids=[f"{e} by {entry}" for e, entry in ROWS])
def test_every_row_of_the_table_is_the_slope(e: Expr, entry: Entry) -> None:
    found = derivative(e, entry)
    for seed in range(6):
        at, env = world(seed)
        assert np.isclose(evaluate_component(found, at, env).real, slope(e, entry, at, env), rtol=1e-9)


def test_the_rows_here_are_all_rows() -> None:
    kinds = {type(part) for e, _ in ROWS for part in sympy.preorder_traversal(e)}
    assert set(TABLE) <= kinds | {sympy.exp, sympy.log, sympy.Abs}


@pytest.mark.parametrize("e", [absolute, norm, lambda t: maximum(t, -t), lambda t: sqrt(t * t)])
def test_the_other_side_of_zero(e: object) -> None:
    expression = component(total(e(Term("tensor", (X,), (n,)))))  # type: ignore[operator]
    at, env = world(1, sign=-1)
    assert np.isclose(evaluate_component(derivative(expression, x_i), at, env).real, slope(expression, x_i, at, env))


def test_what_does_not_hold_the_tensor_has_no_slope() -> None:
    for e in (s, Sum(i, y_i), Size(n), Delta(i, j), Integer(3)):
        assert derivative(e, x_i) == 0


def test_a_node_without_a_row_is_outside_the_theory() -> None:
    with pytest.raises(OutsideTheory, match="the derivative of sin"):
        derivative(sympy.sin(x_i), x_i)


def test_a_sum_s_own_index_never_meets_the_entry() -> None:
    found = derivative(Sum(j, Entry(X, j)), x_j)
    assert found == Sum(Index("j1", n), Delta(Index("j1", n), j)) and free_indices(found) == {j}
    same_name = Index("j", V)  # another axis, the same letter
    assert str(derivative(Sum(same_name, x_i), x_i)) == "Sum(j, 1)"


# --- gradients inside expressions -------------------------------------------------------------------------------------


def test_a_gradient_inside_is_carried_out_before_the_outer_one() -> None:
    inner = Grad(s**3 * x_i, Entry(S))
    assert without_gradients(inner) == 3 * s**2 * x_i
    assert without_gradients(Grad(inner, s)) == 6 * s * x_i
    assert without_gradients(Grad(Grad(s**4, s), s)) == 12 * s**2


def test_a_let_is_differentiated_by_and_then_unfolded() -> None:
    h = TensorSymbol("h", n)
    body = Let(h, Slot(i, Entry(X, i) ** 2), Grad(Sum(i, Entry(h, i) ** 3), Entry(h, j)))
    at, env = world(2)
    expected = 3 * at.tensors[X][env[j]] ** 4
    assert np.isclose(evaluate_component(without_gradients(body), at, env).real, expected)
    assert tensors_of(body) == {X}


def test_second_gradients_agree_with_differences() -> None:
    e = Sum(i, sympy.exp(x_i * s)) * s
    at, env = world(3)
    first, second = derivative(e, s), derivative(derivative(e, s), x_j)
    assert np.isclose(evaluate_component(second, at, env).real, slope(first, x_j, at, env))


def test_partial_derivatives_of_an_abstract_function_commute() -> None:
    a, b = Term("tensor", (TensorSymbol("a"),), ()), Term("tensor", (TensorSymbol("b"),), ())
    value = F(Index("e", AXES[0]), a * Term("ones", (), (AXES[0],)), b)
    assert decide(grad(grad(value, a), b) == grad(grad(value, b), a)).kind != "refuted"
    first = component(grad(grad(value, a), b))
    assert free_indices(without_gradients(first)) == {Index("e", AXES[0])}


# --- substitution -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("e", "renaming", "expected"), [
    (Sum(i, Entry(M, i, k)), {k: i}, Sum(Index("i1", n), Entry(M, Index("i1", n), i))),
    (Sum(i, Entry(M, i, k)), {i: k}, Sum(i, Entry(M, i, k))),
    (Softmax(x_i, i, x_i), {i: k}, Softmax(x_k, i, x_i)),
    (Softmax(x_i, j, Entry(M, i, j)), {i: j}, Softmax(x_j, Index("j1", n), Entry(M, j, Index("j1", n)))),
    (Slot(i, Entry(M, i, k)), {k: i}, Slot(Index("i1", n), Entry(M, Index("i1", n), i))),
    (Entry(W, o), {o: MapAt(w, q)}, Entry(W, MapAt(w, q))),
    (Sum(q, Entry(W, o)), {o: MapAt(w, q)}, Sum(Index("q1", K), Entry(W, MapAt(w, q)))),
    (Delta(i, j), {i: j, j: i}, Delta(j, i)), (x_i, {}, x_i), (Entry(W, MapAt(w, q)), {q: Index("q1", K)},
                                                               Entry(W, MapAt(w, Index("q1", K)))),
])
def test_indices_are_replaced_without_capture(e: Expr, renaming: dict[Index, Index], expected: Expr) -> None:
    assert with_indices(e, renaming) == expected


def test_entries_are_replaced_without_capture() -> None:
    definition = Slot(j, Entry(M, j, i))  # i is free in it
    found = with_entries(Sum(i, Entry(X, i) * y_i), X, definition)
    assert found == Sum(Index("i1", n), Entry(M, Index("i1", n), i) * Entry(Y, Index("i1", n)))
    assert free_indices(found) == {i}
    assert with_entries(Softmax(x_k, i, x_i), X, definition) == Softmax(
        Entry(M, k, i), Index("i1", n), Entry(M, Index("i1", n), i))


def test_a_binder_is_renamed_only_where_it_must_be() -> None:
    assert renamed_away((i,), x_i, x_j) == ((i,), x_i)
    assert renamed_away((i,), x_i * x_j, y_i) == ((Index("i1", n),), Entry(X, Index("i1", n)) * x_j)
    assert renamed_away((i,), x_i * Entry(X, Index("i1", n)), y_i)[0] == (Index("i2", n),)


@pytest.mark.parametrize("seed", range(40))
def test_random_terms_have_the_slopes_of_complex_steps(seed: int) -> None:
    maker = Maker(random.Random(seed))
    axis = AXES[seed % 3]
    value = smooth_term(maker, axis)
    tensor = TensorSymbol("x", axis)
    at = Index("e", axis)
    e = component(value)
    found = derivative(e, Entry(tensor, at))
    rng, dice = np.random.default_rng(seed), random.Random(seed)
    sizes = {"N": 3, "M": 2, "K": 2}
    drawn = {t: rng.uniform(-1, 1, [sizes[a.name] for a in t.axes]) for t in tensors_of(e)}
    env = {each: dice.randrange(sizes[each.axis.name]) for each in {*free_indices(e), at}}
    place = World(sizes, drawn, {}, env)
    if tensor not in drawn:
        assert found == 0
        return
    assert np.isclose(evaluate_component(found, place, env).real, slope(e, Entry(tensor, at), place, env), rtol=1e-7)


def smooth_term(maker: Maker, axis: Axis) -> Term:
    """A scalar that is smooth everywhere, of a vector x over the axis."""
    rng = maker.rng
    x = Term("tensor", (TensorSymbol("x", axis),), (axis,))
    matrix = Term("tensor", (TensorSymbol("A", axis, axis),), (axis, axis))
    for _ in range(3):
        x = rng.choice([
            lambda v: softmax(v), lambda v: matrix @ v, lambda v: sigma(v) * v, lambda v: exp(v / 3), lambda v: v + 1,
            lambda v: log(v * v + 1), lambda v: v * total(v), lambda v: v / (v @ v + 1), lambda v: let("d", v) ** 2,
            lambda v: sqrt(v * v + 1), lambda v: (v * v + 1) ** Fraction(1, 3),
        ])(x)
    return x @ x if rng.random() < 0.5 else total(x) * x[Index("i", axis)]
