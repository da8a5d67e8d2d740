"""Looks for numbers at which the two sides of a claim differ, and shows them small enough to redo by hand.

Points are drawn so that they satisfy the hypotheses, screened in floats, and confirmed in fractions and intervals:
only unequal fractions or separated intervals refute. Where a side has no value, nothing is said. Nothing here knows
the symbolic derivative or the normal form.

    >>> from derive.components import Axis, Index
    >>> from derive.terms import grad, sigma, tensor
    >>> x = tensor("x")
    >>> refute(grad(sigma(x), x) == sigma(x) * (1 - sigma(x))) is None
    True
    >>> print(render(refute(grad(sigma(x), x) == sigma(x) * (sigma(x) - 1))))
    x = 0
    left = 1/4
    right = -1/4

Records count positions from 0; `render` counts from 1, as on paper.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive import claims
from derive.claims import Claim, Hypothesis
from derive.components import Axis, FunctionSymbol, Index, IndexLike, MapAt, MapSymbol, TensorSymbol
from derive.errors import GradproofError
from derive.evaluation import Frame, Machine, Position, Sample
from derive.intervals import Interval, Number, Undefined, certainly_larger, identical, separated, sign
from derive.rendering import hypothesis_text, text
from derive.terms import Term, component
from derive.verdicts import Counterexample

# Relative difference that makes a float point worth confirming, and the one a shrunk point must keep to be readable.
SCREEN, VISIBLE = 1e-7, 1e-3

# Suspects of one draw that exact arithmetic is asked about; more would only be rounding noise of the same kind.
DOUBTS = 4

WHOLE = tuple(Fraction(k) for k in (0, 1, -1, 2, -2, 3, -3))
SIMPLE = tuple(Fraction(p, q) for q in (2, 3, 4) for p in (-5, -3, -2, -1, 1, 2, 3, 5)) + WHOLE[1:5]


def refute(claim: Claim, seed: int = 0, attempts: int = 24) -> Counterexample | None:
    """A counterexample with few sizes and small numbers, or None where none was found (which proves nothing).

    attempts: how many points to screen, each at every entry and several positions of the free indices.
    """
    subject = _subject(claim)
    for draw in itertools.islice(_draws(subject, random.Random(seed)), attempts * subject.generosity):
        for index, at in itertools.islice(_suspects(subject, draw), DOUBTS):
            found = _confirmed(subject, draw, index, at)
            if found:
                small = _shrunk(subject, draw, index, at)
                return _confirmed(subject, small, index, at) or found
    return None


def agrees(claim: Claim, seed: int = 0, points: int = 2) -> bool | None:
    """Whether both sides agree in floats at sampled points: the prover's cross-check of what it proved.

    True: they agree to 1e-7 wherever both had a value; False: a point certainly separates them; None: no point could
    be evaluated, or the hypotheses found no instance.
    """
    subject, evaluated = _subject(claim), 0
    rng = random.Random(seed)
    for draw in itertools.islice(_draws(subject, rng, spread=True), 6 * points):
        met = 0
        for index, at, differ in _compared(subject, draw, 8, 3, rng):
            met += not differ
            if differ and _confirmed(subject, draw, index, at):
                return False
        evaluated += met > 0
        if evaluated >= points:
            break
    return True if evaluated else None


def sample_instance(claim: Claim, seed: int = 0) -> Sample:
    """An instance, in exact numbers, that satisfies every hypothesis of the claim.

    GradproofError: none was found, so the claim may hold of nothing at all.
    """
    subject = _subject(claim)
    for draw in itertools.islice(_draws(subject, random.Random(seed)), 40):
        sample = _realised(subject, draw, exact=True)
        if sample is not None:
            return sample
    given = ", ".join(hypothesis_text(h) for h in claim.hypotheses)
    raise GradproofError(f"no instance of the hypotheses {given} in 40 draws",
                         "hypotheses that hold together for some sizes and values",
                         "samples=((symbol, term that satisfies it),) in the Equation, or fewer hypotheses")


def render(counterexample: Counterexample) -> str:
    """The numbers as lines a person can redo the arithmetic with; positions count from 1."""
    lines = [f"{name} = {size}" for name, size in counterexample.sizes.items()]
    lines += [f"{name} = {_flat(value)}" for name, value in counterexample.values.items()]
    lines += [f"{name} = {_flat(tuple(str(v + 1) for v in values))} (counting from 1)"
              for name, values in counterexample.maps.items()]
    lines += [f"{name} = {position + 1} (counting from 1)" for name, position in counterexample.index.items()]
    return "\n".join([*lines, f"left = {counterexample.left}", f"right = {counterexample.right}"])


def _flat(value: Any) -> str:
    if isinstance(value, str):
        return value
    inside = ", ".join(_flat(v) for v in value)
    return f"({inside},)" if len(value) == 1 else f"({inside})"


# --- what a claim speaks of -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Subject:
    """A claim taken apart. indices: of the compared entry; drawn: tensors to draw; made: tensors computed from others
    so that an equation holds; shown: tensors the counterexample names; free: free indices to vary."""

    claim: Claim
    indices: tuple[Index, ...]
    axes: tuple[Axis, ...]
    drawn: tuple[TensorSymbol, ...]
    made: tuple[tuple[TensorSymbol, Term], ...]
    shown: tuple[TensorSymbol, ...]
    maps: tuple[MapSymbol, ...]
    free: tuple[Index, ...]
    compiled: dict[bool, _Compiled]

    @property
    def generosity(self) -> int:
        """A claim in sizes alone costs almost nothing to try."""
        return 1 if self.drawn or self.made else 40

    def of(self, exact: bool) -> _Compiled:
        """The claim compiled for one arithmetic, at first use."""
        if exact not in self.compiled:
            self.compiled[exact] = _compile(self, Machine(exact))
        return self.compiled[exact]


_Side = Callable[[Frame, Mapping[Index, int]], Number]


@dataclass(frozen=True, eq=False)
class _Compiled:
    machine: Machine
    left: _Side
    right: _Side
    made: tuple[tuple[TensorSymbol, tuple[Index, ...], _Side], ...]
    conditions: tuple[tuple[Hypothesis, tuple[Index, ...], tuple[_Side, ...]], ...]


@lru_cache(maxsize=4)
def _subject(claim: Claim) -> _Subject:
    made = tuple(s for h in claim.hypotheses if isinstance(h, claims.Equation) for s in _construction(h))
    stated = [claim.left, claim.right, *(t for h in claim.hypotheses for t in claims.hypothesis_terms(h))]
    mentioned: dict[Any, None] = {}
    for term in (*stated, *(term for _, term in made)):
        _collect(term, mentioned)
    for hypothesis in claim.hypotheses:
        for part in vars(hypothesis).values():
            _collect(part, mentioned)
    shown: dict[Any, None] = {}
    for term in stated:
        _collect(term, shown)
    free = frozenset(claim.for_all).union(*(t.free for t in stated), *(t.free for _, t in made),
                                          *(claims.mentioned(h) for h in claim.hypotheses))
    computed = {symbol for symbol, _ in made}
    return _Subject(
        claim, _entry_names(claim, free, mentioned),
        axes=tuple(sorted({*_of(mentioned, Axis), *(i.axis for i in free)})),
        drawn=tuple(t for t in _of(mentioned, TensorSymbol) if t not in computed),
        made=made,
        shown=tuple(sorted(_of(shown, TensorSymbol), key=str)),
        maps=tuple(_of(mentioned, MapSymbol)),
        free=tuple(sorted(free, key=str)),
        compiled={},
    )


def _construction(equation: claims.Equation) -> tuple[tuple[TensorSymbol, Term], ...]:
    if not equation.samples and equation.left.op == "tensor":
        inside: dict[Any, None] = {}
        _collect(equation.right, inside)
        symbol = equation.left.args[0]
        return () if symbol in inside else ((symbol, equation.right),)
    return equation.samples


def _collect(part: Any, into: dict[Any, None]) -> None:
    """Every variable tensor, map and axis of a term or an index, in order of appearance."""
    if isinstance(part, Term):
        into.update(dict.fromkeys(part.axes))
        # A let's own symbol is no variable, and `parameters` asks its tensors for their axes only.
        for argument in part.args[1:] if part.op == "let" else part.args:
            _collect(argument.axes if part.op == "parameters" else argument, into)
    elif isinstance(part, tuple):
        for inner in part:
            _collect(inner, into)
    elif isinstance(part, MapAt):
        _collect(part.args, into)
    elif isinstance(part, TensorSymbol | MapSymbol | Index | FunctionSymbol):
        into[part] = None
        into.update(dict.fromkeys(part.axes))
    elif isinstance(part, Axis):
        into[part] = None


def _of(mentioned: dict[Any, None], kind: type) -> list[Any]:
    return [m for m in mentioned if isinstance(m, kind)]


def _entry_names(claim: Claim, free: frozenset[Index], mentioned: dict[Any, None]) -> tuple[Index, ...]:
    """Names for the compared entry that no axis, tensor or index has, so that `n = 2` is said of one thing."""
    taken = {str(m) for m in mentioned} | {i.name for i in free}
    found = []
    for axis in claim.left.axes:
        names = itertools.chain([axis.name[0].lower()], "ijklmpqrst", (f"i{k}" for k in itertools.count(1)))
        name = next(n for n in names if n not in taken)
        taken.add(name)
        found.append(Index(name, axis))
    return tuple(found)


def _compile(subject: _Subject, machine: Machine) -> _Compiled:
    def side(term: Term, indices: tuple[Index, ...]) -> _Side:
        return machine.compile(component(term, indices))

    def names(axes: tuple[Axis, ...]) -> tuple[Index, ...]:
        return tuple(Index(f"at {k}", axis) for k, axis in enumerate(axes))

    claim = subject.claim
    conditions = tuple((h, names(terms[0].axes), tuple(side(t, names(t.axes)) for t in terms))
                       for h in claim.hypotheses if (terms := claims.hypothesis_terms(h)))
    made = tuple((symbol, names(symbol.axes), side(term, names(symbol.axes))) for symbol, term in subject.made)
    return _Compiled(machine, side(claim.left, subject.indices), side(claim.right, subject.indices), made, conditions)


# --- drawing points that satisfy the hypotheses -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Draw:
    """What was chosen freely: a Sample before the tensors that hypotheses determine are computed."""

    sizes: Mapping[Axis, int]
    tensors: Mapping[TensorSymbol, Mapping[Position, Fraction]]
    maps: Mapping[MapSymbol, tuple[int, ...]]
    index: Mapping[Index, int]
    seed: int


def _draws(subject: _Subject, rng: random.Random, spread: bool = False) -> Iterator[_Draw | None]:
    """Points, readable ones first; with `spread`, general ones first. None where no instance was found."""
    for number in itertools.count(2 if spread else 0):
        sizes = _adjusted(subject, _sizes(subject, number, rng))
        values = (WHOLE, WHOLE, SIMPLE, SIMPLE, WHOLE, None)[number % 6]
        yield _draw(subject, sizes, values, number % 6 == 1, rng)


def _sizes(subject: _Subject, number: int, rng: random.Random) -> dict[Axis, int]:
    """All 2 at first; then all different; then with axes of size 1; for claims in sizes alone ever larger ones."""
    count = len(subject.axes)
    if number < 2:
        chosen = [2] * count
    elif not (subject.drawn or subject.made):
        chosen = [rng.randint(1, 4 + number // 100) for _ in range(count)]
    elif number % 6 == 4:
        chosen = [rng.choice((1, 2)) for _ in range(count)]
    else:
        chosen = rng.sample(range(2, count + 2), count)
    return dict(zip(subject.axes, chosen, strict=True))


def _adjusted(subject: _Subject, sizes: dict[Axis, int]) -> dict[Axis, int]:
    """Sizes raised until the hypotheses on indices and maps have room."""
    apart: dict[Axis, int] = {}
    for h in subject.claim.hypotheses:
        if isinstance(h, claims.Distinct):
            axis = claims.axis_of(h.left)
            apart[axis] = apart.get(axis, 1) + 1
        elif isinstance(h, claims.Avoids):
            sizes[h.index.axis] = max(2, sizes[h.index.axis])
    for axis, least in apart.items():
        sizes[axis] = max(sizes[axis], least)
    for h in subject.claim.hypotheses:
        if isinstance(h, claims.Injective):
            avoided = sum(isinstance(a, claims.Avoids) and a.mapping == h.mapping for a in subject.claim.hypotheses)
            sizes[h.mapping.target] = max(sizes[h.mapping.target], sizes[h.mapping.source] + avoided)
    return sizes


def _draw(subject: _Subject, sizes: dict[Axis, int], values: tuple[Fraction, ...] | None, repeated: bool,
          rng: random.Random) -> _Draw | None:
    placed = _placed(subject, sizes, repeated, rng)
    if placed is None:
        return None
    index, maps = placed
    tensors = {t: _entries(t, sizes, values, rng) for t in subject.drawn}
    draw = _Draw(sizes, tensors, maps, index, rng.randrange(1000))
    for trial in range(60):
        broken = _broken(subject, draw)
        if broken is None:
            return draw
        draw = _redrawn(subject, draw, broken, values if trial < 20 else SIMPLE, rng)
    return None


def _entries(tensor: TensorSymbol, sizes: Mapping[Axis, int], values: tuple[Fraction, ...] | None,
             rng: random.Random) -> dict[Position, Fraction]:
    if values is None:
        return {p: Fraction(rng.randint(-2000, 2000), 1000) for p in _positions(tensor.axes, sizes)}
    return {p: rng.choice(values) for p in _positions(tensor.axes, sizes)}


def _positions(axes: tuple[Axis, ...], sizes: Mapping[Axis, int]) -> Iterator[Position]:
    return itertools.product(*(range(sizes[axis]) for axis in axes))


def _placed(subject: _Subject, sizes: Mapping[Axis, int], repeated: bool, rng: random.Random
            ) -> tuple[dict[Index, int], dict[MapSymbol, tuple[int, ...]]] | None:
    """Positions of the free indices and values of the maps that satisfy the hypotheses on them."""
    for trial in range(300):
        alike = repeated and trial < 20
        index = {i: 0 if alike and rng.random() < 0.7 else rng.randrange(sizes[i.axis]) for i in subject.free}
        maps = {m: _map_values(subject, m, sizes, index, alike, rng) for m in subject.maps}
        for h in subject.claim.hypotheses:
            if isinstance(h, claims.Same) and isinstance(h.left, Index):
                index[h.left] = _position(h.right, index, maps)
            elif isinstance(h, claims.Same) and isinstance(h.right, Index):
                index[h.right] = _position(h.left, index, maps)
        if _indices_hold(subject, index, maps):
            return index, maps
    return None


def _map_values(subject: _Subject, mapping: MapSymbol, sizes: Mapping[Axis, int], index: Mapping[Index, int],
                alike: bool, rng: random.Random) -> tuple[int, ...]:
    hypotheses = subject.claim.hypotheses
    avoided = {index[h.index] for h in hypotheses if isinstance(h, claims.Avoids) and h.mapping == mapping}
    allowed = [p for p in range(sizes[mapping.target]) if p not in avoided] or [0]
    count = sizes[mapping.source]
    if any(isinstance(h, claims.Injective) and h.mapping == mapping for h in hypotheses) and count <= len(allowed):
        return tuple(rng.sample(allowed, count))
    return (rng.choice(allowed),) * count if alike else tuple(rng.choice(allowed) for _ in range(count))


def _position(index: IndexLike, positions: Mapping[Index, int], maps: Mapping[MapSymbol, tuple[int, ...]]) -> int:
    if isinstance(index, MapAt):
        mapping, inner = index.args
        return maps[mapping][_position(inner, positions, maps)]  # type: ignore[index, arg-type]
    return positions[index]


def _indices_hold(subject: _Subject, index: Mapping[Index, int], maps: Mapping[MapSymbol, tuple[int, ...]]) -> bool:
    return all(_index_holds(h, index, maps) for h in subject.claim.hypotheses)


def _index_holds(hypothesis: Hypothesis, index: Mapping[Index, int], maps: Mapping[MapSymbol, tuple[int, ...]]) -> bool:
    match hypothesis:
        case claims.Same(i, k):
            return _position(i, index, maps) == _position(k, index, maps)
        case claims.Distinct(i, k):
            return _position(i, index, maps) != _position(k, index, maps)
        case claims.Injective(mapping):
            return len(set(maps[mapping])) == len(maps[mapping])
        case claims.Avoids(mapping, i):
            return index[i] not in maps[mapping]
        case _:
            return True


def _redrawn(subject: _Subject, draw: _Draw, broken: Hypothesis, values: tuple[Fraction, ...] | None,
             rng: random.Random) -> _Draw:
    """The draw with new values for one tensor the broken hypothesis speaks of, or of what such a tensor is made of."""
    inside: dict[Any, None] = {}
    for term in claims.hypothesis_terms(broken):
        _collect(term, inside)
    for symbol, term in subject.made:
        if symbol in inside:
            _collect(term, inside)
    candidates = [t for t in subject.drawn if t in inside]
    if not candidates:
        return draw
    tensor = rng.choice(candidates)
    return replace(draw, tensors={**draw.tensors, tensor: _entries(tensor, draw.sizes, values, rng)})


# --- evaluating at a point --------------------------------------------------------------------------------------------


def _broken(subject: _Subject, draw: _Draw) -> Hypothesis | None:
    """The first hypothesis on values that a draw does not satisfy, in floats."""
    compiled = subject.of(exact=False)
    if not compiled.conditions:
        return None
    try:
        frame = compiled.machine.start(_completed(compiled, draw))
    except Undefined:
        return compiled.conditions[0][0]
    return next((c[0] for c in compiled.conditions if not _holds(c, frame, draw.index)), None)


def _completed(compiled: _Compiled, draw: _Draw) -> Sample:
    """The draw with the tensors that hypotheses determine computed from the others."""
    sample = Sample(draw.sizes, draw.tensors, draw.maps, draw.index, draw.seed)
    for symbol, names, value in compiled.made:
        frame = compiled.machine.start(sample)
        entries = {p: value(frame, {**draw.index, **dict(zip(names, p, strict=True))})
                   for p in _positions(symbol.axes, draw.sizes)}
        sample = replace(sample, tensors={**sample.tensors, symbol: entries})
    return sample


def _holds(condition: tuple[Hypothesis, tuple[Index, ...], tuple[_Side, ...]], frame: Frame,
           index: Mapping[Index, int]) -> bool:
    hypothesis, names, sides = condition
    try:
        if isinstance(hypothesis, claims.Sign):
            found = sign(sides[0](frame, index))
            return found is not None and found in {">": (1,), ">=": (0, 1), "<": (-1,)}[hypothesis.relation]
        for at in _positions(tuple(i.axis for i in names), frame.sizes):
            here = {**index, **dict(zip(names, at, strict=True))}
            if not _meet(*(side(frame, here) for side in sides)):
                return False
        return True
    except Undefined:
        return False


def _meet(left: Number, right: Number) -> bool:
    return identical(left, right) if isinstance(left, float) else not separated(left, right)


def _realised(subject: _Subject, draw: _Draw | None, exact: bool) -> Sample | None:
    """The sample of a draw, if every hypothesis on values holds in it."""
    if draw is None:
        return None
    compiled = subject.of(exact)
    try:
        sample = _completed(compiled, draw)
    except Undefined:
        return None
    if compiled.conditions:
        frame = compiled.machine.start(sample)
        if not all(_holds(c, frame, draw.index) for c in compiled.conditions):
            return None
    return sample


def _suspects(subject: _Subject, draw: _Draw | None) -> Iterator[tuple[dict[Index, int], Position]]:
    compared = _compared(subject, draw, entries=200, assignments=12, rng=random.Random(0))
    return ((index, at) for index, at, differ in compared if differ)


def _compared(subject: _Subject, draw: _Draw | None, entries: int, assignments: int, rng: random.Random
              ) -> Iterator[tuple[dict[Index, int], Position, bool]]:
    """Positions of free indices and entries at which both sides have a float, and whether the floats differ."""
    if draw is None:
        return
    compiled = subject.of(exact=False)
    frame = compiled.machine.start(_completed(compiled, draw))
    for index in _assignments(subject, draw, frame, assignments, rng):
        for at in _few(list(_positions(subject.claim.left.axes, draw.sizes)), entries, rng):
            values = _values(subject, compiled, frame, index, at)
            if values is not None:
                yield index, at, _differ(*values, subject.claim.relation, SCREEN, 1.0)


def _assignments(subject: _Subject, draw: _Draw, frame: Frame, limit: int, rng: random.Random
                 ) -> Iterator[dict[Index, int]]:
    """Positions for the free indices at which the hypotheses hold; only the drawn ones where tensors depend on them."""
    if any(term.free for _, term in subject.made):
        yield dict(draw.index)
        return
    conditions = subject.of(exact=False).conditions
    every = list(itertools.islice(_positions(tuple(i.axis for i in subject.free), draw.sizes), 4096))
    drawn = tuple(draw.index[i] for i in subject.free)
    for at in dict.fromkeys([*_few(every, limit, rng), drawn]):
        index = dict(zip(subject.free, at, strict=True))
        if _indices_hold(subject, index, draw.maps) and all(_holds(c, frame, index) for c in conditions):
            yield index


def _few(every: list[Position], limit: int, rng: random.Random) -> list[Position]:
    return every if len(every) <= limit else sorted(rng.sample(every, limit))


def _values(subject: _Subject, compiled: _Compiled, frame: Frame, index: Mapping[Index, int], at: Position
            ) -> tuple[Number, Number] | None:
    here = {**index, **dict(zip(subject.indices, at, strict=True))}
    try:
        return compiled.left(frame, here), compiled.right(frame, here)
    except (Undefined, OverflowError, ZeroDivisionError):
        return None


def _differ(left: float, right: float, relation: str, margin: float, floor: float) -> bool:
    distance = left - right if relation == "<=" else abs(left - right)
    return distance > margin * max(floor, abs(left), abs(right))


def _confirmed(subject: _Subject, draw: _Draw, index: Mapping[Index, int], at: Position) -> Counterexample | None:
    """The record of a point, if exact arithmetic confirms the hypotheses there and separates the sides."""
    placed = replace(draw, index=index)
    sample = _realised(subject, placed, exact=True)
    if sample is None or not _indices_hold(subject, index, draw.maps):
        return None
    compiled = subject.of(exact=True)
    frame = compiled.machine.start(sample)
    values = _values(subject, compiled, frame, index, at)
    if values is None:
        return None
    apart = certainly_larger if subject.claim.relation == "<=" else separated
    return _record(subject, sample, frame, at, *values) if apart(*values) else None


# --- making it small --------------------------------------------------------------------------------------------------


def _shrunk(subject: _Subject, draw: _Draw, index: Mapping[Index, int], at: Position, budget: int = 80) -> _Draw:
    """The draw with entries replaced by 0, 1 or -1 as long as the sides stay visibly different."""
    best = replace(draw, index=index)
    for candidate in itertools.islice(_flattened(best), 2):
        if _still_differs(subject, candidate, index, at):
            best = candidate
    for tensor, position in [(t, p) for t, values in best.tensors.items() for p in values][:budget]:
        for candidate in _simpler(best, tensor, position):
            if _still_differs(subject, candidate, index, at):
                best = candidate
                break
    return best


def _simpler(draw: _Draw, tensor: TensorSymbol, position: Position) -> Iterator[_Draw]:
    values = draw.tensors[tensor]
    for simple in itertools.takewhile(lambda simple: simple != values[position], WHOLE[:3]):
        yield replace(draw, tensors={**draw.tensors, tensor: {**values, position: simple}})


def _flattened(draw: _Draw) -> Iterator[_Draw]:
    for value in (Fraction(1), Fraction(0)):
        yield replace(draw, tensors={t: dict.fromkeys(values, value) for t, values in draw.tensors.items()})


def _still_differs(subject: _Subject, draw: _Draw, index: Mapping[Index, int], at: Position) -> bool:
    sample = _realised(subject, draw, exact=False)
    if sample is None:
        return False
    compiled = subject.of(exact=False)
    values = _values(subject, compiled, compiled.machine.start(sample), index, at)
    return values is not None and _differ(*values, subject.claim.relation, VISIBLE, 0.1)


# --- the record -------------------------------------------------------------------------------------------------------


def _record(subject: _Subject, sample: Sample, frame: Frame, at: Position, left: Number, right: Number
            ) -> Counterexample:
    claim, index = subject.claim, dict(zip(subject.indices, at, strict=True))
    values: dict[str, object] = {t.name: _nested(t.axes, sample.tensors[t], sample.sizes) for t in subject.shown}
    for (symbol, where), instance in sorted(frame.functions.items(), key=str):
        values[f"{symbol.name} at index slots {[p + 1 for p in where]}"] = instance.description()
    shown = Term("item", (claim.left, subject.indices), ()) if subject.indices else claim.left
    return Counterexample(
        sizes={axis.name: sample.sizes[axis] for axis in subject.axes},
        values=values,
        maps={m.name: tuple(sample.maps[m]) for m in subject.maps},
        index={i.name: p for i, p in (*sample.index.items(), *index.items())},
        left=_shown(left, right), right=_shown(right, left),
        entry=text(shown),
    )


def _nested(axes: tuple[Axis, ...], entries: Mapping[Position, Number], sizes: Mapping[Axis, int],
            at: Position = ()) -> object:
    if len(at) == len(axes):
        return _shown(entries[at])
    return tuple(_nested(axes, entries, sizes, (*at, k)) for k in range(sizes[axes[len(at)]]))


def _shown(value: Number, other: Number = None) -> str:
    """A short fraction as it is, else a decimal of 6 digits, or of as many as tell it from the other side."""
    if isinstance(value, Fraction) and value.denominator < 10**6:
        return str(value)
    for digits in range(6, 17):
        shown = f"{_middle(value):.{digits}g}"
        if other is None or shown != f"{_middle(other):.{digits}g}":
            break
    return shown


def _middle(value: Number) -> float:
    return value.low / 2 + value.high / 2 if isinstance(value, Interval) else float(value)
