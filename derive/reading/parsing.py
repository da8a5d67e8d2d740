"""From a document to statements and chains: the edge of reading.

>>> reading = read_text("$$J = a + b$$ and then $$= b + a.$$", "md")
>>> [len(chain.operands) for chain in chains(reading)]
[3]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.reading.containers import Document, Math, cut, open_document
from derive.reading.cursor import Cursor
from derive.reading.expressions import GRAMMAR, listing
from derive.reading.macros import Macro, Macros, expand
from derive.reading.positions import ReadingError, Source, Span, verbatim
from derive.reading.repairs import mended, with_sigma
from derive.reading.rows import RowTokens, rows_of
from derive.reading.statements import Statement, read_row, with_repair
from derive.reading.syntax import Condition, Node, Sign
from derive.reading.tokens import tokenize
from derive.reading.vocabulary import FALLBACK_MACROS

MAX_REPAIRED = 2_000
"""Longest row, in tokens, for which repairs are tried."""


@dataclass(frozen=True)
class Row:
    """A row that was read."""

    statements: tuple[Statement, ...]
    span: Span


@dataclass(frozen=True)
class Unreadable:
    """A row that was not read, and why."""

    error: ReadingError
    span: Span


@dataclass(frozen=True)
class Block:
    """One piece of mathematics with its rows in order."""

    math: Math
    rows: tuple[Row | Unreadable, ...]

    @property
    def source(self) -> Source:
        """The text that all spans of the block refer to."""
        return self.math.source


@dataclass(frozen=True)
class Reading:
    """A document with its blocks in order; prose is in `document.segments`."""

    document: Document
    blocks: tuple[Block, ...]

    def unreadable(self) -> Iterator[Unreadable]:
        """All rows that could not be read."""
        for block in self.blocks:
            yield from (row for row in block.rows if isinstance(row, Unreadable))


@dataclass(frozen=True)
class Link:
    """One side of a chain: where it stands and in which statement."""

    operand: Node
    statement: Statement
    source: Source
    block: int

    @property
    def written(self) -> str:
        """The side as the author wrote it."""
        return self.source.written(self.operand.span)


@dataclass(frozen=True)
class Chain:
    """Sides joined by relation signs, across rows and blocks.

    `relations[i]` stands between `links[i]` and `links[i + 1]`. open_left: the chain begins with a relation
    sign and nothing readable stands before it; then `relations[0]` stands before `links[0]`, and all shift by
    one. open_right: it ends with a relation sign that nothing follows.
    """

    links: tuple[Link, ...]
    relations: tuple[Sign, ...]
    open_left: bool = False
    open_right: bool = False

    @property
    def operands(self) -> tuple[Node, ...]:
        """The sides alone."""
        return tuple(link.operand for link in self.links)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of all statements of the chain."""
        found: dict[Condition, None] = {}
        for link in self.links:
            found.update(dict.fromkeys(link.statement.conditions))
        return tuple(found)

    def steps(self) -> Iterator[tuple[Link, Sign, Link]]:
        """Each two neighbours with the sign between them."""
        shift = 1 if self.open_left else 0
        for at in range(min(len(self.links) - 1, len(self.relations) - shift)):
            yield self.links[at], self.relations[at + shift], self.links[at + 1]


def read_file(path: Path, kind: str = "") -> Reading:
    """The reading of a file; its kind (`md`, `tex`, `ipynb`, `txt`) from its ending unless given."""
    return read(open_document(path, kind))


def read_text(text: str, kind: str, name: str = "text", folder: Path | None = None) -> Reading:
    """The reading of a text of a kind. Files named in it are only read from `folder`."""
    return read(cut(text, kind, name, folder))


def read(document: Document) -> Reading:
    """The reading of a document that was cut into segments."""
    macros = _FALLBACKS | document.macros
    blocks = (Block(part, read_math(part, macros)) for part in document.segments if isinstance(part, Math))
    return Reading(document, tuple(block for block in blocks if block.rows))


def read_math(math: Math, macros: Macros) -> tuple[Row | Unreadable, ...]:
    """The rows of one piece of mathematics. An error costs its own row only."""
    try:
        tokens = tokenize(expand(math.body, macros, math.source), math.source)
    except ReadingError as error:
        return (Unreadable(error, math.span),)
    return tuple(_read_row(row, math.source) for row in rows_of(tokens))


