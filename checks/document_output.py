r"""Judged documents for a person: any width from 40 columns, with or without colour, in any encoding.

    >>> print(shortened_latex(r"\frac{a}{b} + \sum_{k} c_k + d", 25))
    \frac{a}{b} + \sum_{k} …
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from checks import __version__
from checks.documents import Judged
from checks.rich_output import INDENT, WIDE, grid, note, opinion_text, packed, section_title
from derive.reading.reports import DocumentReport, StepReport
from derive.verdicts import DEFINITION, ILL_TYPED, PROVED, REFUTED, UNDECIDED, UNREADABLE

# verdict: sign, sign in ASCII, style. Wrong ones stand out, open ones are there but quiet.
_LOOKS = {
    PROVED: (" ✓", "ok", "green"),
    REFUTED: (" ✗", "NO", "bold red"),
    ILL_TYPED: (" !", " !", "bold magenta"),
    UNDECIDED: (" ?", " ?", "yellow"),
    UNREADABLE: (" ~", " ~", "dim yellow"),
    DEFINITION: (":=", ":=", "dim"),
}
_WRONG = (REFUTED, ILL_TYPED)
_MOST_SHOWN = 1500  # characters of a side: beyond that nobody compares by eye
_INHERITED = "; it follows a wrong line"


def heading() -> RenderableType:
    """The first line."""
    return Text.assemble(("gradproof ", "bold"), f"{__version__}: derivations, step by step")


def document(judged: Judged, *, verbose: bool = False) -> RenderableType:
    """One document: its steps by exercise, then conventions, findings and counts."""
    report = judged.report
    if judged.problem:
        return Group(section_title(printable(report.path), "not read", "red"), note(printable(judged.problem), "red"))
    steps = [row for label, group in groupby(report.steps, lambda step: step.exercise)
             for row in (*_label(label), *(_Step(step, verbose) for step in group))]
    return Group(section_title(printable(report.path), *_verdict_of(judged)), *steps, *_below(report))


def summary(counts: Counts, *, strict: bool = False) -> RenderableType:
    """The last line: PASS if all is proved, FAIL if something is wrong, OPEN if something is undecided or was not come
    to; the counts."""
    word, style = ("FAIL", "bold red") if counts.failed(strict) else ("OPEN", "bold yellow") if (
        counts.open or counts.missing) else ("PASS", "bold green")
    return Text.assemble("\n", (word, style), "  ", "; ".join(counts.said()))


@dataclass
class Counts:
    """What is counted over all documents. unread: documents that could not be read; missing: those that were not judged
    when the run was stopped; disagreements: internal errors; seconds: by the clock."""

    documents: int = 0
    unread: int = 0
    missing: int = 0
    disagreements: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, verdicts: Mapping[str, int], problem: str = "", disagreements: int = 0) -> None:
        """Count one more document: how many steps have each verdict, and why it could not be read, if so."""
        self.documents += 1
        self.unread += bool(problem)
        self.disagreements += disagreements
        self.verdicts.update(verdicts)

    @property
    def open(self) -> int:
        """Steps that are neither right nor wrong."""
        return self.verdicts[UNDECIDED] + self.verdicts[UNREADABLE]

    def failed(self, strict: bool) -> bool:
        """Whether something is wrong; strict: or open."""
        wrong = self.unread + sum(self.verdicts[verdict] for verdict in _WRONG)
        return bool(wrong or (strict and self.open))

    def said(self) -> Iterator[str]:
        """The counts in words."""
        if self.documents != 1:
            yield f"{self.documents} documents"
        if self.missing:
            yield f"stopped early: {self.missing} not judged"
        if self.unread:
            yield f"{self.unread} not read"
        yield ", ".join(_counted(self.verdicts)) or "no equations"
        yield f"{self.seconds:.1f} s"


def _counted(verdicts: Counter[str]) -> Iterator[str]:
    for verdict in _LOOKS:
        if verdicts[verdict]:
            plural = "s" if verdict == DEFINITION and verdicts[verdict] > 1 else ""
            yield f"{verdicts[verdict]} {verdict}{plural}"


# --- around the steps -------------------------------------------------------------------------------------------------


def _verdict_of(judged: Judged) -> tuple[str, str]:
    """What stands beside a document's name, and its style."""
    counts = Counter(judged.report.counts)
    equations = counts.total() - counts[DEFINITION]
    if not equations:
        return "no equations to judge", "yellow"
    style = "red" if judged.wrong else "yellow" if judged.open else "green"
    return f"{counts[PROVED]} of {equations} steps proved", style


def _label(label: str) -> Iterator[RenderableType]:
    if label:
        yield Text(f"\n  {printable(label)}", "bold")


