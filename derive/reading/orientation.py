"""How vectors lie in a document: settled before anything is judged, from what it defines.

`z = x W + b` holds on rows only and `z = W x + b` on columns only, whatever the steps after them do. Where no
definition tells, the prose may ("every vector is a row"); else the document leaves it open.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derive.reading.parsing import Chain
from derive.reading.settings.choice import centre_of, other_vectors, usual_vectors
from derive.reading.settings.choice import world as make_world
from derive.reading.steps import Scope, judge_step
from derive.reading.syntax import Call, Derivative, Infix, Node, Script, walk
from derive.reading.values import COLUMN, ROW

_LIE = r"\b{0}[- ]vectors?\b|\bvectors?\b[^.\n]{{0,40}}\b(?:is|are|as) (?:a |all )?{0}s?\b(?! (?:of|in))"
_PROSE = {vectors: re.compile(_LIE.format(vectors), re.IGNORECASE) for vectors in (ROW, COLUMN)}
MOST = 60
"""Most equations looked at in one document."""


@dataclass(frozen=True)
class Orientation:
    """How vectors lie under a convention; pinned: equations of the document need it, and hardly any the other."""

    vectors: str
    pinned: bool

    @property
    def described(self) -> str:
        """In words, as steps say it."""
        return f"vectors are {self.vectors}s"


def orientations(chains: Sequence[Chain], names: Sequence[str], scope: Scope, words: str, pinned: Mapping[str, str],
                 hidden: str) -> dict[str, Orientation]:
    """How vectors lie, by convention; nothing for one the document says nothing about.

    names: the exercises it may be about; pinned: what its author fixed; hidden: what a hidden layer applies.
    """
    found: dict[str, Orientation] = {}
    votes: dict[str, Counter[str]] = {}
    for left, right, centre in list(_definitions(chains))[:MOST]:
        for which, vectors in _tell(left, right, centre, names, scope, hidden):
            votes.setdefault(which, Counter())[vectors] += 1
    for which in sorted({make_world(name, usual_vectors(name)).convention for name in names} - {""}):
        said = next((v for v in (ROW, COLUMN) if v in pinned.get(which, "")), None)
        counts = votes.get(which) or Counter[str]()
        if said is not None:
            found[which] = Orientation(said, True)
        elif counts:
            (best, most), *rest = counts.most_common()
            found[which] = Orientation(best, most >= 3 * sum(n for _, n in rest))
        elif counts := _prose(words):  # it may speak of gradients, or of how a matrix is stored
            found[which] = Orientation(counts.most_common(1)[0][0], False)
    return found


def _definitions(chains: Sequence[Chain]) -> Iterator[tuple[Node, Node, str]]:
    """Equations without derivatives, in which something is multiplied."""
    for chain in chains:
        centre = centre_of([link.operand for link in chain.links])
        for left, sign, right in chain.steps():
            parts = [each for side in (left, right) for each in walk(side.operand)]
            if sign.text in ("=", ":=", "\\equiv") and not any(isinstance(each, Derivative) for each in parts) and any(
                    isinstance(each, Infix | Call | Script) for each in walk(right.operand)):
                yield left.operand, right.operand, centre


def _tell(left: Node, right: Node, centre: str, names: Sequence[str], scope: Scope, hidden: str
          ) -> set[tuple[str, str]]:
    """The conventions under which an equation holds with vectors lying in one way and not in the other."""
    found: set[tuple[str, str]] = set()
    for name in names:
        usual = usual_vectors(name)
        if not make_world(name, usual).convention:
            continue
        holds = [vectors for vectors in (usual, other_vectors(usual))
                 if judge_step(left, right, make_world(name, vectors, centre=centre, hidden=hidden), scope,
                               quick=True).proved]
        if len(holds) == 1:
            found.add((make_world(name, usual).convention, holds[0]))
    return found


def _prose(words: str) -> Counter[str]:
    return Counter({vectors: len(pattern.findall(words)) for vectors, pattern in _PROSE.items()
                    if pattern.search(words)})


__all__ = ["Orientation", "orientations"]
