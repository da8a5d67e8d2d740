"""The report for a person: any width from 40 columns, with or without colour, in any encoding.

    >>> import sys
    >>> from derive.exercises.softmax import EXERCISES
    >>> from checks.running import judge
    >>> show(open_console(sys.stdout, width=60), claims_of_topic("softmax", [judge(EXERCISES[0])]))
    <BLANKLINE>
    softmax: 1 of 1 proved
      ...
"""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from checks import __version__
from checks.running import Neighbours, Outcome, Report, StepCheck, Training
from derive.verdicts import ILL_TYPED, PROVED, REFUTED

if TYPE_CHECKING:
    from derive.claims import Claim
    from derive.opinion import Opinion

# From this width on a claim stands in one row; below it the statement stands under the name.
WIDE = 110
_NAME_COLUMNS = 36
INDENT = 6
_STYLES = {PROVED: "green", REFUTED: "yellow", ILL_TYPED: "yellow"}

# What stands in a terminal that cannot show the sign; anything else becomes an escape.
_SPELLED = {
    "✓": "ok", "✗": "NO", "→": "->", "≠": "!=", "≤": "<=", "≥": ">=", "·": ".", "—": "-", "–": "-", "…": "...",
    "×": "x", "−": "-", "σ": "sigma", "α": "alpha", "ε": "eps", "δ": "delta", "θ": "theta", "η": "eta", "λ": "lambda",
    "∂": "d",
    "∇": "grad ", "Σ": "sum ", "∑": "sum ", "√": "sqrt", "∞": "inf", "∈": " in ", "ᵀ": "^T", "⊤": "^T", "²": "^2",
    "ŷ": "yhat", "’": "'", "‘": "'", "“": '"', "”": '"', "⋅": ".", "∘": "*", "⊙": "*", "≈": "~", "±": "+-", "µ": "mu",
}


def open_console(stream: TextIO, *, width: int | None = None) -> Console:
    """A console on a stream, in ASCII where the stream or the locale has nothing else.

    NO_COLOR, TERM=dumb and pipes give plain text without control characters.
    """
    if isinstance(stream, io.TextIOWrapper) and speaks_ascii(stream.encoding, os.environ):
        stream.reconfigure(encoding="ascii", errors="gradproof-spelled")
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def speaks_ascii(encoding: str | None, environment: Mapping[str, str]) -> bool:
    """Whether only ASCII is safe: another encoding than UTF-8, or the C locale, whatever Python assumes there.

    >>> speaks_ascii("utf-8", {"LC_ALL": "C"}), speaks_ascii("utf-8", {"LANG": "C.UTF-8"})
    (True, False)
    """
    if not (encoding or "ascii").lower().replace("-", "").replace("_", "").startswith("utf"):
        return True
    if environment.get("PYTHONIOENCODING") or environment.get("PYTHONUTF8") == "1":
        return False
    names = (environment.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    return next((name for name in names if name), "") in ("C", "POSIX")


def show(console: Console, renderable: RenderableType) -> None:
    """Print a part of the report; where no terminal needs it, without the blanks that fill lines up."""
    if console.quiet:
        return
    if console.is_terminal:
        console.print(renderable)
        return
    with console.capture() as captured:
        console.print(renderable)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


@contextmanager
def progress(console: Console, label: str, total: int) -> Iterator[Callable[[str], None]]:
    """A bar that lives while the work does, on a terminal only; gives a function to call with each thing begun."""
    if not live(console):
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=total)
        begun = -1

        def begin(name: str) -> None:
            nonlocal begun
            begun += 1
            bar.update(task, description=f"{label} {_shortened(name, console.width // 3)}", completed=begun)

        yield begin


@contextmanager
def meter(console: Console, label: str) -> Iterator[Callable[[float, str], None]]:
    """A bar for work measured by its share from 0 to 1, on a terminal only."""
    if not live(console):
        yield lambda share, facts: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda share, facts: bar.update(task, completed=share, description=f"{label}: {facts}")


