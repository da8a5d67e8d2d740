"""Does a theorem ever say something false, or a counterexample something true? A long random campaign.

    python benchmarks/soundness.py --seed 0 --count 20000
    python benchmarks/soundness.py --seed 0 --count 20000 --output benchmarks/soundness.md

Random terms and mutants of them come from tests/derive/random_terms.py, values from the loops of
tests/derive/oracle.py, which share no code with the product. Three questions, `count` times each, the seed counting up:

    value      has the normal form the value of the term?
    pairs      do the sides of a proved pair agree wherever both have a value?
    verdicts   do `decide` and the loops agree, and can each counterexample be redone?

Exit status 1 if anything disagrees; every disagreement is printed with its seed. An item that takes longer than its
limit counts as `too long` and is no failure. Never part of a pass: the tests run a small campaign of their own.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the oracle is part of the tests, which are not installed

from derive import verdicts  # noqa: E402
from derive.atoms import poly_text  # noqa: E402
from derive.claims import Claim  # noqa: E402
from derive.components import Index  # noqa: E402
from derive.errors import AxisError, InternalDisagreement, NotProved, OutsideTheory  # noqa: E402
from derive.kernel import by_cases, by_normal_form  # noqa: E402
from derive.normal_form import Normalizer  # noqa: E402
from derive.prover import decide  # noqa: E402
from derive.rendering import claim_text  # noqa: E402
from derive.terms import component  # noqa: E402
from tests.derive.oracle import differs, evaluate, evaluate_poly, replayed, worlds  # noqa: E402
from tests.derive.random_terms import K, M, Maker, N, mutated  # noqa: E402

LIMIT = 10  # seconds for one item
TOLERANCE = 1e-5
SHAPES: tuple[tuple[Any, ...], ...] = ((), (), (), (N,), (M,), (K,), (N, N), (K, N))
REFUSALS = (NotProved, OutsideTheory, AxisError, RecursionError)


class TooLong(Exception):
    """An item took longer than its limit."""


def main() -> int:
    """Run the campaign, print its table; 1 if anything disagrees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="where seeds start (default 0)")
    parser.add_argument("--count", type=int, default=2000, help="how many of each kind (default 2000)")
    parser.add_argument("--depth", type=int, default=3, help="how deep random terms nest (default 3)")
    parser.add_argument("--kind", choices=tuple(KINDS), action="append", help="only this question; may be repeated")
    parser.add_argument("--output", type=Path, help="write the table to this file too")
    options = parser.parse_args()
    rows = [campaign(kind, options.seed, options.count, options.depth) for kind in options.kind or KINDS]
    table = render(rows, options.seed, options.count, options.depth)
    print(table)
    if options.output:
        options.output.write_text(table + "\n", encoding="utf-8")
    return 1 if any(row["wrong"] for _, row, _ in rows) else 0


def campaign(kind: str, seed: int, count: int, depth: int) -> tuple[str, Counter[str], float]:
    """Outcomes of one question, counted, and the seconds they took."""
    found: Counter[str] = Counter()
    started = perf_counter()
    for number in range(seed, seed + count):
        try:
            with limited(LIMIT):
                outcome = KINDS[kind](random.Random(number), depth)
        except TooLong:
            outcome = "too long"
        if outcome.startswith("wrong"):
            print(f"{kind}, seed {number}: {outcome}", file=sys.stderr)
            outcome = "wrong"
        found[outcome] += 1
    return kind, found, perf_counter() - started


def render(rows: list[tuple[str, Counter[str], float]], seed: int, count: int, depth: int) -> str:
    """The table in Markdown."""
    head = ["# A random campaign for soundness", "",
            f"`python benchmarks/soundness.py --seed {seed} --count {count} --depth {depth}`", "",
            "| question | outcome | how often |", "|---|---|---|"]
    lines = [f"| {kind} | {outcome} | {number} |" for kind, found, _ in rows
             for outcome, number in sorted(found.items())]
    wrong = sum(found["wrong"] for _, found, _ in rows)
    seconds = sum(took for _, _, took in rows)
    return "\n".join([*head, *lines, "", f"{wrong} wrong, {seconds:.0f} s."])


