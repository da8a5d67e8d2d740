"""From a document to verdicts: every step between two readable sides, in order.

    >>> report = judge("$$\\\\frac{\\\\partial J}{\\\\partial v_c} = U^T(\\\\hat y - y)$$", kind="md")
    >>> [step.verdict for step in report.steps]
    ['proved']
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from derive import verdicts
from derive.claims import sums_to_one
from derive.opinion import text
from derive.reading.agreement import hold_against_conventions
from derive.reading.braces import judge_braces
from derive.reading.consistency import hold_together, introduces_anew
from derive.reading.conventions import settle
from derive.reading.dossier import Candidate, Dossier, Step, Watch, leaves_open
from derive.reading.explanations import Explanation, needed
from derive.reading.marking import mark_errors, note_repaired_marks
from derive.reading.naming import define, judge_definition, named_at_end, new_name, override_setting
from derive.reading.narration import Narration, in_cell
from derive.reading.overrides import application
from derive.reading.parsing import Chain, Link, Reading, Unreadable, read_file, read_text
from derive.reading.reports import DocumentReport, ReadAs, StepReport
from derive.reading.results import judge_end, left_open
from derive.reading.shapes import shapes_beside
from derive.reading.sides import (
    EQUALS,
    as_condition,
    compared,
    differentiates,
    is_position,
    is_side,
    row_summed,
    written_conditions,
)
from derive.reading.spelling import bare, spelled
from derive.reading.stating import judge_shape, judge_shape_row
from derive.reading.steps import Outcome
from derive.reading.syntax import Condition
from derive.reading.worlds import candidate_worlds, judge_in_worlds, plain_world, read_values
from derive.statements import statement

_CONDITION = "a condition: it restricts what stands beside it"
_APART = "apart from"
"""The word of a condition that the prose only mentions: it holds to the end of its sentence."""
_COUNTS = re.compile(r"parameter|number of|how many")


def judge(source: Path | str, *, kind: str = "", setting: str = "", name: str = "text",
          repairs: bool = True) -> DocumentReport:
    """The report on a document.

    source: a file's path, or the text itself; kind: `md`, `tex`, `ipynb`, `txt`, needed for a text; setting: one of
    SETTINGS, else chosen by what the document uses. Raises ReadingError only if a file cannot be read at all.
    """
    if isinstance(source, Path):
        return judge_reading(read_file(source, kind), setting=setting, repairs=repairs)
    return judge_reading(read_text(source, kind or "md", name), setting=setting, repairs=repairs)


def judge_reading(reading: Reading, *, setting: str = "", repairs: bool = True,
                  watch: Watch | None = None) -> DocumentReport:
    """The report on a document that was read; watch: who looks on."""
    dossier = Dossier(reading, setting, repairs, watch or Watch())
    judge_chains(dossier)
    return reported(dossier)


def judge_chains(dossier: Dossier) -> None:
    """Every step of the document, in order."""
    pending: tuple[Condition, ...] = ()
    for number, chain in enumerate(dossier.chains):
        if number in dossier.explained:
            continue
        explain(dossier, number)
        if (row := shapes_beside(dossier.chains, number)) is not None:
            judge_shape_row(dossier, number, row)
            continue
        try:
            pending = judge_chain(dossier, number, chain, (*pending, *condition_after(dossier, number)))
        except Exception as error:  # a defect of ours must cost one chain, never the document
            leave_out(dossier, number, chain, f"not decided: {type(error).__name__}: {str(error)[:200]}")


def explain(dossier: Dossier, number: int) -> None:
    """What is said behind a chain of names that stand in it and mean nothing yet."""
    chain = dossier.chains[number]
    for each in needed(dossier.explanations, dossier.chains, number):
        if each.number in dossier.explained or not is_new(dossier, each, chain):
            continue
        dossier.explained.add(each.number)
        try:
            if each.body is None:
                judge_chain(dossier, each.number, dossier.chains[each.number], ())
            else:
                define(dossier, each.name, [each.body], candidate_worlds(dossier, chain, ""))
        except Exception as error:  # as above
            leave_out(dossier, each.number, dossier.chains[each.number], f"not decided: {error}"[:200])


def is_new(dossier: Dossier, explanation: Explanation, chain: Chain) -> bool:
    """Whether nothing else gives a meaning to what is explained."""
    worlds = [c for c in candidate_worlds(dossier, chain, "") if not c.world.alone]
    return new_name(dossier, explanation.name, worlds) is not None


def reported(dossier: Dossier) -> DocumentReport:
    """All that was found, after every step was held against the conventions of the rest."""
    document = dossier.reading.document
    conventions, findings = settle([(s.exercise, s.outcome) for s in dossier.steps if not leaves_open(s)])
    about = {step.outcome.world.convention for step in dossier.steps if step.outcome.touched}
    conventions |= {which: said.described for which, said in dossier.lying.items() if said.pinned and which in about}
    hold_against_conventions(dossier, conventions)
    found = [(step.right.source.name, step_report(step)) for step in dossier.steps]
    found += [(row.error.source.name, unreadable_report(row, dossier.narration))
              for row in dossier.reading.unreadable()]
    order = list(dict.fromkeys(block.source.name for block in dossier.reading.blocks))  # a cell's lines are its own
    steps = [step for _, step in sorted(found, key=lambda each: (order.index(each[0]), each[1].line, each[1].column))]
    lost = [f"line {error.line}: {error.message}" for error in document.damage]
    return DocumentReport(document.name, chosen_setting(dossier), conventions, tuple(steps),
                          tuple(dict.fromkeys((*lost, *dossier.findings, *left_open(dossier), *findings))),
                          tuple(dict.fromkeys(dossier.scope.disagreements)))


# --- chains -----------------------------------------------------------------------------------------------------------


def judge_chain(dossier: Dossier, number: int, chain: Chain, pending: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The steps of a chain; gives back conditions that hold for the chain after it."""
    before = dossier.narration.before(chain.links[0].block)
    condition = as_condition(chain)
    apart = condition is not None and is_inline(dossier, chain) and all(s.text == "\\ne" for s in chain.relations)
    if condition is not None and (before.opens_condition or apart) and len(list(chain.steps())) == 1:
        add_condition(dossier, number, chain)
        if before.follows or before.disowns:
            return pending
        condition = replace(condition, word="unless") if before.excepts else condition
        letters = {spelled(o) for o in compared(condition)[:1]}
        condition = replace(condition, word=_APART) if apart and not before.opens_condition else condition
        return (*(c for c in pending if not letters & {spelled(o) for o in compared(c)[:1]}), condition)
    if before.starts_part:
        pending = ()
    if before.ends_sentence:
        pending = tuple(c for c in pending if c.word != _APART)
    if len(chain.links) == 1 and is_inline(dossier, chain):
        return pending  # a name in passing
    candidates = candidate_worlds(dossier, chain, f"{before.section} {before.text}")
    start = len(dossier.steps)
    dossier.label = dossier.narration.exercise(chain.links[0])
    judge_links(dossier, number, chain, pending, candidates)
    if before.assumes and is_inline(dossier, chain):
        suppose(dossier, start)
    mark_errors(dossier, start, candidates)
    judge_end(dossier, start, candidates)
    start = len(dossier.steps)
    judge_braces(dossier, number, chain.links, candidates)
    mark_errors(dossier, start, candidates)
    return ()


