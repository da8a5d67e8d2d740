"""What can stand as a base: names, numbers, brackets, and the commands that take arguments."""

from __future__ import annotations

import re
from collections.abc import Callable

from derive.reading import vocabulary as v
from derive.reading.arguments import argument, bounds, braced, content, grouped
from derive.reading.cursor import LOOK_AHEAD, Cursor
from derive.reading.decorations import big_operator, set_over, wrapper
from derive.reading.fractions import fraction
from derive.reading.lookahead import is_name
from derive.reading.syntax import (
    Annotated,
    Blank,
    Call,
    Cases,
    Condition,
    Derivative,
    Differential,
    Dots,
    Fraction,
    Group,
    Indicator,
    Listing,
    Matrix,
    Name,
    Node,
    Number,
    Root,
    Script,
    accented,
    styled,
)
from derive.reading.tables import cases_of, table

_BOLD_MACRO = re.compile(r"\\b([A-Za-z])(t?)\Z")


def primary(cursor: Cursor) -> Node:
    """One base, without scripts."""
    cursor.deeper()
    read = _BY_KIND.get(cursor.token.kind)
    if read is None:
        raise cursor.error("an operand")
    node = read(cursor)
    cursor.depth -= 1
    return node


def _number(cursor: Cursor) -> Node:
    token = cursor.take()
    node = Number(token.text, (token.start, token.end))
    return _indicator(cursor, node) if token.text == "1" else node


def _letter(cursor: Cursor) -> Node:
    token = cursor.take()
    return Name(token.text, (), (), (token.start, token.end))


def _roman(cursor: Cursor) -> Node:
    start = cursor.at
    token = cursor.take()
    if token.text == "d" and cursor.token.kind in ("letter", "command", "{") and _starts(cursor):
        operand = cursor.grammar.factor(cursor)
        return Differential("d", operand, cursor.span_from(start))
    return Name(token.text, (), (token.style or "roman",), (token.start, token.end))


def _starts(cursor: Cursor) -> bool:
    """Whether a letter follows that a `d` may stand before."""
    token = cursor.token
    if token.kind == "command":
        return token.text[1:] in v.GREEK or token.text in v.ACCENTS or token.text in v.STYLES
    return True


def _text(cursor: Cursor) -> Node:
    if not is_name(cursor.token, cursor):
        raise cursor.error("an operand")
    token = cursor.take()
    return Name(token.text, (), ("text",), (token.start, token.end))


def _bracket(cursor: Cursor) -> Node:
    start = cursor.at
    opening = cursor.take()
    body = content(cursor)
    close = cursor.token
    if close.kind == "bar" and opening.text in (".", "|", "||"):
        cursor.take()
        return Group(opening.text, close.text, body, cursor.span_from(start))
    if close.kind != "close" or not _fits(opening.text, close.text):
        raise cursor.error(f"a closing bracket for {v.OPEN_PRINT[opening.text].strip()!r}")
    cursor.take()
    if opening.text == "\\{" and close.text == ".":
        cases = cases_of(body, cursor.span_from(start)) if isinstance(body, Matrix) else body
        if isinstance(cases, Cases):
            return cases
    return Group(opening.text, close.text, body, cursor.span_from(start))


def _fits(opening: str, closing: str) -> bool:
    """Equal shapes, half-open intervals, and the invisible bracket on one side."""
    return opening == closing or "." in (opening, closing) or {opening, closing} <= {"(", "["}


def _bar(cursor: Cursor) -> Node:
    """`|x|` or `||x||`."""
    start = cursor.at
    kind = cursor.take().text
    if kind == "|" and cursor.token.kind == "bar" and cursor.token.text == "|" and cursor.token.glued:
        cursor.take()
        kind = "||"
    cursor.bars.append(kind)
    body = cursor.grammar.listing(cursor)
    cursor.bars.pop()
    for _ in range(2 if kind == "||" and cursor.token.text == "|" else 1):
        if cursor.token.kind != "bar":
            raise cursor.error(f"a closing {kind}")
        cursor.take()
    return Group(kind, kind, body, cursor.span_from(start))


