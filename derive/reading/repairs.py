"""Damage that can be read through: lost or stray brackets, a 6 that was a sigma.

A repaired reading is an offer. Each is recorded with what was written and what it was read as, so that
no verdict can rest on it unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.reading import vocabulary as v
from derive.reading.cursor import MAX_REPAIRS, Repair
from derive.reading.positions import Source
from derive.reading.rows import RowTokens
from derive.reading.tokens import Token

_BRACKETS = ("open", "{", "close", "}")


def with_sigma(row: RowTokens, source: Source) -> tuple[RowTokens, list[Repair]]:
    """`6(x)` and `6'(x)`: scanned handwriting shows a sigma as a six."""
    repairs: list[Repair] = []
    tokens = row.tokens
    for at, token in enumerate(tokens):
        if token.kind != "number" or token.text != "6" or (at and tokens[at - 1].text in ("_", "^", "\\frac")):
            continue
        following = tokens[min(at + 1, len(tokens) - 1)]
        if len(repairs) >= MAX_REPAIRS:
            break
        if following.text == "'" or (following.kind == "open" and following.text in ("(", "[")):
            if tokens is row.tokens:
                tokens = list(tokens)
            tokens[at] = token._replace(kind="command", text="\\sigma")
            span = (token.start, token.end)
            repairs.append(Repair(source.written(span), "\\sigma", "a 6 used as a function", span))
    return RowTokens(tokens, row.marks), repairs


def mended(row: RowTokens, source: Source) -> Iterator[tuple[RowTokens, list[Repair]]]:
    """Readings of a row with one or two brackets put right, likeliest first; none if the brackets fit."""
    unclosed, stray = _unmatched(row.tokens)
    if not 1 <= len(unclosed) + len(stray) <= 2:
        return
    without = _dropped(row, stray, source)
    if not unclosed:
        yield without
        return
    for place in (_before_term, _before_relation, _at_end):
        tokens, repairs = list(without[0].tokens), list(without[1])
        for at in reversed(unclosed):
            at -= sum(index < at for index in stray)
            tokens, repair = _closed(tokens, at, place(tokens, at), source)
            repairs.append(repair)
        yield RowTokens(tokens, row.marks), repairs


def _unmatched(tokens: list[Token]) -> tuple[list[int], list[int]]:
    """Indices of brackets never closed, and of closing ones never opened."""
    stack: list[int] = []
    stray: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind in ("open", "{"):
            stack.append(at)
        elif token.kind in ("close", "}"):
            wanted = "open" if token.kind == "close" else "{"
            if stack and tokens[stack[-1]].kind == wanted:
                stack.pop()
            elif wanted == "{" and any(tokens[index].kind == "{" for index in stack):
                while tokens[stack[-1]].kind != "{":
                    return [stack[-1]], stray
                stack.pop()
            else:
                stray.append(at)
    return stack, stray


def _dropped(row: RowTokens, stray: list[int], source: Source) -> tuple[RowTokens, list[Repair]]:
    repairs = []
    for at in stray:
        span = (row.tokens[at].start, row.tokens[at].end)
        repairs.append(Repair(source.written(span), "", "a closing bracket that nothing opened was left out", span))
    tokens = [token for at, token in enumerate(row.tokens) if at not in stray]
    return RowTokens(tokens, row.marks), repairs


def _closed(tokens: list[Token], at: int, place: int, source: Source) -> tuple[list[Token], Repair]:
    opening = tokens[at]
    here = tokens[place].start if tokens[place].kind == "end" else tokens[place - 1].end
    kind = "}" if opening.kind == "{" else "close"
    closing = Token(kind, "}" if kind == "}" else opening.text, here, here)
    written = source.written((opening.start, opening.end))
    shown = "}" if kind == "}" else v.CLOSE_PRINT[opening.text].strip()
    repair = Repair("", shown, f"{written} was never closed", (here, here))
    return [*tokens[:place], closing, *tokens[place:]], repair


def _stops(tokens: list[Token], at: int, texts: frozenset[str], skip: int) -> int:
    """The first place after `at`, at its own level, with one of the signs; else where the level ends."""
    depth = 0
    for place in range(at + 1, len(tokens)):
        token = tokens[place]
        if token.kind in ("open", "{", "begin"):
            depth += 1
        elif token.kind in ("close", "}", "finish"):
            depth -= 1
            if depth < 0:
                return place
        elif token.kind == "end" or (
            depth == 0 and token.kind in ("sign", "command") and token.text in texts and place > at + skip
        ):
            return place
    return len(tokens) - 1


_RELATIONS = frozenset(v.RELATIONS) | frozenset(v.CONNECTORS) | {"\\quad", ",", "\\\\", "&"}


def _before_term(tokens: list[Token], at: int) -> int:
    """After the first term, if the bracket opens the argument of a function."""
    function = at and (tokens[at - 1].kind == "word" or tokens[at - 1].text[1:] in v.PREFIX_FUNCTIONS | {"sigma"})
    return _stops(tokens, at, _RELATIONS | frozenset(["+", "-"]), 1) if function else _before_relation(tokens, at)


def _before_relation(tokens: list[Token], at: int) -> int:
    return _stops(tokens, at, _RELATIONS, 0)


def _at_end(tokens: list[Token], at: int) -> int:
    return _stops(tokens, at, frozenset(), 0)
