"""Wrong neighbours of every right claim: those that differ in value are refuted, and none of them is proved.

A plain run takes a few mutants of each claim, other ones for each; GRADPROOF_ALL_MUTANTS=1 takes all (about a minute).
"""

from __future__ import annotations

import os
from zlib import crc32

import numpy as np
import pytest

from derive import verdicts
from derive.claims import Claim
from derive.components import Axis, Index
from derive.exercises.catalogue import catalogue
from derive.exercises.exercise import Exercise
from derive.prover import decide
from derive.terms import grad, log, onehot, outer, softmax, sum_over, tensor
from tests.exercises.mutants import Mutant, mutants
from tests.exercises.oracle import differs

FEW = 2
ALL = os.environ.get("GRADPROOF_ALL_MUTANTS") == "1"
RIGHT = [e for e in catalogue() if e.right is None]


def taken(exercise: Exercise) -> list[Mutant]:
    """All mutants, or a few: first one of each kind, kinds in an order that depends on the claim."""
    every = list(mutants(exercise.build()))
    if ALL:
        return every
    order = sorted(every, key=lambda m: crc32(f"{exercise.id} {m.kind} {m.claim!r}".encode()))
    firsts = list({m.kind: m for m in reversed(order)}.values())
    chosen = sorted(firsts, key=lambda m: crc32(f"{exercise.id} {m.kind}".encode()))[:FEW]
    dropped = [m for m in every if m.kind == "hypothesis"][:1]
    return chosen + [m for m in dropped if m not in chosen]


@pytest.mark.parametrize("exercise", RIGHT, ids=lambda e: e.id)
def test_mutants_that_differ_are_refuted(exercise: Exercise) -> None:
    rng = np.random.default_rng(11)
    for mutant in taken(exercise):
        verdict = decide(mutant.claim)
        if differs(mutant.claim, rng):
            assert verdict.kind == verdicts.REFUTED, f"{mutant.kind}: {mutant.claim!r} is {verdict.kind}"
        else:
            assert verdict.kind != verdicts.REFUTED, f"{mutant.kind}: {mutant.claim!r} is {verdict.kind}"


@pytest.mark.parametrize("exercise", RIGHT, ids=lambda e: e.id)
def test_each_claim_has_a_mutant_that_differs(exercise: Exercise) -> None:
    rng = np.random.default_rng(13)
    assert any(differs(mutant.claim, rng, draws=10) for mutant in mutants(exercise.build()))


def _kinds(claim: Claim) -> set[str]:
    return {m.kind for m in mutants(claim)}


def test_every_kind_of_mutant_is_made() -> None:
    made = set().union(*(_kinds(e.build()) for e in RIGHT))
    assert made == {"sign", "factor", "one", "term", "complement", "index", "transpose", "sum", "hypothesis", "square"}


def test_mutants_are_the_ones_we_mean() -> None:
    n = Axis("n")
    x, i, j = tensor("x", n), Index("i", n), Index("j", n)
    claim = grad(-log(softmax(x)[i]), x[j]) == sum_over(Index("k", n), x[i]) - x[j]
    shown = {repr(m.claim.right) for m in mutants(claim)}
    assert {"-(sum_over(k, x[i]) - x[j])", "sum_over(k, x[i]) + x[j]", "sum_over(k, x[i])", "x[j]",
            "sum_over(k, x[j]) - x[j]", "sum_over(i, sum_over(k, x[i]) - x[j])"} <= shown


def test_a_transpose_is_made_where_all_axes_are_one() -> None:
    V, D = Axis("V"), Axis("D")
    U, v, o = tensor("U", V, D), tensor("v", D), Index("o", V)
    yhat = softmax(U @ v)
    square = [m for m in mutants(grad(-log(yhat[o]), U) == outer(yhat - onehot(o), v)) if m.kind == "square"]
    assert square and all(axis.name == "n" for m in square for axis in m.claim.left.axes)
