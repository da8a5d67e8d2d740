"""Rows to statements: chains of sides joined by relation signs, with all that stands around them.

Around the sides stand labels (`a)`, `(i)`, `\\tag`), connectors (`\\Rightarrow`, "so"), conditions ("if i = k"),
words and check marks. All of it is kept; only punctuation is dropped. A row that starts or ends with a
relation sign is marked, because its chain goes on in another row or block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from derive.reading import vocabulary as v
from derive.reading.cursor import Cursor, Repair
from derive.reading.expressions import GRAMMAR, ranged, relation, take_relation
from derive.reading.lookahead import in_parentheses, peek_relation, starts_operand
from derive.reading.positions import Source, Span
from derive.reading.restrictions import Piece, with_conditions
from derive.reading.rows import RowTokens
from derive.reading.syntax import (
    Condition,
    Dots,
    Listing,
    Node,
    Range,
    Relation,
    Sign,
    Text,
)
from derive.reading.tables import first_word

_LABEL_TEXT = re.compile(
    r"\(?(?:[a-zA-Z]|[ivxIVX]{1,4}|\d{1,2})(?:[.)]|\.\))(?:\s*\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})[.)])*\Z"
)


_LABEL = re.compile(r"(?:[a-hA-H]|[ivIV]{1,4}|[ivx]{2,4}|[xX][ivIV]{1,3}|\d{1,2}(?:\.\d{1,2})?)\Z")


_END_LABEL = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})?[a-z]?|\*{1,3}|\\star|\\ast|\\dagger|[IVX]{1,4}|[ivx]{1,4}|[A-Z])\Z")


_PUNCTUATION = frozenset([",", ";", ".", ":"])


@dataclass(frozen=True)
class Statement:
    """One chain as far as one row shows it.

    `operands` and `relations` alternate. If the row begins with a relation sign, `continues` is true and
    the first sign stands before the first operand; if it ends with one, `continued` is true.
    conditions: what restricts it; connector: how it follows from what stands before (`\\Rightarrow`, `so`,
    `because`, `and`, ...); labels: `(a)`, `2`; remarks: words beside it; marks: `boxed`, `braced`, `check`.
    repairs: damage read through, each recorded.
    """

    operands: tuple[Node, ...]
    relations: tuple[Sign, ...]
    continues: bool = False
    continued: bool = False
    conditions: tuple[Condition, ...] = ()
    connector: str = ""
    labels: tuple[str, ...] = ()
    remarks: tuple[Text, ...] = ()
    marks: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    span: Span = (0, 0)


def read_row(row: RowTokens, source: Source) -> tuple[Statement, ...]:
    """The statements of a row; every token is consumed, or this fails at the one that cannot be."""
    cursor = Cursor(list(row.tokens), source, GRAMMAR)
    try:
        pieces, marks = _Row(cursor).pieces()
    except RecursionError:
        raise cursor.error("fewer levels inside each other") from None
    return _statements(pieces, (*row.marks, *marks), tuple(cursor.repairs))


class _Row:
    """Reads a row from left to right; `waiting` collects what belongs to the next piece."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.done: list[Piece] = []
        self.waiting = Piece()
        self.marks: list[str] = []
        self.open = False

    def pieces(self) -> tuple[list[Piece], list[str]]:
        cursor = self.cursor
        while cursor.token.kind != "end":
            before = cursor.at
            if not (self.around() or self.label() or self.words() or self.parenthesis() or self.quantified()):
                self.piece()
            if cursor.at == before:
                raise cursor.error("an operator, a relation sign or the end of the row")
        waiting = self.waiting
        if self.done:
            self.done[-1].remarks += waiting.remarks
            self.done[-1].labels += waiting.labels
        left = waiting.connector or waiting.conditions
        if left or (not self.done and (waiting.remarks or waiting.labels or self.marks)):
            self.done.append(_left_over(waiting, cursor.span_from(0), bool(self.done)))
        return self.done, self.marks

    def around(self) -> bool:
        """Spaces, punctuation, connectors, check marks, numbers of equations."""
        cursor = self.cursor
        token = cursor.token
        if token.kind == "tag":
            cursor.take()
            (self.done[-1] if self.open else self.waiting).labels.append(token.text)
            return True
        if token.kind not in ("sign", "command"):
            return False
        if token.text == "\\quad":
            cursor.skip_quads()
        elif token.text in v.CHECK_MARKS:
            cursor.take()
            self.marks.append("check")
        elif token.text in v.CONNECTORS:
            cursor.take()
            self.connect(v.CONNECTORS[token.text])
        elif token.text in ("\\xrightarrow", "\\xleftarrow"):
            self.long_arrow()
        elif token.text in _PUNCTUATION:
            cursor.take()
            self.open = self.open and token.text == ","
        elif token.text == "/" and cursor.ahead().text == "/":
            cursor.take()
            cursor.take()
        elif token.text == "&&":
            cursor.take()
            self.connect("and")
        else:
            return False
        return True

    def connect(self, connector: str) -> None:
        self.waiting.connector = self.waiting.connector or connector
        self.open = False

    def long_arrow(self) -> None:
        """`\\xrightarrow[below]{above}`."""
        cursor = self.cursor
        cursor.take()
        for _ in range(2):
            start = cursor.at
            close = cursor.partner[start]
            if cursor.token.kind in ("{", "open") and close > 0:
                words = [t.text for t in cursor.tokens[start + 1 : close] if t.kind in ("text", "word")]
                span = (cursor.tokens[start].start, cursor.tokens[close].end)
                while cursor.at <= close:
                    cursor.take()
                self.waiting.remarks.append(Text(" ".join(words), span))
        self.connect("\\Rightarrow")

    def label(self) -> bool:
        """`(a)`, `1)`, `\\textcircled{2}`, at the start of a piece or at the end of the row."""
        cursor = self.cursor
        length, text = self.label_ahead()
        if not length:
            return False
        stop = cursor.at + length
        while cursor.at < stop:
            cursor.take()
        (self.done[-1] if self.open else self.waiting).labels.append(text)
        return True

    def label_ahead(self) -> tuple[int, str]:
        """How many tokens the label here has, and its text; 0 if there is none."""
        cursor = self.cursor
        token, second = cursor.token, cursor.ahead()
        if token.text == "\\textcircled" and second.kind == "{" and (close := cursor.partner[cursor.at + 1]) > 0:
            text = "".join(t.text for t in cursor.tokens[cursor.at + 2 : close])
            if re.fullmatch(r"[A-Za-z0-9]{1,4}", text):
                return close - cursor.at + 1, text
        if token.kind == "open" and token.text == "(" and (close := cursor.partner[cursor.at]) > 0:
            text = "".join(t.text for t in cursor.tokens[cursor.at + 1 : close])
            after = cursor.tokens[close + 1]
            if self.done and _END_LABEL.match(text) and after.kind in ("end", "text"):
                return close - cursor.at + 1, text
            if not self.done and _LABEL.match(text) and self.starts_piece(close + 1):
                return close - cursor.at + 1, text
        marked = token.kind in ("letter", "number", "word") and len(token.text) <= 3
        if marked and not self.done:
            if second.kind == "close" and second.text == "(" and cursor.partner[cursor.at + 1] < 0:
                return 2, token.text
            if token.kind == "number" and second.text == "." and not cursor.ahead(2).glued:
                return 2, token.text
            two = second.kind == "letter" and second.glued and cursor.ahead(2).kind == "close"
            if two and cursor.partner[cursor.at + 2] < 0:
                return 3, token.text + second.text
        return 0, ""

    def starts_piece(self, at: int) -> bool:
        token = self.cursor.tokens[at]
        if token.kind in ("end", "close", "}"):
            return False
        if token.kind in ("sign", "command"):
            named = token.text in v.RELATIONS or token.text in v.PRODUCTS or token.text in v.SUMS
            return not named and token.text not in ("^", "_", "'", "!", ",")
        return True

    def words(self) -> bool:
        """A text: a label, a condition, a connector or a remark."""
        cursor = self.cursor
        token = cursor.token
        if token.kind != "text" or starts_operand(cursor):
            return False
        cursor.take()
        text = token.text.strip(" ,;.:()[]") or token.text
        node = Text(token.text, (token.start, token.end))
        if _LABEL_TEXT.match(token.text):
            self.waiting.labels.append(token.text)
        elif text.lower() in v.CONNECTIVES:
            self.connect(v.CONNECTIVES[text.lower()])
        elif first_word(text) in v.CONDITION_WORDS and first_word(text) not in ("with", "such"):
            self.condition(text, node.span)
        else:
            self.remark(node)
        return True

    def parenthesis(self) -> bool:
        """`(\\text{when } w \\ne c)` or `(\\text{by the chain rule})` beside an equation."""
        cursor = self.cursor
        if cursor.token.kind != "open" or not in_parentheses(cursor):
            return False
        start = cursor.at
        close = cursor.partner[start]
        cursor.take()
        if first_word(cursor.token.text) in v.CONDITION_WORDS:
            self.words()
            cursor.expect_kind("close", "a closing bracket")
            return True
        while cursor.at <= close:
            cursor.take()
        span = (cursor.tokens[start + 1].start, cursor.tokens[close].start)
        words = [t.text for t in cursor.tokens[start + 1 : close] if t.kind == "text"]
        self.remark(Text(" ".join(words) if len(words) == close - start - 1 else cursor.source.written(span), span))
        return True

    def remark(self, node: Text) -> None:
        cursor = self.cursor
        cursor.skip_quads()
        if self.open and peek_relation(cursor):
            self.done[-1].remarks.append(node)
            self.chain(self.done[-1])
            return
        ends = cursor.token.kind == "end"
        (self.done[-1] if self.open and ends else self.waiting).remarks.append(node)
        if not ends:
            self.open = False

    def quantified(self) -> bool:
        cursor = self.cursor
        if not cursor.is_sign("\\forall", "\\exists"):
            return False
        token = cursor.take()
        self.condition(token.text, (token.start, token.end))
        return True

    def condition(self, word: str, span: Span) -> None:
        """The condition after its word; it belongs to the statement before, or to those that follow."""
        cursor = self.cursor
        cursor.skip_quads()
        body: Node | None = None
        if first_word(word) not in ("otherwise", "else") and (starts_operand(cursor) or peek_relation(cursor)):
            body = self.compared()
            span = (min(span[0], body.span[0]), max(span[1], body.span[1]))
        (self.done[-1] if self.open else self.waiting).conditions.append(Condition(word, body, span))

    def compared(self) -> Node:
        """A comparison, and after it `, \\dots, K` or names of the same kind."""
        cursor = self.cursor
        start = cursor.at
        items = [relation(cursor)]
        while cursor.is_sign(",") and self.goes_on(items):
            cursor.take()
            items.append(relation(cursor))
        if len(items) == 1:
            return items[0]
        return Listing(tuple(items), (",",) * (len(items) - 1), cursor.span_from(start))

    def goes_on(self, items: list[Node]) -> bool:
        """Whether after a comma a list such as `k = 1, \\dots, K` goes on."""
        cursor = self.cursor
        following = cursor.ahead()
        if following.kind == "command" and following.text in v.DOTS:
            return True
        return isinstance(items[-1], (Dots, Range)) and following.kind in ("letter", "number", "word", "command")

    def piece(self) -> None:
        cursor = self.cursor
        start = cursor.at
        piece = self.waiting
        self.waiting = Piece()
        piece.continues = peek_relation(cursor)
        if not piece.continues:
            piece.operands.append(ranged(cursor))
        self.chain(piece)
        piece.span = cursor.span_from(start)
        if cursor.is_sign(",") and piece.operands and piece.relations and self.goes_on(piece.operands):
            piece = self.listed(piece, start)
        self.done.append(piece)
        self.open = True

    def listed(self, piece: Piece, start: int) -> Piece:
        """`i = 1, \\dots, n`: the dots are the rest of a list, and the whole is a condition."""
        cursor = self.cursor
        signs = tuple(sign.text for sign in piece.relations)
        items: list[Node] = [Relation(signs, tuple(piece.operands), piece.span)]
        while cursor.is_sign(",") and self.goes_on(items):
            cursor.take()
            items.append(relation(cursor))
        span = cursor.span_from(start)
        node = Listing(tuple(items), (",",) * (len(items) - 1), span)
        return _as_one(piece, node, span)

    def chain(self, piece: Piece) -> None:
        """Relation signs and sides as far as they go."""
        cursor = self.cursor
        start = cursor.at
        while sign := take_relation(cursor):
            piece.relations.append(sign)
            cursor.skip_quads()
            if starts_operand(cursor) or cursor.is_sign("+", "-", "\\pm", "\\mp", "\\neg"):
                piece.operands.append(ranged(cursor))
            elif cursor.token.kind == "text":
                token = cursor.take()
                piece.operands.append(Text(token.text, (token.start, token.end)))
            elif cursor.token.kind == "end" or self.breaks():
                piece.continued = True
                break
            else:
                raise cursor.error(f"a right side after {sign.text}")
        if piece.operands or piece.relations:
            end = cursor.span_from(start)
            piece.span = (min(piece.span[0] or end[0], end[0]), max(piece.span[1], end[1]))

    def breaks(self) -> bool:
        token = self.cursor.token
        return token.kind == "tag" or (
            token.kind in ("sign", "command")
            and (token.text in v.CONNECTORS or token.text in v.CHECK_MARKS or token.text in _PUNCTUATION)
        )


