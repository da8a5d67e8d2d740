"""Fractions, and the derivatives that are written as fractions.

A lost `\\partial` above or below is read through and recorded as damage of the derivative.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.reading.cursor import LOOK_AHEAD, Cursor
from derive.reading.syntax import Blank, Derivative, Fraction, Infix, Node, Prefix

Argument = Callable[[Cursor], Node]


def fraction(cursor: Cursor, argument: Argument) -> Node:
    """`\\frac{..}{..}`: a derivative if `\\partial`, or `d` on both sides, says so."""
    start = cursor.at
    cursor.take()
    cursor.skip_quads()
    above = cursor.at
    below = _after_argument(cursor, above)
    upper, lower = _symbol(cursor, above), _symbol(cursor, below)
    symbol = _derivative_symbol(cursor, above, below, upper, lower)
    if not symbol:
        numerator = _filled(cursor, argument)
        return Fraction(numerator, _filled(cursor, argument), cursor.span_from(start))
    damage = []
    if not upper:
        damage.append(f"no {symbol} above")
    if not lower:
        damage.append(f"no {symbol} below")
    if upper and lower and upper != lower:
        damage.append(f"{upper} above, {lower} below")
    minus, order, operand = _numerator(cursor, upper, argument)
    variables = _denominator(cursor, lower, argument)
    node: Node = Derivative(
        symbol, "fraction", operand, variables, False, order, tuple(damage), cursor.span_from(start)
    )
    return Prefix("-", node, cursor.span_from(start)) if minus else node


def _filled(cursor: Cursor, argument: Argument) -> Node:
    node = argument(cursor)
    if isinstance(node, Blank):
        raise cursor.error("something above and below the line of a fraction")
    return node


def _after_argument(cursor: Cursor, at: int) -> int:
    if cursor.tokens[at].kind == "{":
        return cursor.partner[at] + 1 if cursor.partner[at] >= 0 else at
    return min(at + 1, len(cursor.tokens) - 1)


def _symbol(cursor: Cursor, at: int) -> str:
    """The sign of differentiation that an argument starts with: `\\partial`, `d`, `\\delta` or none."""
    tokens = cursor.tokens
    if tokens[at].kind == "{":
        at += 1
        if tokens[at].text in ("-", "+") and tokens[at].kind == "sign":
            at += 1
    token = tokens[at]
    following = tokens[min(at + 1, len(tokens) - 1)]
    if token.text == "\\partial":
        return token.text
    marked = following.kind == "sign" and following.text in ("_", "'", "+", "-", "*", "/", ",")
    if token.kind in ("letter", "roman", "text") and token.text == "d":
        return "" if marked or following.kind == "close" else "d"
    if token.text == "\\delta" and following.kind in ("letter", "command", "word", "roman"):
        return token.text
    return ""


def _derivative_symbol(cursor: Cursor, above: int, below: int, upper: str, lower: str) -> str:
    if upper == lower == "\\delta" or upper == lower == "d":
        return _both(cursor, above, below, upper)
    if "\\partial" not in (upper, lower):
        return ""
    if not upper and (_contains_partial(cursor, above) or cursor.tokens[above].kind != "{"):
        return ""
    if not lower and (_contains_partial(cursor, below) or cursor.tokens[below].kind != "{"):
        return ""
    return "\\partial"


def _both(cursor: Cursor, above: int, below: int, symbol: str) -> str:
    """`d` over `d x` needs something to differentiate by."""
    close = cursor.partner[below] if cursor.tokens[below].kind == "{" else below
    return symbol if close - below > 2 and cursor.tokens[above].kind in ("{", "letter", "roman", "text") else ""


def _contains_partial(cursor: Cursor, at: int) -> bool:
    close = cursor.partner[at] if cursor.tokens[at].kind == "{" else at
    return any(token.text == "\\partial" for token in cursor.tokens[at : min(close, at + LOOK_AHEAD) + 1])


def _numerator(cursor: Cursor, symbol: str, argument: Argument) -> tuple[bool, Node | None, Node | None]:
    """Whether a minus stands in front, the order, and what is differentiated."""
    if not symbol:
        return False, None, argument(cursor)
    if cursor.token.kind != "{":
        cursor.take()
        return False, None, None
    cursor.take()
    minus = False
    if cursor.is_sign("-", "+"):
        minus = cursor.take().text == "-"
    cursor.take()
    order: Node | None = None
    if cursor.is_sign("^"):
        cursor.take()
        order = argument(cursor)
    cursor.skip_quads()
    cursor.bars.append("")
    operand = None if cursor.token.kind == "}" else cursor.grammar.listing(cursor)
    cursor.bars.pop()
    cursor.expect_kind("}", "a closing }")
    return minus, order, None if isinstance(operand, Blank) else operand


def _denominator(cursor: Cursor, symbol: str, argument: Argument) -> tuple[Node, ...]:
    """What is differentiated by: one variable for each sign of differentiation."""
    cursor.skip_quads()
    if not symbol:
        return (argument(cursor),)
    braced = cursor.token.kind == "{"
    if braced:
        cursor.take()
    variables: list[Node] = []
    cursor.bars.append("")
    while _is_symbol(cursor, symbol):
        cursor.take()
        if cursor.token.kind == "}":
            break
        variables.append(_variable(cursor, symbol))
        if not braced:
            break
    cursor.bars.pop()
    if not variables:
        raise cursor.error(f"what {symbol} differentiates by")
    if braced:
        cursor.expect_kind("}", "a closing }")
    return tuple(variables)


def _is_symbol(cursor: Cursor, symbol: str) -> bool:
    return cursor.token.text == symbol and cursor.token.kind in ("command", "letter", "roman", "text")


def _variable(cursor: Cursor, symbol: str) -> Node:
    """One variable; `\\partial W x` keeps its parts side by side."""
    start = cursor.at
    parts = [cursor.grammar.factor(cursor)]
    operators: list[str] = []
    while cursor.token.kind in ("letter", "word", "open", "command", "{", "roman") and not cursor.is_sign("\\quad"):
        if _is_symbol(cursor, symbol):
            break
        operators.append("(" if cursor.token.kind == "open" and cursor.token.text in "([" else "")
        parts.append(cursor.grammar.factor(cursor))
    cursor.skip_quads()
    return parts[0] if len(parts) == 1 else Infix(tuple(operators), tuple(parts), cursor.span_from(start))
