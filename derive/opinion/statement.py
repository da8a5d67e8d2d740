"""A claim as plain data: trees of operations over named axes. Nothing here computes; nothing here knows SymPy.

A statement prints as one line of JSON and parses back, strictly: an unknown operation, an axis that does not fit or a
name that comes from nowhere is refused with what was expected.

    >>> x = Tree("tensor", ("x",), ("n",))
    >>> claim = Statement(Tree("total", (Tree("softmax", (x,), ("n",)),), ()), Tree("number", (Fraction(1),), ()))
    >>> parse(text(claim)) == claim
    True
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Map:
    """A map from positions of one axis to positions of another."""

    name: str
    source: str
    target: str


@dataclass(frozen=True)
class Place:
    """An index as it is written, w(k) or k: the name and axis of a plain index, and the maps applied to it, inner first."""

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
    """A hypothesis. kind: same, distinct (two places), injective (a map), avoids (a map and a place), sign (a scalar tree
    and a relation) or equation (two trees, and the tensors made by it: (tensor, tree) pairs)."""

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


# --- text -------------------------------------------------------------------------------------------------------------


def text(statement: Statement) -> str:
    """One line of JSON, the same for equal statements."""
    return json.dumps({"left": _coded(statement.left), "right": _coded(statement.right), "relation": statement.relation,
                       "given": [[g.kind, *map(_coded, g.parts)] for g in statement.hypotheses]},
                      separators=(",", ":"), sort_keys=True)


def digest(statement: Statement) -> str:
    """SHA-256 of the text."""
    return hashlib.sha256(text(statement).encode()).hexdigest()


def _coded(part: Any) -> Any:
    if isinstance(part, Tree):
        return {"op": part.op, "axes": list(part.axes), "args": [_coded(a) for a in part.args]}
    if isinstance(part, Place):
        return {"index": part.name, "axis": part.axis, "maps": [_coded(m) for m in part.maps]}
    if isinstance(part, Map):
        return {"map": part.name, "source": part.source, "target": part.target}
    if isinstance(part, Fraction):
        return {"number": str(part)}
    return [_coded(p) for p in part] if isinstance(part, tuple) else part


