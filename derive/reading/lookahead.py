"""What can stand at a place, told from the tokens there without taking them."""

from __future__ import annotations

import re

from derive.reading import vocabulary as v
from derive.reading.cursor import LOOK_AHEAD, Cursor
from derive.reading.tokens import Token

_NOT_OPERANDS = (
    frozenset(v.RELATIONS)
    | frozenset(v.SUMS)
    | frozenset(v.PRODUCTS)
    | frozenset(v.CONNECTORS)
    | v.CHECK_MARKS
    | frozenset(v.DOTS)
    | frozenset(
        ["\\quad", "\\\\", "\\not", "\\xrightarrow", "\\xleftarrow", "\\over", "\\atop", "\\forall", "\\exists", "&&"]
    )
)


_MARKED = frozenset(["\\stackrel", "\\overset", "\\underset"])


_LABEL = re.compile(r"(?:\d{1,2}|[IVXivx]{1,4}|[a-zA-Z])\Z")


def peek_relation(cursor: Cursor) -> bool:
    """Whether a relation sign stands here, perhaps after a wide space."""
    at = cursor.at
    while cursor.tokens[at].text == "\\quad" and cursor.tokens[at].kind == "command":
        at += 1
    token = cursor.tokens[at]
    if token.kind not in ("sign", "command"):
        return False
    if token.text in v.RELATIONS:
        return True
    if token.text == "\\not":
        return cursor.tokens[min(at + 1, len(cursor.tokens) - 1)].text in v.RELATIONS
    return token.text in _MARKED and marked_relation(cursor, at) >= 0


def marked_relation(cursor: Cursor, at: int) -> int:
    """For `\\stackrel{..}{=}` the index of its sign, else -1."""
    if cursor.tokens[at + 1].kind != "{":
        return -1
    second = cursor.partner[at + 1] + 1
    if second <= 0 or cursor.tokens[second].kind != "{":
        return -1
    inside = cursor.tokens[second + 1]
    closed = cursor.tokens[min(second + 2, len(cursor.tokens) - 1)].kind == "}"
    return second + 1 if closed and inside.text in v.RELATIONS else -1


def starts_operand(cursor: Cursor) -> bool:
    """Whether something stands here that can follow an infix sign."""
    return starts_factor(cursor) or is_dots(cursor) or cursor.is_sign("'", "\\forall", "\\exists", "&&")


def starts_factor(cursor: Cursor) -> bool:
    """Whether something stands here that can be one more factor."""
    token = cursor.token
    kind = token.kind
    if kind == "open":
        return not (cursor.groups == 0 and _follows_operand(cursor) and in_parentheses(cursor))
    if kind in ("number", "letter", "word", "roman", "{", "begin"):
        return True
    if kind == "command":
        if token.text in _NOT_OPERANDS:
            return False
        if token.text in _MARKED:
            return marked_relation(cursor, cursor.at) < 0
        return not (token.text == "\\textcircled" and cursor.at > 0 and _is_label(cursor))
    if kind == "text":
        return is_name(token, cursor) and (
            cursor.in_script or not _follows_operand(cursor) or _is_function_word(cursor)
        )
    return kind == "bar" and _opens(cursor)


def in_parentheses(cursor: Cursor) -> bool:
    """Whether a bracket here holds words, `(\\text{when } w \\ne c)`: a remark about the row, no factor of it."""
    following = cursor.ahead()
    if cursor.token.text != "(" or following.kind != "text" or cursor.partner[cursor.at] < 0:
        return False
    text = following.text.lower()
    return " " in text or text in v.BARE_WORDS or text in v.CONDITION_WORDS or text in v.CONNECTIVES


def _follows_operand(cursor: Cursor) -> bool:
    before = cursor.tokens[cursor.at - 1] if cursor.at else None
    if before is None:
        return False
    return before.kind in ("letter", "number", "word", "roman", "text", "close", "}", "finish") or before.text in "'!"


def _is_function_word(cursor: Cursor) -> bool:
    """Whether a word beside an operand is a factor and no remark: it is known, or has an argument or a mark."""
    following = cursor.ahead()
    marked = following.kind == "open" or (following.kind == "sign" and following.text in ("_", "^"))
    return marked or cursor.token.text in v.WORDS or len(cursor.token.text) == 1


def _is_label(cursor: Cursor) -> bool:
    """`\\textcircled{2}` after a complete operand numbers a part; it is no factor."""
    before = cursor.tokens[cursor.at - 1]
    if before.kind in ("sign", "command", "open", "{") and before.text not in ("'",):
        return False
    close = cursor.partner[cursor.at + 1] if cursor.at + 1 < len(cursor.tokens) else -1
    inside = "".join(token.text for token in cursor.tokens[cursor.at + 2 : close]) if close > 0 else ""
    return bool(_LABEL.match(inside))


def is_name(token: Token, cursor: Cursor) -> bool:
    """Whether words in `\\text` are a name: `\\text{softmax}`, and anything in a subscript."""
    text = token.text
    if text.lower() in v.BARE_WORDS or text.lower() in v.CONNECTIVES or text.lower() in v.CONDITION_WORDS:
        return False
    if cursor.in_script:
        alone = cursor.ahead().kind == "}" and cursor.at > 0 and cursor.tokens[cursor.at - 1].kind == "{"
        words = r"[A-Za-z0-9][\w\-. ]*" if alone else r"[A-Za-z0-9][\w\-.]*"
        return bool(re.fullmatch(words, text)) and text.split()[0].lower() not in v.BARE_WORDS
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*", text))


def _opens(cursor: Cursor) -> bool:
    """Whether a bar after a complete operand opens an absolute value rather than closing or separating."""
    token = cursor.token
    if token.text == "mid" or cursor.bars[-1]:
        return False
    if cursor.ahead().text == "_" and cursor.ahead().kind == "sign":
        return False
    count = depth = 0
    for other in cursor.tokens[cursor.at : cursor.at + LOOK_AHEAD]:
        if other.kind in ("open", "{"):
            depth += 1
        elif other.kind in ("close", "}"):
            depth -= 1
            if depth < 0:
                break
        elif other.kind == "bar" and depth == 0:
            count += 1
    return count % 2 == 0


def is_dots(cursor: Cursor) -> bool:
    return cursor.token.kind == "command" and cursor.token.text in v.DOTS


def is_sum_sign(cursor: Cursor) -> bool:
    return cursor.token.kind in ("sign", "command") and cursor.token.text in v.SUMS


def skip_to_infix(cursor: Cursor) -> None:
    """Wide spaces before an infix sign mean nothing; before an operand they separate."""
    token = cursor.token
    if token.text != "\\quad" or token.kind != "command":
        return
    at = cursor.at
    while cursor.tokens[at].text == "\\quad":
        at += 1
    following = cursor.tokens[at]
    infix = following.kind in ("sign", "command") and (following.text in v.SUMS or following.text in v.PRODUCTS)
    if infix and following.text != ".":
        cursor.skip_quads()
