"""Reading, counting and encoding a text: how fast, and how much memory whatever its size.

    python benchmarks/text.py CORPUS                               # speed, beside plain Python and gensim
    python benchmarks/text.py CORPUS --memory 5 50 500             # peak memory at so many million words

CORPUS: a sentence a line, plain, gzip or zstd; without it the environment variable GRADPROOF_CORPUS.

Speed: of the whole text, by the clock and by processor time of all threads, runs alternating, medians. "plain Python"
splits lines and counts in a dictionary, in one pass; gensim counts the same lines (it encodes again in every epoch).
Nothing is cached, but for the line that says so.

Memory: the first million words, repeated into one gzip file of that size, in a process of its own: reading it, keeping
it on the disk, and one pass over it in the chunks that training takes. Peak of what lay in memory, mapped files
included, less what the process took before. The words do not become more, so what grows would be what depends on the
length of the text.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from derive.errors import GradproofError
from numeric.caches import CACHE_VARIABLE
from numeric.corpus import sentences
from numeric.vocabulary import encode_file

MIN_COUNT = 5
UNIT = 1_000_000  # words that are repeated
CHUNK = 1 << 16  # tokens that training takes at once


def main() -> int:
    """Measure and print; 1 where the text cannot be read."""
    given = _arguments()
    try:
        if given.child:
            _measure_memory(given.corpus)
        elif given.memory:
            _show_memory(given.corpus, given.memory)
        else:
            _show_speed(given.corpus, given.runs)
    except GradproofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


# --- speed ------------------------------------------------------------------------------------------------------------


def _show_speed(corpus: Path, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ways = {"ours": lambda: _encode(corpus, ""),
                "ours, cached": lambda: _encode(corpus, folder),
                "plain Python": lambda: _count_plainly(corpus),
                "gensim, counting only": lambda: _count_by_gensim(corpus)}
        ways["ours, cached"]()
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(runs):
            for name, way in ways.items():
                times[name].append(_timed(way))
    for name, pairs in times.items():
        clock, processor = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{name:<24} {clock:7.2f} s   processor {processor:7.2f} s")


def _timed(way: Callable[[], object]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    way()
    return time.perf_counter() - clock, time.process_time() - processor


def _encode(corpus: Path, cache: str) -> None:
    os.environ[CACHE_VARIABLE] = cache
    encode_file(corpus, MIN_COUNT)


def _count_plainly(corpus: Path) -> None:
    """What one would write: the numbers of all words, and how often each occurs."""
    number: dict[str, int] = {}
    counts: list[int] = []
    tokens: list[int] = []
    with (gzip.open if corpus.suffix == ".gz" else open)(corpus, "rt", encoding="utf-8") as file:
        for line in file:
            for word in line.split():
                found = number.get(word)
                if found is None:
                    found = number[word] = len(counts)
                    counts.append(0)
                counts[found] += 1
                tokens.append(found)


def _count_by_gensim(corpus: Path) -> None:
    from gensim.models import Word2Vec

    Word2Vec(min_count=MIN_COUNT, vector_size=4).build_vocab(sentences(corpus))


# --- memory -----------------------------------------------------------------------------------------------------------


def _show_memory(corpus: Path, millions: list[int]) -> None:
    unit = _packed_unit(corpus)
    with tempfile.TemporaryDirectory() as folder:
        for million in millions:
            text = Path(folder, "text.gz")
            with text.open("wb") as file:
                for _ in range(million * 1_000_000 // UNIT):
                    file.write(unit)  # members of a gzip file follow each other
            environment = os.environ | {CACHE_VARIABLE: folder, "TMPDIR": folder}
            done = subprocess.run([sys.executable, __file__, str(text), "--child"], env=environment, check=True,
                                  stdout=subprocess.PIPE, text=True)
            print(f"{million:5} million words: {done.stdout.strip()}", flush=True)


def _packed_unit(corpus: Path) -> bytes:
    lines, words = [], 0
    for sentence in sentences(corpus):
        lines.append(" ".join(sentence))
        words += len(sentence)
        if words >= UNIT:
            break
    return gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=1)


def _measure_memory(corpus: Path) -> None:
    before, started = _peak(), time.perf_counter()
    text = encode_file(corpus, MIN_COUNT)
    read, at = time.perf_counter() - started, _peak()
    seen = sum(int((text.chunk(start, start + CHUNK) >= 0).sum()) for start in range(0, len(text.tokens), CHUNK))
    if seen != text.vocabulary.counts.sum():
        raise GradproofError(f"{seen} words in the chunks", str(text.vocabulary.counts.sum()))
    print(f"{text.read_words:,} words, {len(text.vocabulary):,} kept; {read:.1f} s; "
          f"peak {at - before:.0f} MB to encode, {_peak() - before:.0f} MB after a pass")


def _peak() -> float:
    """Of this process so far, in megabytes."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) / 1000


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, default=os.environ.get("GRADPROOF_CORPUS"))
    parser.add_argument("--memory", type=int, nargs="+", metavar="MILLION")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.corpus is None:
        parser.error("no corpus: name a file, or set GRADPROOF_CORPUS")
    given.corpus = Path(given.corpus)
    return given


if __name__ == "__main__":
    sys.exit(main())