def live(console: Console) -> bool:
    """Whether something may move on this console."""
    return console.is_terminal and console.file.isatty() and not console.is_dumb_terminal


# --- sections ---------------------------------------------------------------------------------------------------------


def heading() -> RenderableType:
    """The first line."""
    return Text.assemble(("gradproof ", "bold"), f"{__version__}: claims about gradients, for every size of every axis")


def claims_of_topic(topic: str, outcomes: Sequence[Outcome], *, verbose: bool = False) -> RenderableType:
    """The claims of one topic that ought to be proved: name, statement, hypotheses, verdict, milliseconds."""
    proved = sum(o.passed for o in outcomes)
    title = section_title(topic, f"{proved} of {len(outcomes)} proved", _style(proved == len(outcomes)))
    columns = min(max(len(o.exercise.name) for o in outcomes), _NAME_COLUMNS)
    return Group(title, *(_Row(o, verbose, columns) for o in outcomes))


def refused_errors(outcomes: Sequence[Outcome], *, misnamed: Sequence[str] = (),
                   verbose: bool = False) -> RenderableType:
    """The known errors, with what refuses each and the claim that should have stood there."""
    refused = sum(o.passed for o in outcomes)
    title = section_title("known errors", f"{refused} of {len(outcomes)} refused", _style(refused == len(outcomes)))
    return Group(title, *(_Row(o, verbose, misnamed=o.exercise.id in misnamed) for o in outcomes))


def compiled_steps(steps: Sequence[StepCheck]) -> RenderableType:
    """The compiled steps beside finite differences."""
    agree = sum(s.passed for s in steps)
    title = section_title("compiled steps against finite differences", f"{agree} of {len(steps)} agree",
                          _style(agree == len(steps)))
    return Group(title, *(_step(s) for s in steps))


def training(run: Training) -> RenderableType:
    """The training: loss, speed, nearest neighbours of a few words."""
    if run.problem:
        return Group(section_title("training", "did not run", "red"), note(run.problem, "red"))
    fell = "loss fell" if run.passed else "loss did not fall"
    losses = ", ".join(f"{loss:.3f}" for loss in run.losses)
    facts = (f"{run.model} on {run.corpus}: {run.words:,} words read, vocabulary {run.vocabulary:,}",
             f"mean loss per pair, epoch by epoch: {losses}",
             f"{run.words_per_second:,.0f} words/s, {run.seconds:.1f} s")
    return Group(section_title("training", fell, _style(run.passed)), *map(note, facts), _neighbours(run.neighbours))


def summary(report: Report, advice: str = "") -> RenderableType:
    """The last line: passed or failed, and the counts; above it what failed and what to do about it."""
    line = Text("\n").append("PASS" if report.passed else "FAIL", "bold green" if report.passed else "bold red")
    line.append("  " + "; ".join(_counts(report)))
    if report.passed:
        return line
    failed = [note(f"not as expected: {name}", "red", 2) for name in report.failures]
    return Group(Text(""), *failed, *([note(advice, "", 2)] if advice else []), line)


# --- rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """One claim, laid out for the width it is given. columns: width of the names around it; 0: name above statement."""

    outcome: Outcome
    verbose: bool
    columns: int = 0
    misnamed: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        width = options.max_width
        wide = self.columns and width >= WIDE
        yield _wide_row(self.outcome, self.columns) if wide else _narrow_row(self.outcome, width)
        yield from (note(line, style) for line, style in _under(self.outcome, self.misnamed, width - INDENT))
        if self.verbose:
            yield from (note(line, "dim") for line in inner_workings(self.outcome))


