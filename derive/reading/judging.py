"""From a document to verdicts: every step between two readable sides, in order.

    >>> report = judge("$$\\\\frac{\\\\partial J}{\\\\partial v_c} = U^T(\\\\hat y - y)$$", kind="md")
    >>> [step.verdict for step in report.steps]
    ['proved']
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from derive import verdicts
from derive.claims import sums_to_one
from derive.components import Axis
from derive.reading import steps as judged
from derive.reading.combining import gradient_name, is_gradient_mark, or_none
from derive.reading.conventions import contradicted, settle
from derive.reading.corrections import correction
from derive.reading.elaboration import Definition
from derive.reading.frontmatter import declared
from derive.reading.narration import Narration, narrate
from derive.reading.orientation import Orientation, orientations
from derive.reading.overrides import Layers, OwnFunctions, application, layer_of, network_of, own_functions
from derive.reading.parsing import Chain, Link, Reading, Row, Unreadable, chains, read_file, read_text
from derive.reading.reports import DocumentReport, ReadAs, Repair, StepReport
from derive.reading.settings.choice import (
    ALL,
    LOGITS,
    SETTINGS,
    Hints,
    bonus,
    centre_of,
    hints_of,
    logits_of,
    other_vectors,
    usual_vectors,
)
from derive.reading.settings.choice import world as make_world
from derive.reading.settings.world import World
from derive.reading.shapes import dimensions, factors, shapes_beside, stated
from derive.reading.spelling import bare, base_name, loss_kind, spelled
from derive.reading.steps import Outcome, Scope, judge_step
from derive.reading.syntax import (
    Blank,
    Call,
    Condition,
    Derivative,
    Differential,
    Dots,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Range,
    Relation,
    Script,
    Sign,
    Text,
    walk,
)
from derive.reading.values import SCALAR, Mistyped, Value, names_in
from derive.terms import Term, tensor

EQUALS = frozenset({"=", "\\equiv", ":="})


def judge(source: Path | str, *, kind: str = "", setting: str = "", name: str = "text",
          repairs: bool = True) -> DocumentReport:
    """The report on a document.

    source: a file's path, or the text itself; kind: `md`, `tex`, `ipynb`, `txt`, needed for a text; setting: one of
    SETTINGS, else chosen by what the document uses. Raises ReadingError only if a file cannot be read at all.
    """
    if isinstance(source, Path):
        return judge_reading(read_file(source, kind), setting=setting, repairs=repairs)
    return judge_reading(read_text(source, kind or "md", name), setting=setting, repairs=repairs)


def judge_reading(reading: Reading, *, setting: str = "", repairs: bool = True) -> DocumentReport:
    """The report on a document that was read."""
    return _Judge(reading, setting, repairs).report()


@dataclass(frozen=True)
class _Candidate:
    """A world a chain may live in, by name, and how well it fits."""

    name: str
    world: World
    score: float


@dataclass
class _Step:
    """A step on the way to its report."""

    left: Link
    right: Link
    sign: Sign
    chain: int
    conditions: tuple[Condition, ...]
    exercise: str
    outcome: Outcome
    seconds: float = 0.0
    repair: Repair | None = None
    first_error: bool = False
    inherits: bool = False
    offers: tuple[ReadAs, ...] = ()
    alternatives: list[Outcome] = field(default_factory=list)


class _Judge:
    """Goes through a document once, from top to bottom."""

    def __init__(self, reading: Reading, setting: str, repairs: bool) -> None:
        self.reading, self.repairs = reading, repairs
        self.front = declared(reading.document.front_matter)
        self.setting = setting or self.front.setting
        self.names = SETTINGS.get(self.setting, () if self.setting == "none" else ALL)
        if self.front.world is not None and self.setting not in SETTINGS:
            self.names = ()
        self.chains = [chain for chain in chains(reading) if chain.links]
        self.narration: Narration = narrate(reading)
        nodes = [link.operand for chain in self.chains for link in chain.links]
        self.hints: Hints = hints_of(nodes, self.narration.words)
        self.scope = Scope(classes=self.hints.classes, functions=self.front.functions, families=self.front.families,
                           extra=self.front.hypotheses)
        self.variables = {spelled(bare(v)) for node in nodes for each in walk(node) if isinstance(each, Derivative)
                          for v in each.variables}
        self.front = replace(self.front, world=self.with_real_letters(nodes))
        self.letters: dict[str, Axis] = {}
        self.repeats = {self.narration.exercise(link) for chain in self.chains for link in chain.links
                        if _speaks_of_repeats(link.operand)}
        self.hidden = _hidden(self.chains)
        self.positive_factor = any(_POSITIVE_FACTOR.search(block.source.written(block.math.span))
                                   for block in reading.blocks)
        self.steps: list[_Step] = []
        self.findings: list[str] = list(self.front.findings)
        self.used: dict[str, int] = {}
        self.parts: dict[str, set[str]] = {}
        self.label = ""
        self.logits = self.hints.logits
        self.carried: tuple[int, tuple[Condition, ...]] = (-1, ())
        self.last_side: Link | None = None
        self.layers: Layers = ()
        self.lying: dict[str, Orientation] = orientations(
            self.chains, self.names, self.scope, self.narration.words, self.front.pinned, self.hidden)
        worlds = [make_world(name, usual_vectors(name)) for name in self.names]
        self.own: OwnFunctions = own_functions(self.chains, [w for w in worlds if w.scalars], self.scope)
        self.scope = replace(self.scope, functions={**self.own.meant, **self.scope.functions})

    def with_real_letters(self, nodes: list[Node]) -> World | None:
        """The world of the front matter, with letters it leaves open and the document differentiates by: `d/du`."""
        world = self.front.world
        if world is None:
            return None
        known = {*world.names, *world.gathers, *world.ranges, *self.front.families}
        known |= {spelled(bare(chain.links[0].operand)) for chain in self.chains}
        by = [bare(v) for node in nodes for each in walk(node) if isinstance(each, Derivative) for v in each.variables]
        letters = {v.base for v in by if isinstance(v, Name) and v.base.islower() and len(v.base) == 1
                   and not v.accents and not v.style} - known
        return replace(world, names={**world.names, **{u: (Value(tensor(u), SCALAR),) for u in letters}})

    def report(self) -> DocumentReport:
        """Judge everything, then say it."""
        pending: tuple[Condition, ...] = ()
        for number, chain in enumerate(self.chains):
            if (row := shapes_beside(self.chains, number)) is not None:
                self.shape_row(number, row)
                continue
            try:
                pending = self.chain(number, chain, (*pending, *self.said_after(number)))
            except Exception as error:  # a defect of ours must cost one chain, never the document
                self.findings.append(f"a chain of {len(chain.links)} sides was left out: {type(error).__name__}")
        document = self.reading.document
        conventions, findings = settle([(s.exercise, s.outcome) for s in self.steps if not _leaves_open(s)])
        about = {step.outcome.world.convention for step in self.steps if step.outcome.touched}
        conventions |= {which: said.described for which, said in self.lying.items() if said.pinned and which in about}
        self.against(conventions)
        steps = [self.said(step) for step in self.steps]
        steps += [_unreadable(row, self.narration) for row in self.reading.unreadable()]
        steps.sort(key=lambda step: (step.line, step.column))
        return DocumentReport(document.name, self.chosen(), conventions, tuple(steps),
                              (*self.findings, *findings))

    def against(self, conventions: dict[str, str]) -> None:
        """Steps that hold only against the clear convention of the rest of the document are not proved."""
        outcomes = [step.outcome for step in self.steps if not _leaves_open(step)]
        for step in self.steps:
            if step.outcome.proved and (pinned := self.pinned_against(step)):
                step.outcome = replace(step.outcome, kind=verdicts.ILL_TYPED, reason=pinned)
                continue
            if _leaves_open(step):
                continue
            if step.outcome.proved and (turned := self.turned_against(step)):
                step.outcome = replace(step.outcome, kind=verdicts.ILL_TYPED, reason=turned)
                self.mend(step)
                continue
            if step.outcome.proved and (against := contradicted(step.outcome, outcomes)):
                which, how = against
                usual = conventions.get(which, "the rest of the document says otherwise")
                kind = verdicts.ILL_TYPED if which != "layout of U" else verdicts.UNDECIDED
                reason = f"{which}: holds only if {how}; elsewhere {usual}"
                step.outcome = replace(step.outcome, kind=kind, reason=reason)

    def pinned_against(self, step: _Step) -> str:
        """Why a step does not fit the conventions the author fixed in the front matter."""
        for which, how in step.outcome.needs:
            said = self.front.pinned.get(which, "")
            if said and not any(word in how for word in said.split()):
                return f"{which}: holds only if {how}, and the front matter says {said}"
        return ""

    def turned_against(self, step: _Step) -> str:
        """Why a step that needs rows for columns does not fit the steps around it; empty if it may."""
        which = step.outcome.world.convention
        if not which or which not in dict(step.outcome.needs):
            return ""
        others = [s for s in self.steps if s.outcome.proved and s.outcome.world.convention == which]
        here = [s for s in others if which in dict(s.outcome.needs)]
        against = [s for s in others if s not in here and judge_step(
            s.left.operand, s.right.operand, step.outcome.world, self.scope, s.conditions, quick=True
        ).kind != verdicts.PROVED]
        if len(against) < max(2, 2 * len(here)):
            return ""
        return f"{which}: types only if {dict(step.outcome.needs)[which]}, which {len(against)} other steps exclude"

    def mend(self, step: _Step) -> None:
        """First error and repair of a step that the rest of the document turned out to exclude."""
        chain = [s for s in self.steps if s.chain == step.chain]
        before = [s for s in chain if self.steps.index(s) < self.steps.index(step)]
        step.first_error = not any(s.first_error for s in before)
        if self.repairs:
            self.logits = self.hints.logits
            step.outcome = replace(step.outcome, world=make_world("sigmoid", usual_vectors("sigmoid")))
            step.repair = self.repair(step, self.candidates(self.chains[step.chain], ""))

    def chosen(self) -> str:
        """The setting, in words."""
        if self.setting:
            return self.setting
        if self.front.world is not None:
            return "front matter"
        later = sum(count for name, count in self.used.items() if name in ("leaky", "normalised"))
        later += "naive-softmax" in self.hints.words or "neg-sample" in self.hints.words
        earlier = self.used.get("network", 0) + self.used.get("cbow", 0)
        return "assignment1" if earlier >= later and earlier else "assignment2" if later else "assignment1" if (
            self.used) else "none"

    # --- chains -------------------------------------------------------------------------------------------------------

    def chain(self, number: int, chain: Chain, pending: tuple[Condition, ...]) -> tuple[Condition, ...]:
        """The steps of a chain; gives back conditions that hold for the chain after it."""
        before = self.narration.before(chain.links[0].block)
        condition = _as_condition(chain)
        if condition is not None and before.opens_condition and len(list(chain.steps())) == 1:
            self.plain(number, chain, "a condition: it restricts what stands beside it")
            if before.follows:
                return pending
            letters = {spelled(o) for o in _compared(condition)[:1]}
            return (*(c for c in pending if not letters & {spelled(o) for o in _compared(c)[:1]}), condition)
        if self.narration.before(chain.links[0].block).starts_part:
            pending = ()
        around = f"{before.section} {before.text}"
        candidates = self.candidates(chain, around)
        start = len(self.steps)
        self.label = self.narration.exercise(chain.links[0])
        self.links(number, chain, pending, candidates)
        if before.assumes and self.inline(chain):
            self.suppose(start)
        self.mark_errors(start, chain, candidates)
        return ()

    def assume(self, step: _Step) -> None:
        """`where $\\sum_k y_k = 1$`, of a tensor the front matter declares: no claim, but a hypothesis from here on."""
        world = self.front.world
        if step.outcome.kind != verdicts.REFUTED or step.outcome.world is not world or spelled(
                step.right.operand) != "1" or self.reading.blocks[step.left.block].math.display:
            return
        summed = next(filter(None, (_row_summed(v.term) for v in self.values(step.left.operand, world))), None)
        if summed is not None:
            self.scope = replace(self.scope, extra=(*self.scope.extra, sums_to_one(summed)))
            step.outcome = Outcome(verdicts.DEFINITION, "a hypothesis of the document's own", world)

    def suppose(self, start: int) -> None:
        """Steps that the prose supposes, `it vanishes when ...`: what is not proved was not claimed either."""
        for step in self.steps[start:]:
            if step.outcome.kind in (verdicts.REFUTED, verdicts.ILL_TYPED):
                reason = "a condition: it restricts what stands beside it"
                step.outcome = replace(step.outcome, kind=verdicts.DEFINITION, reason=reason)

    def said_after(self, number: int) -> tuple[Condition, ...]:
        """`$y_i = 0$ for $i \\ne k$`: the condition that stands behind a statement, in the prose."""
        if number + 1 >= len(self.chains) or not self.chains[number].relations:
            return ()
        following = self.chains[number + 1]
        condition = _as_condition(following)
        if condition is None or not self.narration.before(following.links[0].block).follows:
            return ()
        return (condition,) if _as_condition(self.chains[number]) is None else ()

    def inline(self, chain: Chain) -> bool:
        """Whether a chain stands in a line of prose."""
        return not self.reading.blocks[chain.links[0].block].math.display

    def plain(self, number: int, chain: Chain, reason: str) -> None:
        """Steps that are no steps: conditions."""
        for left, sign, right in chain.steps():
            if sign.text in EQUALS:
                world = make_world("sigmoid", usual_vectors("sigmoid"))
                self.steps.append(_Step(left, right, sign, number, (), self.narration.exercise(left),
                                        Outcome(verdicts.DEFINITION, reason, world)))

    def candidates(self, chain: Chain, around: str) -> list[_Candidate]:
        """The worlds a chain may live in, best first."""
        nodes = [link.operand for link in chain.links]
        nodes += [c.body for c in chain.conditions if c.body is not None]
        centre = centre_of([link.operand for link in chain.links])
        found: list[_Candidate] = []
        self.logits = logits_of(nodes, self.hints.logits)
        label = self.narration.exercise(chain.links[0])
        for name in self.names:
            world = self.world(name, self.vectors(name), self.logits, centre,
                               self.narration.repeated(around) or label in self.repeats,
                               self.positive_factor, self.hidden)
            readable = sum(self.reads(link.operand, world) for link in chain.links) / len(chain.links)
            score = 3 * readable + bonus(name, nodes, around) + 0.1 * min(3, self.used.get(name, 0))
            score += 1.0 if name in self.parts.get(label, ()) else 0.0
            found.append(_Candidate(name, world, score if readable else -9.0))
        if self.front.world is not None:
            readable = sum(self.reads(link.operand, self.front.world) for link in chain.links) / len(chain.links)
            found.append(_Candidate("front matter", self.front.world, 3 * readable + 2.0))
        if not found:
            return []
        found.sort(key=lambda c: -c.score)
        best = found[0].score
        return [c for c in found if c.score > max(-9.0, best - 0.8)]

    def vectors(self, name: str) -> str:
        """How vectors lie in an exercise, in this document."""
        said = self.lying.get(make_world(name, usual_vectors(name)).convention)
        return said.vectors if said is not None else usual_vectors(name)

    def world(self, name: str, vectors: str, *rest: Any, **named: Any) -> World:
        """The world of an exercise, with what the document defines otherwise in it."""
        if name == "network" and self.layers:
            return network_of(vectors, self.hidden, self.layers)
        return make_world(name, vectors, *rest, **named)

    def reads(self, node: Node, world: World) -> bool:
        """Whether every name of a side means something in a world."""
        elaboration = judged.reader(world, self.scope)
        try:
            elaboration.read(node)
        except Mistyped:
            return not elaboration.unknown
        except Exception:  # a defect of ours must cost one reading, never the document
            return False
        return True

    def values(self, node: Node, world: World) -> list[Value]:
        """What a side means in a world; empty if nothing."""
        try:
            return judged.reader(world, self.scope).read(node)
        except Exception:  # as above
            return []

    def links(self, number: int, chain: Chain, pending: tuple[Condition, ...], candidates: list[_Candidate]) -> None:
        defined: Link | None = None
        left = chain.links[0]
        for at, (_, sign, right) in enumerate(chain.steps()):
            if not _is_side(right.operand):
                continue
            if self.shape(number, left, sign, right, candidates):
                continue
            if sign.text not in EQUALS or not _is_side(left.operand):
                left = right if sign.text in EQUALS else left
                continue
            started = perf_counter()
            conditions = self.conditions_of(pending, left, right)
            outcome = None
            if _is_position(left.operand) and _is_position(right.operand):
                outcome = Outcome(verdicts.DEFINITION, "a condition: it restricts what stands beside it",
                                  make_world("sigmoid", usual_vectors("sigmoid")))
                self.steps.append(_Step(left, right, sign, number, (), self.narration.exercise(left), outcome))
                left = self.last_side or right
                continue
            if at == 0 and self.own.introduces(left.operand):
                key = spelled(application(bare(left.operand))[0])
                reason = f"the document's own {key}, which the exercise has otherwise"
                outcome = Outcome(verdicts.DEFINITION, reason, make_world("sigmoid", usual_vectors("sigmoid")))
            elif at == 0:
                outcome = self.definition(chain, left, right, candidates)
                defined = left if outcome is not None else None
            if outcome is None and at == len(chain.links) - 2:
                outcome = self.named_at_end(left, right, candidates)
            step = _Step(left, right, sign, number, conditions, self.narration.exercise(left),
                         outcome or self.judged(left.operand, right.operand, candidates, conditions))
            if at == 0:
                self.override(step, candidates)
                self.assume(step)
            if step.outcome.kind != verdicts.DEFINITION and (torn := self.own.torn_in(left.operand, right.operand)):
                step.outcome = replace(step.outcome, kind=verdicts.UNDECIDED, reason=torn)
            self.repaired_marks(step)
            if step.outcome.kind == verdicts.ILL_TYPED and not _differentiates(left.operand) and re.search(
                    r"parameter|number of|how many", self.narration.before(left.block).text[-80:]):
                step.outcome = replace(step.outcome, kind=verdicts.UNDECIDED, reason="words stand on the left side")
            step.seconds = perf_counter() - started
            self.steps.append(step)
            left = right
        self.last_side = left
        if defined is not None:
            bodies = [link.operand for link in chain.links[1:] if _is_side(link.operand)]
            self.define(defined.operand, bodies, candidates)

    def shape(self, number: int, left: Link, sign: Sign, right: Link, candidates: list[_Candidate]) -> bool:
        """A stated shape, `x \\in \\mathbb{R}^{1 \\times n}`, checked; False if this is none."""
        sizes = dimensions(right.operand)
        if sizes is None or sign.text not in ("\\in", "=") or not _is_side(left.operand):
            return False
        readable = [c for c in candidates if self.reads(left.operand, c.world)]
        if not readable:
            return sign.text == "\\in" and self.unknown_shape(number, left, sign, right)
        found, world = None, readable[0].world
        for candidate in readable:
            try:
                values = judged.reader(candidate.world, self.scope).read(left.operand)
            except Exception:  # as above
                continue
            if sign.text == "=" and not values[0].rank:
                return False
            here = stated(values, sizes, candidate.world, self.letters)
            if found is None or (here.kind == verdicts.PROVED and found.kind != verdicts.PROVED):
                found, world = here, candidate.world
        if found is None:
            return sign.text == "\\in" and self.unknown_shape(number, left, sign, right)
        self.letters |= found.letters
        outcome = Outcome(found.kind, found.reason, world)
        self.steps.append(_Step(left, right, sign, number, (), self.narration.exercise(left), outcome))
        return True

    def unknown_shape(self, number: int, left: Link, sign: Sign, right: Link) -> bool:
        """A shape stated of what nothing gives a meaning to: of a name, that declares it."""
        world, node = make_world("sigmoid", usual_vectors("sigmoid")), bare(left.operand)
        name = isinstance(node, Name | Script)
        outcome = Outcome(verdicts.DEFINITION, f"says what {spelled(node)} is", world) if name else Outcome(
            verdicts.UNDECIDED, "the shape of a side that could not be given a meaning", world, unknown=True)
        self.steps.append(_Step(left, right, sign, number, (), self.narration.exercise(left), outcome))
        return True

    def shape_row(self, number: int, links: list[Link]) -> None:
        """`1 \\times n \\quad n \\times i` under a product: the shapes of its factors."""
        product = next((link for step in reversed(self.steps[-2:]) for link in (step.right, step.left)
                        if len(factors(link.operand)) == len(links)), None)
        if product is None:
            return
        world = self.steps[-1].outcome.world
        elaboration = judged.reader(world, self.scope)
        found = [stated(or_none(elaboration.read, factor), dimensions(link.operand) or (), world, self.letters)
                 for factor, link in zip(factors(product.operand), links, strict=True)]
        worst = min(found, key=lambda shape: shape.kind == verdicts.PROVED)
        for shape in found:
            self.letters |= shape.letters
        operands = tuple(link.operand for link in links)
        row = Listing(operands, ("\\quad",) * (len(links) - 1), (operands[0].span[0], operands[-1].span[1]))
        sign = Sign("\\in", None, (row.span[0], row.span[0]))
        self.steps.append(_Step(product, replace(links[0], operand=row), sign, number, (),
                                self.narration.exercise(links[0]), Outcome(worst.kind, worst.reason, world)))

    def conditions_of(self, pending: tuple[Condition, ...], left: Link, right: Link) -> tuple[Condition, ...]:
        """The conditions a step stands under; after an arrow in one block the case goes on."""
        own = _conditions(left, right)
        if own:
            self.carried = (right.block, own)
        elif right.statement.connector in ("\\Rightarrow", "so") and self.carried[0] == right.block:
            own = self.carried[1]
        return (*pending, *own)

    def named_at_end(self, left: Link, right: Link, candidates: list[_Candidate]) -> Outcome | None:
        """`... = dz^2`: the last side is a new name for what stands before it."""
        node = _as_name(right.operand)
        if node is None or self.new_name(node, candidates) is None or len(spelled(node)) > 8:
            return None
        if not any(self.reads(left.operand, c.world) for c in candidates):
            return None
        self.define(node, [left.operand], candidates)
        world = candidates[0].world
        return Outcome(verdicts.DEFINITION, f"introduces {spelled(node)}", world)

    def judged(self, left: Node, right: Node, candidates: list[_Candidate], conditions: tuple[Condition, ...],
               generous: bool = False) -> Outcome:
        """The outcome in the world that fits best; proved in any that fits is proved.

        A letter in passing means what the document said it does, until that does not type: then the exercise's again.
        """
        outcome = self.in_worlds(left, right, candidates, conditions, generous)
        kept = {key: values for key, values in self.scope.names.items() if key not in _PASSING}
        if outcome.kind != verdicts.ILL_TYPED or len(kept) == len(self.scope.names):
            return outcome
        scope, self.scope = self.scope, replace(self.scope, names=kept)
        again = self.in_worlds(left, right, candidates, conditions, generous)
        self.scope = scope
        return again if again.proved else outcome

    def in_worlds(self, left: Node, right: Node, candidates: list[_Candidate], conditions: tuple[Condition, ...],
                  generous: bool) -> Outcome:
        """The outcome with all names as the document has them."""
        found: list[tuple[_Candidate, Outcome]] = []
        for candidate in candidates:
            outcome = judge_step(left, right, candidate.world, self.scope, conditions, generous=generous)
            if outcome.kind == verdicts.PROVED:
                self.used[candidate.name] = self.used.get(candidate.name, 0) + 1
                if self.label:
                    self.parts.setdefault(self.label, set()).add(candidate.name)
                return outcome
            found.append((candidate, outcome))
        turned = self.turned(left, right, candidates, conditions, found, generous)
        if turned is not None:
            return turned
        known = [(c, o) for c, o in found if not o.unknown]
        if all(o.kind == verdicts.ILL_TYPED or o.unknown for _, o in found):
            elsewhere = self.elsewhere(left, right, candidates, conditions)
            if elsewhere is not None:
                return elsewhere
        if not known:
            guess = judge_step(left, right, make_world("sigmoid", usual_vectors("sigmoid")), self.scope, conditions,
                               guess=True)
            return guess if guess.kind == verdicts.PROVED or not found else found[0][1]
        for kind in (verdicts.UNDECIDED, verdicts.REFUTED, verdicts.ILL_TYPED):
            for candidate, outcome in known:
                if outcome.kind == kind and candidate.score > known[0][0].score - 0.9:
                    if kind == verdicts.REFUTED:
                        self.used[candidate.name] = self.used.get(candidate.name, 0) + 1
                    return outcome
        return known[0][1]

    def elsewhere(self, left: Node, right: Node, candidates: list[_Candidate], conditions: tuple[Condition, ...]
                  ) -> Outcome | None:
        """The step in a world the chain is not about, if it speaks of no loss and is proved there."""
        if any(loss_kind(each) is not None for side in (left, right) for each in walk(side)
               if isinstance(each, Name | Script)):
            return None
        tried = {c.name for c in candidates}
        for name in self.names:
            if name not in tried:
                world = self.world(name, self.vectors(name), self.logits, hidden=self.hidden)
                outcome = judge_step(left, right, world, self.scope, conditions)
                if outcome.kind == verdicts.PROVED:
                    return outcome
        return None

    def turned(self, left: Node, right: Node, candidates: list[_Candidate], conditions: tuple[Condition, ...],
               found: list[tuple[_Candidate, Outcome]], generous: bool) -> Outcome | None:
        """The step with rows for columns, where the document leaves open which it is."""
        for candidate, outcome in found:
            which = candidate.world.convention
            if outcome.kind not in (verdicts.REFUTED, verdicts.ILL_TYPED) or not which:
                continue
            if which in self.lying and self.lying[which].pinned:
                continue
            vectors = other_vectors(candidate.world.vectors)
            if candidate.name == "front matter":
                continue
            centre = next((k for k in candidate.world.names if k.startswith("v_")), "v_c")
            world = self.world(candidate.name, vectors, self.logits, centre, hidden=self.hidden)
            again = judge_step(left, right, world, self.scope, conditions, generous=generous)
            if again.kind == verdicts.PROVED:
                need = (candidate.world.convention, f"vectors are {vectors}s")
                return replace(again, needs=again.needs | {need})
        return None

    # --- definitions --------------------------------------------------------------------------------------------------

    def definition(self, chain: Chain, left: Link, right: Link, candidates: list[_Candidate]) -> Outcome | None:
        """Whether the first equation of a chain introduces a name, and what is said of it."""
        node = bare(left.operand)
        key = self.new_name(node, candidates) or self.renamed(node, left, right, candidates)
        if key is None or (loss_kind(node) is not None and not any(
                self.reads(right.operand, c.world) for c in candidates)):
            return None
        world = candidates[0].world if candidates else make_world("sigmoid", usual_vectors("sigmoid"))
        return Outcome(verdicts.DEFINITION, f"introduces {key}", world)

    def override(self, step: _Step, candidates: list[_Candidate]) -> None:
        """A result of the setting that the document defines otherwise: its name is the document's from here on."""
        if step.outcome.kind not in (verdicts.REFUTED, verdicts.ILL_TYPED):
            return
        if "yhat" in dict(self.layers) and self.own_loss(step, candidates):
            return
        if self.loss_of_own_softmax(step, candidates):
            return
        for vectors in {c.world.vectors: None for c in candidates if c.name == "network"}:
            for lying in (vectors, other_vectors(vectors)):
                world = self.world("network", lying, hidden=self.hidden)
                layer = layer_of(step.left.operand, step.right.operand, world)
                if layer is not None and layer not in dict(self.layers):
                    self.layers = (*self.layers, (layer, step.right.operand))
                    reason = f"the document's own {spelled(step.left.operand)}, which the exercise has otherwise"
                    step.outcome = Outcome(verdicts.DEFINITION, reason, world)
                    return

    def renamed(self, node: Node, left: Link, right: Link, candidates: list[_Candidate]) -> str | None:
        """`Let s = ...`: a name the document takes for something of its own, though an exercise has one so called.

        Nothing is renamed that fits as it is; a result of the exercise only by something of another shape.
        """
        if not isinstance(node, Name | Script) or loss_kind(node) is not None or not (
                spelled(node) in _PASSING or _LET.search(self.narration.before(left.block).text)
                or any(c.world.layers.get(spelled(node), "").startswith("z") for c in candidates)):
            return None
        key = spelled(node)
        if any(spelled(each) == key for each in walk(right.operand) if isinstance(each, Name | Script)):
            return None
        known = [value for c in candidates for value in c.world.names.get(key, ())]
        said = [value for c in candidates for value in self.values(right.operand, c.world)]
        apart = not {value.term.axes for value in known} & {value.term.axes for value in said}
        free = all(value.term.op == "tensor" for value in known) and key not in _PASSING
        if not known or not said or not (free or apart):
            return None
        fits = any(judge_step(node, right.operand, c.world, self.scope, quick=True).proved for c in candidates)
        return None if fits else key

    def own_loss(self, step: _Step, candidates: list[_Candidate]) -> bool:
        """Whether a loss is defined on an output that is the document's own: then the loss is, too."""
        node = bare(step.left.operand)
        layers = [c for c in candidates if c.name == "network"]
        if not isinstance(node, Name | Script) or loss_kind(node) is None or spelled(node) in self.scope.names:
            return False
        values = self.meanings(node, [step.right.operand], layers)
        if len(values) != 1 or values[0].rank or values[0].term.free or "yhat" not in {
                symbol.name for symbol in names_in(values[0].term)}:
            return False
        self.scope = replace(self.scope, names={**self.scope.names, spelled(node): tuple(values)})
        step.outcome = Outcome(verdicts.DEFINITION, f"the document's own {spelled(node)}", layers[0].world)
        return True

    def loss_of_own_softmax(self, step: _Step, candidates: list[_Candidate]) -> bool:
        """Whether a loss is the cross entropy of a prediction the document named itself, `S_j` for the softmax of a."""
        node, right = bare(step.left.operand), step.right.operand
        named = {*self.scope.names, *self.scope.families}
        if not isinstance(node, Name | Script) or loss_kind(node) is None or spelled(node) in self.scope.names or (
                not any(spelled(each) in named for each in walk(right) if isinstance(each, Name | Script))):
            return False
        worlds = [c for c in candidates if c.name == "softmax"]
        values = self.meanings(node, [right], worlds)
        if len(values) != 1 or values[0].rank or values[0].term.free:
            return False
        for letter in {symbol.name for symbol in names_in(values[0].term)} & set(LOGITS):
            world = make_world("softmax", worlds[0].world.vectors, letter)
            if judge_step(node, right, world, self.scope, step.conditions, quick=True).proved:
                self.scope = replace(self.scope, names={**self.scope.names, spelled(node): tuple(values)})
                step.outcome = Outcome(verdicts.DEFINITION, f"the document's own {spelled(node)}", world)
                return True
        return False

    def new_name(self, node: Node, candidates: list[_Candidate]) -> str | None:
        """The spelled name a side introduces: one that nothing gives a meaning to."""
        function, _ = application(node)
        if function is not None:
            key = spelled(function)
            if key in self.scope.functions or loss_kind(function) is not None:
                return None
            return key if not any(self.knows_function(key, c.world) for c in candidates) and len(key) <= 8 else None
        if not isinstance(node, Name | Script):
            return None
        if isinstance(node, Script) and (node.primes or not isinstance(node.base, Name)):
            return None
        if any(self.reads(node, c.world) for c in candidates) or spelled(node) in self.scope.names:
            return None
        return spelled(node)

    def knows_function(self, key: str, world: World) -> bool:
        from derive.reading.functions import FUNCTIONS

        return key.lower() in world.functions or key.lower() in FUNCTIONS

    def define(self, node: Node, bodies: list[Node], candidates: list[_Candidate]) -> None:
        """Remember what a name means: its last side first."""
        node = bare(node)
        function, parameters = application(node)
        if function is not None:
            definition = Definition(tuple(map(spelled, parameters)), bodies[-1])
            self.scope = replace(self.scope, functions={**self.scope.functions, spelled(function): definition})
            return
        if isinstance(node, Script) and isinstance(node.sub, Name) and self.is_family(node, bodies):
            families = {**self.scope.families, spelled(node.base): (spelled(node.sub), bodies[0])}
            self.scope = replace(self.scope, families=families)
            return
        values = self.meanings(node, bodies, candidates)
        if values:
            self.scope = replace(self.scope, names={**self.scope.names, spelled(node): tuple(values)})

    def is_family(self, node: Script, bodies: list[Node]) -> bool:
        """`s_k = u_k^T v`: the index of the name stands in what it means."""
        letter = spelled(node.sub)
        return node.sup is None and any(
            isinstance(each, Script) and letter in (spelled(each.sub), spelled(each.sub).split("_")[-1])
            for each in walk(bodies[0]))

    def meanings(self, node: Node, bodies: list[Node], candidates: list[_Candidate]) -> list[Value]:
        from derive.terms import let

        found: list[Value] = []
        key = spelled(node)
        for body in reversed(bodies):
            for candidate in [c for c in candidates if self.reads(body, c.world)][:1]:
                elaboration = judged.reader(candidate.world, self.scope)
                try:
                    values = elaboration.read(body)
                except Exception:  # as above
                    continue
                if layer := self.layer_meant(values, candidate.world):
                    return [layer]
                if key in self.variables:
                    values = [replace(v, term=let(key, v.term)) if not v.term.free else v for v in values[:1]]
                if isinstance(bare(body), Derivative) and len(bodies) > 1 and found:
                    shape = values[0].term.axes
                    found = [v for v in found if v.term.axes == shape] or found
                found += [v for v in values if not any(v.term.same(f.term) and v.lies == f.lies for f in found)]
        return found[:6]

    def layer_meant(self, values: list[Value], world: World) -> Value | None:
        """The result of the network that a new name stands for: z^{(2)} for z_1 where the input is layer 1."""
        layers = {value.term: value for key in world.layers for value in world.names.get(key, ())}
        return next((value for each in values for term, value in layers.items()
                     if term.op == "let" and value.lies == each.lies and term.args[1].same(each.term)), None)

    # --- errors -------------------------------------------------------------------------------------------------------

    def repaired_marks(self, step: _Step) -> None:
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

    def mark_errors(self, start: int, chain: Chain, candidates: list[_Candidate]) -> None:
        """The first wrong step of a chain, a repair for each, and what is said of the chain's end."""
        wrong = False
        for step in self.steps[start:]:
            bad = step.outcome.kind in (verdicts.REFUTED, verdicts.ILL_TYPED)
            step.inherits = wrong
            step.first_error = bad and not wrong
            wrong = wrong or bad
            if bad or (step.outcome.kind == verdicts.UNDECIDED and not step.outcome.unknown):
                self.offer(step, candidates)
            if bad and self.repairs:
                step.repair = self.repair(step, candidates)
        self.judge_end(start, candidates)

    def offer(self, step: _Step, candidates: list[_Candidate]) -> None:
        """A reading that repairs a lost mark and makes the step true."""
        if step.offers:
            return
        for candidate in candidates[:3]:
            again = judge_step(step.left.operand, step.right.operand, candidate.world, self.scope, step.conditions,
                               generous=True)
            offered = [r for r in again.readings if r.offered]
            if again.kind == verdicts.PROVED and offered:
                step.offers = tuple(ReadAs(r.written, r.read_as, True) for r in offered)
                return

    def repair(self, step: _Step, candidates: list[_Candidate]) -> Repair | None:
        """The nearest small edit of the right side that is proved."""
        worlds = [c.world for c in candidates[:2]]
        if step.outcome.world not in worlds:
            worlds.insert(0, step.outcome.world)

        def proved(left: Node, right: Node) -> bool:
            return any(
                judge_step(left, right, w, self.scope, step.conditions, quick=True).kind == verdicts.PROVED
                and _holds(judge_step(left, right, w, self.scope, step.conditions)) for w in worlds)

        return correction(step.left.operand, step.right.operand, proved)

    def judge_end(self, start: int, candidates: list[_Candidate]) -> None:
        """Whether the last line is right though a middle one is wrong."""
        steps = self.steps[start:]
        if len(steps) < 2 or all(s.outcome.kind in (verdicts.PROVED, verdicts.DEFINITION) for s in steps):
            return
        first, last = steps[0], steps[-1]
        if not any(s.outcome.kind in (verdicts.REFUTED, verdicts.ILL_TYPED) for s in steps):
            return
        whole = self.judged(first.left.operand, last.right.operand, candidates, last.conditions)
        where = first.left.source.position(first.left.operand.span[0])[0]
        if whole.kind == verdicts.PROVED:
            self.findings.append(f"line {where}: a wrong line in the middle, and the right result at the end")
        elif whole.kind in (verdicts.REFUTED, verdicts.ILL_TYPED):
            self.findings.append(f"line {where}: the chain does not end in what it began with")

    def place(self, step: _Step) -> tuple[int, int]:
        """Where a step stands: at its left side, or, where a line begins with the sign, at the sign."""
        source, right = step.right.source, step.right.operand.span[0]
        line, column = source.position(right)
        if step.left.source is not source:
            return line, column
        if source.position(step.left.operand.span[1])[0] == line:
            return source.position(step.left.operand.span[0])
        return source.position(step.sign.span[0]) if step.left.operand.span[1] <= step.sign.span[0] <= right else (
            line, column)

    def said(self, step: _Step) -> StepReport:
        """A step as it is reported."""
        outcome = step.outcome
        source = step.right.source
        line, column = self.place(step)
        end_line, end_column = source.position(step.right.operand.span[1])
        reason = outcome.reason
        if step.inherits and outcome.kind == verdicts.PROVED:
            reason += "; it follows a wrong line"
        readings = [ReadAs(r.written, r.read_as, r.offered) for r in outcome.readings]
        readings += [r for r in step.offers if r not in readings]
        bound = {i.axis.name for t in outcome.theorems for side in (t.claim.left, t.claim.right)  # type: ignore[attr-defined]
                 for i in side.free}
        del bound
        return StepReport(
            line, column, end_line, end_column, step.exercise, step.left.written, step.right.written, step.sign.text,
            outcome.kind, reason, "every size of every axis" if outcome.proved else "", outcome.hypotheses,
            tuple(sorted(f"{which}: {how}" for which, how in outcome.needs)), tuple(readings), outcome.counterexample,
            step.repair, step.first_error, step.seconds,
        )


