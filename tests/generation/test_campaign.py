"""A small campaign, and the command that runs the large one."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from derive import verdicts
from derive.atoms import scaled
from derive.claims import Claim
from derive.errors import InternalDisagreement
from derive.normal_form import Normalizer
from derive.prover import decide
from derive.verdicts import Counterexample, Verdict
from tests.generation import judging, wild
from tests.generation.judging import EXPECTED, Outcome, judged, smallest
from tests.generation.specimens import FALSE, TRUE, UNBOUND, Specimen
from tests.generation.strategies import specimens

ROOT = Path(__file__).resolve().parents[2]
QUICK = settings(max_examples=30, deadline=None, derandomize=True, database=None,
                 suppress_health_check=list(HealthCheck))
SEED, COUNT = 4, 200


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [judged(SEED, number) for number in range(COUNT)]


def test_no_verdict_of_a_small_campaign_is_false(outcomes: list[Outcome]) -> None:
    assert [(o.number, o.wrong, o.text) for o in outcomes if o.wrong] == []


def test_few_claims_of_a_small_campaign_stay_undecided(outcomes: list[Outcome]) -> None:
    for truth, kind in EXPECTED.items():
        found = Counter(o.verdict for o in outcomes if o.truth == truth)
        assert found.total() - found[kind] <= 2, found


def test_a_small_campaign_reaches_everything(outcomes: list[Outcome]) -> None:
    assert {o.truth for o in outcomes} >= {TRUE, FALSE, UNBOUND}
    assert len({o.family for o in outcomes}) >= 18 and len({o.change for o in outcomes}) >= 10
    assert sum(o.redone for o in outcomes) > 60
    assert sorted(o.nodes for o in outcomes)[COUNT // 2] > 30


@given(specimens(true=True))
@QUICK
def test_what_hypothesis_makes_true_is_proved(found: Specimen) -> None:
    assert decide(found.claim).kind in (verdicts.PROVED, verdicts.UNDECIDED)


@given(specimens(true=False))
@QUICK
def test_what_hypothesis_makes_false_is_not_proved(found: Specimen) -> None:
    if found.truth == FALSE:
        assert decide(found.claim).kind in (verdicts.REFUTED, verdicts.UNDECIDED)


def test_no_verdict_on_random_terms_is_false() -> None:
    outcomes = [judged(SEED, number, untamed=True) for number in range(80)]
    assert [(o.number, o.wrong, o.text) for o in outcomes if o.wrong] == []
    assert Counter(o.verdict for o in outcomes).keys() >= {verdicts.PROVED, verdicts.REFUTED}


def test_a_wrong_normal_form_of_a_random_term_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubled(Normalizer):
        def poly(self, e: Any) -> Any:
            return scaled(super().poly(e), 2)

    monkeypatch.setattr(wild, "Normalizer", Doubled)
    monkeypatch.setattr(judging, "decide", lambda claim: Verdict(verdicts.UNDECIDED))
    assert any("its normal form" in judged(SEED, number, untamed=True).wrong for number in range(8))


# --- a campaign against a product that is wrong -----------------------------------------------------------------------


def first(truth: str, outcomes: list[Outcome]) -> int:
    return next(o.number for o in outcomes if o.truth == truth)


@pytest.mark.parametrize(("truth", "kind", "said"), [
    (FALSE, verdicts.PROVED, "proved, and it is false"), (TRUE, verdicts.REFUTED, "refuted, and it is true"),
    (TRUE, verdicts.ILL_TYPED, "ill-typed, and it is true"), (UNBOUND, verdicts.PROVED, "proved, and it is unbound"),
])
def test_a_false_verdict_is_noticed(truth: str, kind: str, said: str, outcomes: list[Outcome],
                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "decide", lambda claim: Verdict(kind))
    assert judged(SEED, first(truth, outcomes)).wrong == said


def test_a_disagreement_and_a_crash_are_noticed(outcomes: list[Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (InternalDisagreement("a theorem", "agreement"), TypeError("no")):
        def raising(claim: Claim, error: Exception = error) -> Verdict:
            raise error
        monkeypatch.setattr(judging, "decide", raising)
        assert type(error).__name__ in judged(SEED, first(TRUE, outcomes)).wrong


def test_a_counterexample_that_is_none_is_noticed(outcomes: list[Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """A refutation of a false claim, at numbers at which nothing is refuted."""
    def flattened(claim: Claim) -> Verdict:
        found = decide(claim)
        record = found.counterexample
        if record is None:
            return found
        values = {name: _zeros(value) for name, value in record.values.items()}
        return replace(found, counterexample=replace(record, values=values))

    def _zeros(value: Any) -> Any:
        return "0" if isinstance(value, str) else tuple(map(_zeros, value))

    monkeypatch.setattr(judging, "decide", flattened)
    said = [judged(SEED, o.number).wrong for o in outcomes[:80] if o.truth == FALSE]
    assert any(text.startswith("refuted, and both sides are") for text in said)
    assert Counterexample.__name__ in next(text for text in said if text)


def test_a_failure_is_made_smaller(outcomes: list[Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    """A prover that says yes to every claim about a softmax."""
    def credulous(claim: Claim) -> Verdict:
        return Verdict(verdicts.PROVED if "softmax" in repr(claim) else verdicts.REFUTED)

    monkeypatch.setattr(judging, "decide", credulous)
    number = next(o.number for o in outcomes if o.truth == FALSE and "softmax" in o.text and o.nodes > 50)
    found = smallest(SEED, number, budget=150)
    assert found.truth == FALSE and "softmax" in repr(found.claim)
    assert found.nodes < next(o.nodes for o in outcomes if o.number == number)


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def command() -> ModuleType:
    spec = importlib.util.spec_from_file_location("campaign", ROOT / "benchmarks" / "campaign.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "benchmarks" / "campaign.py"), *arguments], text=True,
                          capture_output=True)


def test_pieces_merge_to_the_whole(tmp_path: Path, command: ModuleType) -> None:
    parts = [tmp_path / "a.json", tmp_path / "b.json"]
    assert run("--seed", "4", "--count", "20", "--jobs", "2", "--save", str(parts[0])).returncode == 0
    assert run("--seed", "4", "--start", "20", "--count", "15", "--save", str(parts[1])).returncode == 0
    merged = run("--merge", *map(str, parts), "--output", str(tmp_path / "table.md"))
    assert merged.returncode == 0 and merged.stdout == (tmp_path / "table.md").read_text(encoding="utf-8")
    assert "--seed 4 --count 35" in merged.stdout and "False verdicts: 0; false proved 0" in merged.stdout
    whole = command.merged(json.loads(part.read_text(encoding="utf-8")) for part in parts)
    direct = command.collected((judged(4, number) for number in range(35)), 4)
    assert (whole["counts"], whole["nodes"], whole["redone"]) == (direct["counts"], direct["nodes"], direct["redone"])


def test_a_false_verdict_makes_the_command_fail(command: ModuleType, monkeypatch: pytest.MonkeyPatch,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(judging, "decide", lambda claim: Verdict(verdicts.PROVED))
    monkeypatch.setattr(sys, "argv", ["campaign.py", "--seed", "4", "--count", "6"])
    assert command.main() == 1
    shown = capsys.readouterr()
    assert "proved, and it is false" in shown.out and "smallest: `" in shown.out and "claim" in shown.err
