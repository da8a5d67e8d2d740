"""What is said of wrong steps: the first of a chain, and what would be right."""

from __future__ import annotations

from dataclasses import replace

from derive import verdicts
from derive.reading.corrections import correction
from derive.reading.dossier import Candidate, Dossier, Step
from derive.reading.reports import ReadAs, Repair
from derive.reading.steps import Outcome, judge_step
from derive.reading.syntax import Node


def note_repaired_marks(step: Step) -> None:
    """What the reader had to mend makes a reading offered: nothing is proved by it."""
    spans = (step.left.operand.span, step.right.operand.span)
    mended = [r for link in (step.left, step.right) for r in link.statement.repairs
              if any(s[0] <= r.span[0] <= s[1] for s in spans)]
    said = list(dict.fromkeys(ReadAs(r.written, r.read_as, True) for r in mended))
    said += [ReadAs(r.written, r.read_as, True) for r in step.outcome.readings if r.offered]
    if step.outcome.kind == verdicts.PROVED and said:
        what = ", ".join(f"{r.written or 'a lost mark'} is read as {r.read_as or 'nothing'}" for r in said[:2])
        step.outcome = replace(step.outcome, kind=verdicts.UNDECIDED, reason=f"proved only if {what}")
    step.offers = tuple(said)


def mark_errors(dossier: Dossier, start: int, candidates: list[Candidate]) -> None:
    """The first wrong step of a chain, and for each a reading that mends it or a repair."""
    wrong = False
    for step in dossier.steps[start:]:
        bad = step.outcome.kind in (verdicts.REFUTED, verdicts.ILL_TYPED)
        left_out = step.outcome.reason == dossier.watch.why
        step.inherits = wrong
        step.first_error = bad and not wrong
        wrong = wrong or bad
        open_ = step.outcome.kind == verdicts.UNDECIDED and not step.outcome.unknown and not left_out
        if (bad or open_) and dossier.watch.may_begin(f"{step.piece} offer"):
            offer_reading(dossier, step, candidates)
        if bad and dossier.repairs and dossier.watch.may_begin(f"{step.piece} repair"):
            step.repair = find_repair(dossier, step, candidates)


def offer_reading(dossier: Dossier, step: Step, candidates: list[Candidate]) -> None:
    """A reading that repairs a lost mark and makes the step true."""
    if step.offers:
        return
    for candidate in candidates[:3]:
        again = judge_step(step.left.operand, step.right.operand, candidate.world, dossier.scope, step.conditions,
                           generous=True)
        offered = [r for r in again.readings if r.offered]
        if again.kind == verdicts.PROVED and offered:
            step.offers = tuple(ReadAs(r.written, r.read_as, True) for r in offered)
            return


def find_repair(dossier: Dossier, step: Step, candidates: list[Candidate]) -> Repair | None:
    """The nearest small edit of the right side that is proved."""
    worlds = [c.world for c in candidates[:2]]
    if step.outcome.world not in worlds:
        worlds.insert(0, step.outcome.world)

    def proved(left: Node, right: Node) -> bool:
        return any(
            judge_step(left, right, w, dossier.scope, step.conditions, quick=True).kind == verdicts.PROVED
            and holds_as_written(judge_step(left, right, w, dossier.scope, step.conditions)) for w in worlds)

    return correction(step.left.operand, step.right.operand, proved)


def holds_as_written(outcome: Outcome) -> bool:
    """Whether it is proved as written, with no mark read through."""
    return outcome.proved and not any(reading.offered for reading in outcome.readings)
