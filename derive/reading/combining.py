"""Small tools of elaboration: combinations that type, meanings kept, parts of subscripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import islice
from typing import Any, TypeVar

from derive.components import IndexLike
from derive.errors import GradproofError
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Blank, Group, Infix, Listing, Name, Node, Number, Prefix, Script
from derive.reading.syntax import Fraction as Quotient
from derive.reading.values import (
    ELEMENTWISE,
    Mistyped,
    Unsupported,
    Value,
    added,
    constant,
    divided,
    product,
)

BEAM = 8
"""How many meanings of one node are kept."""

Values = list[Value]
T = TypeVar("T")

def _times(left: Value, right: Value, sign: str) -> Values:
    if sign in ("/", "\\oslash"):
        return [divided(left, right)]
    if sign not in ("", "(", "\\cdot", "\\times", "*", ".", "\\otimes") and sign not in ELEMENTWISE:
        raise Unsupported(f"the sign {sign}")
    return product(left, right, "" if sign == "(" else sign)


def times_by(sign: str, left: Value, right: Value) -> Values:
    return _times(left, right, sign)


def added_by(sign: str, left: Value, right: Value) -> Values:
    return [added(left, right, sign)]


def pairs(make: Callable[[Value, Value], Values], left: Values, right: Values) -> Values:
    """Every combination that types; the first reason if none does."""
    found: Values = []
    reasons: list[Exception] = []
    for a in left:
        for b in right:
            try:
                found += make(a, b)
            except (Mistyped, Unsupported) as error:
                reasons.append(error)
            except GradproofError as error:
                reasons.append(Mistyped(str(error)))
    if not found:
        raise next((e for e in reasons if isinstance(e, Mistyped)), reasons[0]) if reasons else Mistyped("nothing")
    return distinct(found)


def some(make: Callable[[Value], Value], values: Values) -> Values:
    return pairs(lambda a, _: [make(a)], values, [constant(0)])


def distinct(values: Iterable[Value]) -> Values:
    found: dict[tuple[object, ...], Value] = {}
    for value in values:
        key = (hash(value.term), value.term.axes, value.lies, value.needs, value.offered)
        known = found.get(key)
        if known is None or not known.term.same(value.term):
            found.setdefault(key, value)
    return list(islice(found.values(), BEAM))


def or_none(make: Callable[..., list[T]], *arguments: Any) -> list[T]:
    try:
        return make(*arguments)
    except (Mistyped, Unsupported, GradproofError):
        return []


def picked(value: Value, at: tuple[IndexLike, ...], lies: str) -> Value:
    term = value.term
    if term.op == "transpose" and len(at) == len(term.axes):
        term, at = term.args[0], at[::-1]
    return Value(term[at if len(at) > 1 else at[0]], lies, value.readings, value.needs, value.assumed)


def pair_of(sub: Node) -> tuple[Node, Node] | None:
    """Two subscripts: `ij`, `i,j`, `12`, `(i,j)`."""
    sub = bare(sub)
    if isinstance(sub, Group):
        sub = bare(sub.body)
    if isinstance(sub, Listing) and len(sub.items) == 2:
        return sub.items[0], sub.items[1]
    if isinstance(sub, Infix) and len(sub.operands) == 2 and sub.operators[0] in ("", "("):
        return sub.operands[0], sub.operands[1]
    if isinstance(sub, Number) and len(sub.text) == 2 and sub.text.isdigit():
        return Number(sub.text[0], sub.span), Number(sub.text[1], sub.span)
    return None


def one_of(sub: Node) -> Node:
    sub = bare(sub)
    if isinstance(sub, Group) and sub.left in ("[", "("):
        return bare(sub.body)
    return sub


def scripted(base: Node, sub: Node | None, sup: Node | None, primes: int, like: Node) -> Node:
    return Script(base, sub, sup, primes, like.span) if sub is not None or sup is not None or primes else base


def unbraced(node: Node | None) -> Node:
    return bare(node) if node is not None else Blank()


def fraction(text: str) -> Fraction | None:
    if len(text) > 12 or not text.replace(".", "", 1).isdigit():
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def rational(node: Node | None) -> Fraction | None:
    """A rational number written as one."""
    node = unbraced(node) if node is not None else Blank()
    sign = 1
    while isinstance(node, Prefix) and node.operator == "-":
        node, sign = node.operand, -sign
    if isinstance(node, Quotient):
        above, below = rational(node.numerator), rational(node.denominator)
        return sign * above / below if above is not None and below else None
    if isinstance(node, Infix) and node.operators == ("/",):
        above, below = rational(node.operands[0]), rational(node.operands[1])
        return sign * above / below if above is not None and below else None
    if isinstance(node, Number):
        value = fraction(node.text)
        return sign * value if value is not None and abs(value) <= 12 else None
    return None


def is_gradient_mark(node: Node) -> bool:
    """The d of `dz^2`, a name for a gradient."""
    return isinstance(node, Name) and node.base == "d" and not node.accents


def gradient_name(mark: Node, of: Node) -> Node:
    """`dz^2` as one name."""
    return Name("d" + spelled(of), (), (), (mark.span[0], max(mark.span[1], of.span[1])))


def shown(value: Value) -> str:
    return repr(value.term)[:40]
