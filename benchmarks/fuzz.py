"""How much mutated real input every parser takes before it breaks.

    python benchmarks/fuzz.py --bytes 1000000 --seed 1

Guided by coverage: an input that reaches a new line of the parser's own code joins those that are mutated next. A crash
is anything but the documented error, or more than LIMIT seconds of processor time, which other work does not change.
Exit status 1 if there was one; its input is printed, made smaller. The table of the last long run is in fuzz.md. Needs
SIGPROF, which Windows has not.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.parsers import Parser, parsers  # noqa: E402

LIMIT = 2.0  # seconds of processor time for one input, which is a few kilobytes
_TRACED = 30.0  # tracing lines makes a parser this much slower at most
_LONGEST = 8_000
_MOST_MEMORY = 3 << 30
_TOKENS = [token.encode() for token in (
    "$", "$$", r"\(", r"\)", r"\[", r"\]", "{", "}", "(", ")", "^", "_", "'", "&", r"\\", "=", ":=", "|", r"\|", "%",
    "---\n", "```math\n", "`", "<!--", "-->", r"\begin{align}", r"\end{align}", r"\begin{cases}", r"\end{cases}",
    r"\begin{pmatrix}", r"\frac", r"\frac{a}", r"\sum_{i=1}^n", r"\partial", r"\left(", r"\right)", r"\left.",
    r"\text{if }", r"\newcommand{\a}{", r"\newcommand{\a}[2]{#1#2}", r"\def\a#1{\a}", r"\input{a}", r"\underbrace{",
    r"\hat", r"\operatorname{", r"\quad", r"\Rightarrow", r"\verb|", r"\begin{verbatim}", "9" * 30, "1e999", "-0", "\\",
    "\0", "\ufeff", "\u2028", "\u00e9", "\u2211", "\ud7ff", '"', "[", "]", ",", ":", "\n\n", "- ", "  ", "#", "axes: ",
    "> 0", "\x1f\x8b", "999999999 999999999\n", "nan")]


@dataclass
class Tally:
    """What came of one parser. lines: of its own code, reached by real input and in the end."""

    name: str
    bytes: int = 0
    inputs: int = 0
    refused: int = 0
    real: int = 0
    lines: int = 0
    slowest: float = 0.0
    crashes: dict[str, bytes] = field(default_factory=dict)


class Late(BaseException):
    """An input takes too long."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", type=int, default=200_000, help="mutated input for each parser")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="parsers whose name holds this")
    options = parser.parse_args(arguments)
    _limit_memory()
    with tempfile.TemporaryDirectory() as scratch:
        chosen = [each for each in parsers(Path(scratch)) if options.only in each.name]
        tallies = [fuzz(each, options.bytes, options.seed) for each in chosen]
    print("\n".join(table(tallies)))
    for tally in tallies:
        for what, data in tally.crashes.items():
            print(f"\n{tally.name}: {what}\n  {data!r}")
    return 1 if any(tally.crashes for tally in tallies) else 0


def table(tallies: list[Tally]) -> Iterator[str]:
    """The result in Markdown."""
    yield "| parser | bytes | inputs | refused | lines by real input | lines in the end | slowest | crashes |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for t in tallies:
        yield (f"| {t.name} | {t.bytes:,} | {t.inputs:,} | {t.refused:,} | {t.real:,} | {t.lines:,} | "
               f"{t.slowest:.2f} s | {len(t.crashes)} |")
    yield (f"| together | {sum(t.bytes for t in tallies):,} | {sum(t.inputs for t in tallies):,} | "
           f"{sum(t.refused for t in tallies):,} | | | | {sum(len(t.crashes) for t in tallies)} |")


def fuzz(parser: Parser, size: int, seed: int) -> Tally:
    """Mutate the real input of a parser until so many bytes were tried."""
    chance, tally = random.Random(f"{seed} {parser.name}"), Tally(parser.name)
    known: set[tuple[str, int]] = set()
    pool: list[bytes] = []
    for data in parser.seeds():
        known |= _tried(parser, data, tally)
        pool.append(data)
    tally.real, tally.bytes, tally.inputs, tally.refused = len(known), 0, 0, 0
    while tally.bytes < size:
        data = mutated(chance.choice(pool[-200:] if chance.random() < 0.5 else pool), pool, chance)
        reached = _tried(parser, data, tally)
        if not reached <= known:
            known |= reached
            pool.append(data)
    tally.lines = len(known)
    return tally


