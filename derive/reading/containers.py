"""Documents cut into prose and mathematics: Markdown, LaTeX, notebooks, plain text.

Skipped parts (code, comments, verbatim) are overwritten with spaces of the same length, so every offset
stays an offset into the file. A delimiter that is never closed costs its own paragraph, not the next one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.reading.macros import Macro, definitions
from derive.reading.masks import INPUT, mask, outside_document, skipped, with_shorthands
from derive.reading.positions import ReadingError, Source, verbatim
from derive.reading.scanning import LANGUAGE, Math, Prose, Scan, Segment

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


_FRONT_MATTER = re.compile(r"\A(%?[ \t]*)---\s*?\n(.*?)\n%?[ \t]*(?:---|\.\.\.)[ \t\r]*(?:\n|\Z)", re.DOTALL)
"""Between two lines `---`; in LaTeX behind the sign of a comment, so that the document still compiles."""


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
        if kind in ("md", "tex"):
            masked = self._without_front_matter(masked)
        if kind != "lines":
            masked = mask(masked, skipped(masked, kind))
        found, spans = definitions(masked)
        self.macros.update(found)
        masked = mask(masked, spans)
        if kind == "tex":
            masked = outside_document(masked)
            masked = with_shorthands(masked, self.macros)
        if kind == "lines":
            self.segments.extend(_lines(source))
            return
        at = 0
        for pulled in list(INPUT.finditer(masked)):
            self._cut(source, masked, at, pulled.start(), kind)
            self._pull(source, pulled)
            at = pulled.end()
        self._cut(source, masked, at, len(masked), kind)

    def _without_front_matter(self, text: str) -> str:
        found = _FRONT_MATTER.match(text)
        if not found or self.front_matter:
            return text
        commented = found[1].startswith("%")
        self.front_matter = re.sub(r"(?m)^%[ \t]?", "", found[2]) if commented else found[2]
        return mask(text, [found.span()])

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
        scan = Scan(source, text, start, end, kind)
        for segment in scan.segments():
            if self.blocks >= MAX_BLOCKS:
                expected = f"at most {MAX_BLOCKS} pieces of mathematics"
                self.damage.append(ReadingError(source, (segment.span[0], segment.span[0]), "more", expected))
                break
            self.blocks += isinstance(segment, Math)
            self.segments.append(segment)
        self.damage.extend(scan.damage)


def _cell_text(cell: dict[str, object]) -> str | None:
    if cell.get("cell_type") != "markdown":
        return None
    content = cell.get("source", "")
    return "".join(map(str, content)) if isinstance(content, list) else str(content)


def _lines(source: Source) -> Iterator[Segment]:
    """Plain text: a line is mathematics if it compares something and is not mostly language."""
    at = 0
    for line in source.text.splitlines(keepends=True):
        end = at + len(line)
        start = at + _after_introduction(line)
        content = source.text[start:end].strip() if len(line) <= MAX_LINE else ""
        if re.search(r"[=≈∝]", content) and not LANGUAGE.search(content):
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


__all__ = ["KINDS", "Document", "Math", "Prose", "Segment", "cut", "decoded", "open_document"]
