"""The report for a program: one JSON object with stable keys.

    schema      1; it changes when a key goes away or changes its meaning, not when one is added
    exercises   id, topic, statement, sources, expected, verdict, hypotheses, counterexample, second_opinion, seconds
    compiled    id, passed, difference, seconds, detail: compiled steps beside finite differences
    training    null where it was not run; model, corpus, words, vocabulary, seconds, words_per_second, losses,
                neighbours, problem, passed
    documents   path, setting, conventions, steps, findings, counts: see STEP_KEYS; empty in a report on the catalogue,
                as the four above are in a report on documents
    passed      whether every expectation holds: the same as exit status 0
    complete    in a report on documents: false where the run was stopped before all of them were judged

`verdict` is null where an internal error kept one from being reached. `counterexample` is null or holds sizes, values,
maps, index, left, right, entry as in `derive.verdicts.Counterexample`: exact numbers as text, positions from 0.
`second_opinion` is null or holds sizes (axis to the sizes tried), trials (at each point), points, error_bound (null
where none is proved) and weaker ("" where agreement there settles every size): see docs/second-opinion.md. Of a step it
is a list, with an entry for each claim that its proof rests on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from textwrap import indent
from typing import Any

from checks.documents import Judged
from checks.running import Outcome, Report, Training
from derive.opinion import Opinion
from derive.reading.reports import StepReport

SCHEMA = 1
STEP_KEYS = ("line", "column", "end_line", "end_column", "exercise", "left", "right", "relation", "verdict", "reason",
             "holds_for", "hypotheses", "conventions", "readings", "counterexample", "repair", "first_error", "seconds",
             "second_opinion")
"""What is said of a step: places counted from 1, sides in LaTeX as written, `readings` a list of written, read_as and
offered, `counterexample` as above, `repair` null or latex, marked, edit."""


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
        "documents": [],
        "passed": report.passed,
    }


def documents_json(pieces: Iterable[str], closing: Callable[[], Mapping[str, object]]) -> Iterator[str]:
    """The report on documents, piece by piece, so that nobody has to hold all of it.

    pieces: a `document_json` for each; closing: asked for what stands behind them when every document is written.
    """
    empty = {"schema": SCHEMA, "exercises": [], "compiled": [], "training": None}
    yield json.dumps(empty, indent=2).removesuffix("\n}") + ',\n  "documents": ['
    between = "\n"
    for piece in pieces:
        yield between + piece
        between = ",\n"
    last = json.dumps(closing(), indent=2, allow_nan=False).removeprefix("{\n")
    yield ("]" if between == "\n" else "\n  ]") + f",\n{last}\n"


def document_json(judged: Judged) -> str:
    """One document, indented as it stands in the report."""
    return indent(json.dumps(document_data(judged), indent=2, allow_nan=False), "    ")


def document_data(judged: Judged) -> dict[str, Any]:
    """One document as plain data."""
    report = judged.report
    return {
        "path": report.path,
        "setting": report.setting,
        "conventions": dict(report.conventions),
        "steps": [_step(step) for step in report.steps],
        "findings": list(report.findings),
        "counts": dict(sorted(report.counts.items())),
    }


def _step(step: StepReport) -> dict[str, Any]:
    data = asdict(replace(step, second_opinion=())) | {"second_opinion": list(map(_opinion, step.second_opinion))}
    return {key: data[key] for key in STEP_KEYS}


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
        "second_opinion": _opinion(verdict.second_opinion),
        "seconds": verdict.seconds,
    }


def _opinion(found: Opinion | None) -> dict[str, Any] | None:
    return {f.name: getattr(found, f.name) for f in fields(found) if f.name != "tried"} if found else None


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
