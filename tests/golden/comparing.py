"""Labels beside what the product says of the same steps, and the figures of the specification."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from derive import verdicts
from derive.reading.judging import judge
from derive.reading.parsing import Unreadable, read_file
from derive.reading.reports import StepReport
from tests.golden.labels import FALSE, NONE, Label, read_labels, relation, write_up

MISSING = "missing"
NEAR = 4
"""Most characters between a label and the right side it is about: a bracket, an opening dollar."""


@dataclass(frozen=True)
class Compared:
    """A label and its step. step: nothing if the product is silent; sign: the relation in front of the label."""

    label: Label
    step: StepReport | None
    sign: str

    @property
    def verdict(self) -> str:
        """What the product says, or `missing`."""
        return self.step.verdict if self.step is not None else MISSING

    @property
    def agrees(self) -> bool:
        """Whether the verdict is one the label allows."""
        return self.verdict in self.label.allowed or self.passed_over

    @property
    def passed_over(self) -> bool:
        """Whether the product is silent and may be."""
        return self.step is None and NONE in self.label.allowed

    @property
    def true(self) -> bool:
        """Whether the label counts as a true step."""
        return self.label.verdict == verdicts.PROVED

    @property
    def false(self) -> bool:
        """Whether the label counts as a false step."""
        return self.label.verdict in FALSE

    @property
    def flagged(self) -> bool:
        """Whether the product calls the step wrong."""
        return self.verdict in FALSE


@lru_cache(maxsize=5)
def compare(seed: int) -> tuple[tuple[Compared, ...], tuple[StepReport, ...]]:
    """Each label of a write-up with its step, and the steps that no label is about."""
    path = write_up(seed)
    text = path.read_text(encoding="utf-8")
    steps, lines = judge(path).steps, text.split("\n")
    labels = read_labels(seed)
    matched = _matched(labels, steps, lines)
    used = {id(step) for step in matched.values()}
    compared = tuple(Compared(label, matched.get(label), relation(label, lines)) for label in labels)
    return compared, tuple(s for s in steps if id(s) not in used and s.verdict != verdicts.UNREADABLE)


def equations(seeds: Iterable[int] = range(5)) -> list[Compared]:
    """The compared equations, save those passed over that may be."""
    return [row for row in _rows(seeds) if row.sign == "=" and not row.passed_over]


def memberships(seeds: Iterable[int] = range(5)) -> list[Compared]:
    """The compared claims about shapes."""
    return [row for row in _rows(seeds) if row.sign != "=" and not row.passed_over]


def displays(seed: int) -> tuple[int, int, int]:
    """Displays in the text, displays the reader found, and those of them it read to the last token."""
    path = write_up(seed)
    written = len(re.findall(r"\$\$.+?\$\$", path.read_text(encoding="utf-8"), re.DOTALL))
    blocks = [block for block in read_file(path).blocks if block.math.display]
    read = [block for block in blocks if not any(isinstance(row, Unreadable) for row in block.rows)]
    return written, len(blocks), len(read)


def disagreements(seeds: Iterable[int] = range(5)) -> Iterator[str]:
    """One line for each step whose verdict its label does not allow, and for each verdict on what is no step."""
    for seed in seeds:
        compared, others = compare(seed)
        for row in compared:
            if not row.agrees:
                yield line_of(row)
        for step in others:
            if step.verdict in FALSE or step.verdict == verdicts.PROVED:
                yield (f"{seed:03d}:{step.line}:{step.column}  not labelled, got {step.verdict}: "
                       f"{step.left} = {step.right}")


def figures(seeds: Iterable[int] = range(5)) -> dict[str, str]:
    """The figures of the specification, for a person."""
    seeds = tuple(seeds)
    rows = equations(seeds)
    true, false = [r for r in rows if r.true], [r for r in rows if r.false]
    read = [displays(seed) for seed in seeds]
    finals, shapes = [r for r in rows if r.label.final], memberships(seeds)
    return {
        "displays read": _share(sum(r[2] for r in read), sum(r[0] for r in read)),
        "equations with a verdict": _share(sum(r.step is not None for r in rows), len(rows)),
        "true steps proved": _share(sum(r.verdict == verdicts.PROVED for r in true), len(true)),
        "true steps refuted or ill-typed": _share(sum(r.flagged for r in true), len(true)),
        "false steps proved": _share(sum(r.verdict == verdicts.PROVED for r in false), len(false)),
        "false steps flagged": _share(sum(r.flagged for r in false), len(false)),
        "wrong final answers flagged": _share(sum(r.flagged for r in finals), len(finals)),
        "wrong final answers repaired": _share(
            sum(r.step is not None and r.step.repair is not None for r in finals), len(finals)),
        "of those one edit from right": _share(
            sum(r.step is not None and r.step.repair is not None for r in finals if r.label.repairable),
            sum(r.label.repairable for r in finals)),
        "memberships and shapes met": _share(sum(r.agrees for r in shapes), len(shapes)),
        "labels met": _share(sum(r.agrees for r in rows), len(rows)),
    }


def _rows(seeds: Iterable[int]) -> Iterator[Compared]:
    for seed in seeds:
        yield from compare(seed)[0]


def _share(some: int, all_of_them: int) -> str:
    return f"{some} of {all_of_them} ({100 * some / max(1, all_of_them):.1f}%)"


def line_of(row: Compared) -> str:
    """A disagreement in one line."""
    label = row.label
    expected = "/".join([label.verdict, *sorted(label.also)])
    reason = f"; {row.step.reason}" if row.step is not None and row.step.reason else ""
    return (f"{label.place}  expected {expected}, got {row.verdict}: {label.left} {row.sign or ','} {label.right}"
            f"  [{label.note}{reason}]")


def _matched(labels: tuple[Label, ...], steps: tuple[StepReport, ...], lines: list[str]) -> dict[Label, StepReport]:
    """For each label the step with the nearest right side, else the unreadable row around it."""
    starts = [(_right_start(step, lines), step) for step in steps]
    found: dict[Label, StepReport] = {}
    for label in labels:
        at = _offset(lines, label.line, label.column)
        near = [(abs(start - at), number, step) for number, (start, step) in enumerate(starts)
                if step.verdict != verdicts.UNREADABLE and abs(start - at) <= NEAR]
        rows = [step for _, step in starts if step.verdict == verdicts.UNREADABLE and _covers(step, at, lines)]
        if near:
            found[label] = min(near)[2]
        elif rows:
            found[label] = rows[0]
    return found


def _right_start(step: StepReport, lines: list[str]) -> int:
    """Offset of a step's right side: as long as it is written, and it ends where the step ends."""
    return _offset(lines, step.end_line, step.end_column) - len(step.right)


def _covers(step: StepReport, at: int, lines: list[str]) -> bool:
    end = _offset(lines, step.end_line, step.end_column)
    start = min(_offset(lines, step.line, step.column), end - len(step.left))
    return start - NEAR <= at <= end


def _offset(lines: list[str], line: int, column: int) -> int:
    return sum(len(text) + 1 for text in lines[: line - 1]) + column - 1
