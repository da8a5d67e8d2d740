"""Places inside a term: walking to them, putting another term there, renaming indices without capture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from derive.components import Index, IndexLike, MapAt, TensorSymbol, fresh_index
from derive.terms import Term

Path = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Place:
    """A subterm where it stands.

    path: argument numbers from the root; scope: indices bound around it, outermost first; held: lets that gradients
    around it read as variables; differentiated: whether a gradient stands around it.
    """

    path: Path
    term: Term
    scope: tuple[Index, ...] = ()
    held: frozenset[TensorSymbol] = frozenset()
    differentiated: bool = False


def places(root: Term) -> Iterator[Place]:
    """Every place that may be rewritten: not inside a let, whose name would then mean two things, and no number, which
    alone may stand for a tensor of equal entries."""
    yield from _places(Place((), root))


def _places(here: Place) -> Iterator[Place]:
    term = here.term
    if term.op == "number":
        return
    yield here
    if term.op == "let":
        return
    scope, held, differentiated = here.scope, here.held, here.differentiated
    if term.op == "sum":
        scope = (*scope, term.args[0])
    if term.op == "grad":
        differentiated = True
        if term.args[1].op == "let":
            held = held | {term.args[1].args[0]}
    for number, argument in enumerate(term.args):
        if isinstance(argument, Term) and not (term.op == "grad" and number == 1):
            yield from _places(Place((*here.path, number), argument, scope, held, differentiated))


def put(root: Term, path: Path, new: Term) -> Term:
    """The root with another term of the same axes at a path."""
    if not path:
        return new
    args = list(root.args)
    args[path[0]] = put(args[path[0]], path[1:], new)
    return Term(root.op, tuple(args), root.axes)


def renamed(term: Term, mapping: Mapping[Index, IndexLike]) -> Term:
    """The term with free indices replaced; sums that would capture are renamed first."""
    relevant = {i: to for i, to in mapping.items() if i in term.free}
    if not relevant:
        return term
    if term.op == "sum":
        return _renamed_sum(term, relevant)
    return Term(term.op, tuple(_moved(a, relevant) for a in term.args), term.axes)


def _renamed_sum(term: Term, relevant: dict[Index, IndexLike]) -> Term:
    index, body = term.args
    coming = frozenset(plain(to) for to in relevant.values())
    if index in coming:
        new = fresh_index(index, coming | body.free)
        index, body = new, renamed(body, {index: new})
    return Term("sum", (index, renamed(body, relevant)), term.axes)


def _moved(argument: Any, mapping: Mapping[Index, IndexLike]) -> Any:
    if isinstance(argument, Term):
        return renamed(argument, mapping)
    if isinstance(argument, tuple):
        return tuple(_moved(a, mapping) for a in argument)
    if isinstance(argument, MapAt):
        return argument.args[0](_moved(argument.args[1], mapping))
    return mapping.get(argument, argument) if isinstance(argument, Index) else argument


def plain(index: IndexLike) -> Index:
    """The index inside a mapped one."""
    while isinstance(index, MapAt):
        index = index.args[1]
    return index


def variables(term: Term) -> list[Term]:
    """The tensors a term stands on, in order of appearance; those inside lets included."""
    found: dict[TensorSymbol, Term] = {}
    _collect(term, found)
    return list(found.values())


def _collect(part: Any, found: dict[TensorSymbol, Term]) -> None:
    if isinstance(part, Term):
        if part.op == "tensor":
            found.setdefault(part.args[0], part)
        for argument in part.args:
            _collect(argument, found)


def nodes(part: Any) -> int:
    """How many operations a term is written with, repeated ones counted each time."""
    return 1 + sum(nodes(a) for a in part.args if isinstance(a, Term)) if isinstance(part, Term) else 0
