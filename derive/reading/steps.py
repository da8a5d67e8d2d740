"""One step: two sides as written, in the worlds they may live in, and what can be said of their equality.

Everything notation leaves open is tried, most natural first. A step is proved if a natural reading is; refuted if
every natural reading that types is refuted in the world the chain is about; ill-typed if none types though every name
is known; else undecided. Readings that repair lost marks are tried last, are only ever offered, and change no verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from derive import verdicts
from derive.claims import Avoids, Claim, Distinct, Equation, Hypothesis, Injective, Same, Sign, hypothesis_terms
from derive.components import Index, MapSymbol, TensorSymbol
from derive.errors import AxisError, GradproofError, InternalDisagreement
from derive.kernel import Theorem
from derive.opinion import Opinion
from derive.prover import decide, prove
from derive.reading.conditions import hypotheses, negation
from derive.reading.elaboration import Definition, Elaboration
from derive.reading.indexing import letter_of
from derive.reading.reasons import in_words
from derive.reading.settings.world import World
from derive.reading.spelling import bare, split_transpose
from derive.reading.syntax import Case, Cases, Condition, Group, Node, Relation, Script, walk
from derive.reading.values import Mistyped, Reading, Unknown, Unsupported, Value, compared, merged, names_in
from derive.rendering import hypothesis_text
from derive.terms import Term, onehot, subterms, unfolded
from derive.verdicts import Counterexample, Verdict

PAIRS = 6
"""Most pairs of readings tried for one step in one world."""


@dataclass(frozen=True)
class Scope:
    """What the document has said before a step: names, functions, families, letters of sizes, true class letters.

    like: what the left side means in the step before it; disagreements: filled where kernel and refuter contradict each
    other; one list for the whole document.
    """

    names: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    functions: Mapping[str, Definition] = field(default_factory=dict)
    families: Mapping[str, tuple[str, Node]] = field(default_factory=dict)
    sizes: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    extra: tuple[Hypothesis, ...] = ()
    like: Term | None = None
    disagreements: list[str] = field(default_factory=list, compare=False)


@dataclass(frozen=True)
class Outcome:
    """What was found of a step in one world.

    kind: a verdict; hypotheses: what it rests on; unknown: the step could not be read in this world.
    """

    kind: str
    reason: str
    world: World
    hypotheses: tuple[str, ...] = ()
    needs: frozenset[tuple[str, str]] = frozenset()
    readings: tuple[Reading, ...] = ()
    counterexample: Counterexample | None = None
    unknown: bool = False
    touched: frozenset[str] = frozenset()
    theorems: tuple[Theorem, ...] = ()
    opinions: tuple[Opinion | None, ...] = ()
    transposes: bool = False

    @property
    def claim(self) -> Claim | None:
        """What was proved, if that is one thing."""
        return self.theorems[0].claim if self.proved and len(self.theorems) == 1 else None

    @property
    def proved(self) -> bool:
        """Whether it is proved."""
        return self.kind == verdicts.PROVED

    @property
    def conventions(self) -> dict[str, str]:
        """What it needs, convention -> choice; of two choices for one convention it is always the same that counts."""
        return dict(sorted(self.needs))


def judge_step(left: Node, right: Node, world: World, scope: Scope, conditions: tuple[Condition, ...] = (), *,
               generous: bool = False, guess: bool = False, quick: bool = False,
               asked: tuple[World, Scope] | None = None) -> Outcome:
    """What can be said of `left = right` in one world. Nothing escapes: what breaks is undecided.

    generous: lost marks are read through; guess: unknown names are scalars; quick: nothing is refuted; asked: the world
    and the names by which the left side is read, where they are others.
    """
    try:
        cases = list(_cases(left, right, conditions))
        letters = _run_over(cases, scope) if len(cases) > 1 else frozenset()
        by_right = _rows(right) is not None
        marked = any(isinstance(n, Script) and split_transpose(n.sup)[1] for s in (left, right) for n in walk(s))
        outcomes = [_judge(a, b, c, world, scope, generous, guess, letters, quick, by_right, asked)
                    for a, b, c in cases]
    except (Unsupported, GradproofError, RecursionError) as error:
        return Outcome(verdicts.UNDECIDED, in_words(error), world, unknown=isinstance(error, Unknown))
    except Exception as error:  # a defect of ours must cost one step, never the document
        return Outcome(verdicts.UNDECIDED, f"not decided: {type(error).__name__}: {str(error)[:200]}", world)
    return replace(_joint(outcomes), transposes=marked)


def _cases(left: Node, right: Node, conditions: tuple[Condition, ...]
           ) -> Iterator[tuple[Node, Node, tuple[Condition, ...]]]:
    """One equation for each row of a definition by cases."""
    rows = _rows(right) or _rows(left)
    if rows is None:
        yield left, right, conditions
        return
    other = _rows(left) if _rows(right) is not None else None
    by_right = _rows(right) is not None
    before: list[Condition] = []
    for number, row in enumerate(rows):
        own = _own(row, before)
        if row.condition is not None:
            before.append(row.condition)
        if other is not None:
            if len(other) != len(rows):
                raise Unsupported("definitions by cases of different lengths")
            yield other[number].value, row.value, (*conditions, *own)
        elif by_right:
            yield left, row.value, (*conditions, *own)
        else:
            yield row.value, right, (*conditions, *own)


def _run_over(cases: list[tuple[Node, Node, tuple[Condition, ...]]], scope: Scope) -> frozenset[str]:
    """The letter that all cases compare with something: `i` of `i = k` and `i \\ne k`."""
    common: list[str] | None = None
    for _, _, conditions in cases:
        letters = [letter_of(o) for c in conditions if c.body is not None for r in walk(c.body)
                   if isinstance(r, Relation) and set(r.signs) <= {"=", "\\ne"} for o in r.operands]
        common = [x for x in letters if x and (common is None or x in common)]
    found = [x for x in dict.fromkeys(common or []) if x not in scope.classes and x not in ("o", "0")]
    return frozenset(found[:1])


def _own(row: Case, before: list[Condition]) -> tuple[Condition, ...]:
    if row.condition is not None and row.condition.body is not None:
        return (row.condition,)
    if len(before) == 1 and (other := negation(before[0])) is not None:
        return other
    raise Unsupported("a case without a condition that can be used")


def _rows(node: Node) -> tuple[Case, ...] | None:
    node = bare(node)
    while isinstance(node, Group) and node.left in ("(", "[", "{"):
        node = bare(node.body)
    if isinstance(node, Cases):
        return node.rows
    if any(isinstance(each, Cases) for each in walk(node)):
        raise Unsupported("a definition by cases inside an expression")
    return None


def _joint(outcomes: list[Outcome]) -> Outcome:
    """All cases together: proved if all are, refuted if one is."""
    if len(outcomes) == 1:
        return outcomes[0]
    if any(o.unknown for o in outcomes):
        return next(o for o in outcomes if o.unknown)
    order = (verdicts.REFUTED, verdicts.ILL_TYPED, verdicts.UNDECIDED, verdicts.PROVED)
    worst = min(outcomes, key=lambda o: order.index(o.kind))
    number = outcomes.index(worst) + 1
    reason = worst.reason if worst.proved else f"case {number}: {worst.reason}"
    return replace(
        worst, reason=reason, hypotheses=tuple(dict.fromkeys(h for o in outcomes for h in o.hypotheses)),
        needs=frozenset().union(*(o.needs for o in outcomes)), readings=merged(*(o.readings for o in outcomes)),
        touched=frozenset().union(*(o.touched for o in outcomes)),
        theorems=tuple(t for o in outcomes for t in o.theorems),
        opinions=tuple(t for o in outcomes for t in o.opinions),
    )


def _judge(left: Node, right: Node, conditions: tuple[Condition, ...], world: World, scope: Scope, generous: bool,
           guess: bool, letters: frozenset[str] = frozenset(), quick: bool = False,
           by_right: bool = True, asked: tuple[World, Scope] | None = None) -> Outcome:
    readers = [reader(*(asked or (world, scope)), generous, guess), reader(world, scope, generous, guess)]
    try:
        lefts, rights = readers[0].read(left), readers[1].read(right)
        if asked:  # the document's yhat is not the exercise's, so that both names cannot stand in one claim
            rights = [replace(value, term=unfolded(value.term)) for value in rights]
    except Mistyped as error:
        if any(r.unknown for r in readers):
            return Outcome(verdicts.UNDECIDED, in_words(error), world, unknown=True)
        return Outcome(verdicts.ILL_TYPED, in_words(error), world, touched=_touched(readers))
    if (like := scope.like) is not None:
        lefts = sorted(lefts, key=lambda value: not value.term.same(like))
    if torn := _torn(readers):
        return Outcome(verdicts.UNDECIDED, torn, world, touched=_touched(readers))
    found, reasons = _decided(lefts, rights, conditions, readers[0], scope, letters, quick, by_right)
    if not found:
        kind = verdicts.ILL_TYPED if not any(isinstance(r, Unsupported) for r in reasons) else verdicts.UNDECIDED
        said = in_words(reasons[0]) if reasons else "nothing to compare"
        return Outcome(kind, said, world, touched=_touched(readers))
    return replace(_best(found), touched=_touched(readers))


def reader(world: World, scope: Scope, generous: bool = False, guess: bool = False) -> Elaboration:
    """An elaboration in a world, with what the document defined before."""
    if world.alone:
        scope = Scope(functions=scope.functions, sizes=scope.sizes)
    made = Elaboration(world, scope.names, scope.functions, generous=generous, guess=guess)
    made.families, made.sizes = scope.families, scope.sizes
    return made


def _torn(readers: list[Elaboration]) -> str:
    """What the two sides understand in two ways, if anything."""
    for what in dict.fromkeys(key for each in readers for key in each.noted):
        ways = dict.fromkeys(how for each in readers for how in each.noted.get(what, ()))
        if len(ways) > 1:
            return f"{what} is read in two ways: {' and '.join(list(ways)[:2])}"
    return ""


def _touched(readers: list[Elaboration]) -> frozenset[str]:
    return frozenset().union(*(r.touched for r in readers))


def _decided(lefts: list[Value], rights: list[Value], conditions: tuple[Condition, ...], elaboration: Elaboration,
             scope: Scope, letters: frozenset[str] = frozenset(), quick: bool = False,
             by_right: bool = True) -> tuple[list[Outcome], list[Exception]]:
    """The outcome of each pair of readings that can be compared, up to the first that is proved."""
    found: list[Outcome] = []
    reasons: list[Exception] = []
    for left, right in islice(_comparable(lefts, rights, reasons, elaboration.generous, letters,
                                         by_right), PAIRS):
        try:
            given = hypotheses(conditions, elaboration, (left, right))
            outcome = _climbed(left, right, given, elaboration.world, scope, quick)
        except (Unsupported, AxisError) as error:
            reasons.append(error)
            continue
        found.append(outcome)
        if outcome.proved:
            break
    if found and found[-1].proved and found[-1].needs and not quick:
        found[-1] = _without_idle_needs(found[-1], lefts, rights, conditions, elaboration, scope)
    return found, reasons


def _without_idle_needs(outcome: Outcome, lefts: list[Value], rights: list[Value], conditions: tuple[Condition, ...],
                        elaboration: Elaboration, scope: Scope) -> Outcome:
    """The outcome without conventions it does not rest on: those whose opposite proves it as well."""
    chosen = outcome.conventions
    for left, right in islice(_comparable(lefts, rights, [], False, frozenset()), PAIRS):
        needs = dict(sorted(left.needs | right.needs))
        differ = {which for which in chosen if needs.get(which, chosen[which]) != chosen[which]}
        if len(differ) != 1:
            continue
        try:
            given = hypotheses(conditions, elaboration, (left, right))
            if _climbed(left, right, given, elaboration.world, scope, quick=True).proved:
                chosen = {which: how for which, how in chosen.items() if which not in differ}
        except (Unsupported, AxisError):
            continue
    return replace(outcome, needs=frozenset(chosen.items()))


def _comparable(lefts: list[Value], rights: list[Value], reasons: list[Exception], generous: bool,
                letters: frozenset[str], by_right: bool = True) -> Iterator[tuple[Value, Value]]:
    for left in lefts:
        for right in rights:
            try:
                yield compared(left, right, generous, letters, by_right)
            except Mistyped as error:
                reasons.append(error)


def _climbed(left: Value, right: Value, given: tuple[Hypothesis, ...], world: World, scope: Scope,
             quick: bool = False) -> Outcome:
    """The claim under stronger and stronger assumptions of the setting, until it is proved."""
    last: list[tuple[Verdict, tuple[Hypothesis, ...]]] = []
    fixed = _fixed(left, right, world)
    given = (*given, *_apart(fixed))
    present = _symbols(left.term) | _symbols(right.term)
    extra = _brought(scope.extra, present)
    for assumed in _rungs(left, right, given, world, scope):
        claim = Claim(left.term, right.term, (*given, *extra, *assumed), (*_named(assumed), *_named(extra), *fixed))
        verdict = _proved_only(claim) if quick else _verdict(claim, scope.disagreements)
        last.append((verdict, assumed))
        if verdict.kind in (verdicts.PROVED,):
            break
    kinds = {verdict.kind for verdict, _ in last}
    verdict, assumed = last[-1]
    if verdict.kind != verdicts.PROVED:
        kind = kinds.pop() if len(kinds) == 1 else (
            verdicts.UNDECIDED if verdicts.UNDECIDED in kinds else verdicts.REFUTED)
        verdict, assumed = next((v, a) for v, a in reversed(last) if v.kind == kind)
    said = tuple(hypothesis_text(h) for h in (*given, *extra, *assumed))
    readings = merged(left.readings, right.readings)
    kind = verdict.kind
    guessed = left.assumed | right.assumed
    reason = verdict.reason
    idle = _idle(given, left, right)
    if idle and kind == verdicts.REFUTED:
        kind, reason = verdicts.UNDECIDED, f"the condition speaks of {', '.join(idle)}, which stands on neither side"
    if guessed and kind == verdicts.REFUTED:
        kind, reason = verdicts.UNDECIDED, f"nothing says what {', '.join(sorted(guessed))} means"
    if kind == verdicts.PROVED and any(_is_assumption(left.term, right.term, h) for h in extra):
        return Outcome(verdicts.DEFINITION, "assumed by the document, and proved by nobody", world, said)
    return Outcome(kind, reason, world, said, left.needs | right.needs, readings,
                   verdict.counterexample if kind == verdicts.REFUTED else None,
                   theorems=(verdict.theorem,) if verdict.theorem is not None else (),
                   opinions=(verdict.second_opinion,) if verdict.theorem is not None else ())


def _is_assumption(left: Term, right: Term, hypothesis: Hypothesis) -> bool:
    """Whether an equation is what a hypothesis says."""
    return isinstance(hypothesis, Equation) and any(
        left.same(a) and right.same(b) for a, b in ((hypothesis.left, hypothesis.right),
                                                    (hypothesis.right, hypothesis.left)))


def _fixed(left: Value, right: Value, world: World) -> tuple[Index, ...]:
    """Indices that come from nowhere and need not: places (`1`, the last one `H`), the setting's own (o in y)."""
    own = {i for letters in world.indices.values() for i in letters.values() if isinstance(i, Index)}
    return tuple(i for i in sorted(left.term.free | right.term.free, key=str)
                 if i.name.isdigit() or world.ranges.get(i.name) == i.axis or i in own)


