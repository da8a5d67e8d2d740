"""Documents cut into prose and mathematics: Markdown, LaTeX, notebooks, plain text.

Skipped parts (code, comments, verbatim) are overwritten with spaces of the same length, so every offset
stays an offset into the file. A delimiter that is never closed costs its own paragraph, not the next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from derive.reading.escapes import unescaped
from derive.reading.macros import Macro, definitions
from derive.reading.positions import Body, ReadingError, Source, Span, verbatim
from derive.reading.vocabulary import MATH_ENVIRONMENTS

MAX_CHARACTERS = 5_000_000
"""Longest document that is read."""
MAX_BLOCKS = 10_000
"""Most pieces of mathematics that are read of one document; a book has fewer."""
MAX_LINE = 4_000
"""Longest line of plain text that can be mathematics."""
MAX_INPUTS = 20
"""Most files one document may pull in."""

KINDS = {
    ".md": "md", ".markdown": "md", ".mdown": "md", ".rmd": "md", ".qmd": "md", ".tex": "tex", ".latex": "tex",
    ".sty": "tex", ".ltx": "tex", ".ipynb": "ipynb", ".txt": "txt",
}  # fmt: skip


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


@dataclass(frozen=True)
class Document:
    """A document in order; `damage` lists what could not be cut, `front_matter` the lines between `---`."""

    name: str
    segments: tuple[Segment, ...]
    macros: dict[str, Macro]
    damage: tuple[ReadingError, ...] = ()
    front_matter: str = ""


def open_document(path: Path, kind: str = "") -> Document:
    """The document in a file; its kind from its ending unless given."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ReadingError(Source(str(path), ""), (0, 0), error.strerror or "an error", "a readable file") from None
    text = decoded(content, str(path))
    return cut(text, kind or KINDS.get(path.suffix.lower(), "txt"), str(path), path.parent)


def decoded(content: bytes, name: str) -> str:
    """The text of a file in UTF-8, UTF-16 with a mark, or, line by line, Windows-1252.

    >>> decoded("é".encode("cp1252"), "a.md")
    'é'
    """
    if len(content) > 4 * MAX_CHARACTERS:
        raise _too_long(Source(name, ""), len(content))
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace").lstrip("\ufeff")
    if (at := content.find(b"\0")) >= 0:
        before = content[:at].decode("utf-8", errors="replace")
        raise ReadingError(Source(name, before), (len(before), len(before)), "a zero byte", "text", "is it binary?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(_decoded_line(line) for line in content.splitlines(keepends=True)).lstrip("\ufeff")


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def cut(text: str, kind: str, name: str = "text", folder: Path | None = None) -> Document:
    """A text of a kind (`md`, `tex`, `ipynb`, `txt`) in segments. Files are only read from `folder`.

    >>> [type(part).__name__ for part in cut("so $x = 1$.", "md").segments]
    ['Prose', 'Math', 'Prose']
    """
    source = Source(name, text)
    if len(text) > MAX_CHARACTERS:
        raise _too_long(source, len(text))
    if kind == "txt":
        kind = "md" if re.search(r"\$|\\\(|\\\[|\\begin\{", text) else "lines"
    cutter = _Cutter(folder)
    if kind == "ipynb":
        cutter.notebook(source)
    elif kind in ("md", "tex", "lines"):
        cutter.text(source, kind)
    else:
        raise ReadingError(source, (0, 0), f"kind {kind!r}", "one of md, tex, ipynb, txt")
    return Document(name, tuple(cutter.segments), cutter.macros, tuple(cutter.damage), cutter.front_matter)


def _too_long(source: Source, length: int) -> ReadingError:
    return ReadingError(source, (0, 0), f"{length} characters", f"at most {MAX_CHARACTERS}", "split the document")


_MARKDOWN_SKIPPED = re.compile(
    r"^(?P<quote>[ \t]*(?:>[ \t]*)?)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)\n"
    r"|<!--|<pre\b|<code\b|<script\b|<style\b|(?<![`$\\])(?P<code>`+)",
    re.MULTILINE,
)
_LATEX_SKIPPED = re.compile(
    r"(?P<escaped>\\\\|\\%)|(?P<comment>%[^\n]*)|\\verb\*?(?P<bar>[^A-Za-z\s*])|\\iffalse\b"
    r"|\\begin\{(?P<name>verbatim\*?|lstlisting|comment|minted|filecontents\*?|tikzpicture|algorithm|algorithmic"
    r"|Verbatim|alltt)\}"
    r"|\\lstinline\b(?:\[[^\]]*\])?(?P<inline>[^A-Za-z\s])"
)
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_INPUT = re.compile(
    r"\\(?:input|include|subfile)\s*\{([^{}\n]{1,300})\}|\\usepackage(?:\[[^\]]*\])?\{([\w./-]{1,100})\}"
)
_ENVIRONMENTS = "|".join(re.escape(name) for name in sorted(MATH_ENVIRONMENTS, key=len, reverse=True))
_OPENER = re.compile(
    r"\\begin\{(?P<environment>"
    + _ENVIRONMENTS
    + r")\}|(?P<doubled>\\\\[(\[])|\\\\|\\\$|(?P<paren>\\\()|(?P<bracket>\\\[)"
    r"|(?P<tick>\$`)|(?P<dollars>\$+)|(?P<fence>^[ \t]*(?:`{3,}|~{3,})[ \t]*math[^\n]*\n)",
    re.MULTILINE,
)
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
_DOLLAR = re.compile(r"(?:(?<!\\)(?:\\\\)+|(?<!\\))(\$)")
_DISPLAY = re.compile(
    r"\$\$|(?<!\\)\\\[|^#{1,6} |\\begin\{(?:align|equation|eqnarray|gather|multline|flalign|displaymath)\*?\}",
    re.MULTILINE,
)
_WITH_WORDS = ("\\text{", "\\mbox{", "\\textrm{")
_MATHEMATICAL = re.compile(r"[\\^_=+*/<>|∂∑σ≤≥·×−∈-]")
_LANGUAGE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}[ ,][ ]*[A-Za-z]{2,}[ ,][ ]*[A-Za-z]{2,}")


