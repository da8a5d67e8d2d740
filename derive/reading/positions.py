"""Where something stands in what the author wrote, and the one error of reading.

Every later stage carries offsets into the original characters, never into a cleaned-up copy, so that a
verdict can name a line and a column of its own step. This file lets you

- turn an offset into a line and a column (both counted from 1),
- show a line with a caret under the place,
- carry text together with the place each of its characters came from (`Body`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Span = tuple[int, int]
"""Start and end offset in the text of a `Source`; the end is exclusive."""

CARET_WIDTH = 120
"""Longest stretch of a line shown above a caret, in characters."""


@dataclass(frozen=True)
class Source:
    """One text as it was handed in: a file, or one cell of a notebook.

    >>> Source("a.md", "one\\ntwo").position(5)
    (2, 2)
    """

    name: str
    text: str

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its line break."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] - 1 if number < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def written(self, span: Span) -> str:
        """The characters of a span, exactly as written."""
        return self.text[span[0] : span[1]]

    def caret(self, span: Span) -> str:
        """The line of a span with carets under it, cut to `CARET_WIDTH`.

        >>> print(Source("a.md", "x = (y").caret((4, 5)))
        x = (y
            ^
        """
        number, column = self.position(span[0])
        text = self.line(number)
        first = max(0, column - 1 - CARET_WIDTH // 2)
        shown = text[first : first + CARET_WIDTH]
        before = column - 1 - first
        width = max(1, min(span[1] - span[0], len(shown) - before))
        padding = "".join("\t" if c == "\t" else " " for c in shown[:before].ljust(before))
        return _printable(shown) + "\n" + padding + "^" * width


def _printable(text: str) -> str:
    """Control characters would garble a terminal; they are shown as a replacement mark."""
    return "".join(c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


@dataclass(frozen=True)
class Body:
    """Text to be read, with the place in the source that each of its characters came from.

    `starts[i]` and `ends[i]` are the source offsets covered by character `i`. A stretch copied as it
    stands uses ranges, which take no memory; only rewritten text pays for lists.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """Source span of the characters `start` to `end` (exclusive) of this body."""
        if not self.text:
            return (0, 0)
        if start >= len(self.text):
            return (self.ends[-1], self.ends[-1])
        return (self.starts[start], self.ends[max(start, end - 1)])

    def slice(self, start: int, end: int) -> Body:
        """The characters `start` to `end` (exclusive), with their places."""
        return Body(self.text[start:end], self.starts[start:end], self.ends[start:end])


def verbatim(text: str, start: int, end: int) -> Body:
    """The characters `start` to `end` of a text, each standing for itself."""
    return Body(text[start:end], range(start, end), range(start + 1, end + 1))


def joined(pieces: Sequence[Body]) -> Body:
    """Several bodies one after the other."""
    starts: list[int] = []
    ends: list[int] = []
    for piece in pieces:
        starts.extend(piece.starts)
        ends.extend(piece.ends)
    return Body("".join(piece.text for piece in pieces), starts, ends)


class ReadingError(Exception):
    """Text that could not be read: what was found, what was expected, one thing to try.

    >>> print(ReadingError(Source("a.md", "x = (y"), (6, 6), "the end of the row", "a closing bracket"))
    a.md:1:7: found the end of the row, expected a closing bracket
    x = (y
          ^
    """

    def __init__(self, source: Source, span: Span, found: str, expected: str, hint: str = "") -> None:
        self.source = source
        self.span = span
        self.found = found
        self.expected = expected
        self.hint = hint
        super().__init__(found, expected)

    @property
    def line(self) -> int:
        """Line of the place, counted from 1."""
        return self.source.position(self.span[0])[0]

    @property
    def column(self) -> int:
        """Column of the place, counted from 1."""
        return self.source.position(self.span[0])[1]

    @property
    def message(self) -> str:
        """The error in one line, without its place."""
        hint = f"; {self.hint}" if self.hint else ""
        return f"found {self.found}, expected {self.expected}{hint}"

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}: {self.message}\n{self.source.caret(self.span)}"
