"""Indices inside atoms: which occur, which replaces which, and which factors they connect.

An index is a tuple, `(name, axis)` or `(map, axis, index)`. Names that start with "@" are fresh, with "#" bound, with
"?" a pattern of a hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations, product
from typing import Any

from derive.atoms import Atom, Coefficient, IndexKey, Monomial, plain
from derive.components import MapSymbol


def mentions(atom: Atom, index: IndexKey) -> bool:
    if plain(index) not in atom.free:
        return False
    return len(index) == 2 or index in indices_of(atom)


def indices_of(atom: Atom) -> set[IndexKey]:
    """Every index, plain or mapped, that occurs free in an atom."""
    found: set[IndexKey] = set()
    _collect(atom.data, found)
    return {i for i in found if plain(i) in atom.free}


def _collect(data: Any, found: set[IndexKey]) -> None:
    if isinstance(data, Atom):
        _collect(data.data, found)
    elif isinstance(data, tuple) and len(data) in (2, 3) and isinstance(data[0], str) and isinstance(data[1], str):
        found.add(data)
        if len(data) == 3:
            _collect(data[2], found)
    elif isinstance(data, tuple | frozenset):
        for part in data:
            _collect(part, found)


def contains(atom: Atom, inner: Atom) -> bool:
    if atom is inner:
        return True
    found: list[Atom] = []
    _inner_atoms(atom.data, found)
    return any(a is inner for a in found)


def _inner_atoms(data: Any, found: list[Atom]) -> None:
    if isinstance(data, Atom):
        found.append(data)
        _inner_atoms(data.data, found)
    elif isinstance(data, tuple | frozenset):
        for part in data:
            _inner_atoms(part, found)


def index_order(index: IndexKey) -> tuple[int, bool, str]:
    """Plain before mapped, free before bound: a delta replaces the later index by the earlier."""
    return len(index), plain(index)[0][0] in "@#", str(index)


def map_key(index: IndexKey) -> tuple[str, str, str]:
    return index[0], index[2][1], index[1]


def symbol_key(mapping: MapSymbol) -> tuple[str, str, str]:
    return mapping.name, mapping.source.name, mapping.target.name


def moved_index(index: IndexKey, mapping: dict[IndexKey, IndexKey]) -> IndexKey:
    if index in mapping:
        return mapping[index]
    if len(index) == 3:
        inner = moved_index(index[2], mapping)
        return index if inner == index[2] else (index[0], index[1], inner)
    return index


def connected(bound: frozenset[IndexKey], m: Monomial) -> list[tuple[set[IndexKey], Monomial]]:
    """The factors of a monomial grouped by the bound indices they share; those without any come as one group."""
    groups: list[tuple[set[IndexKey], list[tuple[Atom, Coefficient]]]] = []
    outside: list[tuple[Atom, Coefficient]] = []
    for factor in m:
        indices = set(factor[0].free & bound)
        if not indices:
            outside.append(factor)
            continue
        members = [factor]
        for group in [g for g in groups if g[0] & indices]:
            groups.remove(group)
            indices |= group[0]
            members = group[1] + members
        groups.append((indices, members))
    parts = [(indices, tuple(sorted(members, key=lambda f: f[0].number))) for indices, members in groups]
    return [*parts, (set(), tuple(outside))] if outside else parts


def orders(bound: tuple[IndexKey, ...]) -> Iterable[tuple[IndexKey, ...]]:
    """The bound indices in every order that keeps axes together and sorted."""
    by_axis: dict[str, list[IndexKey]] = {}
    for index in bound:
        by_axis.setdefault(index[1], []).append(index)
    choices = [list(permutations(by_axis[axis])) for axis in sorted(by_axis)]
    return (tuple(i for part in choice for i in part) for choice in product(*choices))
