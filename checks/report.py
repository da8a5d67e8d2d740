"""The command `python -m checks.report`: documents, or every claim, compiled step and training run, judged and shown.

Exit status 0 if every expectation holds, 1 if not, 2 for wrong usage, 3 for a document that cannot be read, 70 where
two ways to a verdict disagree, 130 or 143 if stopped by a signal. Nothing here decides anything: it reads the
arguments, has documents graded by `grading`, else runs `running` and hands the data to `rich_output` or `json_output`.
SymPy and NumPy are imported only after the arguments have been read, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from checks import __version__
from checks.certificates import expect_folder
from checks.delivery import (
    FAILED,
    FILE_WIDTH,
    INTERNAL,
    INTERRUPTED,
    PASSED,
    USAGE,
    Refused,
    expect_writable,
    write_aside,
)
from checks.documents import ENDINGS, KINDS
from derive.errors import GradproofError

if TYPE_CHECKING:
    from rich.console import Console

    from checks.running import Outcome, Parts, Report, StepCheck, Training
    from derive.exercises.exercise import Exercise

_DESCRIPTION = ("Judges every step of the derivations in documents. Without documents: proves every claim of the "
                "catalogue for all sizes, refuses the known errors, and trains word vectors.")
_EPILOG = ("Exit status: 0 nothing is wrong, 1 a step is refuted or ill-typed, or an expectation of the catalogue does "
           "not hold, 2 wrong usage, 3 a document could not be read, 70 an internal error, 130 or 143 stopped.")
_OF_DOCUMENTS = {"kind": "--as", "setting": "--setting", "strict": "--strict", "jobs": "--jobs",
                 "step_seconds": "--step-seconds", "document_seconds": "--document-seconds",
                 "memory_mb": "--memory-mb", "no_front_matter": "--no-front-matter", "resume": "--resume"}
LEAST_MEMORY = 256
"""Megabytes: what a worker needs to do anything at all, and some more."""
_OF_CATALOGUE = {"only": "--only", "no_train": "--no-train"}


def main(arguments: Sequence[str] | None = None, parts: Parts | None = None, judge: str = "") -> int:
    """Run the command and return its exit status.

    parts, judge: what to run instead of the product's own parts and its own judge of documents.
    """
    try:
        options = _parser().parse_args(arguments)
        _expect_fitting(options)
        if options.certificate is not None:
            expect_folder(options.certificate)
        if options.documents:
            from checks.grading import grade

            return grade(options, judge)
        return _run(options, parts)
    except KeyboardInterrupt:
        return _complain("interrupted: the report is not complete", INTERRUPTED)
    except BrokenPipeError:
        # The reader has gone. What Python flushes at its exit must not complain about that.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Refused as refusal:
        return _complain(str(refusal), refusal.status)
    except GradproofError as error:
        return _complain(str(error), FAILED)
    except Exception as error:
        return _complain(f"internal error, please report it: {type(error).__name__}: {error} ({_place(error)})", FAILED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m checks.report", description=_DESCRIPTION, epilog=_EPILOG,
                                     allow_abbrev=False)
    parser.add_argument("documents", nargs="*", metavar="DOCUMENT",
                        help=f"files and folders ({', '.join(ENDINGS)} inside), or - for standard input")
    parser.add_argument("--as", dest="kind", choices=KINDS, default="",
                        help="read the documents as this kind, whatever their ending; standard input is txt otherwise")
    parser.add_argument("--setting", default="", metavar="NAME",
                        help="what the letters mean, such as assignment1; otherwise chosen by what a document uses")
    parser.add_argument("--no-front-matter", action="store_true",
                        help="what documents declare of themselves in front matter does not count")
    parser.add_argument("--strict", action="store_true", help="undecided and unreadable steps fail too")
    parser.add_argument("--jobs", type=_count, metavar="N", help="documents judged at a time (default: one per core)")
    parser.add_argument("--step-seconds", type=_seconds, metavar="S", help="time limit for a step (default: 5)")
    parser.add_argument("--document-seconds", type=_seconds, metavar="S",
                        help="time limit for a document (default: 60)")
    parser.add_argument("--memory-mb", type=_megabytes, metavar="M",
                        help="memory limit for the process that judges a document (default: 2048)")
    parser.add_argument("--resume", action="store_true",
                        help="with --output: go on with a report that was stopped, without judging again what is done")
    parser.add_argument("--only", action="append", default=[], metavar="TOPIC|ID",
                        help="a topic (softmax) or a claim (softmax/jacobian), as the report names them; may be "
                             "repeated; nothing is trained then")
    parser.add_argument("--no-train", action="store_true", help="claims only: compile nothing, train nothing")
    parser.add_argument("--verbose", action="store_true",
                        help="for every claim also sources, rule, normal form, one entry, LaTeX; for every step how it "
                             "was read")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report to FILE instead")
    parser.add_argument("--certificate", type=Path, metavar="DIR",
                        help="write a certificate of every proved claim into DIR; python -m checks.audit DIR checks "
                             "them with the standard library alone")
    parser.add_argument("--version", action="version", version=f"gradproof {__version__}")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"found {text!r}; expected a whole number from 1; try 2")
    return int(text)


def _megabytes(text: str) -> int:
    if not text.isdecimal() or not LEAST_MEMORY <= int(text) < 1 << 20:
        raise argparse.ArgumentTypeError(f"found {text!r}; expected megabytes, at least {LEAST_MEMORY}; try 1024")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"found {text!r}; expected a number of seconds above 0; try 5")
    return seconds


def _expect_fitting(options: argparse.Namespace) -> None:
    """Say it if an option has nothing to act on."""
    if options.resume and options.output is None:
        raise Refused("--resume without --output; expected the file of a report that was stopped; try --output with "
                      "the same file again", USAGE)
    if options.documents and (idle := [flag for name, flag in _OF_CATALOGUE.items() if getattr(options, name)]):
        raise Refused(f"{idle[0]} beside documents; expected it with the catalogue only; try without it", USAGE)
    if not options.documents and (idle := [flag for name, flag in _OF_DOCUMENTS.items() if getattr(options, name)]):
        raise Refused(f"{idle[0]} without documents; expected at least one; try a file, a folder, or - for standard "
                      "input", USAGE)


@dataclass(frozen=True)
class _Job:
    """One call of the command.

    screen: the terminal or pipe it was called from; page: where the sections of a text go as they are ready, which is
    the screen, memory for --output, or nowhere for JSON.
    """

    options: argparse.Namespace
    parts: Parts
    screen: Console
    page: Console
    memory: io.BytesIO


def _run(options: argparse.Namespace, parts: Parts | None) -> int:
    if options.output is not None:
        expect_writable(options.output)
    from checks import running

    parts = parts or running.real_parts()
    every = parts.catalogue()
    selected = _selected(every, options.only)
    job = _opened(options, parts)
    report = _collected(job, selected, frozenset(e.id for e in every))
    _deliver(job, report)
    if report.disagreement:
        return INTERNAL
    return PASSED if report.passed else FAILED


def _selected(every: tuple[Exercise, ...], only: list[str]) -> tuple[Exercise, ...]:
    from checks.running import select

    try:
        return select(every, only)
    except GradproofError as error:
        raise Refused(str(error), USAGE) from None


def _opened(options: argparse.Namespace, parts: Parts) -> _Job:
    from rich.console import Console

    from checks.rich_output import open_console

    screen, memory = open_console(sys.stdout), io.BytesIO()
    page = screen
    if options.format == "json":
        page = Console(quiet=True)
    elif options.output is not None:
        page = open_console(io.TextIOWrapper(memory, encoding=screen.encoding, newline=""), width=FILE_WIDTH)
    return _Job(options, parts, screen, page, memory)


def _collected(job: _Job, selected: tuple[Exercise, ...], known: frozenset[str]) -> Report:
    from checks import rich_output, running

    started = perf_counter()
    rich_output.show(job.page, rich_output.heading())
    outcomes = _judged(job, selected)
    report = running.Report(outcomes, known=known)
    if errors := [o for o in outcomes if o.known_error]:
        section = rich_output.refused_errors(errors, misnamed=report.misnamed, verbose=job.options.verbose)
        rich_output.show(job.page, section)
    steps = () if job.options.no_train else _checked_steps(job, outcomes)
    training = None if job.options.no_train or job.options.only else _trained(job)
    return running.Report(outcomes, steps, training, known, perf_counter() - started)


def _judged(job: _Job, selected: tuple[Exercise, ...]) -> tuple[Outcome, ...]:
    """Every exercise decided; a topic is shown as soon as it is done."""
    from checks import rich_output, running

    found: list[Outcome] = []
    with rich_output.progress(job.screen, "proving", len(selected)) as begin:
        for topic in running.topics(selected):
            for exercise in (e for e in selected if e.topic == topic):
                begin(exercise.id)
                found.append(running.judge(exercise, job.parts.decide))
                running.certify(found[-1], job.options.certificate)
            if claims := [o for o in found if o.exercise.topic == topic and not o.known_error]:
                section = rich_output.claims_of_topic(topic, claims, verbose=job.options.verbose)
                rich_output.show(job.page, section)
    return tuple(found)


def _checked_steps(job: _Job, outcomes: tuple[Outcome, ...]) -> tuple[StepCheck, ...]:
    from checks import rich_output, running

    proved = running.theorems(outcomes)
    with rich_output.progress(job.screen, "compiling", len(proved)) as begin:
        steps = tuple(job.parts.check_steps(proved, begin))
    if steps:
        rich_output.show(job.page, rich_output.compiled_steps(steps))
    return steps


def _trained(job: _Job) -> Training:
    from checks import rich_output, running

    with rich_output.meter(job.screen, "training") as watch:
        run = running.trained(job.parts.train, watch)
    rich_output.show(job.page, rich_output.training(run))
    return run


def _deliver(job: _Job, report: Report) -> None:
    """The summary, and the file or the JSON."""
    from checks import rich_output
    from checks.json_output import json_text

    summary = rich_output.summary(report, "" if job.options.verbose else _advice(report))
    rich_output.show(job.page, summary)
    job.page.file.flush()
    content = json_text(report).encode() if job.options.format == "json" else job.memory.getvalue()
    if job.options.output is not None:
        write_aside(job.options.output, content)
        rich_output.show(job.screen, summary)
        rich_output.show(job.screen, f"written to {job.options.output}")
    elif job.options.format == "json":
        sys.stdout.write(content.decode())
    sys.stdout.flush()


def _advice(report: Report) -> str:
    """One thing to try after a failure."""
    ids = [name.rpartition(" ")[2] for name in report.failures if "/" in name]
    return f"look closer: python -m checks.report --only {ids[0]} --verbose" if ids else ""


def _complain(message: str, status: int) -> int:
    with suppress(OSError, ValueError):
        print(f"checks.report: {message}", file=sys.stderr)
    return status


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "no place"


if __name__ == "__main__":
    # A short process that makes many small objects which stay: fewer rounds of garbage collection save a tenth.
    gc.set_threshold(100_000, 50, 50)
    sys.exit(main())
