"""What of a document is no mathematics: code, comments, verbatim, the preamble. It is overwritten with spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.reading.macros import Macro
from derive.reading.positions import Span
from derive.reading.vocabulary import MATH_ENVIRONMENTS

BLANK_LINE = re.compile(r"\n[ \t>]*\n")


ENVIRONMENTS = "|".join(re.escape(name) for name in sorted(MATH_ENVIRONMENTS, key=len, reverse=True))


INPUT = re.compile(
    r"\\(?:input|include|subfile)\s*\{([^{}\n]{1,300})\}|\\usepackage(?:\[[^\]]*\])?\{([\w./-]{1,100})\}"
)


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


def mask(text: str, spans: list[Span]) -> str:
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


def skipped(text: str, kind: str) -> list[Span]:
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
        blank = BLANK_LINE.search(text, at, stop) if found["code"] else None
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


def outside_document(text: str) -> str:
    """Blank what stands before `\\begin{document}` and after its end, except for files to be read."""
    start, end = text.find("\\begin{document}"), text.find("\\end{document}")
    if start >= 0:
        kept = [found.span() for found in INPUT.finditer(text, 0, start)]
        spans = list(zip([0, *(stop for _, stop in kept)], [*(begin for begin, _ in kept), start], strict=True))
        text = mask(text, spans)
    if end >= 0:
        text = mask(text, [(end, len(text))])
    return text


def with_shorthands(text: str, macros: dict[str, Macro]) -> str:
    """`\\be ... \\ee` for an environment: the pair is rewritten in place where it fits, else by dollars.

    The length of the text must not change, so the longest fitting delimiter is used.
    """
    for name, macro in macros.items():
        if macro.arity or not (
            found := re.fullmatch(r"\s*\\(begin|end)\{(" + ENVIRONMENTS + r")\}(?:\{[^}]*\})?\s*", macro.body)
        ):
            continue
        delimiter = ("\\[" if found[1] == "begin" else "\\]").ljust(len(name))
        text = re.sub(re.escape(name) + r"(?![A-Za-z])", lambda _, d=delimiter: d, text)  # type: ignore[misc]
    return text
