"""The precedence parser: listings, relations, ranges, sums, products, factors with their scripts.

Loosest to tightest:

    listing    a, b; c   a | c   words beside mathematics
    relation   a = b <= c
    range      a ... b
    sum        a + b - c
    product    a b / c * d   (flat: what binds tighter is left to types)
    factor     base with scripts and primes, a function with its argument
"""

from __future__ import annotations

from derive.reading import vocabulary as v
from derive.reading.atoms import primary
from derive.reading.cursor import Cursor, Grammar
from derive.reading.lookahead import (
    _MARKED,
    is_dots,
    is_name,
    is_sum_sign,
    marked_relation,
    peek_relation,
    skip_to_infix,
    starts_operand,
)
from derive.reading.products import chain, factor, product, signed
from derive.reading.syntax import Blank, Given, Infix, Listing, Node, Range, Relation, Sign, Text

_SEPARATORS = frozenset([",", ";", ":"])


def listing(cursor: Cursor) -> Node:
    """Things beside each other up to the bracket, cell or row that ends them."""
    start = cursor.at
    items: list[Node] = []
    separators: list[str] = []
    while not _stops(cursor):
        token = cursor.token
        if token.kind == "bar":
            if items and len(items) > len(separators):
                return _given(cursor, start, items, separators)
            items.append(relation(cursor))
            continue
        if cursor.is_sign("\\atop"):
            return _stacked(cursor, start, items, separators)
        separator = _separator(cursor)
        if separator is None:
            item = _item(cursor)
            _beside(items, separators, item)
            items.append(item)
        elif separator:
            if len(items) == len(separators):
                place = cursor.tokens[cursor.at - 1].start
                items.append(Blank((place, place)))
            separators.append(separator)
    return _listed(cursor, start, items, separators)


def _listed(cursor: Cursor, start: int, items: list[Node], separators: list[str]) -> Node:
    if not items:
        return _blank(cursor, after=True)
    if separators and len(items) == len(separators):
        items.append(_blank(cursor, after=True))
    return items[0] if len(items) == 1 else Listing(tuple(items), tuple(separators), cursor.span_from(start))


def _given(cursor: Cursor, start: int, items: list[Node], separators: list[str]) -> Node:
    left = _listed(cursor, start, items, separators)
    cursor.take()
    cursor.deeper()
    right = listing(cursor)
    cursor.depth -= 1
    return Given(left, right, cursor.span_from(start))


def _stacked(cursor: Cursor, start: int, items: list[Node], separators: list[str]) -> Node:
    """`a \\atop b`: lines under a sum, as in `\\substack`."""
    above = _listed(cursor, start, items, separators)
    cursor.take()
    cursor.deeper()
    below = listing(cursor)
    cursor.depth -= 1
    if isinstance(above, Blank) or isinstance(below, Blank):
        raise cursor.error("something above and below \\atop")
    return Listing((above, below), ("\\\\",), cursor.span_from(start))


def _blank(cursor: Cursor, after: bool = False) -> Blank:
    """Nothing, standing before the token here or after the one before."""
    at = cursor.tokens[cursor.at - 1].end if after and cursor.at else cursor.token.start
    return Blank((at, at))


def _beside(items: list[Node], separators: list[str], item: Node) -> None:
    """Words stand beside mathematics without a sign; two formulas need one (a tag may have stood there)."""
    if items and len(items) > len(separators):
        separators.append("" if isinstance(item, Text) or isinstance(items[-1], Text) else ";")


def _item(cursor: Cursor) -> Node:
    token = cursor.token
    if token.kind == "text" and not is_name(token, cursor):
        cursor.take()
        return Text(token.text, (token.start, token.end))
    before = cursor.at
    result = relation(cursor)
    if cursor.at == before:
        raise cursor.error("an operand")
    return result


def _separator(cursor: Cursor) -> str | None:
    """Take what separates items: its name, `""` for what says nothing, `None` if an item stands here."""
    token = cursor.token
    if token.kind == "tag":
        cursor.take()
        return ""
    if token.kind not in ("sign", "command"):
        return None
    if token.text in _SEPARATORS:
        cursor.take()
        return token.text
    if token.text == "\\quad":
        cursor.skip_quads()
        beside = cursor.at > 0 and not _stops(cursor) and _starts_item(cursor)
        return "\\quad" if beside and not _after_separator(cursor) else ""
    if token.text in v.CONNECTORS:
        cursor.take()
        return v.CONNECTORS[token.text]
    if token.text == "." or token.text in v.CHECK_MARKS:
        cursor.take()
        return ""
    return None


