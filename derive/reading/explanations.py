"""Names that are explained after their use: `J = -u_o^T v_c + \\log Z`, "where $Z = \\sum_w ...$"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from derive.reading.narration import Narration
from derive.reading.parsing import Chain
from derive.reading.sides import EQUALS, is_side
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Name, Node, Script, walk

_WHERE = re.compile(r"\b(?:where|with|here|in which|abbreviat\w+|writing|used)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.;!?]\s|\n\s*\n\s*\S")
_STANDS = re.compile(r"\s*(?:stands for|is short for|abbreviates|denotes|is an abbreviation (?:of|for)|means)\s*\Z")


@dataclass(frozen=True)
class Explanation:
    """What a name means: the chain that says so, the name, and, for words between both (`stands for`), what it says."""

    number: int
    name: Node
    body: Node | None = None


def explanations(chains: Sequence[Chain], narration: Narration) -> tuple[Explanation, ...]:
    """Everything in a document that explains a name in a clause such as "where ..."."""
    found: list[Explanation] = []
    clause = False
    for number, chain in enumerate(chains):
        words = narration.before(chain.links[0].block).text
        last = _SENTENCE.split(words)[-1]
        clause = bool(_WHERE.search(last)) or (clause and last == words)
        name = bare(chain.links[0].operand)
        if not clause or not isinstance(name, Name | Script):
            continue
        if len(chain.links) > 1 and chain.relations[0].text in EQUALS and is_side(chain.links[1].operand):
            found.append(Explanation(number, name))
        elif (body := _stands_for(chains[number:number + 2], narration)) is not None:
            found.append(Explanation(number, name, body))
    return tuple(found)


def needed(found: Sequence[Explanation], chains: Sequence[Chain], number: int) -> list[Explanation]:
    """Explanations behind a chain of names that it uses and nobody introduced before."""
    later = [each for each in found if each.number > number]
    used = {spelled(each) for link in chains[number].links for each in walk(link.operand)
            if isinstance(each, Name | Script)} if later else set()
    begun = {spelled(bare(each.links[0].operand)) for each in chains[:number + 1] if len(each.links) > 1}
    return [each for each in later if spelled(each.name) in used - begun]


def _stands_for(chains: Sequence[Chain], narration: Narration) -> Node | None:
    """`$\\Sigma$ stands for $\\sum_k e^{a_k}$`."""
    if len(chains) != 2 or any(len(chain.links) != 1 for chain in chains):
        return None
    meaning = chains[1].links[0]
    return meaning.operand if _STANDS.match(narration.before(meaning.block).text) else None


__all__ = ["Explanation", "explanations", "needed"]
