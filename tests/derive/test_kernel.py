"""The rules of the kernel: what each gives, what each refuses, what a theorem carries.

Also run under `python -O`, where an `assert` of ours would be gone (pytest keeps those of the tests).
"""

from __future__ import annotations

import ast
import inspect
import os
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from derive import atoms, claims, components, derivative, factors, indices, kernel, normal_form, terms
from derive.claims import (
    Claim,
    Equation,
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
from derive.components import Index
from derive.errors import AxisError, NotProved, OutsideTheory, UnboundIndexError
from derive.kernel import by_bound, by_cases, by_normal_form, require
from derive.rendering import claim_text
from derive.terms import (
    absolute,
    as_term,
    delta,
    exp,
    grad,
    identity,
    let,
    log,
    onehot,
    ones,
    sign,
    size,
    softmax,
    sqrt,
    sum_over,
    total,
    where_positive,
    zeros,
)
from tests.cases.letters import A, D, K, U, V, c, i, j, k, n, o, q, q2, r, s, t, v, w, x, y, z

ROOT = Path(__file__).resolve().parents[2]
CUBE, FOURTH = Fraction(1, 3), Fraction(1, 4)
ZERO = as_term(0)
cube = let("d", s**3)

# Right, and wrong neighbours of it that must be refused. Most wrong ones were proved once.
NEIGHBOURS: dict[str, tuple[Claim, tuple[Claim, ...]]] = {
    "root of a delta": (sqrt(identity(n)) == identity(n), (sqrt(identity(n)) == ones(n, n),)),
    "root of a scaled delta": (sqrt(delta(i, j) * s * s) == delta(i, j) * absolute(s),
                               (sqrt(delta(i, j) * s * s) == absolute(s),)),
    "fractional power of a delta": (identity(n) ** 3 == identity(n), (identity(n) ** CUBE == ones(n, n),)),
    "fractional power under renaming": (
        total((identity(n) @ exp(z)) ** FOURTH) == total(exp(z / 4)),
        (total((identity(n) @ z**4) ** FOURTH) == total(z), total((z**4) ** FOURTH) == total(z))),
    "hypothesis times a root that can be 0": (
        (r == 0).given(Equation(r / (s * s + 1), ZERO)),
        ((r == 0).given(Equation(s**CUBE * r, ZERO)), (r == 0).given(Equation((s * s) ** CUBE * r, ZERO)),
         (r == 0).given(Equation(total(sqrt(x)) * r, ZERO)))),
    "hypothesis times a variable": (
        (s == 0).given(Equation(c * s, ZERO), positive(c)),
        ((s == 0).given(Equation(c * s, ZERO)), (s == 0).given(Equation(c * s, ZERO), nonnegative(c)))),
    "hypothesis about one entry": (
        (x[i] == 1).given(Equation(x[i], as_term(1))),
        ((x == ones(n)).given(Equation(x[Index("entry", n)], as_term(1))),
         (x == ones(n)).given(Equation(x[Index("n", n)], as_term(1))),
         (x[j] == 1).given(Equation(x[i], as_term(1))))),
    "hypothesis about every entry": ((x[i] == 1).given(Equation(x, ones(n))),
                                     ((x[i] == 1).given(Equation(total(x), size(n))),)),
    "hypothesis about a row": ((total(A) == size(n)).given(sums_to_one(A)),
                               ((ones(n) @ A == ones(n)).given(sums_to_one(A)),)),
    "nested gradients by one let": (grad(grad(cube**3, cube), cube) == 6 * s**3,
                                    (grad(grad(cube**3, cube), cube) == 0,)),
    "sign where 0 is possible": ((absolute(s) == s).given(nonnegative(s)),
                                 ((absolute(s) == s).given(negative(s)), absolute(s) == s)),
    "log of a product": ((log(s * t) == log(s) + log(t)).given(positive(s), positive(t)),
                         ((log(s + t) == log(s) + log(t)).given(positive(s), positive(t)),
                          (log(s * t) == log(s) - log(t)).given(positive(s), positive(t)))),
    "bound index": (grad(total(x), x) == ones(n), (grad(total(x), x) == size(n) * ones(n),)),
    "captured index": (x[i] * sum_over(i, y[i]) == x[i] * sum_over(j, y[j]),
                       (x[i] * sum_over(i, y[i]) == sum_over(i, x[i] * y[i]),)),
    "repeated words": (grad(sum_over(q, U[w(q)] @ v), v) == sum_over(q, U[w(q)]),
                       (grad(sum_over(q, U[w(q)] @ v), U[o]) == v, sum_over(q, delta(w(q), o)) == 1)),
    "injective map": ((delta(w(q), w(q2)) == delta(q, q2)).given(injective(w)), (delta(w(q), w(q2)) == delta(q, q2),)),
    "avoided index": ((delta(w(q), o) == 0).given(avoids(w, o)),
                      (delta(w(q), o) == 0, (delta(w(q), Index("p", V)) == 0).given(avoids(w, o)))),
    "case of equal indices": ((delta(i, k) == 1).given(same(i, k)), (delta(i, k) == 1, delta(i, k) == 0)),
    "case of distinct indices": ((delta(i, k) == 0).given(distinct(i, k)),
                                 ((delta(i, j) == 0).given(distinct(i, k)), (x[i] == x[k]).given(distinct(i, k)))),
    "size of an axis": (sum_over(i, s) == size(n) * s, (sum_over(i, s) == size(D) * s, sum_over(i, s) == s)),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_the_normal_form_proves_the_right_one_and_refuses_its_neighbours(name: str) -> None:
    right, wrong = NEIGHBOURS[name]
    assert claim_text(by_normal_form(right).claim) == claim_text(right)
    for claim in wrong:
        with pytest.raises(NotProved, match=r"normal form"):
            by_normal_form(claim)


@pytest.mark.parametrize("right", [claim for claim, _ in NEIGHBOURS.values()], ids=list(NEIGHBOURS))
def test_a_theorem_says_what_it_rests_on_and_can_be_made_again(right: Claim) -> None:
    theorem = by_normal_form(right)
    assert theorem.rule == "by_normal_form" and theorem.inputs == ()
    assert theorem.hypotheses == theorem.claim.hypotheses and len(theorem.hypotheses) == len(right.hypotheses)
    for again in (theorem.recheck(), require(theorem), pickle.loads(pickle.dumps(theorem))):
        assert again is not theorem
        assert repr(again) == repr(theorem) == f"|- {claim_text(right)}"
        assert (again.rule, again.side_conditions) == (theorem.rule, theorem.side_conditions)


# --- gradients by lets that stand on one another ----------------------------------------------------------------------


inner = let("h", s * s)
outside = let("z", inner * inner)
of_entry = let("h", x[i])


@pytest.mark.parametrize("claim", [
    grad(grad(outside * outside, inner), outside) == 0,
    grad(grad(outside * outside, s), outside) == 0,
    grad(sum_over(i, of_entry), of_entry) == size(n),
], ids=["a let below", "a tensor below", "an index bound inside"])
def test_a_gradient_that_would_lose_a_path_is_refused(claim: Claim) -> None:
    with pytest.raises(OutsideTheory, match="a gradient by"):
        by_normal_form(claim)


def test_gradients_by_lets_in_their_own_order_are_proved() -> None:
    assert by_normal_form(grad(grad(outside**3, outside), inner) == grad(3 * inner**4, inner))
    by_normal_form(grad(grad(outside, inner), inner) == 2)
    with pytest.raises(NotProved):
        by_normal_form(grad(grad(outside, inner), inner) == 0)


# --- cases ------------------------------------------------------------------------------------------------------------


def test_cases_prove_what_no_single_normal_form_shows() -> None:
    claim = (delta(i, j) * log(x[i]) == delta(i, j) * log(x[j]) + (1 - delta(i, j)) * ZERO)
    theorem = by_cases(claim, i, j)
    assert (theorem.rule, theorem.inputs) == ("by_cases", (i, j))
    assert theorem.hypotheses == ()
    assert require(theorem).inputs == (i, j)


def test_one_form_for_both_cases_needs_cases() -> None:
    claim = log(1 + delta(i, j)) == delta(i, j) * log(as_term(2))
    with pytest.raises(NotProved):
        by_normal_form(claim)
    assert repr(by_cases(claim, i, j)) == f"|- {claim!r}"


@pytest.mark.parametrize("claim", [delta(i, j) == 0, delta(i, j) == 1, log(1 + delta(i, j)) == delta(i, j)])
def test_cases_refuse_what_fails_in_one_case(claim: Claim) -> None:
    with pytest.raises(NotProved):
        by_cases(claim, i, j)


def test_cases_speak_of_indices_that_are_free_in_the_claim() -> None:
    with pytest.raises(NotProved, match="free in the claim"):
        by_cases(delta(i, j) == delta(j, i), i, k)
    with pytest.raises(NotProved, match="free in the claim"):
        by_cases(total(x) == sum_over(i, x[i]), i, i)


def test_cases_on_two_axes_make_no_sense() -> None:
    with pytest.raises(AxisError, match="on axis n compared with o on axis V"):
        by_cases(x[i] * U[o] == U[o] * x[i], i, o)


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [
    at_most(size(D) * size(K), size(D) * size(K) * size(V)), at_most(as_term(1), size(n)),
    at_most(2 * size(n) - 1, size(n) ** 2), at_most(as_term(Fraction(1, 2)), as_term(Fraction(2, 3))),
])
def test_a_bound_holds_for_all_sizes(claim: Claim) -> None:
    theorem = by_bound(claim)
    assert theorem.rule == "by_bound" and repr(require(theorem)) == repr(theorem)


@pytest.mark.parametrize("claim", [
    at_most(size(n), as_term(5)), at_most(size(n) ** 2, 10 * size(n)), at_most(as_term(2), size(n)),
    at_most(as_term(2), as_term(1)), at_most(size(n), size(D)),
])
def test_a_bound_that_fails_somewhere_is_refused(claim: Claim) -> None:
    with pytest.raises(NotProved, match="no negative coefficient"):
        by_bound(claim)


@pytest.mark.parametrize("claim", [
    at_most(1 / (size(n) - 5), ZERO), at_most(1 / (5 - size(n)), ZERO), at_most(-1 / (size(n) - 5), ZERO),
    at_most(ZERO, s * s), at_most(-total(x) ** 2, ZERO), at_most(ZERO, 1 / size(n)),
])
def test_a_bound_holds_nothing_but_sizes(claim: Claim) -> None:
    with pytest.raises(NotProved, match=r"axis sizes and numbers only|no negative"):
        by_bound(claim)


def test_a_bound_between_tensors_is_refused() -> None:
    with pytest.raises(NotProved, match="scalars in axis sizes"):
        by_bound(at_most(x, x))


def test_each_rule_takes_its_own_relation() -> None:
    with pytest.raises(NotProved, match="the relation <="):
        by_normal_form(at_most(size(n), size(n)))
    with pytest.raises(NotProved, match="the relation =="):
        by_bound(size(n) == size(n))


# --- what is no claim -------------------------------------------------------------------------------------------------


def test_an_unbound_index_is_no_claim_for_the_kernel() -> None:
    with pytest.raises(UnboundIndexError, match=r"index i of axis n is free in the right side x\[i\] scalar"):
        by_normal_form(total(x) == x[i])
    assert by_normal_form((as_term(0) == x[i] - x[i]).every(i))


@pytest.mark.parametrize("junk", [None, True, "x == x", x, object()])
def test_what_is_no_claim_is_refused(junk: object) -> None:
    for rule in (by_normal_form, by_bound):
        with pytest.raises((NotProved, AttributeError)):
            rule(junk)  # type: ignore[arg-type]


def test_both_sides_are_looked_at_before_they_can_cancel() -> None:
    ill = log(-1 - zeros(n) * zeros(n))
    with pytest.raises(OutsideTheory):
        by_normal_form(ill == ill)


# --- side conditions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("claim", "conditions"), [
    (s / s == 1, ()),  # SymPy's own x/x = 1, an identity where both sides are defined
    ((s * s - t * t) / (s - t) == s + t, ("s + -1*t != 0",)),
    (1 / (1 + t) - 1 / (1 + t) == 0, ()),
    (1 / (exp_sum := total(softmax(x)) + 1) == 1 / exp_sum, ()),
    ((sign(s) == 1).given(positive(s)), ()),
    (where_positive(s, t, t) == t, ()),
    (total(x) / total(x) * s == s, ()),
])
def test_side_conditions_are_what_had_to_be_nonzero(claim: Claim, conditions: tuple[str, ...]) -> None:
    assert set(conditions) <= set(by_normal_form(claim).side_conditions)
    if not conditions:
        assert all("s != 0" in known or " != 0" in known for known in by_normal_form(claim).side_conditions)


