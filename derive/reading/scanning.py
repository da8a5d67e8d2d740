"""Where mathematics begins and ends in a text. A delimiter that is never closed costs its own paragraph only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from derive.reading.escapes import unescaped
from derive.reading.masks import BLANK_LINE, ENVIRONMENTS
from derive.reading.positions import Body, ReadingError, Source, Span, verbatim

LANGUAGE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}[ ,][ ]*[A-Za-z]{2,}[ ,][ ]*[A-Za-z]{2,}")


_OPENER = re.compile(
    r"\\begin\{(?P<environment>"
    + ENVIRONMENTS
    + r")\}|(?P<doubled>\\\\[(\[])|\\\\|\\\$|(?P<paren>\\\()|(?P<bracket>\\\[)"
    r"|(?P<tick>\$`)|(?P<dollars>\$+)|(?P<fence>^[ \t]*(?:`{3,}|~{3,})[ \t]*math[^\n]*\n)",
    re.MULTILINE,
)


_DOLLAR = re.compile(r"(?:(?<!\\)(?:\\\\)+|(?<!\\))(\$)")


_DISPLAY = re.compile(
    r"\$\$|(?<!\\)\\\[|^#{1,6} |\\begin\{(?:align|equation|eqnarray|gather|multline|flalign|displaymath)\*?\}",
    re.MULTILINE,
)


_WITH_WORDS = ("\\text{", "\\mbox{", "\\textrm{")


_MATHEMATICAL = re.compile(r"[\\^_=+*/<>|∂∑σ≤≥·×−∈-]")


@dataclass(frozen=True)
class Prose:
    """Words between mathematics, as written."""

    text: str
    source: Source
    span: Span


@dataclass(frozen=True)
class Math:
    """One piece of mathematics without its delimiters; `span` includes them.

    delimiter: `$`, `$$`, `\\(`, `\\[`, `fence`, `line` (plain text) or the name of an environment.
    """

    body: Body
    display: bool
    delimiter: str
    source: Source
    span: Span


Segment: TypeAlias = Prose | Math


class Scan:
    """One pass over a text that finds mathematics. Failed searches are remembered: time stays linear."""

    def __init__(self, source: Source, text: str, start: int, end: int, kind: str) -> None:
        self.source = source
        self.text = text
        self.start = start
        self.end = end
        self.kind = kind
        self.damage: list[ReadingError] = []
        self.known: dict[str, tuple[int, int]] = {}

    def segments(self) -> Iterator[Segment]:
        at = prose = self.start
        while found := _OPENER.search(self.text, at, self.end):
            inside = self._inside(found)
            if inside is None:
                at = found.end()
                continue
            start, close, end, display, delimiter = inside
            at = end
            body = verbatim(self.text, start, close)
            if not body.text.strip():
                continue
            if self.kind == "md":
                body = unescaped(body)
            if found.start() > prose:
                yield Prose(self.source.text[prose : found.start()], self.source, (prose, found.start()))
            yield Math(body, display, delimiter, self.source, (found.start(), end))
            prose = end
        if prose < self.end:
            yield Prose(self.source.text[prose : self.end], self.source, (prose, self.end))

    def _inside(self, found: re.Match[str]) -> tuple[int, int, int, bool, str] | None:
        """Start and end of the content, end of all, whether display, and the delimiter; None if it is prose."""
        kind = found.lastgroup
        if kind == "environment":
            return self._environment(found)
        if kind == "dollars":
            return self._dollars(found)
        if kind == "paren":
            return self._simple(found, "\\)", False, "\\(")
        if kind == "bracket":
            return self._simple(found, "\\]", True, "\\[")
        if kind == "tick":
            return self._simple(found, "`$", False, "$")
        if kind == "fence":
            fence = found.group().strip()[:3]
            return self._simple(found, "\n" + fence, True, "fence") or self._simple(found, fence, True, "fence")
        if kind == "doubled" and self.kind == "md":
            inline = found.group().endswith("(")
            return self._simple(found, "\\\\)" if inline else "\\\\]", not inline, "\\(" if inline else "\\[")
        return None

    def _simple(
        self, found: re.Match[str], closer: str, display: bool, delimiter: str
    ) -> tuple[int, int, int, bool, str] | None:
        close = self._next(closer, found.end())
        stop = self._recovery(found.end()) if delimiter != "fence" else self.end
        if close < 0 or (close > stop and self._is_new_block(found.end(), stop, close)):
            if (
                delimiter in ("\\(", "\\[")
                and self.kind == "md"
                and not _MATHEMATICAL.search(self.text, found.end(), min(stop, found.end() + 200))
            ):
                return None
            return self._unclosed(found, stop, display, delimiter, closer)
        if display and delimiter == "\\[" and not _MATHEMATICAL.search(self.text, found.end(), close):
            return None
        return found.end(), close, close + len(closer), display, delimiter

    def _environment(self, found: re.Match[str]) -> tuple[int, int, int, bool, str]:
        name = found["environment"]
        closer = f"\\end{{{name}}}"
        close = self._next(closer, found.end())
        again = self._next(f"\\begin{{{name}}}", found.end())
        if close < 0 or 0 <= again < close:
            stop = self._recovery(found.end())
            self._note(found.span(), f"\\begin{{{name}}} without its end", closer)
            return found.end(), stop, stop, True, name
        return found.start(), close + len(closer), close + len(closer), True, name

    def _dollars(self, found: re.Match[str]) -> tuple[int, int, int, bool, str] | None:
        run = len(found.group())
        if run > 4 or run == 3:
            self._note(found.span(), f"{run} dollar signs in a row", "one or two")
            return None
        if run == 4:
            return None
        return self._display(found) if run == 2 else self._inline(found)

    def _display(self, found: re.Match[str]) -> tuple[int, int, int, bool, str]:
        start = found.end()
        close = self._next("$$", start)
        stop = self._recovery(start)
        if close < 0 or close > stop:
            single = _DOLLAR.search(self.text, start, stop)
            if single and not self.text[single.end() : stop].strip():
                self._note(single.span(1), "a single $", "$$ to close the block")
                return start, single.start(1), single.end(), True, "$$"
        if close < 0 or (close > stop and self._is_new_block(start, stop, close)):
            return self._unclosed(found, stop, True, "$$", "$$")
        return start, close, close + 2, True, "$$"

    def _inline(self, found: re.Match[str]) -> tuple[int, int, int, bool, str] | None:
        start = found.end()
        stop = self._recovery(start, displays=False)
        close = self._closing_dollar(start, stop)
        if close < 0:
            if _MATHEMATICAL.search(self.text, start, min(stop, start + 200)):
                self._note(found.span(), "a $ that is never closed", "a second $ before the next blank line")
            return None
        content = self.text[start:close]
        if len(content) > 3 and not _MATHEMATICAL.search(content) and " " in content.strip():
            return None
        return start, close, close + 1, False, "$"

    def _closing_dollar(self, start: int, stop: int) -> int:
        """The closing `$`; one inside `\\text{...}` belongs to the text."""
        at = start
        while dollar := _DOLLAR.search(self.text, at, stop):
            close = dollar.start(1)
            if self.text.startswith("$$", close) and self.text[:close].endswith("\n"):
                return -1
            opened = max(self.text.rfind(command, max(start, close - 300), close) for command in _WITH_WORDS)
            if opened < 0 or self.text.count("{", opened, close) <= self.text.count("}", opened, close):
                return close
            inner = _DOLLAR.search(self.text, dollar.end(), stop)
            if not inner:
                return close
            at = inner.end()
        return -1

    def _unclosed(
        self, found: re.Match[str], stop: int, display: bool, delimiter: str, closer: str
    ) -> tuple[int, int, int, bool, str]:
        self._note(found.span(), f"{found.group().strip()} that is never closed", closer)
        return found.end(), stop, stop, display, delimiter

    def _is_new_block(self, start: int, stop: int, close: int) -> bool:
        """Whether the text between a possible end and a far closer is no part of this mathematics."""
        if not self.text[start:stop].strip():
            return False
        between = self.text[stop : min(close, stop + 5_000)]
        if close - stop > 5_000:
            return True
        bare = re.sub(r"\\(?:text|mbox|textrm|begin|end|mathrm|operatorname)\*?\{[^{}]*\}|\\[A-Za-z]+", " ", between)
        return bool("$" in between or _DISPLAY.search(between) or LANGUAGE.search(bare))

    def _recovery(self, start: int, displays: bool = True) -> int:
        """Where an unclosed block ends at the latest: a blank line or the next display."""
        while start < self.end and self.text[start] in " \t\r\n":
            start += 1
        stops = [self._next_pattern("blank", BLANK_LINE, start)]
        if displays:
            stops.append(self._next_pattern("display", _DISPLAY, start))
        return min(self.end if stop < 0 else stop for stop in stops)

    def _next(self, needle: str, start: int) -> int:
        return self._remembered(needle, start, lambda: self.text.find(needle, start, self.end))

    def _next_pattern(self, key: str, pattern: re.Pattern[str], start: int) -> int:
        def search() -> int:
            found = pattern.search(self.text, start, self.end)
            return found.start() if found else -1

        return self._remembered(key, start, search)

    def _remembered(self, key: str, start: int, search: Callable[[], int]) -> int:
        asked, answer = self.known.get(key, (self.end + 1, -1))
        if asked <= start and (answer < 0 or start <= answer):
            return answer
        answer = search()
        self.known[key] = (start, answer)
        return answer

    def _note(self, span: Span, found: str, expected: str) -> None:
        if len(self.damage) < 100:
            self.damage.append(ReadingError(self.source, span, found, expected))