# --- helpers ----------------------------------------------------------------------------------------------------------


def _holds(outcome: Outcome) -> bool:
    """Whether it is proved as written, with no mark read through."""
    return outcome.proved and not any(reading.offered for reading in outcome.readings)


def _is_side(node: Node) -> bool:
    return not isinstance(bare(node), Text | Blank | Dots)


_PASSING = frozenset("abpqrstz")
"""Letters that exercises use in passing, and documents for what they please."""
_LET = re.compile(r"\b(?:let|define|denote|introduce|put|abbreviate|write)\b[^.;:]{0,40}$", re.IGNORECASE)
_POSITIVE_FACTOR = re.compile(r"\\alpha\s*(?:>|\\gt)\s*0|\\alpha\s*\\in\s*\\mathbb\{?\s*R\s*\}?\s*[_^]\s*\{?\+")


def _row_summed(term: Term) -> Term | None:
    """y, where the term is the sum over the last index of its entries."""
    if term.op != "sum":
        return None
    index, entry = term.args
    at: tuple[Any, ...] = ()
    while entry.op == "item":
        entry, at = entry.args[0], (*entry.args[1], *at)
    summed = entry.op == "tensor" and len(at) == len(entry.axes) and at[-1:] == (index,) and index not in at[:-1]
    return entry if summed else None


