"""Claims as plain data for the second opinion: names, axes and trees, and nothing of SymPy.

    >>> from derive.components import Axis
    >>> from derive.terms import softmax, tensor, total
    >>> statement(total(softmax(tensor("x", Axis("n")))) == 1).right
    Tree(op='number', args=(Fraction(1, 1),), axes=())
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derive import claims
from derive.claims import Claim, Hypothesis
from derive.components import Axis, FunctionSymbol, Index, MapAt, MapSymbol, TensorSymbol
from derive.opinion.statement import Given, Map, Place, Statement, Tree
from derive.terms import Term


def statement(claim: Claim) -> Statement:
    """The claim as a statement of `derive.opinion`."""
    copied = _Copied()
    return Statement(copied(claim.left), copied(claim.right), tuple(_given(h, copied) for h in claim.hypotheses),
                     claim.relation)


class _Copied:
    """Trees of terms, one per term however often it is shared."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Tree]] = {}

    def __call__(self, part: Any) -> Any:
        if not isinstance(part, Term):
            return _plain(part, self)
        known = self._known.get(id(part))
        if known is None:
            args = _function_args(part, self) if part.op == "function" else tuple(self(a) for a in part.args)
            tree = Tree(part.op, args, tuple(a.name for a in part.axes))
            known = self._known[id(part)] = (part, tree)
        return known[1]


def _plain(part: Any, copied: _Copied) -> Any:
    if isinstance(part, tuple):
        return tuple(copied(p) for p in part)
    if isinstance(part, Index | MapAt):
        return place(part)
    if isinstance(part, MapSymbol):
        return mapping(part)
    if isinstance(part, TensorSymbol | Axis):
        return part.name
    if isinstance(part, int) and not isinstance(part, bool):
        return Fraction(part)
    return part


def _function_args(part: Term, copied: _Copied) -> tuple[Any, ...]:
    symbol, arguments, slot = part.args
    return symbol.name, _signature(symbol), tuple(copied(a) for a in arguments), slot


def _signature(symbol: FunctionSymbol) -> tuple[Any, ...]:
    return tuple(s.name if isinstance(s, Axis) else tuple(a.name for a in s) for s in symbol.signature)


def place(index: Index | MapAt) -> Place:
    """An index as it is written."""
    if isinstance(index, MapAt):
        inner = place(index.args[1])
        return Place(inner.name, inner.axis, (*inner.maps, mapping(index.args[0])))
    return Place(index.name, index.axis.name)


def mapping(symbol: MapSymbol) -> Map:
    """A map by its name and axes."""
    return Map(symbol.name, symbol.source.name, symbol.target.name)


def _given(hypothesis: Hypothesis, copied: _Copied) -> Given:
    match hypothesis:
        case claims.Same(i, k):
            return Given("same", (place(i), place(k)))
        case claims.Distinct(i, k):
            return Given("distinct", (place(i), place(k)))
        case claims.Injective(symbol):
            return Given("injective", (mapping(symbol),))
        case claims.Avoids(symbol, index):
            return Given("avoids", (mapping(symbol), place(index)))
        case claims.Sign(term, relation):
            return Given("sign", (copied(term), relation))
        case claims.Equation(left, right, samples):
            made = tuple((s.name, tuple(a.name for a in s.axes), copied(t)) for s, t in samples)
            return Given("equation", (copied(left), copied(right), made))