def _brace(cursor: Cursor) -> Node:
    """Braces group tokens and are no brackets: `{A-B}(D)` is A - B(D), unless a mark or a slash touches them."""
    start = cursor.at
    close = cursor.partner[start]
    if close < 0:
        raise cursor.error("a closing }" if cursor.token.kind == "{" else "an operand")
    if start in cursor.overs:
        return _over(cursor)
    if not _binds(cursor, start, close):
        cursor.transparent |= {start, close}
        cursor.settle()
        if cursor.token.kind in ("}", "end", "close"):
            return Blank((cursor.token.start, cursor.token.start))
        cursor.deeper()
        node = cursor.grammar.factor(cursor)
        cursor.depth -= 1
        return node
    return braced(cursor)


def _binds(cursor: Cursor, start: int, close: int) -> bool:
    after = cursor.tokens[close + 1]
    before = cursor.tokens[start - 1] if start else None
    return (
        (after.kind == "sign" and after.text in ("^", "_", "'", "/"))
        or (before is not None and before.text == "/")
        or cursor.kept_brace == start
        or close == start + 1
        or cursor.tokens[start + 1].text in v.STYLE_SWITCHES
        or (before is not None and before.kind == "}" and cursor.in_script)
    )


def _over(cursor: Cursor) -> Node:
    start = cursor.at
    cursor.take()
    above = content(cursor)
    if not cursor.is_sign("\\over"):
        raise cursor.error("\\over")
    cursor.take()
    below = content(cursor)
    cursor.expect_kind("}", "a closing }")
    return Fraction(above, below, cursor.span_from(start))


def _command(cursor: Cursor) -> Node:
    token = cursor.token
    name = token.text
    reader = _COMMANDS.get(name)
    if reader is not None:
        return reader(cursor)
    base = name[1:]
    if base in v.GREEK or base in v.FUNCTION_COMMANDS:
        return _named(cursor)
    if (bold := _BOLD_MACRO.match(name)) is not None:
        cursor.take()
        cursor.repaired(token, f"\\mathbf{{{bold[1]}}}", f"{name} is not defined in the document")
        return Name(bold[1], (), ("bold",), (token.start, token.end))
    if (
        name in v.RELATIONS
        or name in v.SUMS
        or name in v.PRODUCTS
        or name in v.CONNECTORS
        or name in ("\\quad", "\\\\")
    ):
        raise cursor.error("an operand")
    raise cursor.error("a known command", f"define it: \\newcommand{{{name}}}{{...}}")


def _named(cursor: Cursor) -> Node:
    token = cursor.take()
    name = token.text[1:]
    if name == "arg" and cursor.token.text in ("\\max", "\\min", "max", "min"):
        second = cursor.take()
        return Name("arg" + second.text.lstrip("\\"), (), (), (token.start, second.end))
    return Name(name, (), (), (token.start, token.end))


def _dots(cursor: Cursor) -> Node:
    token = cursor.take()
    return Dots(v.DOTS[token.text], (token.start, token.end))


def _accent(cursor: Cursor) -> Node:
    start = cursor.at
    kind = v.ACCENTS[cursor.take().text]
    return accented(argument(cursor), kind, cursor.span_from(start))


def _style(cursor: Cursor) -> Node:
    start = cursor.at
    style = v.STYLES[cursor.take().text]
    body = argument(cursor)
    node = styled(body, style) if style else body
    if isinstance(node, Name):
        node = Name(node.base, node.accents, node.style, cursor.span_from(start))
        if node.base in ("1", "I", "𝟙") and ("blackboard" in node.style or node.base == "1"):
            return _indicator(cursor, node)
        return node
    return grouped(cursor, node, start)


def _style_switch(cursor: Cursor) -> Node:
    style = v.STYLE_SWITCHES[cursor.take().text]
    cursor.skip_quads()
    if cursor.token.kind in ("}", "end", "close"):
        return Blank((cursor.token.start, cursor.token.start))
    node = cursor.grammar.factor(cursor) if cursor.token.kind == "{" else cursor.grammar.product(cursor)
    return styled(node, style)


def _indicator(cursor: Cursor, symbol: Node) -> Node:
    """`1[i = j]`, `\\mathbb{1}\\{..\\}`: one followed by a bracket that compares something."""
    opening = cursor.token
    close = cursor.partner[cursor.at] if opening.kind in ("open", "{") else -1
    if close < 0 or close - cursor.at > LOOK_AHEAD:
        return symbol
    inside = cursor.tokens[cursor.at + 1 : close]
    if not any(t.kind in ("sign", "command") and (t.text in v.RELATIONS or t.text == "\\not") for t in inside):
        return symbol
    start = cursor.at
    if opening.kind == "{":
        condition: Node = Group("{", "{", argument(cursor), cursor.span_from(start))
    else:
        condition = primary(cursor)
    span = (symbol.span[0], max(symbol.span[1], condition.span[1]))
    return Indicator(symbol, condition, span)


