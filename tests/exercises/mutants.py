"""Wrong neighbours of a right claim, made on the syntax tree of its right side.

Kinds: sign, factor, one (gained), term (dropped), complement (1 - sigma for sigma), index, transpose, sum,
hypothesis (dropped), square (a transpose after all axes were made one). A mutant may happen to hold: that is for
numbers to say, not for this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations
from typing import Any

from derive.claims import Claim, Equation, Injective
from derive.components import Axis, FunctionSymbol, Index, MapAt, MapSymbol, TensorSymbol
from derive.errors import GradproofError
from derive.terms import Term, as_term, sum_over


@dataclass(frozen=True)
class Mutant:
    """kind: what was done; claim: the claim after it."""

    kind: str
    claim: Claim


def mutants(claim: Claim) -> Iterator[Mutant]:
    """Every mutant of a claim whose axes still fit."""
    for kind, build in _changes(claim):
        try:
            yield Mutant(kind, build().checked())
        except GradproofError:
            continue


def _changes(claim: Claim) -> Iterator[tuple[str, Callable[[], Claim]]]:
    right = claim.right
    yield "sign", partial(replace, claim, right=-right)
    yield "factor", partial(replace, claim, right=2 * right)
    yield "one", partial(replace, claim, right=right + 1 if claim.relation == "==" else right - right)
    for at, _ in enumerate(claim.hypotheses):
        yield "hypothesis", partial(replace, claim, hypotheses=claim.hypotheses[:at] + claim.hypotheses[at + 1:])
    for kind, changed in _rewritten(right):
        yield kind, partial(_declared, claim, changed)
    indices = sorted(right.free | claim.left.free, key=str)
    for old, new in permutations(indices, 2):
        if old.axis == new.axis and old in right.free:
            yield "index", partial(replace, claim, right=_moved(right, {old: new}))
    for index in sorted(right.free, key=str):
        yield "sum", partial(replace, claim, right=sum_over(index, right))
    square = _squared(claim)
    if square is not None:
        yield from (("square", partial(replace, square, right=changed))
                    for kind, changed in _rewritten(square.right) if kind == "transpose")


def _declared(claim: Claim, right: Term) -> Claim:
    """An index set free by a removed sum is meant for every value."""
    return replace(claim, right=right, for_all=claim.for_all + tuple(right.free - claim.right.free))


def _rewritten(term: Term) -> Iterator[tuple[str, Term]]:
    yield from _local(term)
    for at, argument in enumerate(term.args):
        variable = term.op == "let" or (term.op == "grad" and at > 0)
        if isinstance(argument, Term) and not variable:
            for kind, changed in _rewritten(argument):
                yield kind, Term(term.op, (*term.args[:at], changed, *term.args[at + 1:]), term.axes)


def _local(t: Term) -> Iterator[tuple[str, Term]]:
    if t.op in ("add", "sub"):
        left, right = t.args
        yield "sign", Term("sub" if t.op == "add" else "add", t.args, t.axes)
        yield from (("term", kept) for kept in (left, right) if kept.axes == t.axes)
    if t.op == "neg":
        yield "sign", t.args[0]
    if t.op == "sigma":
        yield "complement", 1 - t
    if t.op == "sum" and t.args[0] in t.args[1].free:
        yield "sum", t.args[1]
    if t.op == "onehot":
        yield "term", Term("zeros", (), t.axes)
    if t.op == "delta":
        yield "term", as_term(1)
    if len(t.axes) == 2 and t.axes[0] == t.axes[1]:
        yield "transpose", t.T if t.op != "transpose" else t.args[0]


def _squared(claim: Claim) -> Claim | None:
    """The claim with all its axes made one, where no map or condition on positions speaks against it."""
    if any(isinstance(h, Injective) for h in claim.hypotheses) or claim.left.op == "parameters":
        return None
    axes = {a for side in (claim.left, claim.right) for a in _axes(side)}
    if len(axes) < 2:
        return None
    moved = dict.fromkeys(axes, Axis("n"))
    given = tuple(Equation(_moved(h.left, moved), _moved(h.right, moved),
                           tuple((_moved(s, moved), _moved(t, moved)) for s, t in h.samples))
                  if isinstance(h, Equation) else None for h in claim.hypotheses)
    if None in given:
        return None
    return replace(claim, left=_moved(claim.left, moved), right=_moved(claim.right, moved),
                   hypotheses=tuple(h for h in given if h is not None))


def _axes(t: Term) -> Iterator[Axis]:
    yield from t.axes
    for argument in t.args:
        if isinstance(argument, Term):
            yield from _axes(argument)


def _moved(part: Any, names: dict[Any, Any]) -> Any:
    """A term, index, symbol or axis after renaming of indices or axes; fixed items of a renamed index included."""
    if part in names if isinstance(part, Index | Axis) else False:
        return names[part]
    match part:
        case Term():
            if part.op == "sum" and part.args[0] in names:
                return part
            return Term(part.op, _moved(part.args, names), _moved(part.axes, names))
        case tuple():
            return tuple(_moved(p, names) for p in part)
        case Index():
            return Index(part.name, _moved(part.axis, names))
        case MapAt():
            return MapAt(_moved(part.args[0], names), _moved(part.args[1], names))
        case MapSymbol():
            return MapSymbol(part.name, *_moved(part.axes, names))
        case TensorSymbol():
            return TensorSymbol(part.name, *_moved(part.axes, names))
        case FunctionSymbol():
            return FunctionSymbol(part.name, *_moved(part.signature, names))
    return part