def _wide_row(outcome: Outcome, columns: int) -> RenderableType:
    row = grid()
    row.add_column(width=columns, overflow="fold")
    row.add_column(ratio=1, overflow="fold")
    row.add_column(width=9, no_wrap=True)
    row.add_column(width=8, justify="right", no_wrap=True)
    said = Text(outcome.exercise.statement)
    for hypothesis in outcome.hypotheses:
        said.append(f"\ngiven {hypothesis}", "cyan")
    row.add_row(_Mark(outcome.passed), Text(outcome.exercise.name, "bold"), said, _verdict(outcome),
                 _milliseconds(outcome.verdict.seconds))
    return row


def _narrow_row(outcome: Outcome, width: int) -> RenderableType:
    name = Text(outcome.exercise.id if outcome.known_error else outcome.exercise.name, "bold")
    right = Text.assemble(_verdict(outcome), "  ", _milliseconds(outcome.verdict.seconds))
    row = grid()
    row.add_column(ratio=1, overflow="fold")
    if width - 6 - name.cell_len > right.cell_len:
        row.add_column(justify="right", no_wrap=True)
        row.add_row(_Mark(outcome.passed), name, right)
    else:
        row.add_row(_Mark(outcome.passed), name)
        row.add_row("", right)
    hypotheses = (note(f"given {hypothesis}", "cyan") for hypothesis in outcome.hypotheses)
    return Group(row, note(outcome.exercise.statement), *hypotheses)


def grid() -> Table:
    """A row that fills the width and begins with a mark."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=4, no_wrap=True)
    return grid


def _under(outcome: Outcome, misnamed: bool, width: int) -> Iterator[tuple[str, str]]:
    """What stands below a claim: counterexample, reason, fault, the right claim."""
    verdict, exercise = outcome.verdict, outcome.exercise
    if outcome.fault:
        yield f"internal error, please report it: {outcome.fault}", "red"
    elif not outcome.passed:
        yield f"expected {exercise.expected}, found {verdict.kind}: {verdict.reason or 'no reason given'}", "red"
    elif verdict.kind == ILL_TYPED:
        yield verdict.reason, ""
    if verdict.counterexample is not None:
        from derive.refuter import render

        *facts, left, right = render(verdict.counterexample).splitlines()
        yield from ((line, "") for line in packed(facts, width))
        yield f"{left}, {right}", ""
    if exercise.right:
        doubt, style = (" (which is not proved)", "red") if misnamed else ("", "green")
        yield f"instead: {exercise.right}{doubt}", style


def packed(facts: Iterable[str], width: int) -> Iterator[str]:
    """Short lines put side by side, in their order, where the width allows it.

    >>> list(packed(["n = 2", "x = (0, 1)", "left = 0", "right = 1"], 30))
    ['n = 2, x = (0, 1), left = 0', 'right = 1']
    """
    line = ""
    for fact in facts:
        if line and len(line) + len(fact) + 2 > width:
            yield line
            line = fact
        else:
            line = f"{line}, {fact}" if line else fact
    if line:
        yield line


def inner_workings(outcome: Outcome) -> Iterator[str]:
    """What --verbose adds: the claim, rule, normal form, side conditions, one entry, LaTeX, sources."""
    claim, theorem = outcome.claim, outcome.verdict.theorem
    yield f"sources: {', '.join(outcome.exercise.sources)}"
    if claim is None:
        return
    from derive import rendering

    yield f"claim: {rendering.claim_text(claim)}"
    yield f"one entry: {rendering.claim_component_text(claim)}"
    if theorem is not None:
        by = f" on {', '.join(map(str, theorem.inputs))}" if theorem.inputs else ""
        yield f"rule: {theorem.rule}{by}"
        yield from (f"defined where: {condition}" for condition in theorem.side_conditions)
    if outcome.verdict.second_opinion is not None:
        yield f"second opinion: {opinion_text(outcome.verdict.second_opinion)}"
    yield from _normal_forms(claim)
    yield f"LaTeX: {rendering.claim_latex(claim)}"
    yield f"LaTeX, one entry: {rendering.claim_component_latex(claim)}"


def opinion_text(opinion: Opinion) -> str:
    """Where both sides were evaluated without the prover's rules, and what that is worth."""
    sizes = ", ".join(f"{axis} = {', '.join(map(str, tried))}" for axis, tried in opinion.sizes.items())
    at = f"{opinion.points} point{'s' * (opinion.points != 1)}{f' with {sizes}' if sizes else ''}"
    if opinion.weaker:
        return f"{at}; {opinion.weaker}"
    return f"{at}, which settle{'s' * (opinion.points == 1)} every size; error at most {opinion.error_bound or 0:.0e}"


