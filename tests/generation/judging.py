"""What the product says of a labelled claim, held against what is known of it."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import process_time

import numpy as np

from derive import verdicts
from derive.claims import Claim
from derive.prover import decide
from derive.rendering import claim_text
from derive.verdicts import Verdict
from tests.derive.oracle import replayed
from tests.generation.choices import Choices, Exhausted, minimised, seeded
from tests.generation.choices import replayed as decisions
from tests.generation.specimens import FALSE, TRUE, UNBOUND, UNKNOWN, Specimen, confirmed_false, specimen
from tests.generation.wild import normal_form_wrong, wild

LIMIT = 10  # seconds of processor time for one claim
TOO_LONG, CRASHED = "too long", "crashed"
EXPECTED = {TRUE: verdicts.PROVED, FALSE: verdicts.REFUTED, UNBOUND: verdicts.ILL_TYPED}


class TooLong(Exception):
    """A claim took longer than its limit."""


@dataclass(frozen=True)
class Outcome:
    """One claim, judged.

    number: which claim of the seed; truth, family, change: as in a specimen; verdict: a kind of verdict, TOO_LONG or
    CRASHED; wrong: what is false about the verdict, or nothing; redone: whether a counterexample was evaluated again;
    seconds: processor time of `decide` alone; nodes: operations on both sides; text: the claim.
    """

    number: int
    truth: str
    family: str
    change: str
    verdict: str
    wrong: str
    redone: bool
    seconds: float
    nodes: int
    text: str


def judged(seed: int, number: int, untamed: bool = False) -> Outcome:
    """The claim with this number, generated and decided. untamed: a random one, of which nothing is known."""
    found = wild(f"{seed}/{number}") if untamed else specimen(seeded(f"{seed}/{number}"))
    started = process_time()
    verdict, kind, failure = _decided(found.claim)
    seconds = process_time() - started
    wrong = failure or (_wrong(found, verdict) if verdict else "")
    if untamed and not wrong:
        wrong = normal_form_wrong(found.claim, random.Random(number))
    redone = bool(verdict and verdict.counterexample and replayed(found.claim, verdict.counterexample) is not None)
    return Outcome(number, found.truth, found.family, found.change, kind, wrong, redone, seconds, found.nodes,
                   claim_text(found.claim))


def _decided(claim: Claim) -> tuple[Verdict | None, str, str]:
    try:
        with limited(LIMIT):
            verdict = decide(claim)
    except TooLong:
        return None, TOO_LONG, ""
    except Exception as error:  # whatever comes out of `decide` is a defect
        return None, CRASHED, f"{type(error).__name__} out of decide: {error}"
    return verdict, verdict.kind, ""


def _wrong(found: Specimen, verdict: Verdict) -> str:
    """What is false about a verdict; undecided is never false."""
    if verdict.kind == verdicts.UNDECIDED:
        return ""
    expected = EXPECTED.get(found.truth)
    if expected is not None and verdict.kind != expected:
        return f"{verdict.kind}, and it is {found.truth}"
    if verdict.kind == verdicts.ILL_TYPED and found.truth != UNBOUND:
        return "ill-typed, and it has its types"
    if found.truth == UNKNOWN and verdict.kind == verdicts.PROVED and confirmed_false(found.claim, 1, 20):
        return "proved, and the sides differ"
    return _counterexample_wrong(found.claim, verdict)


def _counterexample_wrong(claim: Claim, verdict: Verdict) -> str:
    if verdict.counterexample is None:
        return ""
    values = replayed(claim, verdict.counterexample)
    if values is None or not all(map(np.isfinite, values)) or abs(values[0] - values[1]) > 1e-12 * (1 + abs(values[0])):
        return ""
    return f"refuted, and both sides are {values[0]} at {verdict.counterexample}"


# --- the smallest claim that shows the same ---------------------------------------------------------------------------


def smallest(seed: int, number: int, budget: int = 400) -> Specimen:
    """A smaller claim, made from fewer decisions, with the same truth and the same verdict."""
    choices = seeded(f"{seed}/{number}")
    first = specimen(choices)
    wanted = (first.truth, _decided(first.claim)[1])

    def shows(candidate: Choices) -> bool:
        try:
            found = specimen(candidate)
        except Exhausted:
            return False
        return (found.truth, _decided(found.claim)[1]) == wanted and found.nodes <= first.nodes

    return specimen(decisions(minimised(choices.made, shows, budget)))


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Stops what runs inside after some seconds of processor time, where the system has such an alarm."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