def test_a_denominator_stands_in_the_side_conditions_and_survives_a_pickle() -> None:
    theorem = by_normal_form(c / (s + t) + c / (s + t) == 2 * c / (s + t))
    assert theorem.side_conditions == ("s + t != 0",)
    assert pickle.loads(pickle.dumps(theorem)).side_conditions == ("s + t != 0",)
    positive_one = by_normal_form(c / (s * s + 1) + c / (s * s + 1) == 2 * c / (s * s + 1))
    assert positive_one.side_conditions == ()


def test_cases_gather_the_side_conditions_of_both() -> None:
    claim = delta(i, j) * c / (x[i] + s) == delta(i, j) * c / (x[j] + s)
    assert any("x[i] != 0" in known for known in by_cases(claim, i, j).side_conditions)


def test_hypotheses_are_printed_with_the_theorem() -> None:
    theorem = by_normal_form((grad(-log(softmax(x)[i]), x) == softmax(x) - y).given(Equation(y, onehot(i))))
    assert repr(theorem).endswith("given y == onehot(i)")
    assert theorem.text().endswith("given y == onehot(i)")


# --- the kernel as a file ---------------------------------------------------------------------------------------------


def test_every_way_to_a_theorem_is_in_the_docstring() -> None:
    public = [name for name in kernel.__all__ if name.startswith("by_")]
    assert public == sorted(kernel._RULES)
    assert all(f"    {name} " in (kernel.__doc__ or "") for name in public)


def test_what_the_kernel_stands_on_holds_no_assert_either() -> None:
    for module in (atoms, claims, components, derivative, factors, indices, kernel, normal_form, terms):
        tree = ast.parse(inspect.getsource(module))
        assert not [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)], module.__name__


def test_asserts_of_this_file_are_executed() -> None:
    with pytest.raises(AssertionError):
        assert len(sys.flags) < 0


@pytest.mark.skipif(sys.flags.optimize > 0, reason="already without asserts")
def test_the_kernel_refuses_the_same_without_asserts() -> None:
    files = [f"tests/derive/test_{name}.py" for name in ("kernel", "forgery", "claims")]
    command = [sys.executable, "-O", "-m", "pytest", "-q", "-p", "no:cacheprovider",
               "-W", "ignore::pytest.PytestConfigWarning", *files]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300,
                           env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    assert child.returncode == 0, child.stdout[-3000:] + child.stderr[-1000:]
    assert " passed" in child.stdout and "1 skipped" in child.stdout  # this test, and no more