def judge_links(dossier: Dossier, number: int, chain: Chain, pending: tuple[Condition, ...],
                candidates: list[Candidate]) -> None:
    """Each side of a chain with the one before it."""
    left, defined = chain.links[0], False
    for at, (_, sign, right) in enumerate(chain.steps()):
        if not is_side(right.operand) or judge_shape(dossier, number, left, sign, right, candidates):
            continue
        if sign.text not in EQUALS or not is_side(left.operand):
            left = right
            continue
        if is_position(left.operand) and is_position(right.operand):
            dossier.steps.append(Step(left, right, sign, number, (), dossier.narration.exercise(left), a_condition()))
            left = dossier.last_side or right
            continue
        step = Step(left, right, sign, number, conditions_of(dossier, pending, left, right),
                    dossier.narration.exercise(left), Outcome(verdicts.UNDECIDED, dossier.watch.why, plain_world()))
        defined = judge_one(dossier, step, chain, at, candidates) or defined
        dossier.steps.append(step)
        dossier.watch.reached(step)
        left = right
    dossier.last_side = left
    if defined:
        bodies = [link.operand for link in chain.links[1:] if is_side(link.operand)]
        define(dossier, chain.links[0].operand, bodies, candidates, proved_alike(dossier, number, chain))


def proved_alike(dossier: Dossier, number: int, chain: Chain) -> int:
    """How many sides of a chain behind its first, from the second on, are proved to be one thing."""
    proved = {step.right.operand.span for step in dossier.steps if step.chain == number and step.outcome.proved}
    sides = [link.operand for link in chain.links[1:] if is_side(link.operand)]
    return next((at for at, side in enumerate(sides) if at and side.span not in proved), len(sides))


