"""Points at which the hypotheses of a claim hold: sizes, tensors, maps and positions drawn at random, readable first.

Index hypotheses are met by construction and rejection, equations by the construction they bring along (`samples`), and
signs by drawing again. Entries are exact fractions; screening turns them into floats.
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
from derive.components import Axis, FunctionSymbol, Index, IndexLike, MapAt, MapSymbol, TensorSymbol, axis_of
from derive.evaluation import Frame, Machine, Position, Sample, positions
from derive.intervals import Number, Undefined, identical, separated, sign
from derive.terms import Term, component

WHOLE = tuple(Fraction(k) for k in (0, 1, -1, 2, -2, 3, -3))
SIMPLE = tuple(Fraction(p, q) for q in (2, 3, 4) for p in (-5, -3, -2, -1, 1, 2, 3, 5)) + WHOLE[1:5]


# --- what a claim speaks of -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Subject:
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
    compiled: dict[bool, Compiled]

    @property
    def generosity(self) -> int:
        """A claim in sizes alone costs almost nothing to try."""
        return 1 if self.drawn or self.made else 40

    def of(self, exact: bool) -> Compiled:
        """The claim compiled for one arithmetic, at first use."""
        if exact not in self.compiled:
            self.compiled[exact] = _compile(self, Machine(exact))
        return self.compiled[exact]


Side = Callable[[Frame, Mapping[Index, int]], Number]


@dataclass(frozen=True, eq=False)
class Compiled:
    machine: Machine
    left: Side
    right: Side
    made: tuple[tuple[TensorSymbol, tuple[Index, ...], Side], ...]
    conditions: tuple[tuple[Hypothesis, tuple[Index, ...], tuple[Side, ...]], ...]


@lru_cache(maxsize=4)
def subject_of(claim: Claim) -> Subject:
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
    return Subject(
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


def _compile(subject: Subject, machine: Machine) -> Compiled:
    def side(term: Term, indices: tuple[Index, ...]) -> Side:
        return machine.compile(component(term, indices))

    def names(axes: tuple[Axis, ...]) -> tuple[Index, ...]:
        return tuple(Index(f"at {k}", axis) for k, axis in enumerate(axes))

    claim = subject.claim
    conditions = tuple((h, names(terms[0].axes), tuple(side(t, names(t.axes)) for t in terms))
                       for h in claim.hypotheses if (terms := claims.hypothesis_terms(h)))
    made = tuple((symbol, names(symbol.axes), side(term, names(symbol.axes))) for symbol, term in subject.made)
    return Compiled(machine, side(claim.left, subject.indices), side(claim.right, subject.indices), made, conditions)


# --- drawing points that satisfy the hypotheses -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Draw:
    """What was chosen freely: a Sample before the tensors that hypotheses determine are computed."""

    sizes: Mapping[Axis, int]
    tensors: Mapping[TensorSymbol, Mapping[Position, Fraction]]
    maps: Mapping[MapSymbol, tuple[int, ...]]
    index: Mapping[Index, int]
    seed: int


def draws(subject: Subject, rng: random.Random, attempts: int, spread: bool = False) -> Iterator[Draw]:
    """Points at which the hypotheses hold, from so many attempts: readable points first; with `spread`, general ones
    first."""
    for number in range(2 * spread, 2 * spread + attempts):
        sizes = _adjusted(subject, _sizes(subject, number, rng))
        values = (WHOLE, WHOLE, SIMPLE, SIMPLE, WHOLE, None)[number % 6]
        draw = _draw(subject, sizes, values, number % 6 == 1, rng)
        if draw is not None:
            yield draw


def _sizes(subject: Subject, number: int, rng: random.Random) -> dict[Axis, int]:
    """All 2 at first; then all different; then with axes of size 1; for claims in sizes alone ever larger ones."""
    count = len(subject.axes)
    if number < 2:
        chosen = [2] * count
    elif not (subject.drawn or subject.made):
        chosen = [rng.randint(1, 4 + number // 100) for _ in range(count)]
    elif number % 6 == 4:
        chosen = [rng.choice((1, 2)) for _ in range(count)]
    else:
        chosen = rng.sample(range(2, max(count, 2) + 2), count)  # an axis alone is tried at 3 too
    return dict(zip(subject.axes, chosen, strict=True))


def _adjusted(subject: Subject, sizes: dict[Axis, int]) -> dict[Axis, int]:
    """Sizes raised until the hypotheses on indices and maps have room."""
    apart: dict[Axis, int] = {}
    for h in subject.claim.hypotheses:
        if isinstance(h, claims.Distinct):
            axis = axis_of(h.left)
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


def _draw(subject: Subject, sizes: dict[Axis, int], values: tuple[Fraction, ...] | None, repeated: bool,
          rng: random.Random) -> Draw | None:
    placed = _placed(subject, sizes, repeated, rng)
    if placed is None:
        return None
    index, maps = placed
    tensors = {t: _entries(t, sizes, values, rng) for t in subject.drawn}
    draw = Draw(sizes, tensors, maps, index, rng.randrange(1000))
    for trial in range(60):
        broken = _broken(subject, draw)
        if broken is None:
            return draw
        draw = _redrawn(subject, draw, broken, values if trial < 20 else SIMPLE, rng)
    return None


def _entries(tensor: TensorSymbol, sizes: Mapping[Axis, int], values: tuple[Fraction, ...] | None,
             rng: random.Random) -> dict[Position, Fraction]:
    if values is None:
        return {p: Fraction(rng.randint(-2000, 2000), 1000) for p in positions(tensor.axes, sizes)}
    return {p: rng.choice(values) for p in positions(tensor.axes, sizes)}


def _placed(subject: Subject, sizes: Mapping[Axis, int], repeated: bool, rng: random.Random
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
        if indices_hold(subject, index, maps):
            return index, maps
    return None


def _map_values(subject: Subject, mapping: MapSymbol, sizes: Mapping[Axis, int], index: Mapping[Index, int],
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
        return maps[mapping][_position(inner, positions, maps)]
    return positions[index]


def indices_hold(subject: Subject, index: Mapping[Index, int], maps: Mapping[MapSymbol, tuple[int, ...]]) -> bool:
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


def _redrawn(subject: Subject, draw: Draw, broken: Hypothesis, values: tuple[Fraction, ...] | None,
             rng: random.Random) -> Draw:
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


def _broken(subject: Subject, draw: Draw) -> Hypothesis | None:
    """The first hypothesis on values that a draw does not satisfy, in floats."""
    compiled = subject.of(exact=False)
    if not compiled.conditions:
        return None
    try:
        frame = compiled.machine.start(completed(compiled, draw))
    except Undefined:
        return compiled.conditions[0][0]
    return next((c[0] for c in compiled.conditions if not holds(c, frame, draw.index)), None)


def completed(compiled: Compiled, draw: Draw) -> Sample:
    """The draw with the tensors that hypotheses determine computed from the others."""
    sample = Sample(draw.sizes, draw.tensors, draw.maps, draw.index, draw.seed)
    for symbol, names, value in compiled.made:
        frame = compiled.machine.start(sample)
        entries = {p: value(frame, {**draw.index, **dict(zip(names, p, strict=True))})
                   for p in positions(symbol.axes, draw.sizes)}
        sample = replace(sample, tensors={**sample.tensors, symbol: entries})
    return sample


def holds(condition: tuple[Hypothesis, tuple[Index, ...], tuple[Side, ...]], frame: Frame,
           index: Mapping[Index, int]) -> bool:
    hypothesis, names, sides = condition
    try:
        if isinstance(hypothesis, claims.Sign):
            found = sign(sides[0](frame, index))
            return found is not None and found in {">": (1,), ">=": (0, 1), "<": (-1,)}[hypothesis.relation]
        for at in positions(tuple(i.axis for i in names), frame.sizes):
            here = {**index, **dict(zip(names, at, strict=True))}
            if not _meet(*(side(frame, here) for side in sides)):
                return False
        return True
    except Undefined:
        return False


def _meet(left: Number, right: Number) -> bool:
    return identical(left, right) if isinstance(left, float) else not separated(left, right)


def realised(subject: Subject, draw: Draw, exact: bool) -> Sample | None:
    """The sample of a draw, if every hypothesis on values holds in it."""
    compiled = subject.of(exact)
    try:
        sample = completed(compiled, draw)
    except Undefined:
        return None
    if compiled.conditions:
        frame = compiled.machine.start(sample)
        if not all(holds(c, frame, draw.index) for c in compiled.conditions):
            return None
    return sample