def _hidden(several: list[Chain]) -> str:
    """What the document's hidden layer applies: `h = \\tanh(z_1)`."""
    for chain in several:
        for left, _, right in chain.steps():
            node = bare(right.operand)
            if spelled(bare(left.operand)) in ("h", "a_1", "a^1", "h_1", "h^1") and isinstance(node, Call):
                name = base_name(node.function)
                word = spelled(name).lower() if name is not None else ""
                if word in ("relu", "tanh"):
                    return word
                if word == "max" and "0" in map(spelled, node.arguments):
                    return "relu"
    return "sigmoid"


def _speaks_of_repeats(node: Node) -> bool:
    """Whether two negatives are compared: `w_t = w_s`."""
    return any(isinstance(each, Relation) and len(each.operands) == 2 and all(map(_is_position, each.operands))
               for each in walk(node))


def _compared(condition: Condition) -> tuple[Node, ...]:
    """What a condition compares."""
    return condition.body.operands if isinstance(condition.body, Relation) else ()


def _leaves_open(step: _Step) -> bool:
    """Whether a step leaves open how derivatives lie: a chain rule between them does."""
    return _is_chain_rule(step.right.operand) or _is_chain_rule(step.left.operand)


def _is_chain_rule(node: Node) -> bool:
    return sum(isinstance(each, Derivative) for each in walk(node)) >= 2


