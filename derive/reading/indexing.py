"""Indices: what a subscript points at, and what a sum runs over.

A letter in a subscript is an index on the axis of the place it stands in. Where the setting has a map of positions to
words, `u_k` may mean `u_{w_k}`, and `w_{c+j}` is the word at a position of the window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from derive.components import Axis, Index, IndexLike
from derive.reading.settings.world import World
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import (
    Annotated,
    BigOp,
    Blank,
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
    Text,
)
from derive.reading.values import Mistyped, Unknown, Unsupported

CENTRE_LETTERS = frozenset({"c", "t", "i", "0"})
"""Letters a position in the text is called by: the centre of the window at w_c or w_t."""
_WORDS = frozenset({"w", "x", "z"})
"""Letters that words are called by, never positions."""
NO_SIZES = frozenset({"i", "j", "l"})
"""Letters that indices are called by, never sizes."""


@dataclass(frozen=True)
class Limits:
    """What stands around a sum sign. letter: what is bound; axis: what it runs along, if the limits say.

    conditions: pairs of nodes that must be (`True`) the same or (`False`) differ; window: a context window; whole: one
    that does not leave its centre out.
    """

    letter: str
    axis: Axis | None
    conditions: tuple[tuple[Node, Node, bool], ...] = ()
    window: bool = False
    whole: bool = False


def letter_of(node: Node) -> str | None:
    """The letter an index is written with, primes included."""
    node = bare(node)
    if isinstance(node, Name) and (len(node.base) == 1 or node.base.isalpha()) and len(node.base) <= 7:
        return spelled(node)
    if isinstance(node, Script) and isinstance(node.base, Name) and node.sup is None:
        if node.primes and node.sub is None:
            return spelled(node.base) + "'" * node.primes
        if isinstance(node.sub, Number) or (isinstance(node.sub, Name) and node.base.base not in ("w", "W")):
            return spelled(node)
    return None


def indices(node: Node, axis: Axis, world: World, bound: dict[str, Axis | None], centred: str = "",
            gathered: bool = False) -> list[IndexLike]:
    """The indices of an axis that a subscript can mean.

    bound: letters bound by sums around, with the axis their limits gave; centred: a letter that stands at 0, the
    centre of the window; gathered: the subscript picks a word's vector, so that `u_k` may mean `u_{w_k}`. Of a target
    `y_k` or a probability it never does: where no negative is the true word, all of those would be 0.
    Mistyped: none, though it is clear what was written.
    """
    node = bare(node)
    if isinstance(node, Annotated) and node.kind == "quote":
        node = node.body
    if isinstance(node, Group) and node.left in ("(", "["):
        node = bare(node.body)
    if isinstance(node, Relation) and node.signs == ("=",):
        node = node.operands[1]
    if axis.name == "V" and (word := _word(node, world, bound, centred)) is not None:
        return [word]
    if isinstance(node, Number):
        known = world.indices.get(axis.name, {}).get(node.text)
        return [known if known is not None else Index(node.text, axis)]
    if isinstance(node, Name) and node.accents:
        raise Unsupported(f"the subscript {spelled(node)}")
    letter = letter_of(node)
    if letter is None:
        if isinstance(node, Text):
            return [Index(node.text.strip("'\" "), axis)]
        raise Unsupported(f"the subscript {spelled(node)}")
    if letter in bound:
        return _bound(letter, bound[letter], axis, world, gathered)
    known = world.indices.get(axis.name, {}).get(letter)
    if known is not None:
        return [known]
    plain = Index(letter, axis)
    if not gathered or letter in _WORDS:
        return [plain]
    found: list[IndexLike] = [m(Index(letter, m.source)) for m in world.positional if m.target == axis]
    return [plain, *found] if letter == "i" else [*found, plain]


def _bound(letter: str, on: Axis | None, axis: Axis, world: World, gathered: bool) -> list[IndexLike]:
    if on is None:
        found = [m(Index(letter, m.source)) for m in world.positional if m.target == axis and gathered]
        return [Index(letter, axis), *found]
    if on == axis:
        return [Index(letter, axis)]
    maps = [m for several in (world.positional, *world.maps.values()) for m in several] if gathered else []
    for mapping in maps:
        if mapping.source == on and mapping.target == axis:
            return [mapping(Index(letter, on))]
    raise Mistyped(f"the index {letter} runs over {on} and stands where {axis} is meant")


def _word(node: Node, world: World, bound: dict[str, Axis | None], centred: str) -> IndexLike | None:
    """`w_k`, `w_{c+j}`, `word_{t+j}`, and `c+j` itself: words through a map."""
    inner: Node | None = node
    if isinstance(node, Script) and isinstance(node.base, Name) and node.base.base in world.maps and node.sup is None:
        inner = node.sub
    elif not (world.window and isinstance(node, Infix) and node.additive):
        return None
    if inner is None:
        return None
    inner = bare(inner)
    if isinstance(inner, Infix) and len(inner.operands) == 2 and world.window and inner.operators[0] in ("+", ""):
        if any(isinstance(each, Name) and each.accents for each in inner.operands):
            raise Unsupported(f"the subscript {spelled(node)}")
        first, second = (letter_of(each) for each in inner.operands)
        if first in CENTRE_LETTERS and second is not None and isinstance(node, Script | Infix):
            if second == centred:
                return world.centre
            return next(m(Index(second, m.source)) for m in world.maps["w"])
        return None
    letter = letter_of(inner)
    if letter is None or not isinstance(node, Script):
        return None
    mapping = world.maps[spelled(node.base)][0]
    if world.window and letter in ("c", "t", "i") and letter not in bound:
        return world.centre
    if world.window and letter in ("o", "O"):
        return world.indices["V"]["o"]
    if letter == centred:
        return world.centre
    if letter in bound and bound[letter] not in (None, mapping.source):
        raise Mistyped(f"the index {letter} runs over {bound[letter]} and counts positions over {mapping.source}")
    return mapping(Index(letter, mapping.source))


# --- limits of sums ---------------------------------------------------------------------------------------------------


def limits(sub: Node | None, sup: Node | None, world: World) -> Limits:
    """What a sum runs over, from what stands below and above its sign.

    Unsupported: limits that say nothing we know. Unknown: none at all.
    """
    if sub is None:
        raise Unknown("a sum without an index")
    parts = _parts(bare(sub))
    letter, axis, conditions = "", None, []
    window = excludes_zero = False
    for part in parts:
        if isinstance(part, Relation):
            found = _relation(part, sup, world, letter)
            letter, axis = letter or found.letter, axis or found.axis
            window = window or found.window
            for left, right, same in found.conditions:
                if not same and spelled(right) == "0" and (window or world.window):
                    excludes_zero = True
                else:
                    conditions.append((left, right, same))
        elif (name := letter_of(part)) is not None:
            letter = letter or name
            if sup is not None and axis is None:
                axis = _range(None, sup, world)
    if not letter:
        raise Unsupported(f"the limits {spelled(sub)} of a sum")
    if window and world.window is None:
        raise Unknown("a sum over a window outside of a window's setting")
    return Limits(letter, world.window if window else axis, tuple(conditions), window, window and not excludes_zero)


def nested(node: BigOp) -> BigOp | None:
    """`\\sum_{i,j} a` and `\\sum_{i,j=1}^n a` as `\\sum_i \\sum_j a`; None where one letter is bound, or more is said.

    Unsupported: `i, j \\ne i`, which binds one letter or two.
    """
    sub = bare(node.sub) if node.sub is not None else None
    if isinstance(sub, Group) and sub.left in ("(", "["):
        sub = bare(sub.body)
    if isinstance(sub, Listing):
        items = sub.items
    elif isinstance(sub, Infix) and set(sub.operators) == {""}:
        items = sub.operands
    else:
        return None
    bounds = [_start(bare(each)) for each in items]
    letters = [letter_of(letter) for letter, _ in bounds if letter is not None]
    if len(items) == 2 and len(letters) == 1 and letters[0] and _excludes(bare(items[1]), letters[0]):
        raise Unsupported(f"the limits {spelled(sub)} of a sum")
    if len(items) < 2 or len(set(letters)) < len(items) or not all(letters):
        return None
    start = next((start for _, start in bounds if start is not None), None)
    inner: Node = node.body
    for letter, own in reversed(bounds):
        first = own or start
        limit = letter if first is None else Relation(("=",), (letter, first), sub.span)  # type: ignore[arg-type]
        inner = replace(node, sub=limit, body=inner)
    return inner if isinstance(inner, BigOp) else None


def _start(node: Node) -> tuple[Node | None, Node | None]:
    """The letter that a part of limits binds, and where it starts: `i`, or `i = 1`."""
    if isinstance(node, Name):
        return node, None
    if isinstance(node, Relation) and node.signs == ("=",) and isinstance(bare(node.operands[0]), Name) and isinstance(
            bare(node.operands[1]), Number):
        return node.operands[0], node.operands[1]
    return None, None


def _excludes(node: Node, letter: str) -> bool:
    """`j \\ne i`, where i is the letter that is bound."""
    return isinstance(node, Relation) and node.signs == ("\\ne",) and letter_of(node.operands[1]) == letter and (
        letter_of(node.operands[0]) is not None)


def _parts(sub: Node) -> list[Node]:
    if isinstance(sub, Listing):
        return [bare(item) for item in sub.items if not isinstance(item, Blank | Text)]
    if isinstance(sub, Group) and sub.left in ("(", "["):
        return _parts(bare(sub.body))
    return [sub]


def _relation(node: Relation, sup: Node | None, world: World, letter: str) -> Limits:
    operands, signs = [bare(each) for each in node.operands], node.signs
    if set(signs) <= {"\\le", "<"} and len(operands) == 3:
        middle = letter_of(operands[1])
        if middle is None:
            raise Unsupported(f"the limits {spelled(node)} of a sum")
        if isinstance(operands[0], Prefix):
            _expect_window(operands[0], operands[2], signs == ("\\le", "\\le"))
            return Limits(middle, None, window=True)
        below = spelled(operands[0]) == "0" and list(signs) == ["\\le", "<"]
        if not below and set(signs) != {"\\le"}:
            raise Unsupported(f"the limits {spelled(node)} of a sum")
        return Limits(middle, _range(None if below else operands[0], operands[2], world))
    first = letter_of(operands[0])
    if signs == ("=",):
        if first is None or first == letter or (isinstance(operands[0], Script) and letter):
            return Limits("", None, ((operands[0], operands[1], True),))
        if isinstance(operands[1], Prefix):
            _expect_window(operands[1], sup, True)
            return Limits(first, None, window=True)
        return Limits(first, _range(operands[1], sup, world))
    if signs == ("\\in",):
        if first is None:
            raise Unsupported(f"the limits {spelled(node)} of a sum")
        return Limits(first, _members(operands[1], world))
    if signs in (("\\ne",), ("\\notin",)):
        return Limits("" if first is None or letter else first, None, ((operands[0], operands[1], False),))
    raise Unsupported(f"the limits {spelled(node)} of a sum")


def _expect_window(first: Node, last: Node | None, whole: bool) -> None:
    """`-m` to `m`: a part of a window, or one of another size, is no sum over the window."""
    said = spelled(last)
    if not whole or not said.isalpha() or spelled(first) != f"-{said}":
        raise Unsupported(f"a sum from {spelled(first)} to {said or 'nowhere'}")


def _range(first: Node | None, last: Node | None, world: World) -> Axis | None:
    """The axis that runs from 1 to `last`, or from 0 to `last - 1`; None where it is called by a letter unknown so far.

    Unsupported: a part of an axis.
    """
    start, end = spelled(first), spelled(last)
    if start not in ("", "0", "1") or (first is not None and not isinstance(bare(first), Number)):
        raise Unsupported(f"a sum that starts at {start}")
    if last is None:
        return None
    if start == "0" and end.endswith("-1"):
        end = end.removesuffix("-1")
    elif start == "0":
        raise Unsupported(f"a sum from 0 to {end}")
    for spelling in (end, end.strip("|"), end.lower()):
        if spelling in world.ranges:
            return world.ranges[spelling]
    if "vocab" in end.lower() and not isinstance(bare(last), Infix):
        return world.ranges.get("vocab")
    if end in NO_SIZES or letter_of(last) is None or world.closed or world.window is not None:
        raise Unsupported(f"a sum to {end}")
    return None


def run_axis(last: Node, world: World, sizes: frozenset[str] = frozenset()) -> Axis | None:
    """The axis that `1, 2, \\dots, last` runs along; None where the letter is unknown so far.

    sizes: letters that the document uses for sizes, `\\mathbb{R}^{1 \\times i}`.
    """
    return None if spelled(last) in sizes - world.ranges.keys() else _range(None, last, world)


def _members(node: Node, world: World) -> Axis | None:
    """The axis whose positions a set holds."""
    node, said = bare(node), spelled(node)
    if isinstance(node, Listing | Group | Range) and isinstance(bare(node.body) if isinstance(node, Group) else node,
                                                                 Listing | Range):
        last = said.split(",")[-1].split("..")[-1].strip("{}[]()")
        if said.strip("{}[]()")[:1] == "1" and last in world.ranges:
            return world.ranges[last]
    for spelling in (said, said.strip("|"), said.lower(), *(["vocab"] if "vocab" in said.lower() else [])):
        if spelling in world.ranges:
            return world.ranges[spelling]
    raise Unsupported(f"a sum over {said}")


__all__ = ["Limits", "indices", "letter_of", "limits", "nested", "run_axis"]
