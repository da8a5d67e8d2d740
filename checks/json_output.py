"""The report for a program: one JSON object with stable keys.

    schema      1; it changes when a key goes away or changes its meaning, not when one is added
    exercises   id, topic, statement, sources, expected, verdict, hypotheses, counterexample, seconds
    compiled    id, passed, difference, seconds, detail: compiled steps beside finite differences
    training    null where it was not run; model, corpus, words, vocabulary, seconds, words_per_second, losses,
                neighbours, problem, passed
    passed      whether every expectation holds: the same as exit status 0

`verdict` is null where an internal error kept one from being reached. `counterexample` is null or holds sizes, values,
maps, index, left, right, entry as in `derive.verdicts.Counterexample`: exact numbers as text, positions from 0.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from checks.running import Outcome, Report, Training

SCHEMA = 1


def json_text(report: Report) -> str:
    """The report as JSON in ASCII, indented, ending with a line break."""
    return json.dumps(as_data(report), indent=2, allow_nan=False) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "schema": SCHEMA,
        "exercises": [_exercise(outcome) for outcome in report.outcomes],
        "compiled": [{**asdict(step), "difference": _finite(step.difference)} for step in report.steps],
        "training": None if report.training is None else _training(report.training),
        "passed": report.passed,
    }


def _exercise(outcome: Outcome) -> dict[str, Any]:
    exercise, verdict = outcome.exercise, outcome.verdict
    return {
        "id": exercise.id,
        "topic": exercise.topic,
        "statement": exercise.statement,
        "sources": list(exercise.sources),
        "expected": exercise.expected,
        "verdict": None if outcome.fault else verdict.kind,
        "hypotheses": list(outcome.hypotheses),
        "counterexample": asdict(verdict.counterexample) if verdict.counterexample else None,
        "seconds": verdict.seconds,
    }


def _training(run: Training) -> dict[str, Any]:
    return {
        **asdict(run),
        "losses": [_finite(loss) for loss in run.losses],
        "neighbours": {row.word: dict(row.nearest) for row in run.neighbours},
        "passed": run.passed,
    }


def _finite(value: float | None) -> float | None:
    """JSON has no NaN and no infinity: null stands for them."""
    return value if value is not None and math.isfinite(value) else None
