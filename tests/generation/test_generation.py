"""The generator itself: its rules are true and its labels right, by loops that share nothing with the product."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from derive import claims
from derive.components import Index
from derive.errors import AxisError
from derive.rendering import claim_text
from derive.terms import Term, delta, grad, log, number, sigma, softmax, sum_over, tensor
from tests.derive.oracle import World, differs, worlds
from tests.generation.choices import Choices, Exhausted, minimised, replayed, seeded
from tests.generation.conditions import Condition, conditions
from tests.generation.gradients import backward, opened, slope
from tests.generation.letters import D, K, Maker, N, V
from tests.generation.places import places, put, renamed
from tests.generation.rules import Rule, Site
from tests.generation.specimens import FALSE, RULES, TRUE, UNBOUND, Specimen, confirmed_false, specimen, stated
from tests.generation.strategies import specimens

ROOT = Path(__file__).resolve().parents[2]
FREE = (Index("i", N), Index("j", N), Index("o", V), Index("d", D), Index("k", K))
QUICK = settings(max_examples=25, deadline=None, derandomize=True, database=None,
                 suppress_health_check=list(HealthCheck))


def holds(left: Term, right: Term, hypotheses: tuple[claims.Hypothesis, ...] = ()) -> set[bool | None]:
    """Whether the sides differ, in a few worlds; None where they have no value."""
    claim = stated(left, right, hypotheses)
    return {differs(claim, w, 1e-5) for w in worlds(claim, random.Random(0), 4, tries=20)}


def applied(rule: Rule, wanted: int = 6) -> Iterator[tuple[Term, Term]]:
    """Terms beside what a rule makes of them."""
    found = 0
    for trial in range(400):
        maker = Maker(seeded(f"{rule.family} {trial}"))
        before = rule.shape(maker, FREE)
        for place in places(before):
            after = rule.apply(place.term, Site(maker, (*FREE, *place.scope))) if (
                not rule.ops or place.term.op in rule.ops) else None
            if after is not None and after.axes == place.term.axes:
                found += 1
                yield before, put(before, place.path, after)
                break
        if found >= wanted:
            return


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.apply.__name__)
def test_a_rule_turns_a_term_into_an_equal_one(rule: Rule) -> None:
    seen: set[bool | None] = set()
    pairs = list(applied(rule))
    for before, after in pairs:
        assert not after.same(before)
        seen |= holds(before, after)
        assert True not in seen, f"{before!r} is not {after!r}"
    assert len(pairs) >= 5 and False in seen


@pytest.mark.parametrize("condition", conditions(), ids=lambda c: type(c.hypothesis).__name__)
def test_a_condition_is_needed_and_suffices(condition: Condition) -> None:
    needed = False
    for trial in range(12):
        maker = Maker(seeded(f"condition {trial}"))
        before = maker.term((), 2, FREE)
        after = condition.apply(before, Site(maker, FREE))
        assert after is not None and True not in holds(before, after, (condition.hypothesis,))
        needed |= True in holds(before, after)
    assert needed


@given(specimens(true=True))
@QUICK
def test_what_is_true_by_construction_holds_in_plain_loops(found: Specimen) -> None:
    assert found.truth == TRUE
    assert True not in {differs(found.claim, w, 1e-4) for w in worlds(found.claim, random.Random(0), 3, tries=20)}


@given(specimens(true=False))
@QUICK
def test_a_changed_claim_is_labelled_by_what_loops_find(found: Specimen) -> None:
    if found.truth == UNBOUND:
        with pytest.raises(AxisError):
            found.claim.checked()
        return
    shown = {differs(found.claim, w, 1e-4) for w in worlds(found.claim, random.Random(0), 10, tries=10)}
    assert True in shown or found.truth != FALSE
    assert found.change


def test_what_a_double_loses_is_no_difference() -> None:
    """p - a + a where p is far below the last digit of a: true, though loops show two numbers."""
    x, y = tensor("x", N), tensor("y", N)
    p, index = softmax(8 * x), FREE[0]
    lost = stated(log(p[index] - y[index] + y[index]), log(p[index]), ())
    far = World({"n": 2}, {x.args[0]: np.array([2.25, -2.25]), y.args[0]: np.ones(2)}, {}, {index: 1})
    assert differs(lost, far, 1e-4)
    assert not confirmed_false(lost)
    assert confirmed_false(stated(log(p[index] - y[index]), log(p[index]), ()))


def test_gradients_written_out_differ_from_wrong_ones() -> None:
    """A check of the check: loops tell a gradient from one with a lost factor."""
    x = tensor("x", N)
    value = log(sigma(x @ x))
    written = backward(value, x.args[0], number(1))
    entry = slope(opened(value, (), Maker(seeded(""))), x.args[0], (FREE[0],))
    assert written is not None and entry is not None
    assert holds(grad(value, x), written) == {False} and holds(grad(value, x[FREE[0]]), entry) == {False}
    assert True in holds(grad(value, x), written / 2) and True in holds(grad(value, x[FREE[0]]), entry / 2)


def test_renaming_captures_nothing() -> None:
    i, j, _, _, _ = FREE
    term = sum_over(j, delta(i, j))
    moved = renamed(term, {i: j})
    assert moved.free == {j} and moved.args[0] != j
    assert renamed(term, {j: i}).same(term)


# --- decisions --------------------------------------------------------------------------------------------------------


def test_a_record_replays_to_the_same_claim() -> None:
    for seed in range(8):
        choices = seeded(f"replayed {seed}")
        first = specimen(choices)
        again = specimen(replayed(choices.made))
        assert claim_text(first.claim) == claim_text(again.claim) and first.truth == again.truth


def test_a_record_is_made_as_small_as_the_failure_allows() -> None:
    def fails(choices: Choices) -> bool:
        return sum(choices.below(100) >= 40 for _ in range(choices.below(30))) >= 2

    start = next(c.made for c in map(seeded, map(str, range(50))) if fails(c))
    small = minimised(start, fails, 2000)
    assert fails(replayed(small)) and len(small) < len(start) and sum(k >= 40 for k in small) == 2
    assert all(k < 80 for k in small)


def test_minimising_keeps_to_its_budget_and_to_the_failure() -> None:
    trials = []

    def fails(candidate: Choices) -> bool:
        trials.append(candidate)
        return any(p.term.op == "softmax" for p in places(specimen(candidate, true=True).claim.left))

    start = next(c for c in (seeded(f"small {n}") for n in range(90)) if fails(c))
    trials.clear()
    small = minimised(start.made, fails, 60)
    assert len(trials) <= 60 and len(small) <= len(start.made) and fails(replayed(small))


def test_a_generator_that_runs_in_a_circle_is_stopped() -> None:
    choices = seeded("circle")
    with pytest.raises(Exhausted):
        while True:
            choices.below(2)


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_same_seed_gives_the_same_claims_whatever_the_hashes(hash_seed: str) -> None:
    program = ("from tests.generation.specimens import *; from tests.generation.choices import seeded\n"
               "for k in range(12): s = specimen(seeded(f'7/{k}')); print(s.truth, s.claim)")
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, text=True, capture_output=True, check=True,
                           env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)})
    here = "".join(f"{s.truth} {s.claim}\n" for s in (specimen(seeded(f"7/{k}")) for k in range(12)))
    assert found.stdout == here
