"""The macros of a document: found, and expanded with places kept.

Handles `\\newcommand`, `\\renewcommand`, `\\providecommand`, `\\def`, `\\let` and `\\DeclareMathOperator`, with
arguments and one optional default. A character that comes from a definition stands at the place of the
call; a character of an argument keeps its own place. What is expanded stays text: no TeX is run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from derive.reading.positions import Body, ReadingError, Source, Span, joined

MAX_DEFINITION = 4_000
"""Longest definition that is looked at, in characters."""
MAX_DEFINITIONS = 2_000
MAX_BROKEN = 200
"""After so many definitions that make no sense, no more are looked for."""
MAX_NESTING = 40
"""How deep a macro may use other macros."""
MAX_EXPANSION = 200_000
"""Most characters that all macros of one block may produce."""

_DEFINITION = re.compile(
    r"\\(?:(?P<new>(?:re)?newcommand|providecommand|DeclareRobustCommand)|(?P<operator>DeclareMathOperator)"
    r"|(?P<environment>(?:re)?newenvironment)|(?P<let>let)|(?P<def>[gex]?def))(?![A-Za-z])(?P<star>\*?)"
)
_NAME = re.compile(r"\s*(?:\{\s*(\\(?:[A-Za-z@]+|.))\s*\}|(\\(?:[A-Za-z@]+|[^\s{}])))")
_ARITY = re.compile(r"\s*\[\s*(\d)\s*\]")
_DEFAULT = re.compile(r"\s*\[([^\]]*)\]")
_PARAMETERS = re.compile(r"\s*((?:#\d\s*)*)(?=\{)")
_LET = re.compile(r"\s*(\\[A-Za-z@]+)\s*=?\s*(\\[A-Za-z@]+)")
_COMMAND = re.compile(r"\\(?:[A-Za-z@]+|.)", re.DOTALL)
_PARAMETER = re.compile(r"#(\d)")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


@dataclass(frozen=True)
class Macro:
    """A definition; `default` is what the first argument is if it is left out."""

    name: str
    arity: int
    body: str
    default: str | None = None


Macros = Mapping[str, Macro]


def closing_brace(text: str, at: int, limit: int | None = None) -> int:
    """Index of the `}` that closes the `{` at `at`, or -1.

    >>> closing_brace("{a{b}}c", 0)
    5
    """
    depth = 0
    end = len(text) if limit is None else min(len(text), at + limit)
    for found in _BRACE.finditer(text, at, end):
        sign = found.group()
        depth += (sign == "{") - (sign == "}")
        if depth == 0 and sign == "}":
            return found.start()
    return -1


def definitions(text: str) -> tuple[dict[str, Macro], list[Span]]:
    """The macros a text defines, and the places of the definitions (which are not mathematics).

    >>> definitions("\\\\newcommand{\\\\pd}[2]{\\\\frac{\\\\partial #1}{\\\\partial #2}}")[0]["\\\\pd"].arity
    2
    """
    macros: dict[str, Macro] = {}
    spans: list[Span] = []
    at = failed = 0
    while len(spans) < MAX_DEFINITIONS and failed < MAX_BROKEN and (found := _DEFINITION.search(text, at)):
        macro, end = _definition(text, found)
        failed += end == found.end()
        at = max(end, found.end())
        if macro is not None:
            macros[macro.name] = macro
        if end > found.end():
            spans.append((found.start(), end))
    return macros, spans


def _definition(text: str, found: re.Match[str]) -> tuple[Macro | None, int]:
    """One definition and its end; no macro and the end of the keyword if it is not understood."""
    nothing = (None, found.end())
    if found["let"]:
        let = _LET.match(text, found.end())
        return (Macro(let[1], 0, let[2]), let.end()) if let else nothing
    if found["environment"]:
        return None, _after_arguments(text, found.end(), 3)
    name = _NAME.match(text, found.end())
    if not name:
        return nothing
    at, arity, default = name.end(), 0, None
    if found["def"]:
        parameters = _PARAMETERS.match(text, at)
        if not parameters:
            return nothing
        arity, at = parameters[1].count("#"), parameters.end()
    elif found["new"] and (count := _ARITY.match(text, at)):
        arity, at = int(count[1]), count.end()
        if optional := _DEFAULT.match(text, at):
            default, at = optional[1], optional.end()
    at = _skip_space(text, at)
    if not text.startswith("{", at) or (close := closing_brace(text, at, MAX_DEFINITION)) < 0:
        return nothing
    body = text[at + 1 : close]
    if found["operator"]:
        body = f"\\operatorname{found['star']}{{{body}}}"
    return Macro(name[1] or name[2], arity, body, default), close + 1


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _after_arguments(text: str, at: int, count: int) -> int:
    for _ in range(count):
        while found := _DEFAULT.match(text, at):
            at = found.end()
        start = _skip_space(text, at)
        if not text.startswith("{", start) or (close := closing_brace(text, start, MAX_DEFINITION)) < 0:
            return at
        at = close + 1
    return at


def expand(body: Body, macros: Macros, source: Source) -> Body:
    """The body with every macro replaced, however often; fails when that does not end.

    >>> from derive.reading.positions import verbatim
    >>> macros, _ = definitions(r"\\def\\v#1{\\mathbf{#1}}")
    >>> expand(verbatim(r"\\v u^T", 0, 6), macros, Source("", "")).text
    '\\\\mathbf{u}^T'
    """
    return _Expansion(macros, source).run(body, 0)


class _Expansion:
    """One expansion with its budget."""

    def __init__(self, macros: Macros, source: Source) -> None:
        self.macros = macros
        self.source = source
        self.produced = 0

    def run(self, body: Body, nesting: int) -> Body:
        pieces: list[Body] = []
        text, done, at = body.text, 0, 0
        while found := _COMMAND.search(text, at):
            at = found.end()
            macro = self.macros.get(found.group())
            if macro is None:
                continue
            arguments, at = self._arguments(body, macro, at, found)
            place = body.span(found.start(), at)
            pieces.append(body.slice(done, found.start()))
            pieces.append(self._call(macro, arguments, place, nesting, text[at : at + 1]))
            done = at
        if not pieces:
            return body
        pieces.append(body.slice(done, len(text)))
        return joined(pieces)

    def _call(self, macro: Macro, arguments: list[Body], place: Span, nesting: int, following: str) -> Body:
        filled = self._filled(macro, arguments, place)
        self.produced += len(filled.text)
        if nesting >= MAX_NESTING or self.produced > MAX_EXPANSION:
            raise ReadingError(
                self.source,
                place,
                f"{macro.name}, which expands without end",
                f"at most {MAX_NESTING} macros inside each other and {MAX_EXPANSION} characters",
                "does the macro use itself?",
            )
        result = self.run(filled, nesting + 1)
        if following.isalpha() and re.search(r"\\[A-Za-z]+$", result.text):
            result = joined([result, _standing_at(" ", place)])
        return result

    def _filled(self, macro: Macro, arguments: list[Body], place: Span) -> Body:
        pieces: list[Body] = []
        at = 0
        for found in _PARAMETER.finditer(macro.body):
            pieces.append(_standing_at(macro.body[at : found.start()], place))
            number = int(found[1])
            if 1 <= number <= len(arguments):
                pieces.append(arguments[number - 1])
            at = found.end()
        pieces.append(_standing_at(macro.body[at:], place))
        return joined(pieces)

    def _arguments(self, body: Body, macro: Macro, at: int, call: re.Match[str]) -> tuple[list[Body], int]:
        arguments: list[Body] = []
        text = body.text
        if macro.default is not None:
            optional = _DEFAULT.match(text, at)
            place = body.span(call.start(), call.end())
            if optional:
                arguments.append(body.slice(optional.start(1), optional.end(1)))
                at = optional.end()
            else:
                arguments.append(_standing_at(macro.default, place))
        while len(arguments) < macro.arity:
            start = _skip_space(text, at)
            close = closing_brace(text, start) if text.startswith("{", start) else -1
            if close >= 0:
                arguments.append(body.slice(start + 1, close))
                at = close + 1
            elif start < len(text) and text[start] not in "{}&$":
                at = found.end() if (found := _COMMAND.match(text, start)) else start + 1
                arguments.append(body.slice(start, at))
            else:
                expected = f"argument {len(arguments) + 1} of {macro.arity} for {macro.name}"
                raise ReadingError(self.source, body.span(call.start(), at), "nothing to take", expected)
        return arguments, at


def _standing_at(text: str, place: Span) -> Body:
    return Body(text, [place[0]] * len(text), [place[1]] * len(text))
