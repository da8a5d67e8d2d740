"""What Markdown and HTML do to mathematics, undone with places kept.

Authors escape for their renderer: `\\_` for `_`, doubled backslashes, `&lt;`. Whether `\\_` is a subscript
or an underscore inside a word depends on the block: where plain `_` occurs too, it is an underscore.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from derive.reading.positions import Body, joined
from derive.reading.vocabulary import INVISIBLE

_INVISIBLE = re.compile("[" + "".join(sorted(INVISIBLE)) + "]")
_ENTITY = re.compile(
    r"&(?:lt|gt|amp|nbsp|minus|times|le|ge|ne|sum|quot|apos|middot|sdot|part|nabla|#\d{1,6}|#x[0-9a-fA-F]{1,6});"
)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"\n[ \t]*>[ \t]?")
_BACKSLASHES = re.compile(r"\\+(?=[A-Za-z])")
_UNDERSCORE = re.compile(r"\\_")
_DOUBLED_BRACE = re.compile(r"\\\\(?=[{}])")
_DOUBLED = re.compile(r"\\\\")
_TEXT = re.compile(r"\\(?:text|mathrm|textrm|operatorname|mbox|mathit|textit)\s*\{[^{}]*\}")
_STAR = re.compile(r"\\\*")


def rewritten(body: Body, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> Body:
    """The body with matches replaced; all characters of a replacement stand where the match stood."""
    pieces: list[Body] = []
    at = 0
    for found in pattern.finditer(body.text):
        start, end = body.span(found.start(), found.end())
        text = replacement(found)
        pieces.append(body.slice(at, found.start()))
        pieces.append(Body(text, [start] * len(text), [end] * len(text)))
        at = found.end()
    if not pieces:
        return body
    pieces.append(body.slice(at, len(body.text)))
    return joined(pieces)


def unescaped(body: Body) -> Body:
    """The mathematics a Markdown renderer would have seen.

    >>> from derive.reading.positions import verbatim
    >>> unescaped(verbatim(r"u\\_o &lt; 1", 0, 11)).text
    'u_o < 1'
    """
    text = body.text
    if "&" in text:
        body = rewritten(body, _ENTITY, lambda found: unescape(found.group()).replace("\xa0", " "))
    if "<" in text:
        body = rewritten(body, _BREAK_TAG, lambda found: "\\\\")
    if not text.isascii():
        body = rewritten(body, _INVISIBLE, lambda found: "")
    if "\n" in text and _is_quoted(text):
        body = rewritten(body, _QUOTED_LINE, lambda found: "\n ")
    if "\\" in text:
        body = _without_doubling(body)
    return body


def _is_quoted(text: str) -> bool:
    lines = text.split("\n")[1:]
    return all(line.lstrip().startswith(">") for line in lines if line.strip())


def _without_doubling(body: Body) -> Body:
    text = body.text
    runs = [len(found.group()) for found in _BACKSLASHES.finditer(text)]
    if len(runs) >= 2 and all(run % 2 == 0 for run in runs):
        body = rewritten(body, _DOUBLED, lambda found: "\\")
        text = body.text
    if "\\\\}" in text:
        body = rewritten(body, _DOUBLED_BRACE, lambda found: "\\")
    if "\\*" in text and "\\\\*" not in text:
        body = rewritten(body, _STAR, lambda found: "*")
    bare = _TEXT.sub("", text)
    if "\\_" in bare and not re.search(r"(?<!\\)_", bare):
        body = rewritten(body, _UNDERSCORE, lambda found: "_")
    return body