def _left_over(piece: Piece, place: Span, after: bool) -> Piece:
    """What is left at the end of a row, without sides of its own."""
    piece.span = place
    if after:
        piece.labels, piece.remarks = [], []
    return piece


def _as_one(piece: Piece, node: Node, span: Span) -> Piece:
    """The piece with one node for all its sides."""
    piece.operands, piece.relations, piece.span = [node], [], span
    return piece


def _statements(pieces: list[Piece], marks: tuple[str, ...], repairs: tuple[Repair, ...]) -> tuple[Statement, ...]:
    pieces = with_conditions(pieces)
    result: list[Statement] = []
    for number, piece in enumerate(pieces):
        own = tuple(r for r in repairs if piece.span[0] <= r.span[0] < piece.span[1] or len(pieces) == 1)
        result.append(
            Statement(
                tuple(piece.operands),
                tuple(piece.relations),
                piece.continues,
                piece.continued,
                tuple(piece.conditions),
                piece.connector,
                tuple(piece.labels),
                tuple(piece.remarks),
                marks if number == len(pieces) - 1 or "check" not in marks else (),
                own,
                piece.span,
            )
        )
    return tuple(result)


def with_repair(statements: tuple[Statement, ...], repair: Repair) -> tuple[Statement, ...]:
    """The statements with a repair recorded on those it touches, or on all if it touches none."""
    touched = [s for s in statements if s.span[0] <= repair.span[0] <= s.span[1]]
    return tuple(replace(s, repairs=(*s.repairs, repair)) if s in touched or not touched else s for s in statements)