def mutated(data: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    """The data with a few changes of the kinds below."""
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9))):
        data = chance.choice(_CHANGES)(data, pool, chance)
    return data[:_LONGEST]


def _cut(data: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    at, end = _span(data, chance)
    return data[:at] + data[end:]


def _doubled(data: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    at, end = _span(data, chance)
    return data[:at] + data[at:end] * chance.choice((2, 2, 3, 50)) + data[end:]


def _moved(data: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    at, end = _span(data, chance)
    rest, to = data[:at] + data[end:], chance.randrange(len(data) - (end - at) + 1)
    return rest[:to] + data[at:end] + rest[to:]


def _overwritten(data: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1:]


def _told(data: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 1, 2, 300)) + data[at:]


def _spliced(data: bytes, pool: list[bytes], chance: random.Random) -> bytes:
    other = chance.choice(pool)
    at, end = _span(other, chance)
    to = chance.randrange(len(data) + 1)
    return data[:to] + other[at:end] + data[to:]


_CHANGES: tuple[Callable[[bytes, list[bytes], random.Random], bytes], ...] = (
    _cut, _cut, _doubled, _moved, _overwritten, _told, _told, _spliced)


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    at = chance.randrange(len(data) + 1)
    return at, min(len(data), at + chance.choice((1, 1, 2, 4, 16, 64, 512)))


# --- one input --------------------------------------------------------------------------------------------------------


def _tried(parser: Parser, data: bytes, tally: Tally) -> set[tuple[str, int]]:
    """Let a parser read, and count; the lines of its own code that it reached."""
    reached: set[tuple[str, int]] = set()
    started = process_time()
    with _tracing(parser, reached):
        what = _problem(parser, data, LIMIT * _TRACED, tally)
    if what or process_time() - started > LIMIT:  # as slow as that without being traced?
        started = process_time()
        what = _problem(parser, data, LIMIT, Tally(""))
    tally.slowest = max(tally.slowest, process_time() - started)
    tally.bytes += len(data)
    tally.inputs += 1
    if what and what not in tally.crashes:
        tally.crashes[what] = smaller(data, lambda less: _problem(parser, less, LIMIT, Tally("")) == what)
    return reached


def _problem(parser: Parser, data: bytes, limit: float, tally: Tally) -> str:
    """Why an input is a crash; empty if it is none."""
    try:
        with _alarm(limit):
            parser.parse(data)
    except Late:
        return f"more than {LIMIT:g} s"
    except parser.allowed:
        tally.refused += 1
    except Exception as error:
        trace: Any = error.__traceback__
        while trace.tb_next:
            trace = trace.tb_next
        return f"{type(error).__name__} at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    return ""


def smaller(data: bytes, fails: Callable[[bytes], bool], most: int = 400) -> bytes:
    """A shorter input that still fails, by leaving out ever smaller parts."""
    size, tries = max(1, len(data) // 2), 0
    while size and tries < most:
        at = 0
        while at < len(data) and tries < most:
            less, tries = data[:at] + data[at + size:], tries + 1
            if fails(less):
                data = less
            else:
                at += size
        size //= 2
    return data


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise Late

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _tracing(parser: Parser, reached: set[tuple[str, int]]) -> Iterator[None]:
    """Note the lines of the parser's own code that run."""
    prefixes = tuple(str(ROOT / place) for place in parser.reads)

    def line(frame: FrameType, event: str, argument: object) -> Any:
        reached.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, argument: object) -> Any:
        return line if frame.f_code.co_filename.startswith(prefixes) else None

    sys.settrace(call)
    try:
        yield
    finally:
        sys.settrace(None)


def _limit_memory() -> None:
    """So that an input that asks for all memory gets an error and not the machine."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    sys.exit(main())
