"""Commands that mark something: boxes, braces below and above, things set over each other; and big operators."""

from __future__ import annotations

from derive.reading import vocabulary as v
from derive.reading.arguments import argument, bounds, script_argument
from derive.reading.cursor import Cursor
from derive.reading.positions import ReadingError
from derive.reading.syntax import Annotated, BigOp, Node, Prefix, Text


def wrapper(cursor: Cursor) -> Node:
    start = cursor.at
    name = cursor.take().text
    kind = v.WRAPPERS[name]
    label: Node | None = None
    if cursor.token.kind == "open" and cursor.token.text == "[" and name in ("\\bbox", "\\textcolor", "\\colorbox"):
        while cursor.take().kind not in ("close", "end"):
            pass
    if name in ("\\textcolor", "\\colorbox", "\\fcolorbox", "\\cancelto"):
        label = _raw_argument(cursor) if name != "\\cancelto" else argument(cursor)
        if name == "\\fcolorbox":
            _raw_argument(cursor)
    body = argument(cursor)
    mark = {"underbrace": "_", "overbrace": "^"}.get(kind)
    if mark and cursor.is_sign(mark):
        cursor.take()
        label = _label(cursor)
    return Annotated(kind, body, label, cursor.span_from(start))


def _raw_argument(cursor: Cursor) -> Text:
    """Braces around something that is no mathematics, such as the name of a colour."""
    start = cursor.at
    close = cursor.partner[start] if cursor.token.kind == "{" else -1
    if close < 0:
        raise cursor.error("an argument in braces")
    while cursor.at <= close:
        cursor.take()
    span = (cursor.tokens[start].end, cursor.tokens[close].start)
    return Text(cursor.source.written(span).strip(), span)


def _label(cursor: Cursor) -> Node:
    """The label of a brace: mathematics or words; what cannot be read stays text."""
    start = cursor.at
    close = cursor.partner[start] if cursor.token.kind == "{" else -1
    if close < 0:
        return script_argument(cursor)
    state = (cursor.depth, cursor.groups, cursor.in_script, len(cursor.bars))
    try:
        return script_argument(cursor)
    except ReadingError:
        cursor.at = start
        cursor.depth, cursor.groups, cursor.in_script = state[:3]
        del cursor.bars[state[3] :]
        return _raw_argument(cursor)


def set_over(cursor: Cursor) -> Node:
    """`\\overset{a}{x}`, `\\underset{a}{x}`, `\\stackrel{a}{x}`."""
    start = cursor.at
    name = cursor.take().text
    label = _label(cursor) if cursor.token.kind == "{" else argument(cursor)
    body = argument(cursor)
    return Annotated("underset" if name == "\\underset" else "overset", body, label, cursor.span_from(start))


def big_operator(cursor: Cursor) -> Node:
    start = cursor.at
    operator = v.BIG_OPERATORS[cursor.take().text]
    sub, sup = bounds(cursor)
    cursor.skip_quads()
    if cursor.token.kind == "{":
        cursor.kept_brace = cursor.at
    if cursor.is_sign("\\cdot", "*"):
        cursor.repaired(cursor.token, "", f"a product sign right after {operator}")
        cursor.take()
    if cursor.token.kind in ("end", "close", "}") or cursor.is_sign("=", "&", "\\\\"):
        raise cursor.error(f"what {operator} applies to")
    if cursor.is_sign("-", "+"):
        sign = cursor.at
        cursor.take()
        operand = cursor.grammar.product(cursor)
        body: Node = Prefix(v.SUMS[cursor.tokens[sign].text], operand, cursor.span_from(sign))
    else:
        body = cursor.grammar.product(cursor)
    return BigOp(operator, sub, sup, body, cursor.span_from(start))
