"""Where a statement is tried: sizes, equality patterns of free indices, and maps up to renaming of positions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from derive.opinion.scalars import Spot
from derive.opinion.statement import Map


@dataclass(frozen=True)
class Condition:
    """A hypothesis on positions. kind: same, distinct (two spots), injective (a map), avoids (a map and a spot)."""

    kind: str
    mapping: Map | None
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class Point:
    """sizes: axis -> size; images: map -> its values; env: free slot -> position; maximal: whether every axis has the
    largest size that its pattern is tried at."""

    sizes: dict[str, int]
    images: dict[Map, tuple[int, ...]]
    env: dict[int, int]
    maximal: bool


@dataclass(frozen=True)
class Frame:
    """axes: in an order in which a map's source stands before its target; free: slot -> axis; bound: axis -> over how
    many tuples of positions the cleared difference sums; conditions: the hypotheses on positions; empty: axes without a
    free position that may be tried at size 0, where every sum is 0."""

    axes: tuple[str, ...]
    free: dict[int, str]
    maps: tuple[Map, ...]
    bound: dict[str, int]
    conditions: tuple[Condition, ...]
    empty: frozenset[str] = frozenset()


def points(frame: Frame) -> Iterator[Point]:
    """Every pattern of free positions and gathered positions, at every size the argument asks for.

    With r distinct positions that are free or gathered (or 1 where there is none), and m summed over: sizes r to r + m.
    """
    yield from _extended(frame, 0, Point({}, {}, {}, True))


def _extended(frame: Frame, number: int, point: Point) -> Iterator[Point]:
    if number == len(frame.axes):
        if all(holds(c, point) for c in frame.conditions):
            yield point
        return
    axis = frame.axes[number]
    slots = [s for s, a in frame.free.items() if a == axis]
    maps = [m for m in frame.maps if m.target == axis]
    lengths = [point.sizes[m.source] for m in maps]
    renamings = _renamings(frame, maps, point, len(slots))
    for pattern in patterns(len(slots) + sum(lengths)):
        if any(_relabelled(pattern[k] for k in order) < pattern for order in renamings):
            continue  # the same point with positions of a map's source renamed
        distinct = max(pattern, default=-1) + 1
        env = {**point.env, **dict(zip(slots, pattern, strict=False))}
        images, start = dict(point.images), len(slots)
        for mapping, length in zip(maps, lengths, strict=True):
            images[mapping] = pattern[start:start + length]
            start += length
        partial = Point(point.sizes, images, env, point.maximal)
        if not all(holds(c, partial) for c in frame.conditions if _known(c, partial)):
            continue
        least = max(distinct, axis not in frame.empty)
        most = least + frame.bound[axis]
        for size in range(least, most + 1):
            yield from _extended(frame, number + 1, Point({**point.sizes, axis: size}, images, env,
                                                          point.maximal and size == most))


def _renamings(frame: Frame, maps: list[Map], point: Point, before: int) -> list[tuple[int, ...]]:
    """Orders of a pattern's parts that come from exchanging two positions of a source at which nothing else stands."""
    found = []
    for source in dict.fromkeys(m.source for m in maps):
        if any(m.target == source for m in frame.maps):
            continue
        taken = {point.env[s] for s, a in frame.free.items() if a == source}
        unmarked = [k for k in range(point.sizes[source]) if k not in taken]
        for i, k in combinations(unmarked, 2):
            order, start = list(range(before)), before
            for mapping in maps:
                own = list(range(start, start + point.sizes[mapping.source]))
                if mapping.source == source:
                    own[i], own[k] = own[k], own[i]
                order += own
                start += len(own)
            found.append(tuple(order))
    return found


def _relabelled(values: Iterable[int]) -> tuple[int, ...]:
    names: dict[int, int] = {}
    return tuple(names.setdefault(v, len(names)) for v in values)


def patterns(count: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many positions can be equal or not, as restricted growth strings.

    >>> list(patterns(2))
    [(0, 0), (0, 1)]
    """
    if not count:
        yield ()
        return
    for first in patterns(count - 1):
        for value in range(max(first, default=-1) + 2):
            yield (*first, value)


def place(spot: Spot, point: Point) -> int:
    position = point.env[spot[0]]
    for mapping in spot[1]:
        position = point.images[mapping][position]
    return position


def _known(condition: Condition, point: Point) -> bool:
    maps = [m for _, applied in condition.spots for m in applied] + ([condition.mapping] if condition.mapping else [])
    return all(s in point.env for s, _ in condition.spots) and all(m in point.images for m in maps)


def holds(condition: Condition, point: Point) -> bool:
    places = [place(s, point) for s in condition.spots]
    values = point.images[condition.mapping] if condition.mapping else ()
    if condition.kind in ("same", "distinct"):
        return (places[0] == places[1]) == (condition.kind == "same")
    if condition.kind == "injective":
        return len(set(values)) == len(values)
    return places[0] not in values


def ordered(axes: set[str], maps: tuple[Map, ...]) -> tuple[str, ...] | None:
    """Axes with the source of every map before its target, or None where maps go round in a circle."""
    found: list[str] = []
    while len(found) < len(axes):
        ready = sorted(a for a in axes if a not in found
                       and all(m.source in found for m in maps if m.target == a))
        if not ready:
            return None
        found += ready
    return tuple(found)


def largest(frame: Frame) -> dict[str, int]:
    """The largest size of each axis at any point."""
    found: dict[str, int] = {}
    for axis in frame.axes:
        fixed = sum(a == axis for a in frame.free.values())
        fixed += sum(found[m.source] for m in frame.maps if m.target == axis)
        found[axis] = max(axis not in frame.empty, fixed) + frame.bound[axis]
    return found


__all__ = ["Condition", "Frame", "Point", "holds", "largest", "ordered", "patterns", "place", "points"]