def judge_one(dossier: Dossier, step: Step, chain: Chain, at: int, candidates: list[Candidate]) -> bool:
    """Find the outcome of step number `at` of a chain; whether it introduces the name on its left."""
    if not dossier.watch.may_begin(step.piece):
        return False
    started = perf_counter()
    left, right = step.left, step.right
    before = dossier.steps[-1:] if at else []
    dossier.settled = next((s.outcome.world for s in before if s.outcome.proved), None)
    claims = [s.outcome.claim for s in before]
    dossier.scope = replace(dossier.scope, like=next((claim.right for claim in claims if claim is not None), None))
    outcome = introduced(dossier, left, right, candidates) if at == 0 else None
    defines = outcome is not None and not dossier.own.introduces(left.operand)
    if outcome is None and at == len(chain.links) - 2:
        outcome = named_at_end(dossier, left, right, candidates)
    step.outcome = outcome or judge_in_worlds(dossier, left.operand, right.operand, candidates, step.conditions)
    if at == 0:
        override_setting(dossier, step, candidates)
        assume_hypothesis(dossier, step)
    if step.outcome.kind != verdicts.DEFINITION and (torn := dossier.own.torn_in(left.operand, right.operand)):
        step.outcome = replace(step.outcome, kind=verdicts.UNDECIDED, reason=torn)
    if at == 0 and introduces_anew(dossier, step):
        return True
    hold_together(dossier, step, before[0] if before else None)
    note_repaired_marks(step)
    if step.outcome.kind == verdicts.ILL_TYPED and not differentiates(left.operand) and _COUNTS.search(
            dossier.narration.before(left.block).text[-80:]):
        step.outcome = replace(step.outcome, kind=verdicts.UNDECIDED, reason="words stand on the left side")
    step.seconds = perf_counter() - started
    return defines


def introduced(dossier: Dossier, left: Link, right: Link, candidates: list[Candidate]) -> Outcome | None:
    """What is said of the first equation of a chain if it introduces a name."""
    system = dossier.system
    if system is not None and candidates and candidates[0].world is system.world:
        return Outcome(verdicts.DEFINITION, f"introduces {spelled(bare(left.operand))}", system.world) if (
            system.introduces(left.operand)) else None
    if not dossier.own.introduces(left.operand):
        return judge_definition(dossier, left, right, candidates)
    key = spelled(application(bare(left.operand))[0])
    return Outcome(verdicts.DEFINITION, f"the document's own {key}, which the exercise has otherwise", plain_world())


def leave_out(dossier: Dossier, number: int, chain: Chain, reason: str) -> None:
    """A verdict for every step of a chain that has none yet."""
    done = {step.sign.span for step in dossier.steps if step.chain == number}
    for left, sign, right in chain.steps():
        if sign.text in EQUALS and is_side(left.operand) and is_side(right.operand) and sign.span not in done:
            dossier.steps.append(Step(left, right, sign, number, (), dossier.narration.exercise(left),
                                      Outcome(verdicts.UNDECIDED, reason, plain_world())))


def conditions_of(dossier: Dossier, pending: tuple[Condition, ...], left: Link, right: Link) -> tuple[Condition, ...]:
    """The conditions a step stands under; after an arrow in one block the case goes on."""
    own = written_conditions(left, right)
    if own:
        dossier.carried = (right.block, own)
    elif right.statement.connector in ("\\Rightarrow", "so") and dossier.carried[0] == right.block:
        own = dossier.carried[1]
    return (*pending, *own)


def condition_after(dossier: Dossier, number: int) -> tuple[Condition, ...]:
    """`$y_i = 0$ for $i \\ne k$`: the condition that stands behind a statement, in the prose."""
    if number + 1 >= len(dossier.chains) or not dossier.chains[number].relations:
        return ()
    following = dossier.chains[number + 1]
    condition = as_condition(following)
    if condition is None or not dossier.narration.before(following.links[0].block).follows:
        return ()
    return (condition,) if as_condition(dossier.chains[number]) is None else ()


