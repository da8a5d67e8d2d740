"""A place in a list of tokens, with what the parser must remember there."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from derive.reading.positions import ReadingError, Source, Span
from derive.reading.syntax import Node
from derive.reading.tokens import Token

MAX_DEPTH = 30
"""How deep brackets, fractions and scripts may stand inside each other. Each level takes about
seventeen calls; Python's own limit of 1,000 must never be reached."""
MAX_MARKS = 20
"""Most scripts and marks on one base beyond the first of each."""
MAX_REPAIRS = 50
"""Most repairs of one row; what needs more is not read but guessed."""
LOOK_AHEAD = 400
"""How many tokens a decision may look ahead; keeps the time linear."""


@dataclass(frozen=True)
class Repair:
    """Damage read through: what was written, what it was read as, and why. Never silent."""

    written: str
    read_as: str
    why: str
    span: Span


@dataclass(frozen=True)
class Grammar:
    """The levels of the grammar that others need, from loosest to tightest."""

    listing: Callable[[Cursor], Node]
    sum: Callable[[Cursor], Node]
    product: Callable[[Cursor], Node]
    chain: Callable[[Cursor], Node]
    factor: Callable[[Cursor], Node]
    primary: Callable[[Cursor], Node]


class Cursor:
    """Walks over tokens. `at` never stands on a brace that has been declared transparent."""

    def __init__(self, tokens: list[Token], source: Source, grammar: Grammar) -> None:
        self.tokens = tokens
        self.source = source
        self.grammar = grammar
        self.at = 0
        self.last_end = tokens[0].start
        self.depth = 0
        self.groups = 0
        self.in_script = False
        self.bars: list[str] = [""]
        self.repairs: list[Repair] = []
        self.transparent: set[int] = set()
        self.kept_brace = -1
        self.partner, self.overs = partners(tokens)
        self.in_order = all(a.start <= b.start for a, b in itertools.pairwise(tokens))

    @property
    def token(self) -> Token:
        """The token here."""
        return self.tokens[self.at]

    def ahead(self, count: int = 1) -> Token:
        """The token some places further on."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """The token here; goes on to the next."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
            self.last_end = token.end
            if self.transparent:
                self.settle()
        return token

    def settle(self) -> None:
        """Step over braces that group nothing."""
        while self.at in self.transparent:
            self.at += 1

    def is_sign(self, *texts: str) -> bool:
        """Whether a sign or command with one of these texts stands here."""
        token = self.tokens[self.at]
        return token.text in texts and token.kind in ("sign", "command")

    def skip_quads(self) -> None:
        """Step over wide spaces."""
        while self.token.kind == "command" and self.token.text == "\\quad":
            self.take()

    def span_from(self, start: int) -> Span:
        """From the token at index `start` to the last one taken."""
        last = max(start, self.at - 1)
        if self.in_order:
            first = self.tokens[start].start
            return (first, max(first, self.last_end))
        taken = self.tokens[start : last + 1]
        return (min(token.start for token in taken), max(token.end for token in taken))

    def expect_kind(self, kind: str, what: str) -> Token:
        """Take a token of a kind or fail."""
        if self.token.kind != kind:
            raise self.error(what)
        return self.take()

    def error(self, expected: str, hint: str = "") -> ReadingError:
        """The error that something else was expected here."""
        token = self.token
        return ReadingError(self.source, (token.start, token.end), described(token), expected, hint)

    def deeper(self) -> None:
        """One level further in; fails beyond `MAX_DEPTH`. Whoever calls this lowers `depth` again."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"at most {MAX_DEPTH} levels inside each other", "write a part of it as a name of its own")

    def repaired(self, token: Token, read_as: str, why: str) -> None:
        """Record damage that was read through."""
        if len(self.repairs) >= MAX_REPAIRS:
            raise ReadingError(self.source, (token.start, token.end), f"more than {MAX_REPAIRS} repairs", "less damage")
        span = (token.start, token.end)
        self.repairs.append(Repair(self.source.written(span), read_as, why, span))


def described(token: Token) -> str:
    """A token in words for an error."""
    if token.kind == "end":
        return "the end of the row"
    if token.kind in ("begin", "finish"):
        return f"\\{'begin' if token.kind == 'begin' else 'end'}{{{token.text}}}"
    if token.kind == "text":
        return f"the text {token.text[:40]!r}"
    if token.text == "\\\\":
        return "a row break"
    if token.kind in ("open", "close"):
        return f"the {'opening' if token.kind == 'open' else 'closing'} bracket {token.text!r}"
    return repr(token.text)[1:-1].replace("\\\\", "\\")


def partners(tokens: list[Token]) -> tuple[list[int], set[int]]:
    """For each bracket and brace the index of the other one, or -1; and the braces that hold an `\\over`."""
    partner = [-1] * len(tokens)
    overs: set[int] = set()
    stack: list[int] = []
    for index, token in enumerate(tokens):
        kind = token.kind
        if kind in ("{", "open", "begin"):
            stack.append(index)
        elif kind == "}":
            while stack and tokens[stack[-1]].kind != "{":
                stack.pop()
            _pair(stack, index, partner)
        elif kind in ("close", "finish"):
            if stack and tokens[stack[-1]].kind == ("open" if kind == "close" else "begin"):
                _pair(stack, index, partner)
        elif token.text == "\\over" and stack and tokens[stack[-1]].kind == "{":
            overs.add(stack[-1])
    return partner, overs


def _pair(stack: list[int], index: int, partner: list[int]) -> None:
    if stack:
        opening = stack.pop()
        partner[opening], partner[index] = index, opening