def _apart(fixed: tuple[Index, ...]) -> tuple[Hypothesis, ...]:
    """1 is not 2; the last place may be any."""
    return tuple(Distinct(i, k) for n, i in enumerate(fixed) for k in fixed[n + 1:]
                 if i.axis == k.axis and i.name.isdigit() and k.name.isdigit())[:6]


def _idle(given: tuple[Hypothesis, ...], left: Value, right: Value) -> tuple[str, ...]:
    """Letters a condition compares though no side has them: it may be meant for others."""
    free = left.term.free | right.term.free
    found: dict[str, None] = {}
    for hypothesis in given:
        if isinstance(hypothesis, Same | Distinct):
            parts = [i for i in (hypothesis.left, hypothesis.right) if isinstance(i, Index)]
            others = [i for i in free if i not in parts and any(i.axis == p.axis for p in parts)
                      and i.name not in ("o", "c")]
            if any(i in free for i in parts) and others:
                found.update((i.name, None) for i in parts if i not in free and i.name not in ("o", "c"))
    return tuple(found)


def _verdict(claim: Claim, disagreements: list[str]) -> Verdict:
    key = _key(claim)
    if key not in _CACHE:
        if len(_CACHE) > 5_000:
            _CACHE.clear()
        try:
            _CACHE[key] = decide(claim)
        except InternalDisagreement as error:  # no verdict: the command ends with it, the other steps have theirs
            disagreements.append(str(error))
            return Verdict(verdicts.UNDECIDED, f"internal disagreement, please report it: {error}")
        except Exception as error:  # a defect of ours must cost one step, not the document
            _CACHE[key] = Verdict(verdicts.UNDECIDED, f"not decided: {type(error).__name__}: {str(error)[:200]}")
    return _CACHE[key]