def _normal_forms(claim: Claim) -> Iterator[str]:
    from derive.errors import GradproofError
    from derive.normal_form import normal_form_text
    from derive.rendering import entry_indices
    from derive.terms import component

    indices = entry_indices(claim.left - claim.right)
    for name, side in (("left", claim.left), ("right", claim.right)):
        try:
            yield f"normal form, {name}: {normal_form_text(component(side, indices), claim.hypotheses)}"
        except GradproofError as error:
            yield f"normal form, {name}: none ({error})"


def _step(step: StepCheck) -> RenderableType:
    row = grid()
    row.add_column(ratio=1, overflow="fold")
    row.add_column(justify="right", no_wrap=True)
    difference = "" if step.difference is None else f"{step.difference:.1e}"
    row.add_row(_Mark(step.passed), Text(step.id, "bold"), difference)
    return row if step.passed else Group(row, note(f"{step.detail}", "red"))


def _neighbours(rows: Iterable[Neighbours]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(Text(row.word, "bold"), ", ".join(f"{word} {cosine:.2f}" for word, cosine in row.nearest))
    return Padding(grid, (0, 0, 0, INDENT))


def _counts(report: Report) -> Iterator[str]:
    claims = [o for o in report.outcomes if not o.known_error]
    errors = [o for o in report.outcomes if o.known_error]
    if claims:
        yield f"{sum(o.passed for o in claims)} of {len(claims)} claims proved"
    if errors:
        yield f"{sum(o.passed for o in errors)} of {len(errors)} known errors refused"
    if report.steps:
        yield f"{sum(s.passed for s in report.steps)} of {len(report.steps)} compiled steps agree"
    if report.training:
        run = report.training
        yield f"loss from {run.losses[0]:.2f} to {run.losses[-1]:.2f}" if run.losses else "no training"
    yield f"{report.seconds:.1f} s"


def section_title(name: str, count: str, style: str) -> RenderableType:
    """The first line of a section, after a blank one."""
    return Text.assemble("\n", (name, "bold underline"), ": ", (count, style))


def _style(good: bool) -> str:
    return "green" if good else "red"


def note(line: str, style: str = "", indent: int = INDENT) -> RenderableType:
    """A line below a row."""
    return Padding(Text(line, style, overflow="fold"), (0, 0, 0, indent))


@dataclass(frozen=True)
class _Mark:
    """Passed or not, as a sign or, where there is none, as a word."""

    passed: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        good, bad = ("ok", "NO") if options.ascii_only else (" ✓", " ✗")
        yield Text(f"  {good}", "green") if self.passed else Text(f"  {bad}", "bold red")


def _verdict(outcome: Outcome) -> Text:
    if outcome.fault:
        return Text("error", "bold red")
    return Text(outcome.verdict.kind, _STYLES.get(outcome.verdict.kind, "red") if outcome.passed else "bold red")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:4.0f} ms"


def _shortened(name: str, columns: int) -> str:
    return name if len(name) <= columns else name[: max(columns - 1, 0)] + "…"


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unreadable = error.object[error.start:error.end]
    shown = (_SPELLED.get(c, c.encode("ascii", "backslashreplace").decode()) for c in unreadable)
    return "".join(shown), error.end


codecs.register_error("gradproof-spelled", _spell)