def _read_row(row: RowTokens, source: Source) -> Row | Unreadable:
    row, repairs = with_sigma(row, source)
    span = (min(t.start for t in row.tokens), max(t.end for t in row.tokens))
    try:
        statements = read_row(row, source)
    except ReadingError as error:
        return _repaired(row, source, span) or Unreadable(error, span)
    for repair in repairs:
        statements = with_repair(statements, repair)
    return Row(statements, span)


def _repaired(row: RowTokens, source: Source, span: Span) -> Row | None:
    """The row with brackets put right, each repair recorded; nothing if that does not help."""
    if len(row.tokens) > MAX_REPAIRED:
        return None
    for tokens, repairs in mended(row, source):
        try:
            statements = read_row(tokens, source)
        except ReadingError:
            continue
        for repair in repairs:
            statements = with_repair(statements, repair)
        return Row(statements, span)
    return None


def parse(latex: str, name: str = "formula") -> Node:
    """One expression or listing, all of it; fails at what is left over.

    >>> parse("a + b").operators
    ('+',)
    """
    source = Source(name, latex)
    cursor = Cursor(tokenize(verbatim(latex, 0, len(latex)), source), source, GRAMMAR)
    try:
        node = listing(cursor)
    except RecursionError:
        raise cursor.error("fewer levels inside each other") from None
    if cursor.token.kind != "end":
        raise cursor.error("an operator, a relation sign or the end")
    return node


def chains(reading: Reading) -> tuple[Chain, ...]:
    """The chains of a document: statements joined where one ends or the next begins with a relation sign."""
    chaining = _Chaining()
    for number, block in enumerate(reading.blocks):
        for row in block.rows:
            if isinstance(row, Unreadable):
                chaining.interrupt()
                continue
            for statement in row.statements:
                if statement.operands or statement.relations:
                    chaining.add(statement, block, number)
    return tuple(chain.finished() for chain in chaining.chains)


class _OpenChain:
    """A chain that may still grow."""

    def __init__(self, statement: Statement, block: Block, number: int) -> None:
        self.links: list[Link] = []
        self.relations: list[Sign] = []
        self.open_left = statement.continues
        self.open_right = False
        self.block = number
        self.extend(statement, block, number)

    def extend(self, statement: Statement, block: Block, number: int) -> None:
        doubled = self.open_right and statement.continues
        self.links += [Link(operand, statement, block.source, number) for operand in statement.operands]
        self.relations += statement.relations[1 if doubled else 0 :]
        self.open_right = statement.continued
        self.block = number

    def finished(self) -> Chain:
        return Chain(tuple(self.links), tuple(self.relations), self.open_left, self.open_right)


class _Chaining:
    """Finds for each statement the chain it continues. For a display that is the last display, unless a
    formula in the text stands open just before it; for a formula in the text it is whatever came last."""

    def __init__(self) -> None:
        self.chains: list[_OpenChain] = []
        self.last: _OpenChain | None = None
        self.last_display: _OpenChain | None = None

    def interrupt(self) -> None:
        """After an unreadable row nothing is continued."""
        self.last = self.last_display = None

    def add(self, statement: Statement, block: Block, number: int) -> None:
        chain = self.candidate(block.math.display, number)
        if chain is not None and _continues(chain, statement, number):
            chain.extend(statement, block, number)
        else:
            chain = _OpenChain(statement, block, number)
            self.chains.append(chain)
        self.last = chain
        if block.math.display:
            self.last_display = chain

    def candidate(self, display: bool, number: int) -> _OpenChain | None:
        if not display or self.last_display is None:
            return self.last
        if self.last is not None and self.last.open_right and number - self.last.block <= 1:
            return self.last
        return self.last_display


def _continues(chain: _OpenChain, statement: Statement, number: int) -> bool:
    if statement.continues:
        return not statement.connector
    return chain.open_right and not statement.connector and not statement.labels and number - chain.block <= 1


_FALLBACKS: dict[str, Macro] = {name: Macro(name, arity, body) for name, (arity, body) in FALLBACK_MACROS.items()}