def _as_name(node: Node) -> Node | None:
    """A side that is a single name, `dz^2` included."""
    node = bare(node)
    if isinstance(node, Differential):
        return Name("d" + spelled(node.operand), (), (), node.span)
    if isinstance(node, Infix) and node.operators == ("",) and is_gradient_mark(node.operands[0]):
        return gradient_name(*node.operands)
    return node if isinstance(node, Name | Script) else None


def _is_position(node: Node) -> bool:
    """`w_k` alone: a word at a position."""
    node = bare(node)
    return (isinstance(node, Script) and isinstance(node.base, Name) and node.base.base in ("w", "W")
            and not node.base.accents and node.sup is None
            and not isinstance(node.sub, Number) and not node.base.style)


def _conditions(left: Link, right: Link) -> tuple[Condition, ...]:
    found: dict[Condition, None] = dict.fromkeys(right.statement.conditions)
    found.update(dict.fromkeys(left.statement.conditions))
    return tuple(found)


def _differentiates(node: Node) -> bool:
    return any(isinstance(each, Derivative) for each in walk(node))


def _as_condition(chain: Chain) -> Condition | None:
    """A chain of its own that only compares indices."""
    if not 2 <= len(chain.links) <= 3 or chain.open_left or chain.open_right:
        return None
    if not all(_is_index(link.operand) for link in chain.links):
        return None
    signs = tuple(sign.text for sign in chain.relations)
    operands = tuple(link.operand for link in chain.links)
    span = (operands[0].span[0], operands[-1].span[1])
    return Condition("if", Relation(signs, operands, span), span)


def _is_index(node: Node) -> bool:
    node = bare(node)
    if isinstance(node, Name):
        return len(node.base) == 1 and not node.accents
    if isinstance(node, Number):
        return True
    if isinstance(node, Script):
        return node.sup is None and isinstance(node.base, Name) and node.base.base in ("w", "W", "c", "k", "j", "i")
    if isinstance(node, Listing | Group | Range):
        return True
    return isinstance(node, Infix) and node.additive and all(_is_index(each) for each in node.operands)


def _unreadable(row: Unreadable, narration: Narration) -> StepReport:
    error = row.error
    end_line, end_column = error.source.position(row.span[1])
    return StepReport(error.line, error.column, end_line, end_column, narration.at(error.source, row.span[0]),
                      error.source.written(row.span)[:200], "", "", verdicts.UNREADABLE, error.message)


def readable_rows(reading: Reading) -> Iterator[Row]:
    """The rows of a document that were read."""
    for block in reading.blocks:
        yield from (row for row in block.rows if isinstance(row, Row))


__all__ = ["judge", "judge_reading", "readable_rows"]
