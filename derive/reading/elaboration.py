"""From mathematics as written to what it can mean, in the world of an exercise.

A node gets every `Value` that its notation leaves open and its types allow, most natural first, a handful at most.
What does not type is dropped, and the reason kept: if nothing is left, that reason is the author's type error. A
generous elaboration also reads through lost marks (a transpose, an index, a hat); such a reading is `offered` and
never makes a step proved.

    >>> from derive.reading.parsing import parse
    >>> from derive.reading.settings.words import words_world
    >>> [value.term for value in Elaboration(words_world("naive")).read(parse(r"U^T(\\hat y - y)"))][0]
    U.T @ (softmax(theta) - onehot(o))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from derive.components import Axis, IndexLike
from derive.reading import syntax
from derive.reading.arithmetic import read_infix, read_prefix, read_quotient
from derive.reading.arrays import read_matrix
from derive.reading.calls import read_call, read_loss
from derive.reading.combining import (
    Values,
    distinct,
)
from derive.reading.differentiation import read_derivative
from derive.reading.enclosures import (
    read_accent,
    read_annotated,
    read_differential,
    read_group,
    read_indicator,
    read_literal,
    read_root,
)
from derive.reading.identifiers import read_name
from derive.reading.indexing import indices
from derive.reading.piecewise import parted
from derive.reading.settings.world import World
from derive.reading.spelling import loss_kind, spelled
from derive.reading.subscripts import read_script
from derive.reading.sums import read_big
from derive.reading.syntax import (
    Name,
    Node,
    Script,
    walk,
)
from derive.reading.values import (
    Unknown,
    Unsupported,
    Value,
)

MAX_WORK = 20_000
"""Nodes elaborated for one side before giving up."""


@dataclass(frozen=True)
class Definition:
    """A function the document defines: its parameters as spelled, and its body."""

    parameters: tuple[str, ...]
    body: Node


@dataclass
class Elaboration:
    """Elaborates nodes in one world.

    names: what the document defines, over the world's names; functions: functions it defines; families: names with an
    index that it defines, as letter and body; generous: whether lost marks are read through; guess: whether unknown
    names may be scalars; touched: names looked up so far; unknown: those found nowhere; noted: how things were
    understood that one step may understand in one way only.
    """

    world: World
    names: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    functions: Mapping[str, Definition] = field(default_factory=dict)
    families: Mapping[str, tuple[str, Node]] = field(default_factory=dict)
    sizes: frozenset[str] = frozenset()
    generous: bool = False
    guess: bool = False
    touched: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    noted: dict[str, dict[str, None]] = field(default_factory=dict)
    bound: dict[str, Axis | None] = field(default_factory=dict)
    local: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    centred: str = ""
    _work: int = 0

    def read(self, node: Node) -> Values:
        """Everything a node can mean, most natural first; never empty.

        Mistyped: it cannot mean anything. Unsupported: it is beyond what can be given a meaning.
        """
        self._work += 1
        if self._work > MAX_WORK:
            raise Unsupported("too many ways to read this side")
        rule = _RULES.get(type(node))
        if rule is None:
            raise Unsupported(f"{type(node).__name__.lower()} here")
        return distinct(rule(self, node))

    def indices(self, node: Node, axis: Axis, gathered: bool = False) -> list[IndexLike]:
        """What a subscript on an axis can mean; gathered: it picks a word's vector."""
        return indices(node, axis, self.world, self.bound, self.centred, gathered)

    def note(self, what: str, how: str) -> None:
        """Remember how something was understood that one step may understand in one way only."""
        self.noted.setdefault(what, {})[how] = None

    def note_size(self, axis: Axis, *written: Node, but: str = "") -> None:
        """Remember the letters that the size of an axis goes by: nothing says that two of them are equal."""
        names = {spelled(each) for node in written for each in walk(node) if isinstance(each, Name)} - {but}
        for name in names if not self.world.closed else ():
            if len(name) == 1 and self.world.ranges.get(name) == axis:
                self.note(f"the size of {axis}", "V" if axis.name == "V" and name == "W" else name)

    def lookup(self, key: str) -> Values:
        """The meanings of a spelled name; empty if it has none."""
        for known in (self.local, self.names, self.world.names):
            if known.get(key):
                self.touched.add(key)
                return list(known[key])
        return []

    def declared(self, node: Node) -> Values:
        """What the document itself makes of a name that is built in otherwise; nothing if it is a function there."""
        key = spelled(node)
        if key in self.functions or key in self.families:
            return []
        own = self.local.get(key) or self.names.get(key) or (self.world.names.get(key) if self.world.closed else None)
        return list(own or ())

    def axes(self) -> list[Axis]:
        """The axes of the world's tensors, each once."""
        found = {axis: None for values in self.world.names.values() for value in values for axis in value.term.axes}
        found |= {axis: None for matrix in self.world.gathers.values() for axis in matrix.axes}
        return list(found)

    @contextmanager
    def binding(self, letter: str, axis: Axis | None) -> Iterator[None]:
        before, self.bound = self.bound, {**self.bound, letter: axis}
        local, self.local = self.local, {key: v for key, v in self.local.items() if key != letter}
        try:
            yield
        finally:
            self.bound, self.local = before, local































def _or_loss(reader: Elaboration, node: Name | Script, read: Callable[[Elaboration, Any], Values]) -> Values:
    """A name as its rule reads it; one that means nothing may be a loss, by whatever it is called."""
    kind = loss_kind(node)
    if kind is None or reader.lookup(spelled(node)):
        return read(reader, node)
    try:
        return read(reader, node)
    except Unknown:
        return read_loss(reader, kind, None, spelled(node))


# One row per kind of node.
_RULES: dict[type, Callable[[Elaboration, Any], Values]] = {
    syntax.Number: read_literal,
    syntax.Name: lambda e, n: _or_loss(e, n, read_name),
    syntax.Script: lambda e, n: _or_loss(e, n, read_script),
    syntax.Prefix: read_prefix,
    syntax.Infix: read_infix,
    syntax.Fraction: read_quotient,
    syntax.Group: read_group,
    syntax.Annotated: read_annotated,
    syntax.Accent: read_accent,
    syntax.BigOp: read_big,
    syntax.Call: read_call,
    syntax.Derivative: read_derivative,
    syntax.Matrix: read_matrix,
    syntax.Indicator: read_indicator,
    syntax.Root: read_root,
    syntax.Differential: read_differential,
    syntax.Cases: lambda e, n: parted(n, e.read),
}


__all__ = ["Definition", "Elaboration"]
