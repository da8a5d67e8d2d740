"""How long documents take to read and to judge, beside `import sympy, numpy` in the same run.

    python benchmarks/documents.py [FOLDER] [--rounds 3] [--jobs 2]

Reading is every equation of the folder's documents turned into syntax trees, without the import of the reader. Judging
is the whole command, workers included; its memory is the largest process, and the sum over all alive at a time.
Aims for the five write-ups: reading 0.5 s, judging 30 s on 2 cores, 500 MB. Never part of a pass.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT.parent / "shared" / "seeds"
IMPORT = [sys.executable, "-c", "import sympy, numpy"]
READ = """
import json, sys, time
from checks.documents import find
from derive.reading.parsing import read_file
from pathlib import Path
paths = [Path(given.path) for given in find(sys.argv[1:])]
started = time.perf_counter()
readings = [read_file(path) for path in paths]
seconds = time.perf_counter() - started
print(json.dumps([seconds, len(paths), sum(len(reading.blocks) for reading in readings)]))
"""


@dataclass(frozen=True)
class Judging:
    """One call of the command. megabytes: all its processes together, at the highest; largest: the largest of them."""

    seconds: float
    megabytes: float
    largest: float
    verdicts: Counter[str]


def main() -> int:
    """Measure and print the table; 1 if a document could not be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SEEDS, help="documents to measure with")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run; medians are shown")
    parser.add_argument("--jobs", type=int, default=2, help="workers of the command")
    options = parser.parse_args()
    rounds = [(_import(), _read(options.folder), _judge(options.folder, options.jobs)) for _ in range(options.rounds)]
    Console().print(_table(rounds, options.jobs))
    return 0


def _import() -> float:
    started = perf_counter()
    subprocess.run(IMPORT, cwd=ROOT, check=True)
    return perf_counter() - started


def _read(folder: Path) -> tuple[float, int, int]:
    """Seconds, documents, pieces of mathematics."""
    found = subprocess.run([sys.executable, "-c", READ, str(folder)], cwd=ROOT, check=True, capture_output=True)
    seconds, documents, blocks = json.loads(found.stdout)
    return seconds, documents, blocks


def _judge(folder: Path, jobs: int) -> Judging:
    command = [sys.executable, "-m", "checks.report", "--format", "json", "--jobs", str(jobs), str(folder)]
    started = perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    seen: list[float] = [0.0]
    threading.Thread(target=_watch, args=(child, seen), daemon=True).start()
    output = child.stdout.read() if child.stdout else b""
    if child.wait() > 1:
        raise SystemExit(f"{' '.join(command)} ended with status {child.returncode}")
    seconds = perf_counter() - started
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, kilobytes elsewhere
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e6
    verdicts = Counter(step["verdict"] for document in json.loads(output)["documents"] for step in document["steps"])
    return Judging(seconds, max(seen), largest, verdicts)


def _watch(child: subprocess.Popen[bytes], seen: list[float]) -> None:
    """The memory of a process and all below it, each page shared between them counted by its share, while it runs."""
    while child.poll() is None and Path("/proc/self/smaps_rollup").exists():
        seen.append(sum(_proportional(process) for process in _family(child.pid)))
        sleep(0.1)


def _family(process: int) -> list[int]:
    try:
        below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return [process]
    return [process, *(inner for child in below for inner in _family(int(child)))]


def _proportional(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("Pss:"))


def _table(rounds: list[tuple[float, tuple[float, int, int], Judging]], jobs: int) -> Table:
    _, documents, blocks = rounds[0][1]
    table = Table("figure", "found", "aim", title=f"{documents} documents, {blocks} pieces of mathematics")
    judging = [each for _, _, each in rounds]
    table.add_row("import sympy, numpy", f"{median(bare for bare, _, _ in rounds):.2f} s", "")
    table.add_row("reading alone", f"{median(read[0] for _, read, _ in rounds):.2f} s", "0.5 s")
    table.add_row("ratio to the import", f"{median(read[0] / bare for bare, read, _ in rounds):.2f}", "")
    table.add_row(f"judging, {jobs} workers on {os.cpu_count()} cores", f"{median(j.seconds for j in judging):.1f} s",
                  "30 s")
    table.add_row("ratio to the import", f"{median(j.seconds / bare for bare, _, j in rounds):.1f}", "")
    table.add_row("peak memory, all processes", f"{max(j.megabytes for j in judging):.0f} MB", "500 MB")
    table.add_row("peak memory, largest process", f"{max(j.largest for j in judging):.0f} MB", "")
    for verdict, count in judging[-1].verdicts.most_common():
        table.add_row(verdict, str(count), "")
    return table


if __name__ == "__main__":
    sys.exit(main())
