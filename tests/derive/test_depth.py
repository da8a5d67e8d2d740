"""A claim that is nested too deeply is undecided, and says so."""

from __future__ import annotations

from derive import verdicts
from derive.components import Axis
from derive.prover import decide
from derive.terms import exp, tensor


def test_a_hundred_and_fifty_layers_are_undecided() -> None:
    term = tensor("x", Axis("n"))
    for _ in range(150):
        term = exp(term) + 1
    verdict = decide(term == term * 1)
    assert verdict.kind == verdicts.UNDECIDED
    assert "nested too deeply" in verdict.reason
