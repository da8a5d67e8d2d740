"""A document's own system of equations, read off its letters: what it needs where no exercise fits.

`a_j = \\sum_i x_i W_{ij} + b_j` says that W has two axes, that the first is the axis of x and the second that of b and
a; `X \\in \\mathbb{R}^{N \\times D}` says as much. Names that the document defines mean what it says; the others are
variables. Two places are on one axis if one letter stands at both in one equation, or one size bounds both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from derive.claims import Hypothesis, sums_to_one
from derive.components import Axis
from derive.reading.combining import pair_of
from derive.reading.elaboration import Elaboration
from derive.reading.families import gathered, letters_of
from derive.reading.functions import FUNCTIONS
from derive.reading.indexing import NO_SIZES
from derive.reading.parsing import Chain
from derive.reading.settings.world import World
from derive.reading.shapes import dimensions
from derive.reading.sides import EQUALS, row_summed
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import BigOp, Call, Derivative, Name, Node, Number, Relation, Script, children, walk
from derive.reading.values import COLUMN, Value, lying
from derive.terms import Term, let, tensor

Place = tuple[str, str, int]
"""What can lie on an axis: a place of a name, a letter in a chain, a size."""
MOST = 400
"""Most chains of which a system is made."""
_NO_VARIABLES = frozenset({"delta", "e", "d", "exp", "log", "ln", "1", "I"}) | frozenset(FUNCTIONS)
_ONE_HOT = re.compile(r"one[- ]?hot", re.IGNORECASE)
_PARAMETERS = frozenset({"alpha", "beta", "gamma", "lambda", "mu", "eta", "tau", "kappa", "rho", "epsilon"})
"""Letters that are numbers where nothing says so; another name without letters may be anything, and means nothing."""


@dataclass(frozen=True)
class System:
    """What a document defines and what it leaves open. world: both; defining: the sides that introduce a name."""

    world: World
    defining: tuple[Node, ...] = ()

    def introduces(self, left: Node) -> bool:
        """Whether this very side introduces a name."""
        return any(each is left for each in self.defining)


@dataclass
class _Letters:
    """Which places share an axis, and how many places each name has."""

    above: dict[Place, Place] = field(default_factory=dict)
    ranks: dict[str, set[int]] = field(default_factory=dict)

    def root(self, place: Place) -> Place:
        while self.above.get(place, place) != place:
            place = self.above[place]
        return place

    def join(self, one: Place, other: Place) -> None:
        self.above[self.root(one)] = self.root(other)

    def axis(self, name: str, at: int) -> Axis:
        """The axis of a place: called by a size that bounds it, else by a letter that stands there."""
        root = self.root(("name", name, at))
        same = sorted(each for each in {*self.above, root} if self.root(each) == root)
        said = next((each[1] for kind in ("size", "letter", "name") for each in same if each[0] == kind), name)
        return Axis("".join(c for c in said if c.isalnum()) + f"_{root[1]}{root[2]}")


def system_of(chains: Sequence[Chain], words: str = "") -> System | None:
    """The system of equations of a document; None where no name stands with letters, or says its shape.

    words: its prose, which may say that a target is one-hot.
    """
    letters = _Letters()
    for number, chain in enumerate(chains[:MOST]):
        for link in chain.links:
            _note(link.operand, number, letters)
        _note_shape(chain, letters)
    shaped = {name: ranks - {0} for name, ranks in letters.ranks.items()}
    if not any(shaped.values()):
        return None
    ranks = {name: next(iter(found), 0) for name, found in shaped.items() if len(found) < 2}
    indices = {each[1] for each in letters.above if each[0] == "letter"}
    return _built(chains[:MOST], {name: rank for name, rank in ranks.items() if rank or name not in indices}, letters,
                  bool(_ONE_HOT.search(words)))


def _note(node: Node, number: int, letters: _Letters) -> None:
    """The names of a side with their letters; what stands in subscripts and bounds is no name."""
    node = bare(node)
    if isinstance(node, Script) and isinstance(bare(node.base), Name):
        power = isinstance(bare(node.sup), Number) if node.sup is not None else False
        subs = letters_of(replace(node, sup=None) if power else node)
        if subs and spelled(node.base) == "delta" and len(subs) == 2:
            letters.join(("letter", subs[0], number), ("letter", subs[1], number))
        elif subs:
            letters.ranks.setdefault(spelled(node.base), set()).add(len(subs))
            for at, letter in enumerate(subs):
                letters.join(("name", spelled(node.base), at), ("letter", letter, number))
        elif node.sub is not None and node.sup is not None:  # `u_c^T`: its letter tells vectors apart, not entries
            letters.ranks.setdefault(spelled(node.base), set()).update((1, 2))
        elif node.sub is None:
            letters.ranks.setdefault(spelled(node.base), set()).add(0)
        return
    if isinstance(node, Name):
        letters.ranks.setdefault(spelled(node), set()).add(0)
        return
    if isinstance(node, BigOp):
        _note_bound(node, number, letters)
    for each in (node.body,) if isinstance(node, BigOp) else node.arguments if isinstance(node, Call) else (
            children(node)):
        _note(each, number, letters)


def _note_bound(node: BigOp, number: int, letters: _Letters) -> None:
    """`\\sum_{i=1}^N`: i runs along N."""
    sub = bare(node.sub) if node.sub is not None else None
    if isinstance(sub, Relation) and node.sup is not None and isinstance(bare(node.sup), Name) and (
            spelled(node.sup) not in NO_SIZES):
        letters.join(("letter", spelled(sub.operands[0]), number), ("size", spelled(node.sup), 0))


def _note_shape(chain: Chain, letters: _Letters) -> None:
    """`X \\in \\mathbb{R}^{N \\times D}`; axes of size 1 are none."""
    for left, sign, right in chain.steps():
        sizes = [size for size in (dimensions(right.operand) or ()) if size != "1"] if sign.text == "\\in" else []
        for name in _listed(left.operand) if sizes else ():
            letters.ranks.setdefault(name, set()).add(len(sizes))
            for at, size in enumerate(sizes):
                letters.join(("name", name, at), ("size", size, 0))


def _listed(node: Node) -> Iterator[str]:
    yield from (spelled(each) for each in (pair_of(node) or (node,)) if isinstance(bare(each), Name))


# --- the world --------------------------------------------------------------------------------------------------------


def _built(chains: Sequence[Chain], ranks: dict[str, int], letters: _Letters, one_hot: bool) -> System | None:
    said = list(_definitions(chains, ranks))
    defined = {key for key, _, _, _ in said}
    names: dict[str, tuple[Value, ...]] = {
        name: (_variable(name, rank, letters),) for name, rank in ranks.items()
        if name not in defined and name not in _NO_VARIABLES and (rank or name in _PARAMETERS)}
    ranges = {each[1]: letters.axis(name, at) for name, rank in ranks.items() for at in range(rank)
              for each in letters.above if each[0] == "size" and letters.root(each) == letters.root(("name", name, at))}
    for size in ranges:
        names.pop(size, None)
    defining: list[Node] = []
    while said:
        ready = [each for each in said if not _uses(each[3], {key for key, *_ in said})]
        if not ready:
            break
        for each in ready:
            said.remove(each)
            key, subs, left, body = each
            if (value := _meaning(key, subs, body, _world(names, ranges))) is not None:
                names[key] = (value,)
                defining.append(left)
    assumed = [*_assumed(chains, _world(names, ranges)), *(_targets(names) if one_hot else ())]
    return System(_world(names, ranges, tuple(assumed)), tuple(defining))


def _world(names: dict[str, tuple[Value, ...]], ranges: dict[str, Axis],
           assumed: tuple[Hypothesis, ...] = ()) -> World:
    ladder = ((), assumed) if assumed else ((),)
    return World("the document's own names", COLUMN, dict(names), ranges=ranges, ladder=ladder, alone=True)


def _variable(name: str, rank: int, letters: _Letters) -> Value:
    axes = (letters.axis(name, at) for at in range(rank))
    return lying(tensor("".join(c for c in name if c.isalnum()), *axes), COLUMN)


def _definitions(chains: Sequence[Chain], ranks: dict[str, int]
                 ) -> Iterator[tuple[str, tuple[str, ...], Node, Node]]:
    """The first equation for each name that is made of other names: name, letters, both sides."""
    seen: set[str] = set()
    for chain in chains:
        if len(chain.links) < 2 or chain.open_left or chain.relations[0].text not in EQUALS or chain.conditions:
            continue
        left, body = bare(chain.links[0].operand), chain.links[1].operand
        subs = letters_of(left)
        key = spelled(left.base) if isinstance(left, Script) and subs else spelled(left)
        plain = isinstance(left, Name) or (isinstance(left, Script) and subs and isinstance(bare(left.base), Name))
        if not plain or key in seen or key not in ranks or _uses(body, {key}) or any(
                isinstance(each, Derivative) for each in walk(body)):
            continue
        seen.add(key)
        yield key, subs, chain.links[0].operand, body


def _uses(node: Node, keys: Iterable[str]) -> bool:
    return bool({spelled(each) for each in walk(node) if isinstance(each, Name)} & set(keys))


def _meaning(key: str, subs: tuple[str, ...], body: Node, world: World) -> Value | None:
    try:
        values = Elaboration(world).read(body)
    except Exception:  # what cannot be read is no meaning: the name stays unknown
        return None
    for value in values:
        if subs and (made := gathered(key, subs, value, COLUMN)) is not None:
            return made
        if not subs and not value.term.free:
            return Value(let(key, value.term), value.lies, value.readings, value.needs, value.assumed)
    return None


def _assumed(chains: Sequence[Chain], world: World) -> Iterator[Hypothesis]:
    """`\\sum_i t_i = 1`, said of a variable."""
    for chain in chains:
        if len(chain.links) == 2 and spelled(chain.links[1].operand) == "1":
            try:
                values = Elaboration(world).read(chain.links[0].operand)
            except Exception:  # as above
                continue
            yield from (sums_to_one(summed) for value in values if (summed := row_summed(value.term)) is not None)


def _targets(names: Mapping[str, tuple[Value, ...]]) -> Iterator[Hypothesis]:
    """The vector a cross entropy weighs logarithms with: the entries of what is one-hot sum to 1."""
    for values in names.values():
        meant = values[0].term
        parts = list(_outside(meant.args[1])) if meant.op == "let" and not meant.axes else []
        if any(part.op == "log" for part in parts):
            yield from (sums_to_one(part) for part in parts if part.op == "tensor" and len(part.axes) == 1)


def _outside(term: Term) -> Iterator[Term]:
    """A term and what is in it, but for what stands in a logarithm or has a name of its own."""
    yield term
    if term.op not in ("log", "let"):
        for part in term.args:
            if isinstance(part, Term):
                yield from _outside(part)


__all__ = ["System", "system_of"]
