"""Whether the exponents met at a point vary freely: then every exponential is as good as a variable of its own.

All exponents of one level are affine in the entries of some tensors C, everything else held. Where their coefficient
rows have full rank, the exponents are jointly uniform, and the exponentials independent. A row that depends on others
is allowed where the relation has small rational coefficients and holds at a second point too (exp(a + b) beside exp(a)
and exp(b)); constants are exponents of the base.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

from derive.opinion.scalars import Key, Scalar
from derive.opinion.worlds import World

Exponent = tuple[Scalar, dict[int, int], int]
SMALL = 12


def relations(world: World, again: World) -> tuple[int, str]:
    """The largest sum of coefficients with which an exponential is a product of independent ones, and in words what
    could not be shown ("" where all is).

    world: where the exponents were read; again: the same level with other residues.
    """
    if world.below is world:
        return 1, ""
    weight, failure = _level(list(world.exponents.values()), world.below, again.below)
    deeper, below = relations(world.below, again.below)
    return max(weight, deeper), failure or below


def _level(exponents: list[Exponent], world: World, again: World) -> tuple[int, str]:
    distinct = _distinct(exponents, world.prime)
    if not distinct:
        return 1, ""
    names = sorted(frozenset[Key]().union(*(u.local for u, _, _ in distinct)))
    best = None
    for chosen in _affine_choices(names, [u for u, _, _ in distinct]):
        found = _ranked(distinct, chosen, world, again)
        if found:
            return found, ""
        best = best or chosen
    return 1, "exponents that are not jointly affine in any of their variables" if best is None else (
        "exponents with relations of unknown kind")


def _distinct(exponents: list[Exponent], prime: int) -> list[Exponent]:
    """One of each value, and of each pair of opposites; constants 0 left out."""
    found: dict[int, Exponent] = {}
    for u, env, value in exponents:
        if value:
            found.setdefault(min(value, prime - value), (u, env, value))
    return list(found.values())


def _affine_choices(names: list[Key], nodes: list[Scalar]) -> list[tuple[Key, ...]]:
    """Sets of tensors in which every node is affine, large ones first; only such as no other contains."""
    found: list[tuple[Key, ...]] = []
    for count in range(min(len(names), 6), 0, -1):
        for chosen in combinations(names[:8], count):
            if not any(set(chosen) <= set(f) for f in found) and all(_degree(n, frozenset(chosen)) <= 1 for n in nodes):
                found.append(chosen)
    return found


def _degree(n: Scalar, names: frozenset[Key]) -> int:
    """The degree of a node in the entries of some tensors; 9 for a function that is no polynomial in them."""
    if not n.local & names:
        return 0
    if n.op == "entry":
        return 1
    if n.op in ("add", "sum", "grad", "made", "let"):
        return max(_degree(a, names) for a in n.args)
    return min(9, sum(_degree(a, names) for a in n.args)) if n.op == "mul" else 9


Row = dict[Any, int]


def _ranked(distinct: list[Exponent], chosen: tuple[Key, ...], world: World, again: World) -> int:
    """The largest sum of coefficients of a relation (at least 1), or 0 where some relation has none that are small."""
    p, entries = world.prime, [k for k in world.entries if k[0] in chosen]
    pivots: list[tuple[Any, Row, Row]] = []
    largest = 1
    for number, (u, env, _) in enumerate(distinct):
        row = {e: c for e in entries if (c := world.at(u, env, world.seeds(((True, *e),))))}
        made: Row = {number: 1}
        for at, other, combination in pivots:
            if row.get(at):
                factor = row[at]
                _subtract(row, other, factor, p)
                _subtract(made, combination, factor, p)
        if row:
            at = next(iter(row))
            scale = pow(row[at], -1, p)
            pivots.append((at, {k: v * scale % p for k, v in row.items()}, {k: v * scale % p for k, v in made.items()}))
            continue
        weight = _relation(distinct, number, made, world, again)
        if not weight:
            return 0
        largest = max(largest, weight)
    return largest


def _subtract(row: Row, other: Row, factor: int, p: int) -> None:
    for key, value in other.items():
        left = (row.get(key, 0) - factor * value) % p
        if left:
            row[key] = left
        else:
            row.pop(key, None)


def _relation(distinct: list[Exponent], number: int, made: Row, world: World, again: World) -> int:
    """The sum of the coefficients of a relation that is small and holds at both points up to a small constant."""
    p = world.prime
    over = next((d for d in range(1, SMALL + 1) if all(_size(c * d % p, p) <= SMALL for c in made.values())), 0)
    if not over:
        return 0
    for w in (world, again):
        rest = sum(_signed(c * over % p, p) * w.at(distinct[k][0], distinct[k][1]) for k, c in made.items())
        if not any((rest * d - c) % w.prime == 0 for d in range(1, SMALL + 1) for c in range(-SMALL, SMALL + 1)):
            return 0
    return over + sum(_size(c * over % p, p) for c in made.values()) + SMALL


def _size(value: int, p: int) -> int:
    return min(value, p - value)


def _signed(value: int, p: int) -> int:
    return value if value <= p // 2 else value - p