def _fraction(cursor: Cursor) -> Node:
    return fraction(cursor, argument)


def _root(cursor: Cursor) -> Node:
    start = cursor.at
    cursor.take()
    index: Node | None = None
    if cursor.token.kind == "open" and cursor.token.text == "[":
        cursor.take()
        index = content(cursor)
        cursor.expect_kind("close", "]")
    return Root(argument(cursor), index, cursor.span_from(start))


def _binomial(cursor: Cursor) -> Node:
    start = cursor.at
    name = cursor.take()
    above = argument(cursor)
    below = argument(cursor)
    span = cursor.span_from(start)
    pair = Group("(", "(", Listing((above, below), (",",), span), span)
    return Call(Name("binom", (), ("text",), (name.start, name.end)), pair, span)


def _partial(cursor: Cursor) -> Node:
    start = cursor.at
    token = cursor.take()
    name = Name("partial", (), (), (token.start, token.end))
    if cursor.is_sign("^", "_", "/") or not _starts_name(cursor):
        return name
    operand = cursor.grammar.factor(cursor)
    return Differential("\\partial", operand, cursor.span_from(start))


def _starts_name(cursor: Cursor) -> bool:
    token = cursor.token
    if token.kind == "command":
        known = token.text in _COMMANDS or token.text[1:] in v.GREEK or token.text[1:] in v.FUNCTION_COMMANDS
        return (known or bool(_BOLD_MACRO.match(token.text))) and token.text not in v.DOTS
    return token.kind in ("letter", "word", "roman", "open", "{", "number", "text")


def _nabla(cursor: Cursor) -> Node:
    start = cursor.at
    cursor.take()
    sub, sup = bounds(cursor)
    return Derivative("\\nabla", "nabla", None, (sub,) if sub else (), False, sup, (), cursor.span_from(start))


def _quantifier(cursor: Cursor) -> Node:
    start = cursor.at
    word = cursor.take().text
    body = cursor.grammar.listing(cursor) if cursor.groups else cursor.grammar.sum(cursor)
    return Condition(word, body, cursor.span_from(start))


def _quote(cursor: Cursor) -> Node:
    """`'0'`: a quoted thing."""
    start = cursor.at
    if not cursor.is_sign("'"):
        raise cursor.error("an operand")
    cursor.take()
    body = cursor.grammar.sum(cursor) if not cursor.is_sign("'") else Blank(cursor.span_from(start))
    if isinstance(body, Script) and body.primes and body.sub is None and body.sup is None:
        return Annotated("quote", body.base, None, cursor.span_from(start))
    raise cursor.error("a closing quote")


_BY_KIND: dict[str, Callable[[Cursor], Node]] = {
    "number": _number, "letter": _letter, "word": _letter, "roman": _roman, "text": _text, "open": _bracket,
    "{": _brace, "bar": _bar, "command": _command, "begin": table, "sign": _quote,
}  # fmt: skip


_COMMANDS: dict[str, Callable[[Cursor], Node]] = {
    "\\frac": _fraction, "\\dfrac": _fraction, "\\tfrac": _fraction, "\\cfrac": _fraction, "\\nicefrac": _fraction,
    "\\sfrac": _fraction, "\\sqrt": _root, "\\binom": _binomial, "\\partial": _partial, "\\nabla": _nabla,
    "\\overset": set_over, "\\underset": set_over, "\\stackrel": set_over, "\\forall": _quantifier,
    "\\exists": _quantifier, "\\substack": table,
    **dict.fromkeys(v.ACCENTS, _accent), **dict.fromkeys(v.STYLES, _style),
    **dict.fromkeys(v.STYLE_SWITCHES, _style_switch), **dict.fromkeys(v.BIG_OPERATORS, big_operator),
    **dict.fromkeys(v.WRAPPERS, wrapper), **dict.fromkeys(v.DOTS, _dots),
}  # fmt: skip
