"""A claim as plain data: trees of operations over named axes. Nothing here computes; nothing here knows SymPy.

    >>> x = Tree("tensor", ("x",), ("n",))
    >>> Statement(Tree("total", (x,), ()), Tree("size", ("n",), ())).relation
    '=='
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Map:
    """A map from positions of one axis to positions of another."""

    name: str
    source: str
    target: str


@dataclass(frozen=True)
class Place:
    """An index as written, w(k) or k: the name and axis of a plain index, and the maps applied to it, inner first."""

    name: str
    axis: str
    maps: tuple[Map, ...] = ()

    @property
    def runs(self) -> str:
        """The axis of the result."""
        return self.maps[-1].target if self.maps else self.axis


@dataclass(frozen=True)
class Tree:
    """An operation, its arguments (trees, places, names, numbers) and the axes of its result, outermost first."""

    op: str
    args: tuple[Any, ...]
    axes: tuple[str, ...]

    def __hash__(self) -> int:
        known = self.__dict__.get("_hash")
        if known is None:
            known = hash((self.op, self.args, self.axes))
            object.__setattr__(self, "_hash", known)
        return int(known)


@dataclass(frozen=True)
class Given:
    """A hypothesis. kind: same, distinct (two places), injective (a map), avoids (a map and a place), sign (a scalar
    tree and a relation) or equation (two trees, and samples: the name and axes of a tensor, and the tree it may be)."""

    kind: str
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Statement:
    """left == right (or <=) for every size, free index and real value under the hypotheses."""

    left: Tree
    right: Tree
    hypotheses: tuple[Given, ...] = ()
    relation: str = "=="


def trees_of(*parts: Any) -> Iterator[Tree]:
    """The trees and every tree inside them, each once."""
    waiting, seen = list(parts), set[int]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(part)
        elif isinstance(part, Given):
            waiting.extend(part.parts)
        elif isinstance(part, Tree) and id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting.extend(part.args)
