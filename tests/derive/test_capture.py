"""No binder captures: every way in which an index could come to mean another one when something is put under a binder.

Each test here is a defect that benchmarks/mutation.py planted and that no other test noticed.
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Expr, Integer, Rational, Tuple

from derive.components import Entry, Formal, Grad, Index, Let, MapAt, Slot, Sum, TensorSymbol, free_indices, tensors_of
from derive.derivative import derivative, renamed_away, with_entries, with_indices, without_gradients
from derive.terms import grad, let, sigma, tensor, total, unfolded
from tests.cases.letters import V, i, j, k, n, w
from tests.derive.random_terms import F

X, Y, M = TensorSymbol("x", n), TensorSymbol("y", n), TensorSymbol("M", n, n)
x_i, x_j, y_i, s, t = Entry(X, i), Entry(X, j), Entry(Y, i), Entry(TensorSymbol("s")), Entry(TensorSymbol("t"))
i1 = Index("i1", n)


@pytest.mark.parametrize("e", [s**t, t**s, s**s, (2 + s) ** (s * t), sympy.exp(t) ** s, (s * t) ** (s + t)], ids=str)
@pytest.mark.parametrize("entry", [s, t], ids=str)
def test_an_exponent_that_holds_the_entry_has_its_slope(e: Expr, entry: Entry) -> None:
    """Beside the derivative that SymPy finds of plain positive symbols."""
    plain = {s: sympy.Symbol("s", positive=True), t: sympy.Symbol("t", positive=True)}
    at = {plain[s]: Rational(7, 5), plain[t]: Rational(3, 4)}
    wanted = sympy.diff(e.xreplace(plain), plain[entry])
    found = derivative(e, entry).xreplace(plain)
    assert np.isclose(float(found.subs(at)), float(wanted.subs(at)), rtol=1e-12)


def test_a_binder_with_the_name_of_an_index_of_another_axis_is_renamed() -> None:
    """No value depends on it; whoever reads `Sum(j, x[i])` beside a free j does."""
    same_letter = Index("j", V)
    (renamed,), body = renamed_away((same_letter,), Entry(TensorSymbol("W", V), same_letter), x_j)
    assert renamed == Index("j1", V) and body == Entry(TensorSymbol("W", V), renamed)


def test_two_binders_that_are_renamed_stay_two() -> None:
    bound, body = renamed_away((i, i1), x_i, y_i)
    assert len(set(bound)) == 2 and free_indices(body) == {bound[0]}
    bound, body = renamed_away((i, i1), Entry(M, i, i1), y_i)
    assert len(set(bound)) == 2 and body == Entry(M, *bound)


def test_a_definition_put_into_a_slot_is_not_captured() -> None:
    definition = Slot(j, Entry(M, j, i))  # i is free in it
    found = with_entries(Slot(i, x_i * y_i), X, definition)
    assert found == Slot(i1, Entry(M, i1, i) * Entry(Y, i1)) and free_indices(found) == {i}
    call = Formal(F.symbol, Tuple(Index("e", F.symbol.signature[0]), Slot(i, x_i), Slot(s)), Tuple())  # type: ignore[arg-type]
    assert free_indices(with_entries(call, X, definition)) == {i, Index("e", F.symbol.signature[0])}  # type: ignore[arg-type]


def test_a_definition_put_into_a_gradient_comes_after_it() -> None:
    """d x_i^2 / d x_j first, and then x_j = y_j^2: not the gradient by y^2, which is no entry."""
    definition = Slot(k, Entry(Y, k) ** 2)
    assert without_gradients(Let(X, definition, Grad(s * x_i**2, s))) == y_i**4
    assert without_gradients(Let(X, definition, Grad(x_i**2, x_i))) == 2 * y_i**2
    assert without_gradients(Grad(Grad(s**3 * x_i, s), s)) == 6 * s * x_i


def test_the_derivative_of_a_definition_is_that_of_what_it_stands_for() -> None:
    squared = TensorSymbol("h", n)
    e = Let(squared, Slot(i, x_i**2), Entry(squared, j) * s)
    assert without_gradients(Grad(e, x_j)) == 2 * x_j * s and without_gradients(Grad(e, s)) == x_j**2
    assert without_gradients(Grad(e, Entry(squared, j))) == 0, "the name is bound"
    assert tensors_of(e) == {X, s.tensor}


def test_names_inside_maps_are_replaced_too() -> None:
    q = Index("q", w.source)
    assert with_indices(Sum(i, Entry(TensorSymbol("U", V, n), MapAt(w, q), i)), {q: Index("i", w.source)}) == Sum(
        i1, Entry(TensorSymbol("U", V, n), MapAt(w, Index("i", w.source)), i1))
    assert with_indices(Integer(3), {i: j}) == 3


def test_lets_unfold_where_nothing_is_differentiated_by_them() -> None:
    x, y = tensor("x", n), tensor("y", n)
    h = let("h", sigma(x))
    z = let("z", h * h)
    for term, wanted in ((h * y, sigma(x) * y), (z + h, sigma(x) * sigma(x) + sigma(x)), (h[i] * 2, sigma(x)[i] * 2),
                         (grad(total(h), x), grad(total(sigma(x)), x)), (x[i], x[i]), (2 * y, 2 * y)):
        assert unfolded(term).same(wanted), repr(unfolded(term))
    kept = grad(total(z), h) + h
    assert unfolded(kept) is kept


def test_how_entries_read() -> None:
    assert (str(Entry(M, i, j)), str(x_i), str(s)) == ("M[i, j]", "x[i]", "s")