def add_condition(dossier: Dossier, number: int, chain: Chain) -> None:
    """Steps that are no steps but a condition on what stands beside them."""
    for left, sign, right in chain.steps():
        if sign.text in EQUALS:
            dossier.steps.append(Step(left, right, sign, number, (), dossier.narration.exercise(left), a_condition()))


def a_condition() -> Outcome:
    """What is said of a condition."""
    return Outcome(verdicts.DEFINITION, _CONDITION, plain_world())


def is_inline(dossier: Dossier, chain: Chain) -> bool:
    """Whether a chain stands in a line of prose."""
    return not dossier.reading.blocks[chain.links[0].block].math.display


def assume_hypothesis(dossier: Dossier, step: Step) -> None:
    """`where $\\sum_k y_k = 1$`, of a tensor the front matter declares: no claim, but a hypothesis from here on."""
    world = dossier.front.world
    if step.outcome.kind != verdicts.REFUTED or step.outcome.world is not world or spelled(
            step.right.operand) != "1" or dossier.reading.blocks[step.left.block].math.display:
        return
    if not dossier.narration.before(step.left.block).gives:
        return
    summed = next(filter(None, (row_summed(v.term) for v in read_values(dossier, step.left.operand, world))), None)
    if summed is not None:
        dossier.scope = replace(dossier.scope, extra=(*dossier.scope.extra, sums_to_one(summed)))
        step.outcome = Outcome(verdicts.DEFINITION, "a hypothesis of the document's own", world)


def suppose(dossier: Dossier, start: int) -> None:
    """Steps that the prose supposes, `it vanishes when ...`: what is not proved was not claimed either."""
    for step in dossier.steps[start:]:
        if step.outcome.kind in (verdicts.REFUTED, verdicts.ILL_TYPED):
            step.outcome = replace(step.outcome, kind=verdicts.DEFINITION, reason=_CONDITION)


def chosen_setting(dossier: Dossier) -> str:
    """The setting, in words."""
    if dossier.setting:
        return dossier.setting
    if dossier.front.world is not None:
        return "front matter"
    later = sum(count for name, count in dossier.used.items() if name in ("leaky", "normalised"))
    later += "naive-softmax" in dossier.hints.words or "neg-sample" in dossier.hints.words
    earlier = dossier.used.get("network", 0) + dossier.used.get("cbow", 0)
    return "assignment1" if earlier >= later and earlier else "assignment2" if later else "assignment1" if (
        dossier.used) else "none"


def step_report(step: Step) -> StepReport:
    """A step as it is reported."""
    outcome = step.outcome
    line, column = step.place
    end_line, end_column = step.right.source.position(step.right.operand.span[1])
    reason = outcome.reason
    if step.inherits and outcome.kind == verdicts.PROVED:
        reason += "; it follows a wrong line"
    readings = [ReadAs(r.written, r.read_as, r.offered) for r in outcome.readings]
    readings += [r for r in step.offers if r not in readings]
    told = [(theorem, opinion) for theorem, opinion in zip(outcome.theorems, outcome.opinions, strict=True)
            if outcome.proved and opinion is not None]
    return StepReport(
        line, column, end_line, end_column, in_cell(step.right.source, step.exercise), step.left.written,
        step.right.written, step.sign.text, outcome.kind, reason,
        "every size of every axis" if outcome.proved else "", outcome.hypotheses,
        tuple(sorted(f"{which}: {how}" for which, how in outcome.needs)), tuple(readings), outcome.counterexample,
        step.repair, step.first_error, step.seconds,
        tuple(opinion for _, opinion in told), tuple(text(statement(theorem.claim)) for theorem, _ in told),
    )


def unreadable_report(row: Unreadable, narration: Narration) -> StepReport:
    """A row that could not be read, as it is reported."""
    error = row.error
    end_line, end_column = error.source.position(row.span[1])
    return StepReport(error.line, error.column, end_line, end_column, narration.at(error.source, row.span[0]),
                      error.source.written(row.span)[:200], "", "", verdicts.UNREADABLE, error.message)


__all__ = ["EQUALS", "Watch", "judge", "judge_reading"]
