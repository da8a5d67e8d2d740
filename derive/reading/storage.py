"""How a document stores its word vectors, in its own words: "the columns of $U$ are the outside vectors"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from derive.reading.containers import Math, Prose, Segment
from derive.reading.parsing import Block, Reading, Row
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Name

_BEFORE = re.compile(r"\b(rows|columns) of (?:the |our |a )?(?:\w+ )?(?:matrix )?$", re.IGNORECASE)
_ARE = re.compile(r"\s*(?:are|hold|contain|store|correspond|being)\b")
_AS = re.compile(r"\bas (?:the )?(rows|columns) of (?:(?:the|our|a|one) )?(?:\w+ )?(?:matrix)?[ ,:]*$", re.IGNORECASE)
_WHOSE = re.compile(r"\s*,?\s*(?:whose|with(?: the)?|where(?: the)?|has) (rows|columns)\s+(?:are|being|as|for|hold)\b")


def said_layouts(reading: Reading) -> dict[str, str]:
    """`layout of U`: `rows` or `columns`, for each matrix of which the prose says what it holds, once and for all.

    A matrix of which it says both is left out.
    """
    found: dict[str, set[str]] = {}
    named = {id(block.math): _matrix(block) for block in reading.blocks}
    for before, math, after in _around(reading.document.segments):
        name = named.get(id(math))
        if name and (lies := _said(before, after)):
            found.setdefault(f"layout of {name}", set()).add(lies)
    return {which: next(iter(lies)) for which, lies in found.items() if len(lies) == 1}


def _said(before: str, after: str) -> str:
    said = _AS.search(before) or (_BEFORE.search(before) if _ARE.match(after) else None) or _WHOSE.match(after)
    return said.group(1).lower() if said else ""


def _around(segments: Sequence[Segment]) -> Iterator[tuple[str, Math, str]]:
    """Each piece of mathematics with the words on both sides of it."""
    for at, segment in enumerate(segments):
        if isinstance(segment, Math):
            before, after = segments[at - 1:at], segments[at + 1:at + 2]
            yield (" ".join(before[0].text.split(" ")[-12:]).replace("\n", " ") if before and isinstance(
                before[0], Prose) else "", segment,
                after[0].text[:60].replace("\n", " ") if after and isinstance(after[0], Prose) else "")


def _matrix(block: Block) -> str:
    """The name that a block begins with: `U`, `U = [u_1, ..., u_V]`."""
    first = block.rows[0] if block.rows else None
    operands = first.statements[0].operands if isinstance(first, Row) and first.statements else ()
    node = bare(operands[0]) if operands else None
    return spelled(node) if isinstance(node, Name) else ""


__all__ = ["said_layouts"]
