"""How long and how much the catalogue takes, beside `import sympy, numpy` in the same run.

    python benchmarks/report.py [--rounds 5]

Both are whole processes, taken in turn, so that a busy machine slows both; processor time feels that least. Aims: the
catalogue under 6 times the import, median proof under 10 ms, slowest under 250 ms, peak memory under 300 MB. Never
part of a pass.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
IMPORT = [sys.executable, "-c", "import sympy, numpy"]
CATALOGUE = [sys.executable, "-m", "checks.report", "--no-train", "--format", "json"]


@dataclass(frozen=True)
class Process:
    """One whole process: seconds by the clock and of processor time, peak memory in MB, what it printed."""

    seconds: float
    busy: float
    megabytes: float
    output: bytes


def main() -> int:
    """Measure, print the table; 1 if the report itself fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run; medians are shown")
    rounds = [(_process(IMPORT), _process(CATALOGUE)) for _ in range(parser.parse_args().rounds)]
    report: dict[str, Any] = json.loads(rounds[-1][1].output)
    proofs = sorted((e["seconds"], e["id"]) for e in report["exercises"] if e["verdict"] == "proved")
    refusals = sorted((e["seconds"], e["id"]) for e in report["exercises"] if e["verdict"] == "refuted")
    Console().print(_table(rounds, proofs, refusals))
    return 0 if report["passed"] else 1


def _process(command: list[str]) -> Process:
    started = perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    output = child.stdout.read() if child.stdout else b""
    _, _, usage = os.wait4(child.pid, 0)
    seconds = perf_counter() - started
    child.returncode = 0
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, kilobytes elsewhere
    return Process(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6, output)


def _table(rounds: list[tuple[Process, Process]], proofs: list[tuple[float, str]],
           refusals: list[tuple[float, str]]) -> Table:
    table = Table("figure", "found", "aim", title=f"{len(proofs)} proofs, {len(refusals)} refutations")
    table.add_row("import sympy, numpy", f"{median(bare.seconds for bare, _ in rounds):.2f} s", "")
    table.add_row("whole catalogue, whole process", f"{median(whole.seconds for _, whole in rounds):.2f} s", "")
    table.add_row("ratio", f"{median(whole.seconds / bare.seconds for bare, whole in rounds):.1f}", "under 6")
    busy = median(whole.busy / bare.busy for bare, whole in rounds)
    table.add_row("ratio of processor time", f"{busy:.1f}", "under 6")
    table.add_row("median proof", f"{median(s for s, _ in proofs) * 1e3:.1f} ms", "under 10 ms")
    table.add_row(f"slowest proof: {proofs[-1][1]}", f"{proofs[-1][0] * 1e3:.0f} ms", "under 250 ms")
    if refusals:
        table.add_row("median refutation", f"{median(s for s, _ in refusals) * 1e3:.1f} ms", "")
        table.add_row(f"slowest refutation: {refusals[-1][1]}", f"{refusals[-1][0] * 1e3:.0f} ms", "")
    table.add_row("peak memory", f"{max(whole.megabytes for _, whole in rounds):.0f} MB", "under 300 MB")
    return table


if __name__ == "__main__":
    sys.exit(main())
