"""Steps held against the conventions of the rest of their document."""

from __future__ import annotations

from dataclasses import replace

from derive import verdicts
from derive.reading.conventions import contradicted
from derive.reading.dossier import Dossier, Step, leaves_open
from derive.reading.marking import find_repair
from derive.reading.steps import judge_step
from derive.reading.worlds import candidate_worlds, plain_world


def hold_against_conventions(dossier: Dossier, conventions: dict[str, str]) -> None:
    """Steps that hold only against the clear convention of the rest of the document are not proved."""
    outcomes = [step.outcome for step in dossier.steps if not leaves_open(step)]
    for step in dossier.steps:
        if step.outcome.proved and (pinned := pinned_against(dossier, step)):
            step.outcome = replace(step.outcome, kind=verdicts.ILL_TYPED, reason=pinned)
            continue
        if leaves_open(step):
            continue
        if step.outcome.proved and (turned := turned_against(dossier, step)):
            step.outcome = replace(step.outcome, kind=verdicts.ILL_TYPED, reason=turned)
            mend(dossier, step)
            continue
        if step.outcome.proved and (against := contradicted(step.outcome, outcomes)):
            which, how = against
            usual = conventions.get(which, "the rest of the document says otherwise")
            kind = verdicts.ILL_TYPED if which != "layout of U" else verdicts.UNDECIDED
            reason = f"{which}: holds only if {how}; elsewhere {usual}"
            step.outcome = replace(step.outcome, kind=kind, reason=reason)


def pinned_against(dossier: Dossier, step: Step) -> str:
    """Why a step does not fit the conventions the author fixed in the front matter."""
    for which, how in sorted(step.outcome.needs):
        said = dossier.front.pinned.get(which, "")
        if said and not any(word in how for word in said.split()):
            return f"{which}: holds only if {how}, and the front matter says {said}"
        said = dossier.layouts.get(which, "")
        outvoted = _agreeing(dossier, which, said) + 1 < _agreeing(dossier, which, how)
        if said and f"the {said} of" not in how and not outvoted:
            return f"{which}: holds only if {how}, and the document says that the words are its {said}"
    return ""


def _agreeing(dossier: Dossier, which: str, how: str) -> int:
    """How many proved steps rest on a convention."""
    return sum(s.outcome.proved and how in s.outcome.conventions.get(which, "") for s in dossier.steps)


def turned_against(dossier: Dossier, step: Step) -> str:
    """Why a step that needs rows for columns does not fit the steps around it; empty if it may."""
    which = step.outcome.world.convention
    if not which or which not in step.outcome.conventions:
        return ""
    others = [s for s in dossier.steps if s.outcome.proved and s.outcome.world.convention == which]
    here = [s for s in others if which in s.outcome.conventions]
    against = [s for s in others if s not in here and judge_step(
        s.left.operand, s.right.operand, step.outcome.world, dossier.scope, s.conditions, quick=True
    ).kind != verdicts.PROVED]
    if len(against) < max(2, 2 * len(here)):
        return ""
    return f"{which}: types only if {step.outcome.conventions[which]}, which {len(against)} other steps exclude"


def mend(dossier: Dossier, step: Step) -> None:
    """First error and repair of a step that the rest of the document turned out to exclude."""
    chain = [s for s in dossier.steps if s.chain == step.chain]
    before = [s for s in chain if dossier.steps.index(s) < dossier.steps.index(step)]
    step.first_error = not any(s.first_error for s in before)
    if dossier.repairs:
        dossier.logits = dossier.hints.logits
        step.outcome = replace(step.outcome, world=plain_world())
        step.repair = find_repair(dossier, step, candidate_worlds(dossier, dossier.chains[step.chain], ""))