# --- one item ---------------------------------------------------------------------------------------------------------


def value(rng: random.Random, depth: int) -> str:
    """A random term, its normal form, and their values."""
    maker, claim = random_claim(rng, depth)
    term = claim.left
    at = tuple(Index(f"e{number}", axis) for number, axis in enumerate(term.axes))
    try:
        claim.checked()
        poly = Normalizer(claim.hypotheses).poly(component(term, at))
    except REFUSALS:
        return "refused"
    compared = False
    for world in worlds(claim, maker.rng, 4, tries=8):
        values = evaluate(term, world)
        for place in np.ndindex(*values.shape):
            env = {(i.name, i.axis.name): p for i, p in world.index.items()}
            env |= {(i.name, i.axis.name): p for i, p in zip(at, place, strict=True)}
            wanted = values[place].real
            found = evaluate_poly(poly, world, env).real if np.isfinite(wanted) else wanted
            if not np.isfinite(found):
                continue
            compared = True
            if abs(wanted - found) > TOLERANCE * (1 + abs(wanted) + abs(found)):
                return f"wrong: {claim_text(claim)} is {wanted}, its normal form {poly_text(poly)} is {found}"
    return "equal" if compared else "no value"


def pairs(rng: random.Random, depth: int) -> str:
    """A random term beside a mutant, proved or not by one of the rules."""
    claim = random_pair(rng, depth)
    try:
        if rng.random() < 0.15:
            by_cases(claim, *_two_indices(claim))
        else:
            by_normal_form(claim)
    except REFUSALS:
        return "not proved"
    for world in worlds(claim, rng, 8, tries=8):
        if differs(claim, world):
            return f"wrong: proved {claim_text(claim)} at {dict(world.sizes)}, {world.maps}, {world.index}"
    return "proved, written the same" if claim.left.same(claim.right) else "proved"


def decided(rng: random.Random, depth: int) -> str:
    """A random term beside a mutant, decided; counterexamples are done again."""
    claim = random_pair(rng, depth)
    try:
        verdict = decide(claim)
    except InternalDisagreement as error:
        return f"wrong: {error}"
    except (AxisError, OutsideTheory, RecursionError) as error:
        return f"wrong: {type(error).__name__} out of decide, {claim_text(claim)}"
    except (AttributeError, TypeError, LookupError, ValueError, ArithmeticError) as error:
        return f"wrong: {type(error).__name__} {error} out of decide, {claim_text(claim)}"
    if verdict.kind == verdicts.PROVED and any(differs(claim, w) for w in worlds(claim, rng, 4, tries=8)):
        return f"wrong: proved {claim_text(claim)}"
    if verdict.counterexample is None:
        return verdict.kind
    values = replayed(claim, verdict.counterexample)
    if values is None or not all(map(np.isfinite, values)):
        return "refuted, not redone"
    left, right = values
    if abs(left - right) <= 1e-12 * (1 + abs(left)):
        return f"wrong: refuted {claim_text(claim)}, and both sides are {left} at {verdict.counterexample}"
    return "refuted, redone"


KINDS: dict[str, Callable[[random.Random, int], str]] = {"value": value, "pairs": pairs, "verdicts": decided}


def random_claim(rng: random.Random, depth: int) -> tuple[Maker, Claim]:
    """A term set equal to itself, under random hypotheses."""
    maker = Maker(rng)
    term = maker.term(rng.choice(SHAPES), depth)
    return maker, Claim(term, term, maker.hypotheses())


def random_pair(rng: random.Random, depth: int) -> Claim:
    """A term beside a mutant of it."""
    maker, claim = random_claim(rng, depth)
    other = claim.left
    for _ in range(rng.choice([1, 1, 2, 3])):
        other = mutated(other, maker)
    return Claim(claim.left, other, claim.hypotheses, tuple(other.free))


def _two_indices(claim: Claim) -> list[Index]:
    free = sorted((i for i in claim.left.free | claim.right.free if i.axis == N), key=str)
    if len(free) < 2:
        raise NotProved("fewer than two indices of one axis")
    return free[:2]


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Stops what runs inside after some seconds, where the system has alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    raise SystemExit(main())