def _after_separator(cursor: Cursor) -> bool:
    at = cursor.at - 1
    while at > 0 and cursor.tokens[at].text == "\\quad":
        at -= 1
    before = cursor.tokens[at]
    return before.kind in ("open", "{", "begin", "text") or before.text in _SEPARATORS or before.text in ("&", "\\\\")


def _starts_item(cursor: Cursor) -> bool:
    token = cursor.token
    return starts_operand(cursor) or token.kind == "text" or token.text in ("-", "+")


def _stops(cursor: Cursor) -> bool:
    token = cursor.token
    kind = token.kind
    if kind in ("close", "}", "end", "finish"):
        return True
    if kind == "bar":
        return (bool(cursor.bars[-1]) and token.text == cursor.bars[-1][0:1]) or _closes_double(cursor)
    return kind in ("sign", "command") and token.text in ("&", "\\\\", "\\over")


def _closes_double(cursor: Cursor) -> bool:
    return cursor.bars[-1] == "||" and cursor.token.text in ("||", "|")


def relation(cursor: Cursor) -> Node:
    """A chain of comparisons, or a single side."""
    start = cursor.at
    signs: list[str] = []
    first = peek_relation(cursor)
    operands: list[Node] = [_blank(cursor) if first else ranged(cursor)]
    while sign := take_relation(cursor):
        signs.append(sign.text)
        cursor.skip_quads()
        operands.append(ranged(cursor) if starts_operand(cursor) or is_sum_sign(cursor) else _blank(cursor, after=True))
    return Relation(tuple(signs), tuple(operands), cursor.span_from(start)) if signs else operands[0]


def take_relation(cursor: Cursor) -> Sign | None:
    """The relation sign here, if there is one."""
    if not peek_relation(cursor):
        return None
    cursor.skip_quads()
    start = cursor.at
    token = cursor.take()
    if token.text == "\\not":
        other = v.RELATIONS[cursor.take().text]
        return Sign(v.NEGATED.get(other, "\\not" + other), None, cursor.span_from(start))
    if token.text in _MARKED:
        inside = marked_relation(cursor, start)
        written = (cursor.tokens[start + 2].start, cursor.tokens[cursor.partner[start + 1] - 1].end)
        label = Text(cursor.source.written(written), written)
        text = v.RELATIONS[cursor.tokens[inside].text]
        while cursor.at <= inside + 1:
            cursor.take()
        return Sign(text, label, cursor.span_from(start))
    return Sign(v.RELATIONS[token.text], None, (token.start, token.end))


def ranged(cursor: Cursor) -> Node:
    """Parts with dots between them; dots alone are an operand."""
    start = cursor.at
    parts: list[Node] = []
    dots: list[str] = []
    if is_dots(cursor) and _starts_part(cursor, cursor.at + 1):
        parts.append(_blank(cursor))
    else:
        parts.append(summed(cursor))
    while is_dots(cursor):
        dots.append(v.DOTS[cursor.take().text])
        parts.append(summed(cursor) if _starts_part(cursor, cursor.at) else _blank(cursor, after=True))
    return Range(tuple(parts), tuple(dots), cursor.span_from(start)) if dots else parts[0]


def _starts_part(cursor: Cursor, at: int) -> bool:
    before, cursor.at = cursor.at, at
    cursor.settle()
    result = starts_operand(cursor) and not is_dots(cursor)
    cursor.at = before
    return result


def summed(cursor: Cursor) -> Node:
    """Terms with signs between them."""
    start = cursor.at
    operands = [_term(cursor)]
    operators: list[str] = []
    while True:
        skip_to_infix(cursor)
        if not is_sum_sign(cursor):
            break
        operators.append(v.SUMS[cursor.take().text])
        operands.append(_term(cursor))
    return Infix(tuple(operators), tuple(operands), cursor.span_from(start)) if operators else operands[0]


def _term(cursor: Cursor) -> Node:
    return signed(cursor, product)


GRAMMAR = Grammar(listing, summed, product, chain, factor, primary)
"""The levels of the grammar, for a `Cursor`."""
