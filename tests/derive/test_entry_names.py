"""The kernel's own names and refusals: an entry stands at indices that nothing in the claim has, and what is said.

Each test here is a defect that benchmarks/mutation.py planted and that no other test noticed. The first is the worst of
them: an entry index that the claim has too makes `x[e] == x` provable.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from derive import kernel
from derive.claims import Claim, Equation, avoids, distinct, negative, nonnegative, positive, same
from derive.components import Index
from derive.errors import AxisError, ForgedTheorem, NotProved, OutsideTheory
from derive.kernel import Theorem, by_bound, by_cases, by_normal_form
from derive.terms import as_term, delta, exp, let, ones, outer, sigma, size, softmax, sum_over, tensor, total, zeros
from tests.cases.letters import A, B, V, i, j, m, n, o, s, w, x, y

e = Index("entry", n)
word = Index("entry", V)


@pytest.mark.parametrize("claim", [
    x[e] * ones(n) == x,
    (x == x[e] * ones(n)).every(e),
    x[e] * ones(n) + y == x + y,
    A[e, e] * ones(n, n) == A,
    A[e].along(n) == A,
    (x == x[i] * ones(n)).given(same(e, i)),
    (x[i] * ones(n) == x).given(same(i, e)),
    (x * y == x[i] * y).given(Equation(x[e], x[i])),
    (x == ones(n)).given(positive(x[e]), Equation(x[e] * x[e], x[e])),
    (delta(i, j) * ones(n) == zeros(n)).given(distinct(i, e), Equation(delta(i, j), as_term(1))),
    total(x) * ones(n) == size(n) * x,
    outer(x, A) == outer(x, A.T),
    outer(A, x) == outer(A.T, x),
    outer(A, A) == outer(A, A.T),
], ids=str)
def test_an_entry_stands_at_an_index_that_the_claim_does_not_have(claim: Claim) -> None:
    with pytest.raises((NotProved, AxisError)):
        by_normal_form(claim)


@pytest.mark.parametrize("claim", [
    (x + x[e] * ones(n) == x[e] * ones(n) + x), (A[e] @ x * ones(n) == (A @ x)[e] * ones(n)),
    (x * 0 == (x[e] - x[e]) * ones(n)).every(e),
], ids=str)
def test_an_index_with_the_name_of_an_entry_is_an_index_like_any(claim: Claim) -> None:
    assert by_normal_form(claim)


def test_a_hypothesis_on_an_index_named_as_an_entry_says_nothing_of_every_entry() -> None:
    for hypothesis in (positive(x[e]), negative(x[e]), nonnegative(x[e])):
        with pytest.raises(NotProved):
            by_normal_form((exp(x) * (x * x) == exp(x) * (x * x) + (x * x) * (softmax(x) - softmax(x)[e] * ones(n)))
                           .given(hypothesis))
    with pytest.raises(NotProved):
        by_normal_form((sum_over(Index("q", w.source), delta(w(Index("q", w.source)), o)) * ones(V) == zeros(V))
                       .given(avoids(w, word)))


def test_cases_on_an_index_of_one_side_only() -> None:
    theorem = by_cases(delta(i, j) * x[i] + (1 - delta(i, j)) * x[i] == x[i], i, j)
    assert theorem.rule == "by_cases" and theorem.inputs == (i, j)
    with pytest.raises(NotProved, match="two indices that are free in the claim"):
        by_cases(x[i] == x[i], i, j)


def test_what_was_left_aside_is_named_in_the_refusal() -> None:
    claim = (s == 1).given(Equation(s * s, as_term(1)), Equation(s * s * s, as_term(1)))
    with pytest.raises(NotProved) as refusal:
        by_normal_form(claim)
    shown, _, left_aside = refusal.value.found.partition(" (")
    assert sorted(shown) == sorted("left - right has the normal form -1 + s")
    assert left_aside == "the hypotheses s * s == 1, s * s * s == 1 could not be used)"
    with pytest.raises(NotProved) as refusal:
        by_normal_form(s == 1)
    assert sorted(refusal.value.found) == sorted("left - right has the normal form -1 + s")


def test_indices_from_nowhere_are_told_in_order() -> None:
    letters = [Index(name, n) for name in "kbdac"]
    body = x[letters[0]]
    for letter in letters[1:]:
        body = body * x[letter]
    with pytest.raises(AxisError, match="index a, b, c, d, k of axis n is free in the right side"):
        by_normal_form(total(x) == body)


def test_a_long_difference_is_shown_in_part() -> None:
    with pytest.raises(NotProved) as refusal:
        by_normal_form(sum((s ** power for power in range(2, 60)), s) == 0)
    shown = refusal.value.found.removeprefix("left - right has the normal form ")
    assert len(shown) == 200 and shown.endswith("...")
    assert kernel._shortened("x" * 200) == "x" * 200 and len(kernel._shortened("x" * 201)) == 200


def test_a_theorem_has_four_parts_even_for_who_has_the_seal() -> None:
    for parts in ((), (s == s,), (s == s, "by_normal_form", ()), (s == s, "by_normal_form", (), (), ())):
        with pytest.raises(ForgedTheorem, match="a Theorem constructed directly"):
            Theorem(kernel._SEAL, *parts)


def test_a_nesting_beyond_the_recursion_limit_is_outside_the_theory(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> object:
        raise RecursionError

    monkeypatch.setattr(kernel, "component", endless)
    with pytest.raises(OutsideTheory, match="nested too deeply"):
        by_normal_form(s == s)


def test_a_bound_in_two_sizes() -> None:
    assert by_bound(Claim(size(n) + size(m), size(n) * size(m) + 1, relation="<="))
    with pytest.raises(NotProved, match="no negative coefficient"):
        by_bound(Claim(size(n) + size(m), size(n) * size(m), relation="<="))
    with pytest.raises(NotProved, match="axis sizes and numbers only"):
        by_bound(Claim(size(n), size(n) + exp(s), relation="<="))
    assert by_bound(Claim(size(n), size(n), relation="<="))


@pytest.mark.parametrize(("build", "hint"), [
    (lambda: B == B.T, ".T on one side"),
    (lambda: x == s, "zeros(axis) or ones(axis) for a constant tensor, or one entry of the left side"),
    (lambda: x == A, "an index, a sum or an outer product so that the axes agree"),
    (lambda: s == x, "an index, a sum or an outer product so that the axes agree"),
])
def test_what_to_try_where_the_sides_do_not_meet(build: Callable[[], Claim], hint: str) -> None:
    with pytest.raises(AxisError) as refusal:
        build()
    assert refusal.value.hint == hint


def test_an_index_may_have_any_letter_but_a_mark() -> None:
    for name in ("X", "entry", "x1", "k_"):
        assert by_normal_form(x[Index(name, n)] + 0 == x[Index(name, n)])
    for name in ("@0", "#1.0", "?0", ""):
        with pytest.raises(AxisError, match="a name that starts with a letter"):
            by_normal_form(x[Index(name, n)] + 0 == x[Index(name, n)])


def test_a_vector_is_its_own_transpose() -> None:
    assert x.T is x and s.T is s and B.T.axes == (n, m)
    assert by_normal_form(x.T @ x == x @ x)


def test_a_name_has_one_meaning_in_hypotheses_too() -> None:
    named = let("h", sigma(x))
    other = tensor("h", n)
    for hypothesis in (Equation(other, y), Equation(y, other), positive(total(other))):
        with pytest.raises(AxisError, match="the name h for two different things in one claim"):
            by_normal_form((named == sigma(x)).given(hypothesis))
