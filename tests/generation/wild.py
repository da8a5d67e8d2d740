"""Random terms beside mutants of themselves, with no care for where they have values: what the generator leaves out.

The terms are those of tests/derive/random_terms.py: abstract functions, roots, pieces, maps from an axis to itself,
names that collide, hypotheses that contradict each other. Of most of these claims nothing is known beforehand, so that
only false verdicts are counted; the normal form of the left side is evaluated beside its value as well.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from derive.atoms import poly_text
from derive.claims import Claim
from derive.components import Index
from derive.errors import AxisError, NotProved, OutsideTheory
from derive.normal_form import Normalizer
from derive.terms import component
from tests.derive.oracle import World, evaluate, evaluate_poly, worlds
from tests.derive.random_terms import K, M, Maker, N, mutated
from tests.generation.specimens import FALSE, UNKNOWN, Specimen, confirmed_false, tamed

SHAPES: tuple[tuple[Any, ...], ...] = ((), (), (), (N,), (M,), (K,), (N, N), (K, N))
DEPTH = 3
TOLERANCE = 1e-5  # gradients inside gradients are differences here
REFUSALS = (NotProved, OutsideTheory, AxisError, RecursionError)


def wild(seed: str) -> Specimen:
    """A random term beside itself after up to three changes, under random hypotheses."""
    rng = random.Random(seed)
    maker = Maker(rng)
    term = maker.term(rng.choice(SHAPES), DEPTH)
    other = term
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        other = mutated(other, maker)
    claim = Claim(term, other, maker.hypotheses(), tuple(sorted(other.free, key=str)))
    return Specimen(claim, FALSE if confirmed_false(claim) else UNKNOWN, "wild")


def normal_form_wrong(claim: Claim, rng: random.Random) -> str:
    """Where the normal form of the left side has another value than the term itself; nothing where none was found."""
    at = tuple(Index(f"e{number}", axis) for number, axis in enumerate(claim.left.axes))
    try:
        claim.checked()
        poly = Normalizer(claim.hypotheses).poly(component(claim.left, at))
    except REFUSALS:
        return ""
    for world in worlds(claim, rng, 3, tries=8):
        found = _apart(claim, poly, at, world)
        if found and _apart(claim, poly, at, tamed(claim, world)):  # what a double loses is no difference
            return found
    return ""


def _apart(claim: Claim, poly: Any, at: tuple[Index, ...], world: World) -> str:
    """Where a normal form and the left side have two values in a world."""
    values = evaluate(claim.left, world).real
    for place in np.ndindex(*values.shape):
        found = _value(poly, world, at, place) if np.isfinite(values[place]) else values[place]
        if np.isfinite(found) and abs(values[place] - found) > TOLERANCE * (1 + abs(values[place]) + abs(found)):
            return f"its left side is {values[place]}, its normal form {poly_text(poly)} is {found}"
    return ""


def _value(poly: Any, world: World, at: tuple[Index, ...], place: tuple[int, ...]) -> float:
    env = {(i.name, i.axis.name): p for i, p in world.index.items()}
    env |= {(i.name, i.axis.name): p for i, p in zip(at, place, strict=True)}
    return float(evaluate_poly(poly, world, env).real)
