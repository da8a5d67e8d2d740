"""A world: everything one exercise gives a meaning to, ready for the elaboration to look up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.claims import Hypothesis
from derive.components import Axis, IndexLike, MapSymbol
from derive.reading.values import Value
from derive.terms import Term

Loss = Callable[[str, tuple[Any, ...]], list[Value]]


@dataclass(frozen=True)
class Ladder:
    """Sets of hypotheses to try in turn, weakest first. said: one line for a person per set."""

    sets: tuple[tuple[Hypothesis, ...], ...] = ((),)


@dataclass(frozen=True, eq=False)
class World:
    """What one exercise gives meaning to.

    names: spelled name -> meanings; gathers: letter -> matrix whose row a subscript picks; indices: axis name ->
    spelled letter -> the index it is; ranges: spelled bound -> axis; maps: letter -> maps written with it (`w_k`);
    positional: maps a bare letter in a gather's subscript may go through (`u_k` for `u_{w_k}`); losses: label of a
    loss -> its meanings; ladder: what may be assumed, weakest first; formal: abstract functions by spelled name;
    one_hot: letters that may name the true class of the target y; window: the axis of context positions, if any;
    centre: the index of the centre word of a window; vectors: how vectors lie; others: letters that, with an
    unknown subscript, are some other vector; layers: names of intermediate results that documents bring along, with
    the result each is here, so that a document may define them otherwise; alone: whether what the document defines
    is in it already; closed: whether every letter for a size is known, so that another one is no axis's.
    """

    name: str
    vectors: str
    names: Mapping[str, tuple[Value, ...]]
    gathers: Mapping[str, Term] = field(default_factory=dict)
    indices: Mapping[str, Mapping[str, IndexLike]] = field(default_factory=dict)
    ranges: Mapping[str, Axis] = field(default_factory=dict)
    maps: Mapping[str, tuple[MapSymbol, ...]] = field(default_factory=dict)
    positional: tuple[MapSymbol, ...] = ()
    loss: Callable[[str, Any], list[Value]] | None = None
    functions: Mapping[str, Callable[..., list[Value]]] = field(default_factory=dict)
    ladder: tuple[tuple[Hypothesis, ...], ...] = ((),)
    target: Term | None = None
    window: Axis | None = None
    centre: IndexLike | None = None
    convention: str = ""
    others: Mapping[str, Axis] = field(default_factory=dict)
    layers: Mapping[str, str] = field(default_factory=dict)
    scalars: bool = False
    alone: bool = False
    closed: bool = False