def _proved_only(claim: Claim) -> Verdict:
    """Whether a claim is proved, without a look for numbers that refute it."""
    try:
        return Verdict(verdicts.PROVED, "", prove(claim))
    except Exception as error:  # whatever is wrong with it, it is not proved
        return Verdict(verdicts.UNDECIDED, str(error)[:100])


_CACHE: dict[object, Verdict] = {}


def _key(claim: Claim) -> object:
    def structure(part: object) -> object:
        if isinstance(part, Term):
            return (part.op, part.axes, tuple(structure(a) for a in part.args))
        if isinstance(part, tuple):
            return tuple(structure(a) for a in part)
        return part
    return (structure(claim.left), structure(claim.right), claim.for_all,
            tuple((type(h).__name__, tuple(structure(a) for a in vars(h).values())) for h in claim.hypotheses))


def _rungs(left: Value, right: Value, given: tuple[Hypothesis, ...], world: World, scope: Scope
           ) -> Iterator[tuple[Hypothesis, ...]]:
    """What may be assumed, weakest first; only what speaks of something in the claim."""
    present = _symbols(left.term) | _symbols(right.term)
    seen: list[frozenset[str]] = []
    for assumed in world.ladder:
        relevant = _relevant(assumed, present)
        said = frozenset(hypothesis_text(h) for h in relevant)
        if said not in seen:
            seen.append(said)
            yield relevant
    if world.target is not None and world.target.args[0] in present:
        for letter in _classes(left, right, given, world.target, scope):
            yield (Equation(world.target, onehot(letter), ((world.target.args[0], onehot(letter)),)),)


