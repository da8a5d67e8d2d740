"""Claims with the verdict they must get, one file each: adding a case is adding a file to tests/cases/<verdict>/.

A file defines `claim`, or a function `claim` without arguments where building it may fail. A refuted case has the name
of the proved case it stands beside, with `__something` behind it where one right claim has several wrong neighbours.
Values are compared once more by the NumPy loops of tests/derive/oracle.py, which share no code with the product.
"""

from __future__ import annotations

import random
import runpy
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from derive import verdicts
from derive.claims import Claim
from derive.errors import AxisError, GradproofError, NotProved, OutsideTheory
from derive.kernel import by_bound, by_normal_form
from derive.prover import decide
from derive.rendering import hypothesis_text
from tests.derive.oracle import differs, refuted, replayed, worlds
from tests.derive.random_terms import Maker, mutated

CASES = Path(__file__).resolve().parent / "cases"
KINDS = {"proved": 50, "refuted": 50, "ill-typed": 12, "undecided": 5}  # verdict -> how many cases there are at least
MUTANTS = 6


def files(kind: str) -> list[Path]:
    return sorted((CASES / kind).glob("*.py"))


def parametrized(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", files(kind), ids=lambda path: path.stem)


def claim_of(path: Path) -> Claim:
    found: Any = runpy.run_path(str(path))["claim"]
    claim: Claim = found() if callable(found) else found
    return claim


def dice(path: Path) -> random.Random:
    return random.Random(crc32(path.stem.encode()))


@parametrized("proved")
def test_a_right_claim_is_proved(path: Path) -> None:
    claim = claim_of(path)
    verdict = decide(claim)
    assert (verdict.kind, verdict.counterexample) == (verdicts.PROVED, None), verdict.reason
    theorem = verdict.theorem
    assert theorem is not None and theorem.claim.left.same(claim.left) and theorem.claim.right.same(claim.right)
    assert list(map(hypothesis_text, theorem.hypotheses)) == list(map(hypothesis_text, claim.hypotheses))


@parametrized("proved")
def test_a_right_claim_holds_in_plain_loops(path: Path) -> None:
    claim = claim_of(path)
    compared = [differs(claim, w) for w in worlds(claim, dice(path), 4)]
    assert True not in compared
    assert False in compared, "no world in which both sides have a value"


@parametrized("refuted")
def test_a_wrong_claim_is_refuted_with_numbers(path: Path) -> None:
    claim = claim_of(path)
    verdict = decide(claim)
    assert (verdict.kind, verdict.theorem) == (verdicts.REFUTED, None), verdict.reason
    found = verdict.counterexample
    assert found is not None and found.left != found.right
    assert {axis.name for axis in claim.left.axes} <= set(found.sizes)


@parametrized("refuted")
def test_a_counterexample_can_be_redone(path: Path) -> None:
    claim = claim_of(path)
    found = decide(claim).counterexample
    assert found is not None
    values = replayed(claim, found)
    if values is None:
        assert "F" in repr(claim), "only an abstract function cannot be redone"
        return
    for value, shown in zip(values, (found.left, found.right), strict=True):
        assert value == pytest.approx(float(Fraction(shown)), rel=1e-4, abs=1e-4)
    assert values[0] > values[1] if claim.relation == "<=" else values[0] != pytest.approx(values[1], rel=1e-9)


@parametrized("refuted")
def test_a_wrong_claim_differs_in_plain_loops(path: Path) -> None:
    assert refuted(claim_of(path), dice(path), count=60) is not None


@parametrized("refuted")
def test_a_wrong_claim_stands_beside_a_right_one(path: Path) -> None:
    assert (CASES / "proved" / f"{path.stem.partition('__')[0]}.py").is_file()


@parametrized("ill-typed")
def test_an_ill_typed_claim_is_no_claim(path: Path) -> None:
    with pytest.raises(AxisError) as error:
        claim = claim_of(path)
        verdict = decide(claim)
        assert verdict.kind == verdicts.ILL_TYPED
        raise AxisError(*verdict.reason.split("; "))
    assert error.value.found and error.value.expected and error.value.hint


@parametrized("undecided")
def test_what_is_beyond_the_theory_is_neither_proved_nor_refuted(path: Path) -> None:
    verdict = decide(claim_of(path))
    assert verdict.kind == verdicts.UNDECIDED
    assert verdict.reason and verdict.theorem is None and verdict.counterexample is None


@parametrized("proved")
def test_no_mutant_that_differs_in_value_is_proved(path: Path) -> None:
    for mutant in mutants(claim_of(path), dice(path)):
        if proved(mutant):
            assert refuted(mutant, dice(path), count=6) is None, f"proved: {mutant!r}"


def mutants(claim: Claim, rng: random.Random) -> Iterator[Claim]:
    """The claim with a small change on one side, and without each of its hypotheses."""
    for n in range(len(claim.hypotheses)):
        yield Claim(claim.left, claim.right, claim.hypotheses[:n] + claim.hypotheses[n + 1:], (), claim.relation)
    for n in range(MUTANTS):
        left, right = claim.left, claim.right
        if n % 2:
            left = mutated(left, Maker(rng))
        else:
            right = mutated(right, Maker(rng))
        yield Claim(left, right, claim.hypotheses, tuple(right.free), claim.relation)


def proved(claim: Claim) -> bool:
    try:
        (by_bound if claim.relation == "<=" else by_normal_form)(claim)
    except (NotProved, OutsideTheory, AxisError, RecursionError):
        return False
    return True


@pytest.mark.parametrize(("kind", "count"), KINDS.items())
def test_there_are_enough_cases(kind: str, count: int) -> None:
    assert len(files(kind)) >= count


def test_every_case_lies_under_a_verdict() -> None:
    assert {path.parent.name for path in CASES.rglob("*.py") if path.parent != CASES} == set(KINDS)
    assert issubclass(AxisError, GradproofError)
