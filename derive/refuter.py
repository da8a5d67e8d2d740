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
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from derive.claims import Claim
from derive.components import Axis, Index, TensorSymbol
from derive.errors import GradproofError
from derive.evaluation import Frame, Position, Sample, positions
from derive.intervals import Interval, Number, Undefined, certainly_larger, separated
from derive.rendering import hypothesis_text, text
from derive.sampling import WHOLE, Compiled, Draw, Subject, completed, draws, holds, indices_hold, realised, subject_of
from derive.terms import Term
from derive.verdicts import Counterexample

# Relative differences of floats: one that exact arithmetic should look at, one that is no agreement, and one that a
# shrunk point must keep to be readable.
SUSPECT, AGREEMENT, VISIBLE = 1e-11, 1e-7, 1e-3

# Suspects of one draw that exact arithmetic is asked about; more would only be rounding noise of the same kind.
DOUBTS = 4


def refute(claim: Claim, seed: int = 0, attempts: int = 24) -> Counterexample | None:
    """A counterexample with few sizes and small numbers, or None where none was found (which proves nothing).

    attempts: how many points to screen, each at every entry and several positions of the free indices.
    """
    subject = subject_of(claim)
    for draw in draws(subject, random.Random(seed), attempts * subject.generosity):
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
    subject, evaluated = subject_of(claim), 0
    rng = random.Random(seed)
    for draw in draws(subject, rng, 6 * points, spread=True):
        met = 0
        for index, at, differ in _compared(subject, draw, 2, 2, rng, AGREEMENT):
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
    subject = subject_of(claim)
    for draw in draws(subject, random.Random(seed), attempts=40):
        sample = realised(subject, draw, exact=True)
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


# --- comparing the sides at a point -----------------------------------------------------------------------------------


def _suspects(subject: Subject, draw: Draw) -> Iterator[tuple[dict[Index, int], Position]]:
    compared = _compared(subject, draw, 200, 12, random.Random(0), SUSPECT)
    return ((index, at) for index, at, differ in compared if differ)


def _compared(subject: Subject, draw: Draw, entries: int, assignments: int, rng: random.Random,
              margin: float) -> Iterator[tuple[dict[Index, int], Position, bool]]:
    """Positions of free indices and entries at which both sides have a float, and whether the floats differ."""
    compiled = subject.of(exact=False)
    frame = compiled.machine.start(completed(compiled, draw))
    for index in _assignments(subject, draw, frame, assignments, rng):
        for at in _few(list(positions(subject.claim.left.axes, draw.sizes)), entries, rng):
            values = _values(subject, compiled, frame, index, at)
            if values is not None:
                yield index, at, _differ(*values, subject.claim.relation, margin, 1.0)


def _assignments(subject: Subject, draw: Draw, frame: Frame, limit: int, rng: random.Random
                 ) -> Iterator[dict[Index, int]]:
    """Positions for the free indices at which the hypotheses hold; only the drawn ones where tensors depend on them."""
    if any(term.free for _, term in subject.made):
        yield dict(draw.index)
        return
    conditions = subject.of(exact=False).conditions
    every = list(itertools.islice(positions(tuple(i.axis for i in subject.free), draw.sizes), 4096))
    drawn = tuple(draw.index[i] for i in subject.free)
    for at in dict.fromkeys([*_few(every, limit, rng), drawn]):
        index = dict(zip(subject.free, at, strict=True))
        if indices_hold(subject, index, draw.maps) and all(holds(c, frame, index) for c in conditions):
            yield index


def _few(every: list[Position], limit: int, rng: random.Random) -> list[Position]:
    return every if len(every) <= limit else sorted(rng.sample(every, limit))


def _values(subject: Subject, compiled: Compiled, frame: Frame, index: Mapping[Index, int], at: Position
            ) -> tuple[Number, Number] | None:
    here = {**index, **dict(zip(subject.indices, at, strict=True))}
    try:
        return compiled.left(frame, here), compiled.right(frame, here)
    except (Undefined, OverflowError, ZeroDivisionError):
        return None


def _differ(left: float, right: float, relation: str, margin: float, floor: float) -> bool:
    distance = left - right if relation == "<=" else abs(left - right)
    return distance > margin * max(floor, abs(left), abs(right))


def _confirmed(subject: Subject, draw: Draw, index: Mapping[Index, int], at: Position) -> Counterexample | None:
    """The record of a point, if exact arithmetic confirms the hypotheses there and separates the sides."""
    placed = replace(draw, index=index)
    sample = realised(subject, placed, exact=True)
    if sample is None or not indices_hold(subject, index, draw.maps):
        return None
    compiled = subject.of(exact=True)
    frame = compiled.machine.start(sample)
    values = _values(subject, compiled, frame, index, at)
    if values is None:
        return None
    apart = certainly_larger if subject.claim.relation == "<=" else separated
    return _record(subject, sample, frame, at, *values) if apart(*values) else None


# --- making it small --------------------------------------------------------------------------------------------------


def _shrunk(subject: Subject, draw: Draw, index: Mapping[Index, int], at: Position, budget: int = 80) -> Draw:
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


def _simpler(draw: Draw, tensor: TensorSymbol, position: Position) -> Iterator[Draw]:
    values = draw.tensors[tensor]
    for simple in itertools.takewhile(lambda simple: simple != values[position], WHOLE[:3]):
        yield replace(draw, tensors={**draw.tensors, tensor: {**values, position: simple}})


def _flattened(draw: Draw) -> Iterator[Draw]:
    for value in (Fraction(1), Fraction(0)):
        yield replace(draw, tensors={t: dict.fromkeys(values, value) for t, values in draw.tensors.items()})


def _still_differs(subject: Subject, draw: Draw, index: Mapping[Index, int], at: Position) -> bool:
    sample = realised(subject, draw, exact=False)
    if sample is None:
        return False
    compiled = subject.of(exact=False)
    values = _values(subject, compiled, compiled.machine.start(sample), index, at)
    return values is not None and _differ(*values, subject.claim.relation, VISIBLE, 0.1)


# --- the record -------------------------------------------------------------------------------------------------------


def _record(subject: Subject, sample: Sample, frame: Frame, at: Position, left: Number, right: Number
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
