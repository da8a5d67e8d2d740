"""What the steps of a document have to agree about: what a side means, which letter names the true class."""

from __future__ import annotations

from dataclasses import replace

from derive import verdicts
from derive.claims import Claim, Equation
from derive.prover import prove
from derive.reading.dossier import Dossier, Step
from derive.reading.spelling import bare, spelled
from derive.reading.steps import Outcome, judge_step
from derive.reading.syntax import Name, Script, walk
from derive.reading.values import names_in
from derive.reading.worlds import plain_world


def hold_together(dossier: Dossier, step: Step, before: Step | None) -> None:
    """Take back what is said of a step if that needs another meaning of something than the document gave it before.

    before: the step before it, of the same chain.
    """
    reason = ""
    if step.outcome.kind in (verdicts.PROVED, verdicts.REFUTED) and (other := _loss_of_another(dossier, step)):
        reason = other
    elif step.outcome.proved:
        reason = _other_reading(before, step) or _other_class(dossier, step)
    elif step.outcome.kind == verdicts.REFUTED and dossier.front.unread and step.outcome.world is dossier.front.world:
        reason = f"the front matter assumes {dossier.front.unread[0]}, which could not be used"
    elif step.outcome.kind == verdicts.REFUTED:
        reason = _of_another(dossier, step.outcome)
    if reason:
        step.outcome = replace(step.outcome, kind=verdicts.UNDECIDED, reason=reason, counterexample=None)


def introduces_anew(dossier: Dossier, step: Step) -> bool:
    """`s = b` where the chain that introduced s led to b by a wrong line: from here on s is b, and nothing else.

    So is what is then introduced anew with its help, in the same part of the document.
    """
    key, kind = spelled(bare(step.left.operand)), step.outcome.kind
    if kind not in (verdicts.REFUTED, verdicts.ILL_TYPED) or key not in dossier.scope.names:
        return False
    part, world = dossier.narration.part(step.left), step.outcome.world
    used = {spelled(each) for each in walk(step.right.operand) if isinstance(each, Name | Script)}
    follows = kind == verdicts.REFUTED and any(dossier.anew.get(name) == part for name in used - {key})
    if not follows and not any(judge_step(body, step.right.operand, world, dossier.scope, step.conditions,
                                          quick=True).proved for body in dossier.doubtful.get(key, ())):
        return False
    dossier.anew[key] = part
    step.outcome = Outcome(verdicts.DEFINITION, f"introduces {key} anew", world)
    return True


def _other_reading(before: Step | None, step: Step) -> str:
    """The side that two steps share, if it means one thing in one of them and another in the other."""
    first = before.outcome if before is not None and before.right is step.left else None
    if first is None or first.claim is None or step.outcome.claim is None or _clash(first, step.outcome):
        return ""
    there, here = first.claim, step.outcome.claim
    if there.right.same(here.left) or any(_holds(there, here, with_them) for with_them in (here, there)):
        return ""
    return "the side before is read in another way in the step before"


def _clash(first: Outcome, second: Outcome) -> bool:
    """Whether they rest on conventions that exclude each other, which is said of the document as a whole."""
    return any(first.conventions.get(which, how) != how for which, how in second.needs)


def _holds(there: Claim, here: Claim, like: Claim) -> bool:
    try:
        prove(Claim(there.right, here.left, like.hypotheses, like.for_all))
    except Exception:  # whatever keeps it from being proved, it is not known to be the same
        return False
    return True


def _loss_of_another(dossier: Dossier, step: Step) -> str:
    """A name made of the loss of one exercise, in a step about another one."""
    here = step.outcome.world.name
    used = {spelled(each) for side in (step.left, step.right) for each in walk(side.operand)
            if isinstance(each, Name | Script)}
    return next((f"{key} was made of the loss of {there}, and the step is about {here}"
                 for key, there in dossier.built.items() if key in used and there != here), "")


def _other_class(dossier: Dossier, step: Step) -> str:
    """The letter of the true class, if the part of the document has had another one for it."""
    claim = step.outcome.claim
    letters = [str(h.right.args[0]) for h in (claim.hypotheses if claim is not None else ())
               if isinstance(h, Equation) and h.right.op == "onehot" and h not in dossier.scope.extra]
    if not letters:
        return ""
    known = dossier.true_classes.setdefault(dossier.narration.part(step.left), letters[0])
    said = f"it takes {letters[0]} for the true class, which was {known} before"
    return "" if known.lower() == letters[0].lower() else said


def _of_another(dossier: Dossier, outcome: Outcome) -> str:
    """A result of the exercise that stands on a name which the document took for something of its own."""
    world = outcome.world
    if world is plain_world() or not dossier.renamed:
        return ""
    terms = [(key, value.term) for key in outcome.touched - dossier.renamed for value in world.names.get(key, ())]
    if "J" in outcome.touched and world.loss is not None:
        terms += [("the loss", value.term) for value in world.loss("", ())]
    taken = {symbol for key in dossier.renamed for value in world.names.get(key, ())
             for symbol in names_in(value.term) if symbol.name == key}
    return next((f"{key} is the exercise's, and stands on a name that the document has for its own"
                 for key, term in terms if names_in(term) & taken), "")


__all__ = ["hold_together", "introduces_anew"]
