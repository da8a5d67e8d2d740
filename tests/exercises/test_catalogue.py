"""Every exercise gets the verdict that stands beside it, and a second reading of its numbers says the same."""

from __future__ import annotations

import numpy as np
import pytest

from derive import verdicts
from derive.claims import Claim
from derive.errors import AxisError, GradproofError
from derive.exercises.catalogue import TOPICS, catalogue, find
from derive.exercises.exercise import Exercise
from derive.prover import decide
from derive.rendering import hypothesis_text
from derive.terms import Term
from tests.exercises.oracle import differs

ROWS = catalogue()
WELL_TYPED = [e for e in ROWS if e.expected != verdicts.ILL_TYPED]
ERRORS = [e for e in ROWS if e.right is not None]

# What the numeric package compiles, or takes as its licence for a stable form. These names are a promise.
COMPILED = (
    "softmax/stable-shift", "softmax/stable-shift-batch", "softmax/logsumexp-shift", "softmax/log-softmax-shift",
    "sigmoid/positive-form", "sigmoid/negative-form", "sigmoid/forms-agree", "sigmoid/log-sigmoid-positive",
    "sigmoid/log-sigmoid-negative",
    *(f"network/batch-{name}" for name in ("z2", "h", "z1", "x", "W1", "b1", "W2", "b2")),
    "word2vec/block-centres", "word2vec/block-outputs",
    "negative-sampling/block-centres", "negative-sampling/block-outputs", "negative-sampling/block-negatives",
    "negative-sampling/labelled-centres", "negative-sampling/labelled-outputs",
    "windows/cbow-block-contexts", "windows/cbow-block-outputs", "windows/cbow-block-negatives",
    "windows/cbow-own-contexts", "windows/cbow-own-targets", "windows/cbow-own-negatives",
    "windows/cbow-block-softmax-contexts", "windows/cbow-block-softmax-outputs",
)


def named(exercise: Exercise) -> str:
    return exercise.id


@pytest.mark.parametrize("exercise", ROWS, ids=named)
def test_verdict_is_the_expected_one(exercise: Exercise) -> None:
    if exercise.expected == verdicts.ILL_TYPED:
        with pytest.raises(AxisError) as raised:
            exercise.build().checked()
        assert raised.value.found
        return
    verdict = decide(exercise.build())
    assert verdict.kind == exercise.expected, verdict.reason
    if exercise.expected == verdicts.PROVED:
        assert verdict.theorem is not None and verdict.theorem.claim.left.same(exercise.build().left)
    else:
        assert verdict.counterexample is not None and verdict.counterexample.left != verdict.counterexample.right


@pytest.mark.parametrize("exercise", WELL_TYPED, ids=named)
def test_numbers_read_another_way_agree_with_the_expectation(exercise: Exercise) -> None:
    rng = np.random.default_rng(7)
    expected = exercise.expected == verdicts.REFUTED
    assert differs(exercise.build(), rng, draws=80 if expected else 8) is expected


def test_ids_are_unique_and_topics_stand_in_order() -> None:
    ids = [e.id for e in ROWS]
    assert len(set(ids)) == len(ids)
    assert list(dict.fromkeys(e.topic for e in ROWS)) == list(TOPICS)
    assert all(e.id == f"{e.topic}/{e.name}" and e.name and " " not in e.id for e in ROWS)


@pytest.mark.parametrize("exercise", ROWS, ids=named)
def test_statement_is_one_readable_line(exercise: Exercise) -> None:
    assert exercise.statement.isascii() and "\n" not in exercise.statement
    assert 10 <= len(exercise.statement) <= 110
    assert exercise.sources and all(s.startswith(("CS224n 20", "seed 00")) for s in exercise.sources)


@pytest.mark.parametrize("exercise", ERRORS, ids=named)
def test_right_claim_stands_beside_each_error(exercise: Exercise) -> None:
    assert exercise.name.startswith("error-")
    assert exercise.right is not None and find(exercise.right).expected == verdicts.PROVED


def test_each_error_and_only_an_error_is_expected_to_fall() -> None:
    assert [e.id for e in ROWS if (e.expected == verdicts.PROVED) != (e.right is None)] == []


def test_each_write_up_gives_right_rows_and_errors() -> None:
    for number in range(5):
        source = f"seed {number:03d}"
        assert any(source in e.sources for e in ERRORS)
        assert any(source in e.sources for e in ROWS if e.right is None)


def test_no_two_rows_make_the_same_claim() -> None:
    # Compared as written out, not as printed: a `let` prints as its name, whatever it stands for.
    said = {e.id: _written(e.build()) for e in WELL_TYPED}
    assert len(set(said.values())) == len(said), [i for i in said if list(said.values()).count(said[i]) > 1]


def _written(claim: Claim) -> str:
    return f"{_tree(claim.left)} {claim.relation} {_tree(claim.right)} {[hypothesis_text(h) for h in claim.hypotheses]}"


def _tree(part: object) -> str:
    if isinstance(part, Term):
        return f"{part.op}{part.axes}({', '.join(map(_tree, part.args))})"
    return f"({', '.join(map(_tree, part))})" if isinstance(part, tuple) else str(part)


@pytest.mark.parametrize("id", COMPILED)
def test_names_the_compiler_asks_for_exist(id: str) -> None:
    assert find(id).expected == verdicts.PROVED


def test_unknown_id_names_the_closest() -> None:
    with pytest.raises(GradproofError, match=r"no exercise 'softmax/jacobain'.*softmax/jacobian"):
        find("softmax/jacobain")
    with pytest.raises(GradproofError, match="one of the topics softmax, sigmoid"):
        find("???")
