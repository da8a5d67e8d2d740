"""Conditions beside an equation, as hypotheses: `if i = k`, `w \\ne o`, `x > 0`, `j \\in \\{..\\}`, `for all k`.

What a condition says of letters that do not occur is left aside; what it says that cannot be used is `Unsupported`,
never dropped silently, since a step may be false without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from derive.claims import Avoids, Distinct, Hypothesis, Same, Sign, avoids, distinct, same
from derive.components import Axis, Index, IndexLike, free_indices
from derive.errors import GradproofError
from derive.reading.elaboration import Elaboration
from derive.reading.indexing import letter_of
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import (
    Condition,
    Dots,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Prefix,
    Range,
    Relation,
    Script,
    walk,
)
from derive.reading.values import Mistyped, Unsupported, Value

_POSITIVE = {">": ">", "\\ge": ">=", "<": "<"}
_NOTHING = ("for all", "for every", "for each", "\\forall", "for", "where", "otherwise")
_FLIPPED = {">": "<", "<": ">", "\\le": "\\ge", "\\ge": "\\le"}


def hypotheses(conditions: Iterable[Condition], reader: Elaboration, sides: tuple[Value, ...]
               ) -> tuple[Hypothesis, ...]:
    """What conditions assume of the letters in the sides of an equation.

    Unsupported: a condition that cannot be used.
    """
    found: list[Hypothesis] = []
    for condition in _straightened(conditions):
        if "other" in condition.word and condition.body is not None:
            found += _others(condition.body, reader, sides)
        for body in _parts(condition.body):
            found += _relation(body, reader, sides)
    _expect_possible(found)
    return tuple(found)


def _straightened(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """`unless i = k` as `if i \\ne k`. Unsupported: what is no restriction, or one beside another possibility."""
    for condition in conditions:
        words = set(re.findall(r"\\\w+|[a-z]+", condition.word.lower()))
        if words & {"unless", "except", "excluding", "not", "without"}:
            opposite = negation(condition)
            if opposite is None or "only" in words:
                raise Unsupported(f"the condition after {condition.word!r}")
            yield from opposite
        elif words & {"or", "\\rightarrow", "\\implies", "\\iff", "so", "only"}:
            raise Unsupported(f"a condition after {condition.word!r}")
        else:
            yield condition


def _expect_possible(found: list[Hypothesis]) -> None:
    """Two indices that are the same and differ: nothing could be refuted, and everything proved."""
    met = {frozenset((h.left, h.right)) for h in found if isinstance(h, Same)}
    apart = {frozenset((h.left, h.right)) for h in found if isinstance(h, Distinct)}
    if met & apart:
        raise Unsupported("conditions that exclude each other")


def _others(body: Node, reader: Elaboration, sides: tuple[Value, ...]) -> list[Hypothesis]:
    """`for all other j`: other than the centre of the window, or than the true word."""
    letter = letter_of(body)
    free = frozenset().union(*(side.term.free for side in sides))
    known = reader.world.indices.get("V", {}).get("c" if reader.world.window else "o")
    return [distinct(i, known) for i in free if known is not None and i.name == letter and i.axis.name == "V"]


def is_empty(condition: Condition) -> bool:
    """Whether a condition restricts nothing: `for all k`."""
    return condition.body is None or not any(isinstance(node, Relation) for node in walk(condition.body))


def negation(condition: Condition) -> tuple[Condition, ...] | None:
    """Where a condition does not hold, if that can be said with one relation."""
    body = bare(condition.body) if condition.body is not None else None
    if isinstance(body, Group):
        body = bare(body.body)
    opposite = {"=": "\\ne", "\\ne": "=", ">": "\\le", "<": "\\ge", "\\le": ">", "\\ge": "<", "\\in": "\\notin",
                "\\notin": "\\in"}
    if isinstance(body, Relation) and len(body.signs) == 1 and body.signs[0] in opposite:
        return (Condition("if", Relation((opposite[body.signs[0]],), body.operands, body.span), condition.span),)
    return None


def _parts(body: Node | None) -> list[Relation]:
    if body is None:
        return []
    body = bare(body)
    if any(isinstance(node, Range | Dots) for node in walk(body)) and not any(
            isinstance(node, Relation) and set(node.signs) & {"\\in", "\\notin"} for node in walk(body)):
        return []  # `k = 1, ..., K` names every k, not k = 1
    if isinstance(body, Relation):
        return [body]
    if isinstance(body, Group):
        return _parts(body.body)
    if isinstance(body, Listing):
        return [part for item in body.items for part in _parts(item)]
    return []


def _relation(node: Relation, reader: Elaboration, sides: tuple[Value, ...]) -> list[Hypothesis]:
    if len(node.signs) != 1:
        return _ranged(node)
    sign, (left, right) = node.signs[0], (bare(each) for each in node.operands)
    if sign in ("\\in", "\\notin"):
        return _membership(left, right, sign == "\\in", reader, sides)
    if sign in ("=", "\\ne"):
        made = _indices(left, right, sign == "=", reader, sides)
        if made is not None:
            return made
    if sign in (">", "<", "\\ge", "\\le"):
        return _signed(left, right, sign, reader)
    raise Unsupported(f"the condition {spelled(node)}")


def _ranged(node: Relation) -> list[Hypothesis]:
    """`1 \\le k \\le K` says what k runs over, and nothing more."""
    if set(node.signs) <= {"\\le", "<"} and letter_of(node.operands[1]) is not None:
        return []
    raise Unsupported(f"the condition {spelled(node)}")


def _indices(left: Node, right: Node, equal: bool, reader: Elaboration, sides: tuple[Value, ...]
             ) -> list[Hypothesis] | None:
    free = frozenset().union(*(side.term.free for side in sides))
    targets = dict.fromkeys([*(i.axis for i in sorted(free, key=str)), *reader.axes()])
    names = {i.name for i in free}
    best: list[tuple[int, Hypothesis]] = []
    for axis in targets:
        for i in _of(left, axis, reader, free):
            for k in _of(right, axis, reader, free):
                made: Hypothesis = (same if equal else distinct)(i, k)
                met = {x.name for x in free_indices(i) | free_indices(k)} & names
                exact = (free_indices(i) | free_indices(k)) & free
                best.append((len(exact) * 2 + len(met), made))
    if not best:
        return None
    score, made = max(best, key=lambda pair: pair[0])
    del score
    if isinstance(made, Same | Distinct) and made.left == made.right:
        return []
    return [made]


def _of(node: Node, axis: Axis, reader: Elaboration, free: frozenset[Index] = frozenset()) -> list[IndexLike]:
    """What a letter in a condition can mean on an axis; a position stands for the word at it."""
    letter = letter_of(node)
    through = [m(i) for several in reader.world.maps.values() for m in several if m.target == axis
               for i in free if i.name == letter and i.axis == m.source]
    try:
        return [*through, *reader.indices(node, axis)]
    except (Mistyped, Unsupported, GradproofError):
        return [*through]


def _membership(left: Node, right: Node, inside: bool, reader: Elaboration, sides: tuple[Value, ...]
                ) -> list[Hypothesis]:
    if _is_numbers(right):
        return [] if inside and not _restricts(right) else _restricted(left, right, reader)
    if _is_window(right) and reader.world.window is not None:
        return _window(left, inside, reader, sides)
    if inside:
        return []
    for mapping in (m for several in reader.world.maps.values() for m in several):
        for at in _of(left, mapping.target, reader):
            if isinstance(at, Index):
                return [avoids(mapping, at)]
    raise Unsupported(f"the condition {spelled(left)} in {spelled(right)}")


def _window(left: Node, inside: bool, reader: Elaboration, sides: tuple[Value, ...]) -> list[Hypothesis]:
    """A position in the window, or a word that stands at none."""
    free = frozenset().union(*(side.term.free for side in sides))
    letter = letter_of(left)
    if inside:
        return []
    for index in free:
        if index.name == letter and index.axis.name == "V":
            return [Avoids(next(m for m in reader.world.maps["w"]), index)]
    raise Unsupported(f"{spelled(left)} outside of the window")


def _is_window(node: Node) -> bool:
    said = spelled(node)
    return any(isinstance(each, Range | Dots) for each in walk(node)) and ("m" in said)


def _is_numbers(node: Node) -> bool:
    return any(isinstance(each, Name) and "blackboard" in each.style for each in walk(node))


def _restricts(node: Node) -> bool:
    return (isinstance(node, Script) and node.sup is not None and spelled(node.sup) in ("+", "-")) or (
        isinstance(node, Script) and spelled(node.sub) in ("+", "-"))


def _restricted(left: Node, right: Node, reader: Elaboration) -> list[Hypothesis]:
    said = spelled(right)
    if said.endswith("+"):
        return _signed(left, Number("0"), ">", reader)
    raise Unsupported(f"the condition {spelled(left)} in {said}")


def _signed(left: Node, right: Node, sign: str, reader: Elaboration) -> list[Hypothesis]:
    if spelled(left) == "0" and spelled(right) != "0":
        left, right, sign = right, left, _FLIPPED[sign]
    if sign == "\\le":
        left, right, sign = right, left, "\\ge"
    difference: Node = left if spelled(right) == "0" else Infix(("-",), (left, right), left.span)
    try:
        values = [value for value in reader.read(difference) if not value.rank]
    except Mistyped as error:
        raise Unsupported(str(error)) from None
    if not values:
        raise Unsupported(f"the condition {spelled(left)} {sign} {spelled(right)}")
    return [Sign(values[0].term, _POSITIVE[sign])]


__all__ = ["Prefix", "hypotheses", "is_empty", "negation"]
