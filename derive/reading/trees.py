"""Changing one node of a tree: everything else, and every place in the source, stays."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, cast

from derive.reading.spelling import spelled
from derive.reading.syntax import BigOp, Name, Node, Script, walk

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
    """The tree with every letter of that spelling replaced.

    >>> from derive.reading.parsing import parse
    >>> spelled(replaced(parse("u_k + k"), "k", parse("j")))
    'u_j+j'
    """
    if isinstance(node, Name) and spelled(node) == letter:
        return by
    return mapped(node, lambda inner: replaced(inner, letter, by))


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


__all__ = ["Path", "changed", "mapped", "put", "replaced", "unaccented"]
