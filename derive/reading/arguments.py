"""What commands and scripts take: braces with anything inside, or one token as TeX takes it."""

from __future__ import annotations

import re

from derive.reading import vocabulary as v
from derive.reading.cursor import Cursor
from derive.reading.syntax import (
    BigOp,
    Blank,
    Call,
    Derivative,
    Differential,
    Given,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Prefix,
    Range,
    Relation,
)
from derive.reading.tokens import Token

_SCRIPT_WORD = re.compile(r"[A-Za-z]{2,}(?: ?[-_] ?[A-Za-z]+| [A-Za-z]+)+\Z")


def argument(cursor: Cursor) -> Node:
    """The argument of a command: braces with anything inside, or one token."""
    cursor.skip_quads()
    if cursor.token.kind == "{":
        cursor.take()
        body = content(cursor)
        cursor.expect_kind("}", "a closing }")
        return body
    return _single(cursor)


def _single(cursor: Cursor) -> Node:
    """One token as TeX takes it: of `12` only the 1."""
    token = cursor.token
    if token.kind == "number" and len(token.text) > 1:
        middle = min(token.start + 1, token.end)
        cursor.tokens[cursor.at] = token._replace(text=token.text[1:], start=middle, glued=True)
        cursor.last_end = middle
        return Number(token.text[0], (token.start, middle))
    return cursor.grammar.primary(cursor)


def script_argument(cursor: Cursor) -> Node:
    """A subscript or superscript; words with hyphens are names there, lone signs are marks."""
    outside, cursor.in_script = cursor.in_script, True
    cursor.deeper()
    start = cursor.at
    close = cursor.partner[start] if cursor.token.kind == "{" else -1
    if close < 0:
        node = _mark(cursor) if _is_lone_mark(cursor.token) else _single(cursor)
    elif (
        close == start + 2
        and cursor.tokens[start + 1].kind in ("sign", "command")
        and _is_mark(cursor.tokens[start + 1])
    ):
        cursor.take()
        token = cursor.take()
        node = Name(token.text.lstrip("\\") if token.text != "'" else "prime", (), (), (token.start, token.end))
        cursor.take()
    elif (word := _script_word(cursor, start + 1, close)) is not None:
        cursor.take()
        while cursor.at < close:
            cursor.take()
        span = cursor.span_from(start + 1)
        cursor.take()
        node = Name(word, (), (), span)
    else:
        node = argument(cursor)
    cursor.in_script = outside
    cursor.depth -= 1
    return node


def _is_lone_mark(token: Token) -> bool:
    return token.kind == "sign" and token.text in "+-*'"


def _mark(cursor: Cursor) -> Name:
    token = cursor.take()
    return Name("prime" if token.text == "'" else token.text, (), (), (token.start, token.end))


def _is_mark(token: Token) -> bool:
    return token.text in "+-*'" or token.text in ("\\circ", "\\ast", "\\star", "\\bullet", "\\perp")


def _script_word(cursor: Cursor, start: int, close: int) -> str | None:
    """`naive-softmax`, `skip\\_gram`, `neg sample`, `out`: one name, not letters with signs between them."""
    inside = cursor.tokens[start:close]
    if not inside or len(inside) > 30 or any(t.kind not in ("letter", "word", "text", "sign") for t in inside):
        return None
    joined = inside[0].text + "".join(("" if t.glued else " ") + t.text for t in inside[1:])
    if joined in v.SCRIPT_WORDS:
        return joined
    if re.fullmatch(r"[A-Za-z]{3}", joined) and re.search(r"[aeouAEOU]", joined) and inside[0].glued is not None:
        return joined if all(t.glued for t in inside[1:]) else None
    if not _SCRIPT_WORD.match(joined) or max(map(len, re.findall(r"[A-Za-z]+", joined))) < 3:
        return None
    return re.sub(r" ?([-_]) ?", r"\1", joined)


def content(cursor: Cursor) -> Node:
    """The inside of a bracket, where neither bars nor scripts of the outside count."""
    cursor.bars.append("")
    cursor.groups += 1
    body = cursor.grammar.listing(cursor)
    cursor.groups -= 1
    cursor.bars.pop()
    return body


def braced(cursor: Cursor) -> Node:
    """The content of braces; a `Group` only if it would read differently without them."""
    start = cursor.at
    cursor.expect_kind("{", "{")
    body = content(cursor)
    cursor.expect_kind("}", "a closing }")
    return grouped(cursor, body, start)


def grouped(cursor: Cursor, body: Node, start: int) -> Node:
    """A body that would fall apart among its neighbours stays together in a `Group`."""
    loose = isinstance(body, (Infix, Prefix, Relation, Listing, Range, Given, BigOp, Derivative, Differential))
    if loose or (isinstance(body, Call) and not isinstance(body.argument, Group)):
        return Group("{", "{", body, cursor.span_from(start))
    return body


def bounds(cursor: Cursor) -> tuple[Node | None, Node | None]:
    sub: Node | None = None
    sup: Node | None = None
    while cursor.token.kind == "sign" and cursor.token.text in ("_", "^"):
        below = cursor.take().text == "_"
        bound = script_argument(cursor)
        if isinstance(bound, Blank):
            continue
        if below:
            sub = bound
        else:
            sup = bound
    return sub, sup
