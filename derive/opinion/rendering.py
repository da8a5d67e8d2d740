"""A statement for a person, from its data alone.

    >>> from fractions import Fraction
    >>> from derive.opinion.statement import Statement, Tree
    >>> x = Tree("tensor", ("x",), ("n",)); one = Tree("number", (Fraction(1),), ())
    >>> shown(Statement(Tree("total", (Tree("softmax", (x,), ("n",)),), ()), one))
    'total(softmax(x[n])) == 1'
"""

from __future__ import annotations

from typing import Any

from derive.opinion.statement import Given, Map, Place, Statement, Tree

_SIGNS = {"add": " + ", "sub": " - ", "mul": " * ", "div": " / ", "matmul": " @ "}


def shown(statement: Statement) -> str:
    """Both sides and the hypotheses on one line; every tensor with its axes."""
    given = "; ".join(map(_given, statement.hypotheses))
    equation = f"{_bare(statement.left)} {statement.relation} {_bare(statement.right)}"
    return equation + (f"  given {given}" if given else "")


def _bare(tree: Tree) -> str:
    text = _tree(tree)
    return text[1:-1] if tree.op in _SIGNS else text


def _tree(t: Tree) -> str:
    if t.op == "tensor":
        return f"{t.args[0]}[{', '.join(t.axes)}]" if t.axes else str(t.args[0])
    if t.op == "number":
        return str(t.args[0])
    if t.op in _SIGNS:
        return f"({_SIGNS[t.op].join(map(_tree, t.args))})"
    if t.op == "item":
        return f"{_tree(t.args[0])}.at({', '.join(map(_place, t.args[1]))})"
    if t.op == "let":
        return f"({t.args[0]} := {_bare(t.args[1])})"
    if t.op == "grad":
        at = f".at({', '.join(map(_place, t.args[2]))})" if t.args[2] else ""
        base = t.args[1].args[0] if t.args[1].op == "let" else _tree(t.args[1])
        return f"grad({_bare(t.args[0])}, {base}{at})"
    if t.op == "function":
        slot = "" if t.args[3] is None else f".partial({t.args[3]})"
        return f"{t.args[0]}{slot}({', '.join(map(_any, t.args[2]))})"
    axes = f"[{', '.join(t.axes)}]" if t.op in ("ones", "zeros", "identity", "along") else ""
    return f"{t.op}{axes}({', '.join(map(_any, t.args))})"


def _any(part: Any) -> str:
    if isinstance(part, Tree):
        return _bare(part)
    if isinstance(part, Place):
        return _place(part) + f" in {part.runs}"
    return str(part)


def _place(place: Place) -> str:
    text = place.name
    for mapping in place.maps:
        text = f"{mapping.name}({text})"
    return text


def _map(mapping: Map) -> str:
    return f"{mapping.name}: {mapping.source} -> {mapping.target}"


def _given(hypothesis: Given) -> str:
    kind, parts = hypothesis.kind, hypothesis.parts
    if kind in ("same", "distinct"):
        return f"{_place(parts[0])} {'==' if kind == 'same' else '!='} {_place(parts[1])} in {parts[0].runs}"
    if kind == "injective":
        return f"{_map(parts[0])} takes no value twice"
    if kind == "avoids":
        return f"{_map(parts[0])} never takes {_place(parts[1])}"
    if kind == "sign":
        return f"{_bare(parts[0])} {parts[1]} 0"
    return f"{_bare(parts[0])} == {_bare(parts[1])}"


__all__ = ["shown"]
