"""Changing one node of a tree: everything else, and every place in the source, stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Any, cast

from derive.reading.spelling import bare, spelled
from derive.reading.syntax import BigOp, Name, Node, Relation, Script, children, walk

Path = tuple[tuple[str, int], ...]
"""The way to a node: names of fields, with the position where a field holds several."""


def put(tree: Node, path: Path, new: Node) -> Node:
    """The tree with the node at a path replaced."""
    if not path:
        return new
    (name, at), rest = path[0], path[1:]
    value = getattr(tree, name)
    if at < 0:
        return changed(tree, **{name: put(value, rest, new)})
    return changed(tree, **{name: (*value[:at], put(value[at], rest, new), *value[at + 1:])})


def changed(node: Node, **changes: object) -> Node:
    """The node with some fields changed."""
    return cast(Node, replace(cast(Any, node), **changes)) if changes else node


def mapped(node: Node, change: Any) -> Node:
    """The node with a function applied to each node directly inside it."""
    changes: dict[str, object] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, tuple):
            new: object = tuple(change(item) if isinstance(item, Node) else item for item in value)
            if any(a is not b for a, b in zip(cast(tuple[object, ...], new), value, strict=True)):
                changes[each.name] = new
        elif isinstance(value, Node):
            new = change(value)
            if new is not value:
                changes[each.name] = new
    return changed(node, **changes)


def replaced(node: Node, letter: str, by: Node) -> Node:
    """The tree with every letter of that spelling replaced that no sum inside binds.

    A sum over a letter that stands in what is put in gets another letter first.

    >>> from derive.reading.parsing import parse
    >>> spelled(replaced(parse("u_k + k"), "k", parse("j")))
    'u_j+j'
    """
    return _replaced(node, letter, by, frozenset(spelled(each) for each in walk(by) if isinstance(each, Name)))


def renamed_apart(node: Node, taken: Collection[str]) -> Node:
    """The tree with other letters for those that its sums bind and that are taken."""
    if isinstance(node, BigOp):
        for letter in sorted(bound_letters(node) & set(taken)):
            node = _rebound(node, letter, taken)
    return mapped(node, lambda inner: renamed_apart(inner, taken))


def bound_letters(node: BigOp) -> frozenset[str]:
    """The letters below a sum sign, of which it binds one at least."""
    sub = bare(node.sub) if node.sub is not None else None
    if isinstance(sub, Relation):
        sub = sub.operands[1] if len(sub.operands) == 3 else sub.operands[0]
    return frozenset() if sub is None else _plain_letters(sub)


def _plain_letters(node: Node) -> frozenset[str]:
    """Letters without primes and subscripts."""
    if isinstance(node, Name):
        return frozenset({spelled(node)}) if len(node.base) == 1 else frozenset()
    if isinstance(node, Script):
        return frozenset()
    return frozenset().union(*map(_plain_letters, children(node)))


def _replaced(node: Node, letter: str, by: Node, taken: frozenset[str]) -> Node:
    if isinstance(node, Name) and spelled(node) == letter:
        return by
    if isinstance(node, BigOp):
        if letter in bound_letters(node):
            return node if node.sup is None else changed(node, sup=_replaced(node.sup, letter, by, taken))
        inside = {spelled(each) for each in walk(node.body) if isinstance(each, Name)}
        for captured in sorted(bound_letters(node) & taken) if letter in inside else ():
            node = _rebound(node, captured, taken)
    return mapped(node, lambda inner: _replaced(inner, letter, by, taken))


def _rebound(node: BigOp, letter: str, taken: Collection[str]) -> BigOp:
    """The sum with another letter for one it binds."""
    used = {spelled(each) for each in walk(node) if isinstance(each, Name)} | set(taken)
    fresh = Name(next(letter * times for times in range(2, 8) if letter * times not in used))
    plain = frozenset({fresh.base})
    changes = {name: _replaced(part, letter, fresh, plain) for name in ("sub", "sup", "body")
               if (part := getattr(node, name)) is not None}
    return cast(BigOp, changed(node, **changes))


def unaccented(node: Node, letter: str) -> tuple[Node, str]:
    """The tree without accents on an index that a sum binds, and what was written if there were any.

    An accented letter that a sum inside binds is a letter of its own.

    >>> from derive.reading.parsing import parse
    >>> plain, written = unaccented(parse(r"u_{\\bar j} + u_j"), "j")
    >>> spelled(plain), written
    ('u_j+u_j', 'jbar')
    """
    found = {spelled(each) for script in walk(node) if isinstance(script, Script) and script.sub is not None
             for each in walk(script.sub) if isinstance(each, Name) and each.accents and each.base == letter}
    found -= {spelled(each) for big in walk(node) if isinstance(big, BigOp) and big.sub is not None
              for each in walk(big.sub)}
    for written in found:
        node = replaced(node, written, Name(letter))
    return node, min(found, default="")


__all__ = ["Path", "bound_letters", "changed", "mapped", "put", "renamed_apart", "replaced", "unaccented"]