class _Cutter:
    """Collects the segments of one document and of the files it pulls in."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.segments: list[Segment] = []
        self.macros: dict[str, Macro] = {}
        self.damage: list[ReadingError] = []
        self.front_matter = ""
        self.inputs = 0
        self.blocks = 0

    def notebook(self, source: Source) -> None:
        try:
            cells = json.loads(source.text)["cells"]
            texts = [_cell_text(cell) for cell in cells]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ReadingError(source, (0, 0), "no notebook", "JSON with a list of cells") from None
        for number, text in enumerate(texts, 1):
            if text is not None:
                self.text(Source(f"{source.name}[cell {number}]", text), "md")

    def text(self, source: Source, kind: str) -> None:
        masked = source.text
        if kind == "md":
            masked = self._without_front_matter(masked)
        if kind != "lines":
            masked = _mask(masked, _skipped(masked, kind))
        found, spans = definitions(masked)
        self.macros.update(found)
        masked = _mask(masked, spans)
        if kind == "tex":
            masked = _outside_document(masked)
            masked = _with_shorthands(masked, self.macros)
        if kind == "lines":
            self.segments.extend(_lines(source))
            return
        at = 0
        for pulled in list(_INPUT.finditer(masked)):
            self._cut(source, masked, at, pulled.start(), kind)
            self._pull(source, pulled)
            at = pulled.end()
        self._cut(source, masked, at, len(masked), kind)

    def _without_front_matter(self, text: str) -> str:
        found = _FRONT_MATTER.match(text)
        if not found or self.front_matter:
            return text
        self.front_matter = found[1]
        return _mask(text, [found.span()])

    def _pull(self, source: Source, found: re.Match[str]) -> None:
        """Read a file beside the document; anything outside of its folder is refused."""
        package = found[2] is not None
        path = self._path(found[2] + ".sty" if package else found[1].strip())
        if path is None or self.inputs >= MAX_INPUTS or not path.is_file():
            if not package:
                expected = "the name of a file in the folder of the document"
                self.damage.append(ReadingError(source, found.span(), f"\\input of {found[1]!r}", expected))
            return
        self.inputs += 1
        try:
            text = decoded(path.read_bytes(), str(path))
        except (OSError, ReadingError) as error:
            self.damage.append(ReadingError(source, found.span(), str(error).split("\n")[0], "a readable file"))
            return
        if len(text) <= MAX_CHARACTERS:
            self.text(Source(str(path), text), "tex")

    def _path(self, name: str) -> Path | None:
        if self.folder is None:
            return None
        try:
            base = self.folder.resolve()
            for candidate in (name, name + ".tex"):
                path = (base / candidate).resolve()
                if path.is_relative_to(base) and path.is_file():
                    return path
        except (OSError, ValueError, RuntimeError):
            pass
        return None

    def _cut(self, source: Source, text: str, start: int, end: int, kind: str) -> None:
        scan = _Scan(source, text, start, end, kind)
        for segment in scan.segments():
            if self.blocks >= MAX_BLOCKS:
                expected = f"at most {MAX_BLOCKS} pieces of mathematics"
                self.damage.append(ReadingError(source, (segment.span[0], segment.span[0]), "more", expected))
                break
            self.blocks += isinstance(segment, Math)
            self.segments.append(segment)
        self.damage.extend(scan.damage)


class _Scan:
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
        return bool("$" in between or _DISPLAY.search(between) or _LANGUAGE.search(bare))

    def _recovery(self, start: int, displays: bool = True) -> int:
        """Where an unclosed block ends at the latest: a blank line or the next display."""
        while start < self.end and self.text[start] in " \t\r\n":
            start += 1
        stops = [self._next_pattern("blank", _BLANK_LINE, start)]
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


def _cell_text(cell: dict[str, object]) -> str | None:
    if cell.get("cell_type") != "markdown":
        return None
    content = cell.get("source", "")
    return "".join(map(str, content)) if isinstance(content, list) else str(content)


def _mask(text: str, spans: list[Span]) -> str:
    """The text with the spans overwritten by spaces; line breaks stay, so do all offsets."""
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        if start < at:
            continue
        pieces.append(text[at:start])
        pieces.append(re.sub(r"[^\n]", " ", text[start:end]))
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def _skipped(text: str, kind: str) -> list[Span]:
    return list(_skipped_markdown(text) if kind == "md" else _skipped_latex(text))


def _skipped_markdown(text: str) -> Iterator[Span]:
    at = 0
    missing: set[str] = set()
    while found := _MARKDOWN_SKIPPED.search(text, at):
        at = found.end()
        if found["fence"]:
            end = re.compile(r"^[ \t>]*" + found["fence"][:3] + r"+[ \t]*$", re.MULTILINE).search(text, at)
            stop = end.end() if end else len(text)
            if found["info"].strip().lower() != "math":
                yield found.start(), stop
            at = stop
            continue
        closer = found["code"] or ("-->" if found.group() == "<!--" else f"</{found.group()[1:]}")
        stop = -1 if closer in missing else text.find(closer, at)
        if stop < 0:
            missing.add(closer)
            continue
        blank = _BLANK_LINE.search(text, at, stop) if found["code"] else None
        if blank is None:
            at = stop + len(closer)
            yield found.start(), at


def _skipped_latex(text: str) -> Iterator[Span]:
    at = 0
    while found := _LATEX_SKIPPED.search(text, at):
        at = found.end()
        if found["comment"]:
            yield found.span()
        elif not found["escaped"]:
            mark = found["bar"] or found["inline"]
            closer = mark or (f"\\end{{{found['name']}}}" if found["name"] else "\\fi")
            closer = "}" if closer == "{" else closer
            stop = text.find(closer, at, at + 300 if mark else len(text))
            if stop >= 0:
                at = stop + len(closer)
                yield found.start(), at


def _outside_document(text: str) -> str:
    """Blank what stands before `\\begin{document}` and after its end, except for files to be read."""
    start, end = text.find("\\begin{document}"), text.find("\\end{document}")
    if start >= 0:
        kept = [found.span() for found in _INPUT.finditer(text, 0, start)]
        spans = list(zip([0, *(stop for _, stop in kept)], [*(begin for begin, _ in kept), start], strict=True))
        text = _mask(text, spans)
    if end >= 0:
        text = _mask(text, [(end, len(text))])
    return text


def _with_shorthands(text: str, macros: dict[str, Macro]) -> str:
    """`\\be ... \\ee` for an environment: the pair is rewritten in place where it fits, else by dollars.

    The length of the text must not change, so the longest fitting delimiter is used.
    """
    for name, macro in macros.items():
        if macro.arity or not (
            found := re.fullmatch(r"\s*\\(begin|end)\{(" + _ENVIRONMENTS + r")\}(?:\{[^}]*\})?\s*", macro.body)
        ):
            continue
        delimiter = ("\\[" if found[1] == "begin" else "\\]").ljust(len(name))
        text = re.sub(re.escape(name) + r"(?![A-Za-z])", lambda _, d=delimiter: d, text)  # type: ignore[misc]
    return text


def _lines(source: Source) -> Iterator[Segment]:
    """Plain text: a line is mathematics if it compares something and is not mostly language."""
    at = 0
    for line in source.text.splitlines(keepends=True):
        end = at + len(line)
        start = at + _after_introduction(line)
        content = source.text[start:end].strip() if len(line) <= MAX_LINE else ""
        if re.search(r"[=≈∝]", content) and not _LANGUAGE.search(content):
            if start > at:
                yield Prose(source.text[at:start], source, (at, start))
            yield Math(verbatim(source.text, start, end), True, "line", source, (start, end))
        elif line.strip():
            yield Prose(line, source, (at, end))
        at = end


def _after_introduction(line: str) -> int:
    """Where the formula of `the loss: J = a` starts."""
    colon, equals = line.find(": "), line.find("=")
    return colon + 2 if 0 < colon < equals and re.search(r"[A-Za-z]{3}", line[:colon]) else 0
