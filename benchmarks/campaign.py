"""Generated claims, true and false, against what is known of them: the nightly run.

    python benchmarks/campaign.py --seed 0 --count 2000 --jobs 2
    python benchmarks/campaign.py --seed 0 --start 2000 --count 2000 --save part.json
    python benchmarks/campaign.py --merge part*.json --output benchmarks/campaign.md
    python benchmarks/campaign.py --wild --count 2000

Claim number k of a seed is the same wherever it is run, so a campaign may be run in pieces and merged. A true claim is
true by construction; a false one is one small change of such a claim, and plain NumPy loops found numbers at which
its sides differ. Where they found none, the changed claim is set aside: decided, and counted apart. Printed are the
verdicts by family, what was undecided, how large and how slow the claims were, and every false verdict with its
number and the smallest claim found that shows the same.

With --wild, claims are random terms beside mutants of themselves, of most of which nothing is known beforehand; the
normal form of each left side is evaluated beside its value by loops as well.

Exit status 1 if any verdict is false: a false claim proved, a true one refuted, either called ill-typed, an error out
of `decide`, or a counterexample at which loops find both sides equal. Never part of a pass: the tests run a small
campaign of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the generator and its oracle are part of the tests, which are not installed

from derive import verdicts  # noqa: E402
from derive.rendering import claim_text  # noqa: E402
from tests.generation.judging import TOO_LONG, Outcome, judged, smallest  # noqa: E402
from tests.generation.specimens import FALSE, TRUE, UNBOUND, UNKNOWN  # noqa: E402

BATCH = 100  # claims handed to a process at a time
KEPT = 12  # undecided claims and slow ones that are shown
COLUMNS = (verdicts.PROVED, verdicts.REFUTED, verdicts.UNDECIDED, TOO_LONG, verdicts.ILL_TYPED)
OPEN = (verdicts.UNDECIDED, TOO_LONG)
AIMS = {TRUE: 0.02, FALSE: 0.01}  # of undecided claims


def main() -> int:
    """Run or merge, print the table; 1 if a verdict is false."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="which campaign (default 0)")
    parser.add_argument("--start", type=int, default=0, help="number of the first claim (default 0)")
    parser.add_argument("--count", type=int, default=2000, help="how many claims (default 2000)")
    parser.add_argument("--wild", action="store_true", help="random terms of which nothing is known")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--save", type=Path, help="write the results to this file, to be merged later")
    parser.add_argument("--merge", type=Path, nargs="+", help="print the table of saved results and run nothing")
    parser.add_argument("--note", default="", help="a sentence to stand above the table, such as what was measured")
    parser.add_argument("--output", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    if options.merge:
        results = merged(json.loads(path.read_text(encoding="utf-8")) for path in options.merge)
    else:
        numbers = range(options.start, options.start + options.count)
        results = collected(run(options.seed, numbers, options.jobs, options.wild), options.seed, options.wild)
    if options.save:
        options.save.write_text(json.dumps(results), encoding="utf-8")
    table = render(results, options.note)
    print(table)
    if options.output:
        options.output.write_text(table + "\n", encoding="utf-8")
    return 1 if results["wrong"] else 0


# --- running ----------------------------------------------------------------------------------------------------------


def run(seed: int, numbers: range, jobs: int = 1, wild: bool = False) -> Iterator[Outcome]:
    """Outcomes in the order of their numbers, from one process or several."""
    batches = [(seed, numbers[at:at + BATCH], wild) for at in range(0, len(numbers), BATCH)]
    if jobs <= 1:
        for batch in batches:
            yield from _judged_batch(batch)
        return
    with get_context("spawn").Pool(jobs, maxtasksperchild=20) as pool:
        for outcomes in pool.imap(_judged_batch, batches):
            yield from outcomes


def _judged_batch(batch: tuple[int, range, bool]) -> list[Outcome]:
    seed, numbers, wild = batch
    return [judged(seed, number, wild) for number in numbers]


def collected(outcomes: Iterable[Outcome], seed: int, wild: bool = False) -> dict[str, Any]:
    """Outcomes as what is kept of them: counts, milliseconds, sizes, and the claims worth a look."""
    counts: Counter[str] = Counter()
    redone = 0
    milliseconds: list[float] = []
    nodes: list[int] = []
    undecided: list[dict[str, Any]] = []
    slow: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    for outcome in outcomes:
        counts["\t".join((outcome.family, outcome.truth, outcome.change, outcome.verdict))] += 1
        milliseconds.append(round(1000 * outcome.seconds, 2))
        nodes.append(outcome.nodes)
        redone += outcome.redone
        kept = {"seed": seed, **asdict(outcome)}
        if outcome.wrong:
            print(f"claim {outcome.number} of seed {seed}: {outcome.wrong}\n  {outcome.text}", file=sys.stderr)
            first = not wrong and not wild
            wrong.append({**kept, "smallest": claim_text(smallest(seed, outcome.number).claim)} if first else kept)
        elif outcome.verdict in OPEN and outcome.truth in AIMS and not wild:
            undecided.append(kept)
        slow = sorted([*slow, kept], key=lambda k: -k["seconds"])[:KEPT]
    return {"runs": [{"seed": seed, "claims": len(nodes), "wild": wild}], "counts": dict(counts), "redone": redone,
            "milliseconds": milliseconds, "nodes": nodes, "undecided": undecided, "slow": slow, "wrong": wrong}


def merged(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Several results as one."""
    whole: dict[str, Any] = {"runs": [], "counts": {}, "redone": 0, "milliseconds": [], "nodes": [], "undecided": [],
                             "slow": [], "wrong": []}
    for part in parts:
        for key in ("runs", "milliseconds", "nodes", "undecided", "slow", "wrong"):
            whole[key] += part[key]
        whole["counts"] = dict(Counter(whole["counts"]) + Counter(part["counts"]))
        whole["redone"] += part["redone"]
    whole["slow"] = sorted(whole["slow"], key=lambda k: -k["seconds"])[:KEPT]
    return whole


# --- the table --------------------------------------------------------------------------------------------------------


def render(results: dict[str, Any], note: str = "") -> str:
    """The results in Markdown."""
    runs = Counter[str]()
    for part in results["runs"]:
        runs[f"{'--wild ' if part.get('wild') else ''}--seed {part['seed']}"] += part["claims"]
    said = "; ".join(f"`python benchmarks/campaign.py {run} --count {count}`" for run, count in runs.items())
    said += f"\n\n{note}" if note else ""
    return "\n".join(["# A campaign of generated claims", "", said, "", *_summary(results), "", "## By family", "",
                      *_families(results["counts"]), "", "## By kind of change", "", *_changes(results["counts"]), "",
                      "## Size and time", "", *_measures(results), "", "## The slowest", "",
                      *_listed(results["slow"][:5], timed=True), "", "## Undecided", "",
                      *_listed(results["undecided"][:KEPT]), "", "## False verdicts", "",
                      *_listed(results["wrong"])])


def _table(counts: dict[str, int]) -> Counter[tuple[str, str, str, str]]:
    """(family, truth, change, verdict) -> how many."""
    return Counter({tuple(key.split("\t")): number for key, number in counts.items()})  # type: ignore[misc]


def _summary(results: dict[str, Any]) -> list[str]:
    table = _table(results["counts"])
    lines = ["| what is known | claims | " + " | ".join(COLUMNS) + " | undecided of them | aim |",
             "|---" * (len(COLUMNS) + 4) + "|"]
    for truth, told in ((TRUE, "true by construction"), (FALSE, "false, confirmed by loops"),
                        (UNBOUND, "an index from nowhere"), (UNKNOWN, "set aside: changed, no difference found")):
        row = _by_verdict(table, lambda key, truth=truth: key[1] == truth)
        left = sum(row[v] for v in OPEN) / max(1, row.total())
        lines.append(f"| {told} | {row.total()} | " + " | ".join(str(row[c]) for c in COLUMNS)
                     + f" | {left:.2%} | {f'under {AIMS[truth]:.0%}' if truth in AIMS else ''} |")
    proved = _by_verdict(table, lambda key: key[1] in (FALSE, UNBOUND))[verdicts.PROVED]
    refuted = _by_verdict(table, lambda key: key[1] == TRUE)[verdicts.REFUTED]
    return [*lines, "", f"False verdicts: {len(results['wrong'])}; false proved {proved}, false refuted {refuted}. "
            f"{results['redone']} counterexamples were evaluated again by loops."]


def _by_verdict(table: Counter[tuple[str, str, str, str]], wanted: Any) -> Counter[str]:
    row: Counter[str] = Counter()
    for key, number in table.items():
        if wanted(key):
            row[key[3]] += number
    return row


def _families(counts: dict[str, int]) -> list[str]:
    table = _table(counts)
    lines = ["| family | true | proved | undecided | false | refuted | undecided | set aside |", "|---" * 8 + "|"]
    for family in sorted({key[0] for key in table}):
        true, false, aside = (_by_verdict(table, lambda key, t=t, f=family: key[:2] == (f, t))
                              for t in (TRUE, FALSE, UNKNOWN))
        cells = (family, true.total(), true[verdicts.PROVED], sum(true[v] for v in OPEN),
                 false.total(), false[verdicts.REFUTED], sum(false[v] for v in OPEN), aside.total())
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return lines


def _changes(counts: dict[str, int]) -> list[str]:
    table = _table(counts)
    lines = ["| change | false | refuted | undecided | set aside |", "|---" * 5 + "|"]
    for change in sorted({key[2] for key in table} - {""}):
        false, aside = (_by_verdict(table, lambda key, t=t, c=change: key[2] == c and key[1] == t)
                        for t in (FALSE, UNKNOWN))
        lines.append(f"| {change} | {false.total()} | {false[verdicts.REFUTED]} | {sum(false[v] for v in OPEN)} "
                     f"| {aside.total()} |")
    return lines


def _measures(results: dict[str, Any]) -> list[str]:
    """Nodes and milliseconds at some ranks."""
    ranks = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
    lines = ["| | " + " | ".join(f"{rank:.0%}" for rank in ranks) + " | mean |", "|---" * (len(ranks) + 2) + "|"]
    for name, values in (("operations on both sides", results["nodes"]),
                         ("processor time of `decide`, ms", results["milliseconds"])):
        ordered = sorted(values)
        shown = [ordered[min(len(ordered) - 1, int(rank * len(ordered)))] for rank in ranks]
        lines.append(f"| {name} | " + " | ".join(f"{v:g}" for v in shown) + f" | {sum(values) / len(values):.1f} |")
    return lines


def _listed(found: list[dict[str, Any]], timed: bool = False) -> list[str]:
    lines = []
    for k in found:
        took = f", {1000 * k['seconds']:.0f} ms" if timed else ""
        said = f": {k['wrong']}" if k["wrong"] else ""
        lines += [f"- seed {k['seed']}, claim {k['number']}, {k['family']}, {k['truth']}, {k['verdict']}{took}{said}  ",
                  f"  `{k['text']}`"]
        lines += [f"  smallest: `{k['smallest']}`"] if "smallest" in k else []
    return lines or ["None."]


if __name__ == "__main__":
    raise SystemExit(main())
