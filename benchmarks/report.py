"""How long and how much the catalogue takes, beside `import sympy, numpy` in the same run.

    python benchmarks/report.py [--rounds 5]

Both are whole processes, taken in turn, so that a busy machine slows both. Aims: the catalogue under 6 times the
import, median proof under 10 ms, slowest under 250 ms, peak memory under 300 MB. Never part of a pass.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
IMPORT = [sys.executable, "-c", "import sympy, numpy"]
CATALOGUE = [sys.executable, "-m", "checks.report", "--no-train", "--format", "json"]


def main() -> int:
    """Measure, print the table; 1 if the report itself fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run; medians are shown")
    rounds = [(_process(IMPORT), _process(CATALOGUE)) for _ in range(parser.parse_args().rounds)]
    report: dict[str, Any] = json.loads(rounds[-1][1][2])
    proofs = sorted((e["seconds"], e["id"]) for e in report["exercises"] if e["verdict"] == "proved")
    refusals = sorted((e["seconds"], e["id"]) for e in report["exercises"] if e["verdict"] == "refuted")
    Console().print(_table(rounds, proofs, refusals))
    return 0 if report["passed"] else 1


def _process(command: list[str]) -> tuple[float, float, bytes]:
    """Seconds, peak memory in MB, and output of one process."""
    started = perf_counter()
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    output = child.stdout.read() if child.stdout else b""
    _, _, usage = os.wait4(child.pid, 0)
    seconds = perf_counter() - started
    child.returncode = 0
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes there, kilobytes elsewhere
    return seconds, usage.ru_maxrss * unit / 1e6, output


def _table(rounds: list[tuple[tuple[float, float, bytes], tuple[float, float, bytes]]],
           proofs: list[tuple[float, str]], refusals: list[tuple[float, str]]) -> Table:
    ratio = median(whole[0] / bare[0] for bare, whole in rounds)
    table = Table("figure", "found", "aim", title=f"{len(proofs)} proofs, {len(refusals)} refutations")
    table.add_row("import sympy, numpy", f"{median(bare[0] for bare, _ in rounds):.2f} s", "")
    table.add_row("whole catalogue, whole process", f"{median(whole[0] for _, whole in rounds):.2f} s", "")
    table.add_row("ratio", f"{ratio:.1f}", "under 6")
    table.add_row("median proof", f"{median(s for s, _ in proofs) * 1e3:.1f} ms", "under 10 ms")
    table.add_row(f"slowest proof: {proofs[-1][1]}", f"{proofs[-1][0] * 1e3:.0f} ms", "under 250 ms")
    if refusals:
        table.add_row("median refutation", f"{median(s for s, _ in refusals) * 1e3:.1f} ms", "")
        table.add_row(f"slowest refutation: {refusals[-1][1]}", f"{refusals[-1][0] * 1e3:.0f} ms", "")
    table.add_row("peak memory", f"{max(whole[1] for _, whole in rounds):.0f} MB", "under 300 MB")
    return table


if __name__ == "__main__":
    sys.exit(main())
