"""A block of mathematics cut into rows: the lines of an align, a system in braces, a formula in a box.

A line that goes on with an operator, or that closes a bracket of the line before, is one row with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from derive.reading import vocabulary as v
from derive.reading.cursor import partners
from derive.reading.tokens import Token

_BOXES = frozenset(name for name, kind in v.WRAPPERS.items() if kind in ("boxed", "color", "underline", "clap"))
MAX_BOXES = 200
"""Most braces of boxes that are taken off in one block."""
_TWO_ARGUMENTS = frozenset(["\\textcolor", "\\colorbox"])
_SYSTEMS = frozenset(["cases", "dcases", "rcases", "cases*", "dcases*", "array", "matrix", "smallmatrix"])


@dataclass(frozen=True)
class RowTokens:
    """The tokens of one row, ended by one of kind `end`, and the boxes around it that were taken off."""

    tokens: list[Token]
    marks: tuple[str, ...] = ()


@dataclass
class _Line:
    tokens: list[Token] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    starts_aligned: bool = False
    joined: bool = False


def rows_of(tokens: list[Token]) -> list[RowTokens]:
    """The rows of a block, in order; empty lines are no rows."""
    lines = _Lines(tokens).lines()
    return [RowTokens([*line.tokens, _end_after(line.tokens)], tuple(line.marks)) for line in _logical(lines)]


def _end_after(tokens: list[Token]) -> Token:
    return Token("end", "", tokens[-1].end, tokens[-1].end)


class _Lines:
    """Walks over the tokens of a block once; brackets and environments decide what a row break breaks."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.partner, _ = partners(tokens)
        self.dropped: dict[int, str] = {}
        self.done: list[_Line] = []
        self.line = _Line()
        self.depth = 0
        self.columns = 0
        self.environments: list[str] = []

    def lines(self) -> list[_Line]:
        for index, token in enumerate(self.tokens):
            if index in self.dropped:
                if self.dropped[index]:
                    self.line.marks.append(self.dropped[index])
                continue
            if not self.structural(index, token) and token.kind != "end":
                self.line.tokens.append(token)
        self.finish_line()
        return self.done

    def structural(self, index: int, token: Token) -> bool:
        """Handle what divides rows; whether the token is used up by that."""
        kind = token.kind
        if kind == "begin":
            return self.begin(index, token)
        if kind == "finish":
            return self.finish(token)
        if kind in ("{", "open"):
            self.depth += 1
        elif kind in ("}", "close"):
            self.depth = max(0, self.depth - 1)
        elif kind == "command" and token.text in _BOXES and self.depth == 0 and len(self.dropped) < MAX_BOXES:
            return self.box(index, token)
        elif self.depth == 0 and self.in_rows() and token.kind in ("command", "sign"):
            return self.divider(token)
        elif kind == "command" and token.text == "\\\\" and self.in_rows() and self.partner_missing():
            self.depth = 0
            return self.divider(token)
        return False

    def partner_missing(self) -> bool:
        """Whether the bracket that is open here is never closed: then it cannot hold a row break."""
        return all(self.line.tokens[at].kind != "{" for at in range(len(self.line.tokens) - 1, -1, -1))

    def in_rows(self) -> bool:
        return all(name != "" for name in self.environments)

    def divider(self, token: Token) -> bool:
        if token.text == "\\\\":
            self.finish_line()
            return True
        if token.text == "&" and token.kind == "sign":
            self.column(token)
            return True
        return False

    def column(self, token: Token) -> None:
        """An `&` that aligns disappears; one that separates columns becomes a wide space."""
        self.columns += 1
        name = self.environments[-1] if self.environments else ""
        if not self.line.tokens:
            self.line.starts_aligned = True
        if name.startswith(("eqnarray", "IEEEeqnarray")):
            return
        if self.columns % 2 == 0 or name in _SYSTEMS:
            self.line.tokens.append(Token("command", "\\quad", token.start, token.end))

    def finish_line(self) -> None:
        self.columns = 0
        if self.line.tokens:
            if self.environments and self.environments[-1].startswith("mult") and self.done and self.line is not None:
                self.line.joined = True
            self.done.append(self.line)
        self.line = _Line()

    def begin(self, index: int, token: Token) -> bool:
        before = index - 1
        brace = before >= 0 and self.tokens[before].kind == "open" and self.partner[before] >= 0
        level = self.depth - 1 if brace else self.depth
        splits = level == 0 and self.in_rows() and (token.text in v.ROW_ENVIRONMENTS or self.is_system(index))
        if not splits:
            self.environments.append("")
            return False
        if brace:
            close = self.partner[before]
            if self.partner[index] < 0 or close <= self.partner[index]:
                self.environments.append("")
                return False
            plain = self.tokens[before].text != "\\{" and token.text not in v.ROW_ENVIRONMENTS
            if plain or self.is_value(before):
                self.environments.append("")
                return False
            self.line.tokens.pop()
            self.depth -= 1
            self.dropped[close] = "braced"
        self.environments.append(token.text)
        self.columns = 0
        return True

    def finish(self, token: Token) -> bool:
        if not self.environments:
            return token.text in v.ROW_ENVIRONMENTS
        name = self.environments.pop()
        return name != ""

    def is_value(self, at: int) -> bool:
        """Whether what starts at `at` is the side of a relation or a factor, not a row of its own."""
        before = at - 1
        while before >= 0 and self.tokens[before].text == "\\quad":
            before -= 1
        if before < 0:
            return False
        token = self.tokens[before]
        return token.text in v.RELATIONS or token.text in v.SUMS or token.text in v.PRODUCTS or token.kind == "open"

    def is_system(self, index: int) -> bool:
        """Whether cases or an array are equations below each other."""
        if self.tokens[index].text not in _SYSTEMS:
            return False
        before = index - 1
        if before >= 0 and self.tokens[before].kind == "open":
            before -= 1
        if self.is_value(before + 1):
            return False
        depth = 0
        for at in range(index + 1, len(self.tokens)):
            token = self.tokens[at]
            if token.kind in ("{", "open", "begin"):
                depth += 1
            elif token.kind in ("}", "close", "finish"):
                depth -= 1
            if depth < 0 or (depth == 0 and token.text == "\\\\"):
                return False
            if depth == 0 and token.text == "&" and self.tokens[at + 1].text not in v.RELATIONS:
                return False
            if depth == 0 and token.kind in ("sign", "command") and (token.text in v.RELATIONS or token.text == ":"):
                return True
        return False

    def box(self, index: int, token: Token) -> bool:
        """`\\boxed{a = b}` at the top: the box is taken off so that its equation is one of the row."""
        opening = index + 1
        if token.text in _TWO_ARGUMENTS and opening < len(self.tokens) and self.partner[opening] > 0:
            opening = self.partner[opening] + 1
        if opening >= len(self.tokens) or self.tokens[opening].kind != "{" or self.partner[opening] < 0:
            return False
        close = self.partner[opening]
        if not self.holds_rows(opening, close):
            return False
        self.line.marks.append(v.WRAPPERS[token.text])
        self.dropped.update(dict.fromkeys([*range(index + 1, opening + 1), close], ""))
        return True

    def holds_rows(self, opening: int, close: int) -> bool:
        """Whether something between the braces divides rows or sides; boxes inside boxes do not hide it."""
        depth = 0
        hidden: set[int] = set()
        for at in range(opening + 1, close):
            token = self.tokens[at]
            if token.text in _BOXES and token.kind == "command" and depth == 0 and at + 1 < close:
                inner = at + 1
                if token.text in _TWO_ARGUMENTS and self.partner[inner] > 0:
                    inner = self.partner[inner] + 1
                if self.tokens[inner].kind == "{" and self.partner[inner] > 0:
                    hidden |= {inner, self.partner[inner]}
            if at in hidden:
                continue
            depth -= token.kind in ("}", "close", "finish")
            if depth == 0 and self.divides(at):
                return True
            depth += token.kind in ("{", "open", "begin")
        return False

    def divides(self, at: int) -> bool:
        token = self.tokens[at]
        if token.kind == "begin":
            return token.text in v.ROW_ENVIRONMENTS
        return token.kind in ("sign", "command") and (token.text in v.RELATIONS or token.text in ("\\\\", "&"))


