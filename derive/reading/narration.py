"""The prose around mathematics: which exercise it stands in, and what it says about what follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derive.reading.containers import Math, Prose
from derive.reading.parsing import Link, Reading
from derive.reading.positions import Source

_CONDITION = re.compile(r"(?:\b(?:if|when|for|case|cases|where|suppose|assume|assuming|whenever|since|unless|as|"
                        r"term for|terms for|sum for|all|and if|with|because|that)\b|\bif|"
                        r"\bcase\s*\(?(?:\d+|[a-d]|i{1,3})\)?)\s*[:.,(]?[\s*_]*$",
                        re.IGNORECASE)
_FOLLOWS = re.compile(r"[ \t]*\n?[ \t]*,?\s*(?:(?:only )?for|for (?:all|every|each)|if|when|whenever|where|provided)"
                      r"[ \t]*$")
_ENDS = re.compile(r"[.;!?]\s|\n\s*\n\s*\S")
_ASSUMES = re.compile(r"\b(?:if|when|whenever|iff|unless|provided(?: that)?|wherever)\s*$", re.IGNORECASE)
_EXCEPTS = re.compile(r"\b(?:unless|except(?: (?:when|if|for|where))?|but not (?:when|if|for))\s*$", re.IGNORECASE)
_DISOWNS = re.compile(r"\b(?:not (?:only|just|merely)|even|whether or not|regardless of whether|"
                      r"(?:wrong|false|not true) that)\b[^.;:]{0,20}$", re.IGNORECASE)
_GIVES = re.compile(r"\b(?:where|since|because|as|with|given|such that|let|provided|for which|recall|assum\w*|"
                    r"suppos\w*|satisf\w*)\b[^.;:]{0,60}$", re.IGNORECASE)
_MAJOR = re.compile(r"(?:exercise|question|problem|part|section|task|ex\.)\s*#?\s*([0-9]+|[ivx]+)\b|"
                    r"^\s*#*\s*(\d)\s*[.:)]\s",
                    re.IGNORECASE | re.MULTILINE)
_MENTIONS = re.compile(r"\b(?:in|from|of|by|see|as|with|to|at|for|using|per|and|or|like|than)\s+(?:the\s+)?$",
                       re.IGNORECASE)
"""What stands before an exercise that is only spoken of: `in part 3`."""
_MINOR = re.compile(r"(?:^|[\s*_#])\(?([a-j])\)|\(([a-j])\)|(?:^|\n)\s*(?:\*\*)?([a-j])[.)]\s|"
                    r"\((i{1,3}|iv|v|vi)\)")
_HEADING = re.compile(r"^\s*(?:#+\s.*|\*\*.*\*\*.*|\\(?:sub)*section\*?\{.*\}.*|\\paragraph\{.*\}.*|"
                      r"\(?[a-j0-9]+[.)].*)$",
                      re.MULTILINE)
_REPEATED = re.compile(r"not (?:be |necessarily |all |assumed to be |assume they are )*distinct|"
                       r"repeated|may (?:repeat|coincide|be the same)|"
                       r"no longer distinct|duplicate|not unique|"
                       r"without (?:the )?assum\w+ (?:that )?(?:they|the|distinct)|"
                       r"repetition|w_t *= *w_s", re.IGNORECASE)


@dataclass(frozen=True)
class Before:
    """The prose before a block. text: since the block before it; section: the last headings; exercise: its label."""

    text: str = ""
    section: str = ""
    exercise: str = ""

    @property
    def opens_condition(self) -> bool:
        """Whether what follows is a condition: `if`, `when`, `for`."""
        return bool(_CONDITION.search(self.text.rstrip(" *_")))

    @property
    def follows(self) -> bool:
        """Whether what follows is a condition of what stood before: `... for $i \\ne k$`."""
        return bool(_FOLLOWS.match(self.text))

    @property
    def assumes(self) -> bool:
        """Whether what follows is supposed, not claimed: `it vanishes when`."""
        return bool(_ASSUMES.search(self.text))

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence ends between the blocks."""
        return bool(_ENDS.search(self.text))

    @property
    def excepts(self) -> bool:
        """Whether what stands beside it holds where what follows does not: `unless`."""
        return bool(_EXCEPTS.search(self.text))

    @property
    def disowns(self) -> bool:
        """Whether what follows is no restriction after all: `not only if`."""
        return bool(_DISOWNS.search(self.text))

    @property
    def gives(self) -> bool:
        """Whether what follows is given, not derived: `where`, `since`, `assume`."""
        return bool(_GIVES.search(self.text))

    @property
    def starts_part(self) -> bool:
        """Whether a new thought begins between the blocks."""
        return len(self.text.strip(" :,.;*_\n\r\t")) > 40 and self.ends_sentence


@dataclass
class Narration:
    """What the prose says at each block of mathematics, by its number in the reading."""

    blocks: dict[int, Before] = field(default_factory=dict)
    places: list[tuple[str, int, str]] = field(default_factory=list)
    words: str = ""

    def before(self, block: int) -> Before:
        """The prose before a block."""
        return self.blocks.get(block, Before())

    def exercise(self, link: Link) -> str:
        """The label of the exercise a side stands in."""
        at = self.before(link.block).exercise
        own = [label for label in link.statement.labels if re.search(r"[A-Za-z]", label)]
        if own and not at.endswith(tuple(own)):
            return f"{at} {' '.join(own)}".strip()
        return at

    def part(self, link: Link) -> str:
        """The exercise a side stands in, or the section where exercises have no labels."""
        return self.exercise(link) or self.before(link.block).section

    def at(self, source: Source, offset: int) -> str:
        """The label of the exercise at an offset."""
        found = ""
        for name, start, label in self.places:
            if name == source.name and start <= offset:
                found = label
        return in_cell(source, found)

    def repeated(self, around: str) -> bool:
        """Whether the words around a block say that negatives may repeat."""
        return bool(_REPEATED.search(around))


def in_cell(source: Source, label: str) -> str:
    """The label of an exercise with the cell of the notebook before it, whose lines count from its own top."""
    cell = re.search(r"\[(cell \d+)\]\Z", source.name)
    return ", ".join(part for part in (cell.group(1) if cell else "", label) if part)


def narrate(reading: Reading) -> Narration:
    """What the prose of a document says at each block."""
    made = Narration()
    numbers = {id(block.math): number for number, block in enumerate(reading.blocks)}
    text, section, major, minor = "", "", "", ""
    for segment in reading.document.segments:
        if isinstance(segment, Prose):
            text += segment.text
            made.words += segment.text[:20_000] + " "
            major, minor = _labels(segment.text, major, minor)
            headings = _HEADING.findall(segment.text[-20_000:])
            if headings:
                section = " ".join(headings[-2:])[:300]
        elif isinstance(segment, Math):
            label = " ".join(part for part in (major, minor and f"({minor})") if part)
            made.places.append((segment.source.name, segment.span[0], label))
            if id(segment) in numbers:
                made.blocks[numbers[id(segment)]] = Before(text[-600:], section, label)
            text = ""
    return made


def _labels(text: str, major: str, minor: str) -> tuple[str, str]:
    for line in text.splitlines():
        found = _MAJOR.search(line)
        if found and not _MENTIONS.search(line[:found.start()]):
            major, minor = found.group(1) or found.group(2), ""
            line = line[found.end():]
        small = _MINOR.search(line[:40])
        if small:
            minor = next(g for g in small.groups() if g)
    return major, minor


__all__ = ["Before", "Narration", "in_cell", "narrate"]