def _classes(left: Value, right: Value, given: tuple[Hypothesis, ...], target: Term, scope: Scope) -> list[Index]:
    """Letters that may name the true class: declared ones, and ones that would come from nowhere otherwise."""
    axis = target.axes[0]
    mentioned = {i for h in given for part in vars(h).values() if isinstance(part, Index) for i in (part,)}
    free = left.term.free | right.term.free | mentioned
    said = {name.lower() for name in scope.classes}
    bound = _summed(left.term) | _summed(right.term)  # a letter that a sum binds names no class
    declared = [i for i in sorted(free - bound, key=str) if i.axis == axis and i.name.lower() in said]
    if declared:
        return declared
    loose = [i for i in sorted((right.term.free | mentioned) - left.term.free, key=str) if i.axis == axis]
    loose += [i for i in sorted(left.term.free - right.term.free, key=str) if i.axis == axis]
    loose = [i for i in loose if i not in bound and (i.name != "c" or "c" in said)]  # c is the centre word otherwise
    if said and not any(i.name.lower() in said for i in loose):
        loose = []
    fresh = [i for i in (Index(name, axis) for name in scope.classes if not loose) if i not in bound]
    return list(dict.fromkeys([*loose, *fresh]))


def _summed(term: Term) -> frozenset[Index]:
    """Letters that a sum in a term binds."""
    sums = (part for part in subterms(term) if part.op == "sum")
    return frozenset(each for part in sums for each in part.args if isinstance(each, Index))