def _below(report: DocumentReport) -> Iterator[RenderableType]:
    """Conventions, findings, counts."""
    yield Text("")
    yield note(f"setting: {printable(report.setting)}", "", 2)
    for name, choice in report.conventions.items():
        yield note(f"convention: {printable(f'{name}: {choice}')}", "", 2)
    for finding in report.findings:
        yield note(f"finding: {printable(finding)}", "yellow", 2)
    if report.steps:
        yield note(", ".join(_counted(Counter(report.counts))), "", 2)


# --- a step -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    """One step, laid out for the width it is given."""

    step: StepReport
    verbose: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        step, width = self.step, options.max_width
        sign, spelled, style = _LOOKS[step.verdict]
        mark = Text(f"  {spelled if options.ascii_only else sign}", style)
        place = Text(f"{step.line}:{step.column}", "" if step.verdict in _WRONG else "dim")
        verdict = Text(step.verdict, style)
        whole = self.verbose or step.verdict in _WRONG
        if width >= WIDE:
            row = grid()
            row.add_column(width=8, no_wrap=True)
            row.add_column(ratio=1, overflow="fold")
            row.add_column(width=10, no_wrap=True)
            row.add_row(mark, place, Text("\n".join(sides(step, width - 28, whole)), overflow="fold"), verdict)
            yield row
        else:
            row = grid()
            row.add_column(ratio=1, no_wrap=True)
            row.add_column(justify="right", no_wrap=True)
            row.add_row(mark, place, verdict)
            yield row
            yield from (note(line) for line in sides(step, width - INDENT, whole))
        yield from (note(printable(line), style) for line, style in _under(step, self.verbose, width - INDENT))


def sides(step: StepReport, width: int, whole: bool) -> list[str]:
    """The two sides as written, on one line if there is room. whole: not shortened, whatever room there is."""
    left, right = (_spaced(side)[:_MOST_SHOWN] for side in (step.left, step.right))
    right = f"{step.relation} {right}" if step.relation else right
    line = f"{left} {right}".strip()
    if len(line) <= width:
        return [line]
    if whole:
        return [left, right] if right else [left]
    return [shortened_latex(side, width) for side in (left, right) if side]


def shortened_latex(latex: str, width: int) -> str:
    """LaTeX cut to a width: between two tokens, outside of braces where that keeps half of it."""
    if len(latex) <= width:
        return latex
    depth, outside, anywhere = 0, 0, 0
    for token in re.finditer(r"\\[A-Za-z]+\s*|\\.|[{}]|[^\\{}]", latex):
        if token.end() > width - 2:
            break
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        anywhere = token.end()
        if depth <= 0 and token[0][0] != "\\" and latex[token.end():token.end() + 1] not in ("{", "_", "^"):
            outside = token.end()
    cut = outside if outside >= width // 2 else anywhere
    return f"{latex[:cut].rstrip()} …"


def printable(text: str) -> str:
    """A line from a document without anything that could steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _spaced(text: str) -> str:
    return printable(" ".join(text.split()))


def _under(step: StepReport, verbose: bool, width: int) -> Iterator[tuple[str, str]]:
    """What stands below a step: reason, counterexample, repair, offered readings; with verbose also how it was read."""
    if step.hypotheses and (verbose or step.verdict in (PROVED, *_WRONG)):
        yield f"given {'; '.join(step.hypotheses)}", "cyan"
    yield from _reason(step, verbose)
    yield from ((line, "") for line in _numbers(step, width))
    if step.repair is not None:
        yield f"repair, proved: {step.repair.edit}", "green"
        yield f"{step.relation} {_spaced(step.repair.marked)}", "green"
    for reading in step.readings:
        written, read_as = reading.written or "a lost mark", reading.read_as or "nothing"
        if reading.offered and step.verdict != PROVED:
            yield f"offered, not accepted: read {written} as {read_as}", "yellow"
        elif verbose:
            yield f"read {written} as {read_as}", "dim"
    if verbose:
        yield from ((f"convention: {convention}", "dim") for convention in step.conventions)
        yield from ((f"second opinion: {opinion_text(each)}", "dim") for each in step.second_opinion)
        yield f"{step.seconds * 1e3:.0f} ms", "dim"


def _reason(step: StepReport, verbose: bool) -> Iterator[tuple[str, str]]:
    if step.verdict in _WRONG:
        where = "first error" if step.first_error else "after an earlier error"
        yield f"{where}: {step.reason}", _LOOKS[step.verdict][2]
    elif step.verdict != PROVED or verbose:
        yield step.reason, "dim"
    elif step.reason.endswith(_INHERITED):
        yield "right in itself, but it follows a wrong line", "yellow"


def _numbers(step: StepReport, width: int) -> Iterable[str]:
    if step.counterexample is None:
        return ()
    from derive.refuter import render

    *facts, left, right = render(step.counterexample).splitlines()
    return (*packed(facts, width), f"{left}, {right}")


__all__: Sequence[str] = ("Counts", "document", "heading", "printable", "shortened_latex", "sides", "summary")
