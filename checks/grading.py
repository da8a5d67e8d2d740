"""The report on documents: found, judged by workers, shown one after the other, summed up in an exit status."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from tempfile import SpooledTemporaryFile
from time import perf_counter

from rich.console import Console, RenderableType

from checks import rich_output
from checks.certificates import write
from checks.courses import Limits
from checks.delivery import FAILED, FILE_WIDTH, INTERNAL, PASSED, UNREAD, USAGE, Refused, expect_writable, write_aside
from checks.document_output import Counts, document, heading, printable, summary
from checks.documents import Given, Judged, find
from checks.interruptions import Interruption, interruptible
from checks.journals import Journal, Page, journal_path
from checks.json_output import SCHEMA, document_json, documents_json
from checks.workers import REAL, in_order, judged
from derive.errors import GradproofError
from derive.opinion import parse

_SPOOLED = 8_000_000  # bytes of a report kept in memory before it goes to disk


def grade(options: argparse.Namespace, judge: str = "") -> int:
    """Judge the documents, show the report, and return the exit status. judge: see `workers`.

    A report that is stopped by a signal holds what was finished, and says that it is not complete.
    """
    if options.output is not None:
        expect_writable(options.output)
    if options.setting:
        _expect_setting(options.setting)
    given = find(options.documents, options.kind)
    with interruptible() as interruption:
        run = _Run(options, judge or REAL, given, interruption, rich_output.open_console(sys.stdout))
        if options.output is not None:
            _write(run)
        elif options.format == "json":
            _print_json(run)
        else:
            _show(run)
        sys.stdout.flush()
        return _status(run)


@dataclass
class _Run:
    """One call of the command on documents, and what is counted in it."""

    options: argparse.Namespace
    judge: str
    given: tuple[Given, ...]
    interruption: Interruption
    screen: Console
    counts: Counts = field(default_factory=Counts)
    started: float = field(default_factory=perf_counter)

    def counted(self, judged: Judged) -> None:
        """Count one more document."""
        self.counts.add(judged.report.counts, judged.problem, len(judged.report.disagreements))

    def finish(self) -> None:
        """Nothing more comes: how long it took, and what did not come."""
        self.counts.seconds = perf_counter() - self.started
        self.counts.missing = len(self.given) - self.counts.documents

    def last(self) -> dict[str, object]:
        """What stands at the end of a JSON report."""
        self.finish()
        complete = not self.counts.missing
        return {"passed": complete and not self.counts.disagreements and not self.counts.failed(self.options.strict),
                "complete": complete}

    def limits(self) -> Limits:
        """As the options say, else the usual ones."""
        usual, options = Limits(), self.options
        return Limits(options.step_seconds or usual.step, options.document_seconds or usual.document,
                      options.memory_mb or usual.memory)


def _status(run: _Run) -> int:
    counts = run.counts
    if run.interruption.status:
        return run.interruption.status
    if counts.disagreements:
        return INTERNAL
    return UNREAD if counts.unread else FAILED if counts.failed(run.options.strict) else PASSED


def _expect_setting(name: str) -> None:
    from derive.reading.settings.choice import SETTINGS

    known = [*SETTINGS, "none"]
    if name not in known:
        close = get_close_matches(name, known, n=2, cutoff=0.5)
        raise Refused(str(GradproofError(f"--setting {name}", f"one of {', '.join(known)}",
                                         " or ".join(close) or "no --setting at all")), USAGE)


# --- to the screen ----------------------------------------------------------------------------------------------------


def _show(run: _Run) -> None:
    """The report as text, each document as soon as its turn comes."""
    rich_output.show(run.screen, heading())
    for each in in_order(_judged(run, run.given, run.screen)):
        run.counted(each)
        rich_output.show(run.screen, document(each, verbose=run.options.verbose))
        _complain(each.report.disagreements)
    run.finish()
    rich_output.show(run.screen, summary(run.counts, strict=run.options.strict))


def _print_json(run: _Run) -> None:
    """The report as JSON, likewise."""
    def pieces() -> Iterator[str]:
        for each in in_order(_judged(run, run.given, Console(quiet=True))):
            run.counted(each)
            _complain((each.problem, *each.report.disagreements))
            yield document_json(each)

    for piece in documents_json(pieces(), run.last):
        sys.stdout.write(piece)


def _complain(problems: tuple[str, ...]) -> None:
    """Say what is amiss where the person who called looks."""
    for problem in filter(None, problems):
        print(f"checks.report: {printable(problem)}", file=sys.stderr)


def _judged(run: _Run, given: tuple[Given, ...], quiet: Console,
            begin: Callable[[Given], None] = lambda given: None) -> Iterator[tuple[int, Judged]]:
    """Every document with its number, as soon as it is judged. quiet: where a bar may move."""
    options = run.options
    with rich_output.progress(quiet, "judging", len(given)) as move:

        def begun(each: Given) -> None:
            begin(each)
            move(printable(each.path))

        with closing(judged(given, judge=run.judge, setting=options.setting,
                            front_matter=not options.no_front_matter, jobs=options.jobs or 0, limits=run.limits(),
                            begin=begun, bell=run.interruption.bell)) as found:
            for number, each in found:
                if options.certificate is not None:
                    certify(each, options.certificate)
                yield number, each


def certify(judged: Judged, folder: Path) -> None:
    """Write a certificate for every claim that a proved step rests on."""
    for step in judged.report.steps:
        for said, opinion in zip(step.statements, step.second_opinion, strict=True):
            write(folder, f"{judged.report.path}:{step.line}:{step.column}", parse(said), opinion)


# --- to a file --------------------------------------------------------------------------------------------------------


def _write(run: _Run) -> None:
    """The report in a file, whole; what is finished is kept beside it until then."""
    output, form = run.options.output, _JSON(run) if run.options.format == "json" else _Text(run)
    with ExitStack() as stack:
        spool = stack.enter_context(SpooledTemporaryFile(_SPOOLED))
        journal = None
        if output.is_file() or not output.exists():
            journal = Journal(output, _settings(run), run.options.resume)
            stack.callback(lambda: journal.close(finished=not run.counts.missing and written))
        written = False
        for piece in form.written(_counted(run, in_order(_pages(run, form.piece, journal)))):
            spool.write(piece.encode(form.encoding))
        write_aside(output, spool)
        written = True
        rich_output.show(run.screen, summary(run.counts, strict=run.options.strict))
        rich_output.show(run.screen, f"written to {output}")
        if journal is not None and run.counts.missing:
            rich_output.show(run.screen, f"the same command with --resume goes on ({journal_path(output)} keeps what "
                                         "is finished)")


def _settings(run: _Run) -> Mapping[str, object]:
    """All that a page depends on beside its document."""
    options, limits = run.options, run.limits()
    return {"schema": SCHEMA, "format": options.format, "verbose": options.verbose, "setting": options.setting,
            "front matter": not options.no_front_matter, "kind": options.kind, "judge": run.judge,
            "encoding": str(run.screen.encoding),
            "limits": [limits.step, limits.document, limits.memory]}


def _pages(run: _Run, piece: Callable[[Judged], str], journal: Journal | None) -> Iterator[tuple[int, Page]]:
    """Every document with its number: first what a journal has, then what is judged."""
    numbers = []
    for number, each in enumerate(run.given):
        page = journal.page(each) if journal is not None else None
        if page is None:
            numbers.append(number)
        else:
            yield number, page
    given = tuple(run.given[number] for number in numbers)
    for at, found in _judged(run, given, run.screen, journal.begin if journal is not None else lambda given: None):
        page = Page(_constant(piece(found)), found.report.counts, found.problem, found.report.disagreements)
        if journal is not None:
            journal.add(given[at], found.pulled, page)
        yield numbers[at], page


def _counted(run: _Run, pages: Iterator[Page]) -> Iterator[str]:
    for page in pages:
        run.counts.add(page.counts, page.problem, len(page.disagreements))
        _complain((page.problem, *page.disagreements))
        yield page.piece()


def _constant(text: str) -> Callable[[], str]:
    return lambda: text


class _JSON:
    """The file for a program."""

    encoding = "ascii"

    def __init__(self, run: _Run) -> None:
        self.run = run

    def piece(self, judged: Judged) -> str:
        return document_json(judged)

    def written(self, pieces: Iterator[str]) -> Iterator[str]:
        return documents_json(pieces, self.run.last)


class _Text:
    """The file for a person, in the encoding of the screen."""

    def __init__(self, run: _Run) -> None:
        self.run = run
        self.memory = io.BytesIO()
        self.wrapper = io.TextIOWrapper(self.memory, encoding=run.screen.encoding, newline="")
        self.page = rich_output.open_console(self.wrapper, width=FILE_WIDTH)
        self.encoding = self.wrapper.encoding

    def piece(self, judged: Judged) -> str:
        return self._text(document(judged, verbose=self.run.options.verbose))

    def written(self, pieces: Iterator[str]) -> Iterator[str]:
        yield self._text(heading())
        yield from pieces
        self.run.finish()
        yield self._text(summary(self.run.counts, strict=self.run.options.strict))

    def _text(self, renderable: RenderableType) -> str:
        rich_output.show(self.page, renderable)
        self.wrapper.flush()
        text = self.memory.getvalue().decode(self.encoding)
        self.memory.seek(0)
        self.memory.truncate()
        return text
