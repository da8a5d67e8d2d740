"""What many documents in one call cost: memory of the process that was called, time, and whether all of them come back.

    python benchmarks/load.py --counts 100 1000

Each document is one of a few short derivations with its number in it. Memory is the peak of the calling process alone
(ru_maxrss), which should not depend on how many there are; workers come and go. Exit status 1 if a document is missing,
stands in another place than it was named in, or has another verdict than in the run before.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
CALL = """
import resource, sys
from checks import report
status = report.main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""
TEXTS = (
    (r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$", ["proved"]),
    (r"$$\sigma'(x) = \sigma(x)(1 + \sigma(x))$$", ["refuted"]),
    (r"Of $J = -\log \hat y_o$ it is $$\frac{\partial J}{\partial v_c} = U^T(\hat y - y)$$", ["proved", "proved"]),
    (r"$$\sigma(-x) = 1 - \sigma(x) = \frac{e^{-x}}{1 + e^{-x}}$$", ["proved", "proved"]),
    ("Nothing to judge here.", []),
)
"""Documents and their verdicts."""


@dataclass(frozen=True)
class Load:
    """One call. megabytes: peak of the calling process; wrong: documents missing, out of place, or judged otherwise."""

    count: int
    megabytes: float
    seconds: float
    wrong: int


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    print("| documents | peak memory of the call | seconds | a document | lost, out of place, or judged otherwise |")
    print("|---:|---:|---:|---:|---:|")
    loads = []
    for count in options.counts:
        loads.append(measure(count, options.jobs))
        print(f"| {count:,} | {loads[-1].megabytes:.1f} MB | {loads[-1].seconds:.1f} | "
              f"{loads[-1].seconds / count * 1e3:.0f} ms | {loads[-1].wrong} |", flush=True)
    return 1 if any(load.wrong for load in loads) else 0


def measure(count: int, jobs: int) -> Load:
    """Judge so many documents in one call of the command."""
    with tempfile.TemporaryDirectory() as folder:
        expected = {}
        for number in range(count):
            text, verdicts = TEXTS[number % len(TEXTS)]
            path = Path(folder, f"{number:06}.md")
            path.write_text(f"Solution {number}\n\n{text}\n")
            expected[str(path)] = verdicts
        output = Path(folder, "report.json")
        started = perf_counter()
        run = subprocess.run([sys.executable, "-c", CALL, folder, "--format", "json", "--output", str(output), "--jobs",
                              str(jobs)], cwd=ROOT, capture_output=True, text=True, check=False)
        seconds = perf_counter() - started
        if run.returncode != 1:  # one in five is wrong
            raise SystemExit(f"exit status {run.returncode}: {run.stderr}")
        found = [(document["path"], [step["verdict"] for step in document["steps"]])
                 for document in json.loads(output.read_text())["documents"]]
    wrong = sum(a != b for a, b in zip(found, expected.items(), strict=False)) + abs(count - len(found))
    # Kilobytes on Linux, bytes on macOS.
    return Load(count, int(run.stderr.split()[-1]) / (1 << (20 if sys.platform == "darwin" else 10)), seconds, wrong)


if __name__ == "__main__":
    sys.exit(main())
