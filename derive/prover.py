"""Decides claims: asks the kernel for a proof, the refuter for numbers, and never lets two of its ways contradict.

Nothing here is trusted: a Theorem comes from the kernel, a counterexample from separated intervals, and what is called
proved has a second opinion, which shares nothing with the kernel (docs/second-opinion.md).

    >>> from derive.components import Axis
    >>> from derive.terms import tensor, total, softmax
    >>> x = tensor("x", Axis("n"))
    >>> decide(total(softmax(x)) == 1).kind
    'proved'
    >>> decide(total(softmax(x)) == 2).kind
    'refuted'
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from time import perf_counter

from derive import kernel, refuter, verdicts
from derive.claims import Claim
from derive.components import Index
from derive.errors import AxisError, GradproofError, InternalDisagreement, NotProved, OutsideTheory
from derive.kernel import Theorem
from derive.opinion import Disagreement, NoOpinion, examine
from derive.statements import statement
from derive.verdicts import Verdict


def prove(claim: Claim) -> Theorem:
    """The theorem of a claim, from the first rule that gives it.

    NotProved: no rule does. OutsideTheory: beyond the theory or too large. AxisError: an index comes from nowhere.
    """
    if claim.relation == "<=":
        return kernel.by_bound(claim)
    return kernel.by_normal_form(claim)


def decide(claim: Claim, *, seed: int = 0) -> Verdict:
    """What can be said of a claim: proved, refuted, ill-typed or undecided.

    InternalDisagreement: the kernel proved what numbers refute. Never caught here: it is a defect, not a verdict.
    """
    started = perf_counter()
    try:
        verdict = _decided(claim, seed)
    except RecursionError:
        verdict = Verdict(verdicts.UNDECIDED, "nested too deeply; expected fewer layers; try a let for a part")
    return replace(verdict, seconds=perf_counter() - started)


def _decided(claim: Claim, seed: int) -> Verdict:
    try:
        theorem = prove(claim)
    except AxisError as error:
        return Verdict(verdicts.ILL_TYPED, str(error))
    except (NotProved, OutsideTheory) as error:
        return _refuted(claim, seed, error)
    return _confirmed(theorem, seed)


def _confirmed(theorem: Theorem, seed: int) -> Verdict:
    """A proved claim after its second opinion: both sides agree without the kernel's rules, and hypotheses can hold."""
    found = examine(statement(theorem.claim))
    if isinstance(found, Disagreement):
        raise InternalDisagreement(f"{theorem!r} is proved by {theorem.rule}, and the second opinion finds the sides "
                                   f"apart {found}", "agreement", "reporting this claim as a defect")
    if isinstance(found, NoOpinion):
        if found.unmet and theorem.claim.hypotheses:  # what nothing satisfies proves anything
            return Verdict(verdicts.UNDECIDED, f"both sides have the same normal form ({theorem.rule}), but there is "
                           f"no second opinion: {found.reason}")
        return _compared(theorem, seed, found.reason)
    by = f"both sides have the same normal form ({theorem.rule})"
    weaker = f"; second opinion: {found.weaker}" if found.weaker else ""
    return Verdict(verdicts.PROVED, by + weaker, theorem, second_opinion=found)


def _compared(theorem: Theorem, seed: int, why: str) -> Verdict:
    """A proved claim of which the second opinion has none: at least floats must agree somewhere."""
    agreement = refuter.agrees(theorem.claim, seed)
    if agreement is False:
        raise InternalDisagreement(f"{theorem!r} is proved by {theorem.rule}, and numbers refute it", "agreement",
                                   "reporting this claim as a defect")
    if agreement is None:
        return Verdict(verdicts.UNDECIDED, _nowhere(theorem.claim, seed))
    return Verdict(verdicts.PROVED, f"both sides have the same normal form ({theorem.rule}); second opinion: floats "
                   f"only, {why}", theorem)


def _nowhere(claim: Claim, seed: int) -> str:
    try:
        refuter.sample_instance(claim, seed)
    except GradproofError as error:
        return f"no instance of the hypotheses was found: {error}"
    return "no point was found at which both sides are defined"


def _refuted(claim: Claim, seed: int, failure: GradproofError) -> Verdict:
    try:
        counterexample = refuter.refute(claim, seed)
    except OutsideTheory:
        counterexample = None
    if counterexample is not None:
        return Verdict(verdicts.REFUTED, "the sides differ at these numbers", counterexample=counterexample)
    for left, right in _index_pairs(claim):
        try:
            return _confirmed(kernel.by_cases(claim, left, right), seed)
        except (NotProved, OutsideTheory, RecursionError):
            continue
    return Verdict(verdicts.UNDECIDED, f"neither proved nor refuted: {failure}")


def _index_pairs(claim: Claim) -> list[tuple[Index, Index]]:
    if claim.relation != "==":
        return []
    ordered = sorted(claim.left.free | claim.right.free, key=str)
    return [(i, k) for i, k in combinations(ordered, 2) if i.axis == k.axis]