def _named(assumed: tuple[Hypothesis, ...]) -> tuple[Index, ...]:
    return tuple(i for h in assumed if isinstance(h, Equation) for i in sorted(h.right.free, key=str))


def _symbols(term: Term) -> frozenset[object]:
    """The variables, intermediate results and maps of positions that a term speaks of."""
    return names_in(term) | frozenset(each for part in subterms(term) for each in _maps(part.args))


def _maps(parts: Iterable[object]) -> Iterator[MapSymbol]:
    for part in parts:
        if isinstance(part, MapSymbol):
            yield part
        elif isinstance(part, tuple):
            yield from _maps(part)
        elif not isinstance(part, Term | Index | TensorSymbol):
            yield from _maps(getattr(part, "args", ()))


def _relevant(assumed: tuple[Hypothesis, ...], present: frozenset[object]) -> tuple[Hypothesis, ...]:
    """What speaks of something in the claim, or of something that an equation brings into it."""
    brought = {name for h in assumed if isinstance(h, Equation) and _speaks(h, present)
               for term in hypothesis_terms(h) for name in names_in(term)}
    return tuple(h for h in assumed if _speaks(h, present | brought))


def _brought(said: tuple[Hypothesis, ...], present: frozenset[object]) -> tuple[Hypothesis, ...]:
    """What the document assumes of something in the claim, or of something that an assumed equation leads to."""
    while True:
        found = tuple(h for h in said if _speaks(h, present))
        wider = present | {name for h in found if isinstance(h, Equation) for term in hypothesis_terms(h)
                           for name in names_in(term)}
        if wider == present:
            return found
        present = wider


def _speaks(hypothesis: Hypothesis, present: frozenset[object]) -> bool:
    if isinstance(hypothesis, Injective | Avoids):
        return hypothesis.mapping in present
    if isinstance(hypothesis, Equation | Sign):
        return any(names_in(term) & present for term in hypothesis_terms(hypothesis))
    return True


def _best(found: list[Outcome]) -> Outcome:
    """The outcome that counts among the readings of one world."""
    for outcome in found:
        if outcome.proved:
            return outcome
    for kind in (verdicts.UNDECIDED, verdicts.REFUTED):
        for outcome in found:
            if outcome.kind == kind:
                return outcome
    return found[0]


def usable(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Outcomes of worlds in which every name has a meaning."""
    return [outcome for outcome in outcomes if not outcome.unknown]


__all__ = ["Outcome", "Scope", "Unknown", "judge_step", "reader", "usable"]