def _logical(lines: list[_Line]) -> Iterator[_Line]:
    """Lines with the lines that go on from them."""
    current: _Line | None = None
    for line in lines:
        if current is not None and (line.joined or _continues(current, line)):
            first, last = line.tokens[0], current.tokens[-1]
            if (first.kind, first.text, last.kind, last.text) == ("open", ".", "close", "."):
                current.tokens.pop()
                line.tokens.pop(0)
            current.tokens.extend(line.tokens)
            current.marks.extend(line.marks)
            continue
        if current is not None and current.tokens:
            yield current
        current = line
    if current is not None and current.tokens:
        yield current


def _continues(before: _Line, line: _Line) -> bool:
    first = next((t for t in line.tokens if t.text != "\\quad"), None)
    last = next((t for t in reversed(before.tokens) if t.text != "\\quad"), None)
    if first is None or last is None:
        return True
    if first.kind == "open" and first.text == "." and last.kind == "close" and last.text == ".":
        return True
    if last.kind in ("sign", "command") and (
        last.text in v.SUMS or (last.text in v.PRODUCTS and last.text not in "./")
    ):
        return True
    open_before, open_here = _balance(before.tokens), _balance(line.tokens)
    if open_before > 0 and open_here < 0:
        return True
    if first.kind not in ("sign", "command"):
        return False
    if first.text in v.PRODUCTS and first.text not in (".", "*", "/"):
        return True
    if first.text not in v.SUMS:
        return False
    return first.text == "+" or not _has_relation(line.tokens) or (line.starts_aligned and before.starts_aligned)


def _balance(tokens: list[Token]) -> int:
    return sum((token.kind == "open") - (token.kind == "close") for token in tokens)


def _has_relation(tokens: list[Token]) -> bool:
    depth = 0
    for token in tokens:
        depth += (token.kind in ("{", "open", "begin")) - (token.kind in ("}", "close", "finish"))
        if depth == 0 and token.kind in ("sign", "command") and token.text in v.RELATIONS:
            return True
    return False
