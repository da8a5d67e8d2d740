"""Conventions of a document: what its steps rest on, which ones it follows, and where it contradicts itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from derive import verdicts
from derive.reading.steps import Outcome
from derive.reading.values import GRADIENTS


def settle(steps: Sequence[tuple[str, Outcome]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The conventions most steps follow, and a finding for each that steps disagree about.

    steps: the exercise each stands in, and its outcome.
    """
    counted: dict[str, Counter[str]] = {}
    where: dict[tuple[str, str], list[str]] = {}
    for exercise, outcome in steps:
        if outcome.kind != verdicts.PROVED:
            continue
        for which, how in sorted(outcome.needs):
            counted.setdefault(which, Counter())[how] += 1
            where.setdefault((which, how), []).append(exercise)
    chosen = {which: counts.most_common(1)[0][0] for which, counts in counted.items()}
    return chosen, tuple(_clash(which, counts, where) for which, counts in counted.items() if len(counts) > 1)


def contradicted(outcome: Outcome, all_outcomes: Sequence[Outcome]) -> tuple[str, str] | None:
    """The convention an outcome rests on that the rest of the document clearly does not follow."""
    for which, how in sorted(outcome.needs):
        here = others = 0
        for other in all_outcomes:
            if other.proved:
                said = other.conventions.get(which)
                here += said == how
                others += said is not None and said != how
                others += said is None and which == other.world.convention and bool(other.transposes)
        if (others >= 3 * here and others >= 3) or (which == GRADIENTS and others >= 2 * here and others >= 2):
            return which, how
    return None


def _clash(which: str, counts: Counter[str], where: dict[tuple[str, str], list[str]]) -> str:
    parts = [f"{_places(where[which, how])} needs {how}" for how, _ in counts.most_common()]
    return f"{which}: {', '.join(parts)}"


def _places(exercises: list[str]) -> str:
    named = list(dict.fromkeys(exercise or "a step" for exercise in exercises))
    return ", ".join(named[:4]) + (" and others" if len(named) > 4 else "")


__all__ = ["contradicted", "settle"]
