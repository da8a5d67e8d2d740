"""The report on documents: found, judged by workers, shown one after the other, summed up in an exit status."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from difflib import get_close_matches
from tempfile import SpooledTemporaryFile
from time import perf_counter

from rich.console import Console

from checks import rich_output
from checks.courses import Limits
from checks.delivery import FAILED, FILE_WIDTH, PASSED, UNREAD, USAGE, Refused, expect_writable, write_aside
from checks.document_output import Counts, document, heading, printable, summary
from checks.documents import Given, Judged, find
from checks.json_output import documents_json
from checks.workers import REAL, judged
from derive.errors import GradproofError

_SPOOLED = 8_000_000  # bytes of a report kept in memory before it goes to disk


def grade(options: argparse.Namespace, judge: str = "") -> int:
    """Judge the documents, show the report, and return the exit status. judge: see `workers`."""
    if options.output is not None:
        expect_writable(options.output)
    if options.setting:
        _expect_setting(options.setting)
    given = find(options.documents, options.kind)
    with ExitStack() as stack:
        spool = stack.enter_context(SpooledTemporaryFile(_SPOOLED))
        screen = rich_output.open_console(sys.stdout)
        counts = Counts()
        found = _counting(_judged(options, judge, given, screen), counts, aloud=_by_hand(options))
        if options.format == "json":
            _write_json(options, found, counts, spool)
        else:
            _write_text(options, found, counts, screen, spool)
        if options.output is not None:
            write_aside(options.output, spool)
            rich_output.show(screen, summary(counts, strict=options.strict))
            rich_output.show(screen, f"written to {options.output}")
        sys.stdout.flush()
    return UNREAD if counts.unread else FAILED if counts.failed(options.strict) else PASSED


def _expect_setting(name: str) -> None:
    from derive.reading.settings.choice import SETTINGS

    known = [*SETTINGS, "none"]
    if name not in known:
        close = get_close_matches(name, known, n=2, cutoff=0.5)
        raise Refused(str(GradproofError(f"--setting {name}", f"one of {', '.join(known)}",
                                         " or ".join(close) or "no --setting at all")), USAGE)


def _by_hand(options: argparse.Namespace) -> bool:
    """Whether the report does not stand where the person who called looks, so that what is amiss is said there too."""
    return options.format == "json" or options.output is not None


def _judged(options: argparse.Namespace, judge: str, given: tuple[Given, ...], screen: Console) -> Iterator[Judged]:
    usual = Limits()
    limits = Limits(options.step_seconds or usual.step, options.document_seconds or usual.document)
    quiet = screen if options.format == "text" or options.output is not None else Console(quiet=True)
    with rich_output.progress(quiet, "judging", len(given)) as begin:
        yield from judged(given, judge=judge or REAL, setting=options.setting, jobs=options.jobs or 0, limits=limits,
                          begin=lambda path: begin(printable(path)))


def _counting(documents: Iterator[Judged], counts: Counts, aloud: bool) -> Iterator[Judged]:
    started = perf_counter()
    for each in documents:
        counts.add(each)
        if each.problem and aloud:
            print(f"checks.report: {printable(each.problem)}", file=sys.stderr)
        yield each
    counts.seconds = perf_counter() - started


def _write_json(options: argparse.Namespace, found: Iterator[Judged], counts: Counts,
                spool: SpooledTemporaryFile[bytes]) -> None:
    for piece in documents_json(found, lambda: not counts.failed(options.strict)):
        if options.output is None:
            sys.stdout.write(piece)
        else:
            spool.write(piece.encode())


def _write_text(options: argparse.Namespace, found: Iterator[Judged], counts: Counts, screen: Console,
                spool: SpooledTemporaryFile[bytes]) -> None:
    page, wrapper = screen, None
    if options.output is not None:
        wrapper = io.TextIOWrapper(spool, encoding=screen.encoding, newline="")
        page = rich_output.open_console(wrapper, width=FILE_WIDTH)
    rich_output.show(page, heading())
    for each in found:
        rich_output.show(page, document(each, verbose=options.verbose))
    rich_output.show(page, summary(counts, strict=options.strict))
    if wrapper is not None:
        wrapper.detach()
