"""Matrices, arrays, definitions by cases, and the lines under a sum."""

from __future__ import annotations

import re

from derive.reading.arguments import grouped
from derive.reading.cursor import Cursor
from derive.reading.positions import Span
from derive.reading.syntax import Blank, Case, Cases, Condition, Listing, Matrix, Node, Text
from derive.reading.vocabulary import CONDITION_WORDS

CASE_ENVIRONMENTS = frozenset(["cases", "dcases", "rcases", "cases*", "dcases*", "numcases"])
_PUNCTUATION = (",", ";", ":")


def table(cursor: Cursor) -> Node:
    """`\\begin{bmatrix}..`, `\\begin{cases}..`, or `\\substack{..}`."""
    start = cursor.at
    opening = cursor.take()
    if opening.text == "\\substack":
        cursor.expect_kind("{", "{")
        rows = _rows(cursor)
        cursor.expect_kind("}", "a closing }")
        lines = tuple(row[0] for row in rows)
        return (
            grouped(cursor, lines[0], start)
            if len(lines) == 1
            else Listing(lines, ("\\\\",) * (len(lines) - 1), cursor.span_from(start))
        )
    rows = _rows(cursor)
    if cursor.token.kind != "finish":
        raise cursor.error(f"\\end{{{opening.text}}}")
    if cursor.token.text != opening.text:
        raise cursor.error(f"\\end{{{opening.text}}}")
    cursor.take()
    span = cursor.span_from(start)
    if opening.text in CASE_ENVIRONMENTS:
        return Cases(tuple(_case(row) for row in rows), span)
    return Matrix(opening.text, tuple(rows), span)


def _rows(cursor: Cursor) -> list[tuple[Node, ...]]:
    """Rows of cells up to the end of the environment; a row that is empty altogether is no row."""
    cursor.bars.append("")
    cursor.groups += 1
    rows: list[tuple[Node, ...]] = []
    cells: list[Node] = []
    while True:
        cells.append(cursor.grammar.listing(cursor))
        if cursor.is_sign("&"):
            cursor.take()
            continue
        if not all(isinstance(cell, Blank) for cell in cells):
            rows.append(tuple(cells))
        cells = []
        if not cursor.is_sign("\\\\"):
            break
        cursor.take()
    cursor.groups -= 1
    cursor.bars.pop()
    if not rows:
        raise cursor.error("at least one row")
    return rows


def cases_of(matrix: Matrix, span: Span) -> Node:
    """A table behind a single brace as a definition by cases, if it has conditions; else the table."""
    if all(2 <= len(row) <= 3 for row in matrix.rows):
        return Cases(tuple(_case(row) for row in matrix.rows), span)
    return matrix


def _case(row: tuple[Node, ...]) -> Case:
    value = row[0]
    condition: list[Node] = [cell for cell in row[1:] if not _is_blank(cell)]
    if not condition:
        value, condition = _split_at_condition(value)
    value = _without_comma(value)
    span = (row[0].span[0], max(cell.span[1] for cell in row))
    if not condition:
        return Case(value, None, span)
    body = condition[0] if len(condition) == 1 else Listing(tuple(condition), ("",) * (len(condition) - 1), span)
    return Case(value, condition_of(body), span)


def _is_blank(node: Node) -> bool:
    """Nothing, or nothing but punctuation."""
    return isinstance(node, Blank) or (isinstance(node, Listing) and all(isinstance(i, Blank) for i in node.items))


def _split_at_condition(node: Node) -> tuple[Node, list[Node]]:
    """`x, \\text{if } x > 0` in one cell."""
    if not isinstance(node, Listing):
        return node, []
    for at, item in enumerate(node.items):
        if isinstance(item, Text) and at and first_word(item.text) in CONDITION_WORDS:
            return _part(node, 0, at), [_part(node, at, len(node.items))]
    return node, []


def _part(node: Listing, start: int, end: int) -> Node:
    items = node.items[start:end]
    if len(items) == 1:
        return items[0]
    return Listing(items, node.separators[start : end - 1], (items[0].span[0], items[-1].span[1]))


def _without_comma(node: Node) -> Node:
    """A comma between value and condition says nothing."""
    if isinstance(node, Listing) and isinstance(node.items[-1], Blank) and node.separators[-1] in _PUNCTUATION:
        return _part(node, 0, len(node.items) - 1)
    return node


def condition_of(node: Node) -> Condition:
    """`\\text{if } i = k` as a condition with its word."""
    if isinstance(node, Condition):
        return node
    node = _without_comma(node)
    if isinstance(node, Text):
        return Condition(node.text.strip(" .,;:"), None, node.span)
    if isinstance(node, Listing) and isinstance(node.items[0], Text):
        return Condition(node.items[0].text.strip(" .,;:"), _part(node, 1, len(node.items)), node.span)
    return Condition("", node, node.span)


def first_word(text: str) -> str:
    """The first word of a text, in lower case, without punctuation.

    >>> first_word("(for all k")
    'for'
    """
    found = re.search(r"[A-Za-z.]+", text)
    return found.group().lower().rstrip(".") if found else ""
