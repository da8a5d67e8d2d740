"""Claims and hypotheses: what cannot be written, what each one carries, and that all of it is plain data."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable

import numpy as np
import pytest

from derive.claims import (
    Avoids,
    Claim,
    Distinct,
    Equation,
    Hypothesis,
    Injective,
    Same,
    Sign,
    at_most,
    avoids,
    distinct,
    hypothesis_terms,
    injective,
    mentioned,
    negative,
    nonnegative,
    positive,
    same,
    sums_to_one,
)
from derive.components import Axis, Index
from derive.errors import AxisError, UnboundIndexError
from derive.kernel import by_normal_form
from derive.rendering import hypothesis_latex, hypothesis_text
from derive.terms import as_term, grad, let, log, onehot, ones, outer, softmax, sum_over, tensor, total
from tests.cases.letters import A, B, U, V, b, h, i, j, k, n, o, p, q, s, t, v, w, x, y
from tests.derive.oracle import evaluate, holds, worlds

# Every message names both sides and their axes, and one thing to try.
ILL_TYPED: list[tuple[Callable[[], object], str]] = [
    (lambda: x == 1, r"left side x has axes \(n\), right side 1 has axes scalar; .*zeros\(axis\) or ones\(axis\)"),
    (lambda: x == b, r"left side x has axes \(n\), right side b has axes \(m\); expected the same axes on both sides"),
    (lambda: B == B.T, r"left side B has axes \(m, n\), right side B\.T has axes \(n, m\); .*\.T on one side"),
    (lambda: Claim(s, s, relation="<"), r"relation '<'; expected '==' or '<='"),
    (lambda: Equation(x, b), r"the hypothesis x == b with axes \(n\) and \(m\); expected the same axes"),
    (lambda: positive(x), r"a sign condition on x with axes \(n\); expected a scalar; try one entry of it, x\[i\]"),
    (lambda: Sign(s, "<="), r"sign condition '<='; expected '>', '>=' or '<'"),
    (lambda: same(i, o), r"i on axis n compared with o on axis V; expected two indices of one axis"),
    (lambda: distinct(w(q), i), r"w\(q\) on axis V compared with i on axis n"),
    (lambda: avoids(w, i), r"w with values on V and i on n; expected one axis; try an index of V"),
    (lambda: same(i, "j"), r"'j' in the place of an index; expected an Index"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("build", "message"), ILL_TYPED, ids=[message[:30] for _, message in ILL_TYPED])
def test_what_is_ill_typed_cannot_be_written(build: Callable[[], object], message: str) -> None:
    with pytest.raises(AxisError, match=message):
        build()


UNBOUND: list[tuple[Claim, str]] = [
    (total(x) == x[i], "index i of axis n is free in the right side"),
    (grad(total(x * x), s) == x[i] * x[j], "index i, j of axis n is free in the right side"),
    (as_term(0) == sum_over(j, x[i] - x[i]), "index i of axis n"),
    (total(U @ v) == U[w(q)] @ v, "index q of axis K"),
    (as_term(0) == let("d", x[i]) - x[i], "index i of axis n"),
    (log(total(x)) == log(total(x)) + onehot(o)[p], "index o, p of axis V"),
]


@pytest.mark.parametrize(("claim", "message"), UNBOUND)
def test_an_index_of_the_right_side_comes_from_somewhere(claim: Claim, message: str) -> None:
    with pytest.raises(UnboundIndexError, match=message) as error:
        claim.checked()
    assert repr(claim.left) in str(error.value) and repr(claim.right) in str(error.value)
    assert "sum_over(index, ...)" in error.value.hint


@pytest.mark.parametrize("claim", [
    x[i] == x[i] * total(x), (as_term(0) == x[i]).every(i), (as_term(0) == x[i]).given(same(i, k)),
    (as_term(0) == x[i]).given(positive(x[i])),
    (as_term(0) == onehot(o)[p]).given(avoids(w, o), distinct(o, p)), total(x) == sum_over(i, x[i]),
    (as_term(0) == x[i]).given(Equation(x, onehot(i))),
])
def test_an_index_is_bound_or_mentioned(claim: Claim) -> None:
    assert claim.checked() is claim


@pytest.mark.parametrize("name", ["?0", "#1.0", "@3", ""])
def test_names_of_the_normal_form_are_its_own(name: str) -> None:
    index = Index(name, n)
    for claim in (x[index] == 0, (x[i] == 1).given(Equation(x[index], as_term(1))), (s == s).given(same(index, i))):
        with pytest.raises(AxisError, match="a name that starts with a letter"):
            claim.checked()


@pytest.mark.parametrize("claim", [
    let("s", t * t) == s, let("d", t) + let("d", t * t) == 0, let("x", y) == x, (t == t).given(positive(let("t", s))),
    grad(let("x", y), x) == 0 * outer(x, x),
])
def test_a_name_has_one_meaning_in_a_claim(claim: Claim) -> None:
    with pytest.raises(AxisError, match="for two different things in one claim"):
        claim.checked()


def test_one_let_may_stand_in_many_places() -> None:
    for claim in (grad(total(h * h), h) == 2 * h, let("x", s) == s):
        assert claim.checked() is claim


# --- plain data -------------------------------------------------------------------------------------------------------

EVERY: list[tuple[Hypothesis, str, str]] = [
    (same(i, k), "i = k", "i = k"),
    (distinct(i, k), "i != k", r"i \neq k"),
    (distinct(w(q), o), "w(q) != o", r"w(q) \neq o"),
    (injective(w), "w takes no value twice", r"w \text{ injective}"),
    (avoids(w, o), "o is no value of w", r"o \notin \operatorname{im} w"),
    (positive(s), "s > 0", "s > 0"), (negative(x[i]), "x[i] < 0", "x_{i} < 0"),
    (nonnegative(s - t), "s - t >= 0", r"s - t \ge 0"),
    (Equation(y, onehot(i)), "y == onehot(i)", "y = e_{i}"),
    (sums_to_one(y), "total(y) == 1", r"\mathbf{1}^{\top} y = 1"),
    (sums_to_one(A), "A @ ones(n) == ones(n)", r"A \mathbf{1}_{n} = \mathbf{1}_{n}"),
]


@pytest.mark.parametrize(("hypothesis", "text", "latex"), EVERY, ids=[text for _, text, _ in EVERY])
def test_a_hypothesis_is_printed_carried_and_pickled(hypothesis: Hypothesis, text: str, latex: str) -> None:
    assert (hypothesis_text(hypothesis), hypothesis_latex(hypothesis)) == (text, latex)
    claim = (s == s).given(hypothesis)
    assert claim.hypotheses == (hypothesis,)
    again = pickle.loads(pickle.dumps(claim))
    assert repr(again) == repr(claim) == f"s == s  given {text}"
    theorem = by_normal_form(again)
    assert [hypothesis_text(known) for known in theorem.hypotheses] == [text]
    assert repr(pickle.loads(pickle.dumps(theorem))) == f"|- s == s  given {text}"


@pytest.mark.parametrize("claim", [
    grad(softmax(x), x) == outer(x, x), (x[i] == x[k]).given(same(i, k), sums_to_one(y)), at_most(s, t),
    (as_term(0) == x[i]).every(i), grad(total(h), h) == ones(n), (U[w(q)] @ v == s),
])
def test_claims_survive_pickles_and_copies(claim: Claim) -> None:
    for again in (pickle.loads(pickle.dumps(claim)), copy.deepcopy(claim), copy.copy(claim)):
        assert again.left.same(claim.left) and again.right.same(claim.right)
        assert (repr(again), again.for_all, again.relation) == (repr(claim), claim.for_all, claim.relation)
        assert len(again.hypotheses) == len(claim.hypotheses)


def test_given_and_every_make_other_claims() -> None:
    claim = x[i] == x[k]
    more = claim.given(same(i, k)).given(positive(s)).every(j)
    assert (claim.hypotheses, claim.for_all) == ((), ())
    assert [type(known) for known in more.hypotheses] == [Same, Sign] and more.for_all == (j,)
    assert more.left is claim.left and more.right is claim.right


def test_truth_of_a_claim_is_only_how_it_is_written() -> None:
    assert bool(x + y == x + y)
    assert not bool(x + y == y + x)
    assert not bool(x == y)
    with pytest.raises(AxisError):
        bool(x == s)


def test_what_a_hypothesis_mentions() -> None:
    assert mentioned(same(i, k)) == mentioned(distinct(i, k)) == {i, k}
    assert mentioned(distinct(w(q), o)) == {q, o}
    assert mentioned(avoids(w, o)) == {o} and mentioned(injective(w)) == frozenset()
    assert mentioned(positive(x[i] * sum_over(j, x[j]))) == {i}
    assert mentioned(Equation(x, onehot(k))) == {k}
    assert [hypothesis_terms(known) for known in (positive(s), injective(w))] == [(s,), ()]
    assert {Same, Distinct, Injective, Avoids, Sign, Equation} == set(Hypothesis.__args__)


@pytest.mark.parametrize("target", [y, A])
def test_the_samples_of_a_distribution_satisfy_it(target: object) -> None:
    hypothesis = sums_to_one(target)  # type: ignore[arg-type]
    claim = (s == s).given(hypothesis)
    found = list(worlds(claim, random.Random(1), 5))
    assert len(found) == 5
    for world in found:
        assert holds(hypothesis, world)
        assert np.allclose(evaluate(hypothesis.left, world), 1)


def test_axes_are_their_names() -> None:
    assert Axis("V") == V and tensor("x", Axis("n")).same(x)
    assert (tensor("x", Axis("n")) == x).checked()
    assert repr(x == tensor("x", Axis("n"))) == "x == x"
