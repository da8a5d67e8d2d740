"""What a rewrite is: a rule that turns a term into an equal one, and a shape on which it can be tried.

A rule holds wherever both sides have a value, for every size and all real numbers, by a law of elementary algebra or
by a definition; none of them asks the product. Rules are grouped in families, by which the campaign counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from derive import terms
from derive.components import Axis, Index, TensorSymbol
from derive.terms import Term
from tests.generation.letters import Axes, Maker, Scope


@dataclass(frozen=True, eq=False)
class Site:
    """Where a rule is applied. scope: indices that may be used there; held: lets that are variables there."""

    maker: Maker
    scope: Scope
    held: frozenset[TensorSymbol] = frozenset()

    def some(self, axes: Axes = (), depth: int = 1) -> Term:
        """A small term to bring in."""
        return self.maker.term(axes, depth, self.scope)

    def positive(self, axes: Axes = ()) -> Term:
        """A small term that is > 0."""
        return self.maker.positive(axes, 1, self.scope)

    def of_axis(self, axis: Axis) -> list[Index]:
        """The indices of one axis."""
        return [i for i in self.scope if i.axis == axis]


Apply = Callable[[Term, Site], Term | None]
Shape = Callable[[Maker, Scope], Term]


@dataclass(frozen=True, eq=False)
class Rule:
    """One rewrite. ops: the operations it looks at, none for any; apply: the equal term, or None where it does not
    apply; shape: a random term on which it is meant to apply."""

    family: str
    ops: frozenset[str]
    apply: Apply
    shape: Shape


def rule(family: str, ops: str, shape: Shape | None = None) -> Callable[[Apply], Rule]:
    """A decorator: the function below is a rewrite of terms with one of these operations."""
    def made(apply: Apply) -> Rule:
        return Rule(family, frozenset(ops.split()), apply, shape or anything)
    return made


def anything(maker: Maker, scope: Scope) -> Term:
    """Any small term."""
    return maker.term(axes_of(maker), 2, scope)


def axes_of(maker: Maker) -> Axes:
    """No axis, one, or seldom two."""
    return maker.choices.pick(((), (), (maker.axis(),), (maker.axis(),), (maker.axis(), maker.axis())))


def spread(term: Term, axes: Axes) -> Term:
    """A term with the axes of what it was added to: a plain number stands at every position."""
    return term if term.axes == axes else term * terms.ones(*axes)


def parts(term: Term) -> tuple[Any, ...]:
    """The arguments of an operation, with the axes of the result where one of them is a plain number."""
    return tuple(spread(a, term.axes) for a in term.args)
