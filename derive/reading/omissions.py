"""What may have been left out of a step, or be there too often: factors, sums, deltas, a bias, a layer.

Each is an edit of one node: what it costs, what it does in words, and the node instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from derive.reading.printing import latex
from derive.reading.spelling import bare, base_name, spelled, split_transpose
from derive.reading.syntax import (
    BigOp,
    Call,
    Derivative,
    Fraction,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Prefix,
    Relation,
    Script,
    walk,
)

Replacement = tuple[float, str, Node]
VECTORS = ("u", "v", "mu", "nu")
SCALARS = ("alpha", "beta", "gamma", "lambda")
MOST = 6
"""Most factors tried."""


class Clues:
    """What occurs in a step: letters of indices, and what may be a factor of something."""

    def __init__(self, side: Node, beside: Node) -> None:
        both = [*walk(side), *walk(beside)]
        self.letters = list(dict.fromkeys(spelled(n.sub) for n in both if isinstance(n, Script)
                                          and isinstance(n.sub, Name) and len(n.sub.base) == 1))[:4]
        if any(isinstance(n, Name) and n.base == "y" and n.accents for n in both):
            self.letters = list(dict.fromkeys([*self.letters, "o"]))
        self.beside = {spelled(n.sub) for n in walk(beside) if isinstance(n, Script) and isinstance(n.sub, Name)}
        self.vectors = {spelled(v): v for n in both if (v := _vector(n)) is not None}
        self.factors = _factors(both, set(self.vectors))


def _vector(node: Node) -> Node | None:
    """`u_k` or `v_c`, the transpose taken off."""
    if not isinstance(node, Script) or not isinstance(node.base, Name) or node.base.base not in VECTORS:
        return None
    rest, turned = split_transpose(node.sup)
    return replace(node, sup=rest) if node.sub is not None and turned else node if node.sup is None else None


def _factors(nodes: list[Node], but: set[str]) -> list[Node]:
    """Exponentials, sigmoids, entries and scalars that occur in the step."""
    found: dict[str, Node] = {}
    for node in nodes:
        exponential = isinstance(node, Script) and spelled(node.base) == "e" and node.sup is not None
        entry = isinstance(node, Script) and isinstance(node.sub, Name) and node.sup is None
        scalar = isinstance(node, Name) and node.base in SCALARS
        name = base_name(node.function) if isinstance(node, Call) else None
        called = name is not None and spelled(name).lower() in ("exp", "sigma", "sigmoid")
        if (exponential or entry or scalar or called) and spelled(node) not in but:
            found.setdefault(spelled(node), node)
    return list(found.values())[:MOST]


def omissions(node: Node, clues: Clues, whole: bool) -> Iterable[Replacement]:
    """What a node may stand for, if something was left out of it."""
    yield from _lost_factors(node, clues, whole)
    yield from _lost_sums(node, clues, whole)
    yield from _lost_indices(node, clues)
    yield from _wrong_names(node, clues)
    if isinstance(node, Name | Script) and latex(node)[:1].isupper() and not (
            isinstance(node, Script) and node.sup is not None):
        yield 2.4, "1 added", Group("(", "(", Infix(("+",), (node, Number("1")), node.span), node.span)
    if isinstance(node, Infix) and not node.additive and len(node.operands) > 2 and isinstance(
            node.operands[0], Number):
        rest = node.operands[2:]
        yield 1.9, "two factors dropped", rest[0] if len(rest) == 1 else replace(
            node, operators=node.operators[2:], operands=rest)
    if whole and not isinstance(bare(node), Number):
        yield 3.0, "0 for what was written", Number("0", node.span)
        yield 3.0, "1 for what was written", Number("1", node.span)


def _lost_factors(node: Node, clues: Clues, whole: bool) -> Iterable[Replacement]:
    product = isinstance(node, Infix) and not node.additive
    if whole or product or isinstance(node, Script | Call | Fraction | Number) or (
            isinstance(node, Name) and node.style):
        for factor in clues.factors:
            yield 2.5, f"factor {spelled(factor)} added", Infix(("",), (factor, _grouped(node)), node.span)


def _lost_sums(node: Node, clues: Clues, whole: bool) -> Iterable[Replacement]:
    """A sum over a letter that the other side does not have; the sum over the window."""
    if whole or (isinstance(node, Infix) and not node.additive) or (isinstance(node, Group) and node.left == "("):
        inside = [spelled(n.sub) for n in walk(node) if isinstance(n, Script) and isinstance(n.sub, Name)]
        for letter in dict.fromkeys(x for x in inside if x in clues.letters and x not in clues.beside):
            yield 1.9, f"sum over {letter} added", BigOp("\\sum", Name(letter), None, _grouped(node), node.span)
    shifted = [n.sub for n in walk(node) if isinstance(n, Script) and isinstance(n.sub, Infix) and n.sub.additive]
    if whole and shifted and isinstance(shifted[0].operands[-1], Name):
        yield 1.9, "sum over the window added", BigOp("\\sum", _window(shifted[0].operands[-1]), None,
                                                      _grouped(node), node.span)


def _window(letter: Name) -> Node:
    """`-m <= j <= m, j != 0`."""
    m = Name("m")
    around = Relation(("\\le", "\\le"), (Prefix("-", m), letter, m))
    return Listing((around, Relation(("\\ne",), (letter, Number("0")))), (",",))


def _lost_indices(node: Node, clues: Clues) -> Iterable[Replacement]:
    """`p_i^2` for `p_i p_j`; 1 for a delta."""
    if isinstance(node, Script) and isinstance(node.sup, Number) and node.sup.text == "2" and isinstance(
            node.sub, Name):
        one = replace(node, sup=None)
        for letter in clues.letters:
            if letter != spelled(node.sub):
                yield 2.0, f"index {letter} for {spelled(node.sub)} in one factor", Infix(
                    ("",), (one, replace(one, sub=Name(letter))), node.span)
    if isinstance(node, Number) and node.text == "1":
        pairs = [(a, b) for n, a in enumerate(clues.letters) for b in clues.letters[n + 1:]]
        for first, second in pairs[:3]:
            both = Infix(("",), (Name(first), Name(second)))
            yield 2.0, "a delta for 1", Script(Name("delta"), both, None, 0, node.span)


def _wrong_names(node: Node, clues: Clues) -> Iterable[Replacement]:
    """A vector for another; the class for a letter that comes from nowhere; the third layer."""
    if spelled(node) in clues.vectors and isinstance(node, Script) and node.sup is None:
        for key, vector in list(clues.vectors.items())[:4]:
            if key != spelled(node):
                yield 2.2, f"{key} for {spelled(node)}", vector
    if not isinstance(node, Script):
        return
    if isinstance(node.sub, Name) and spelled(node.sub) != "o" and "o" in clues.letters:
        yield 1.7, f"index o for {spelled(node.sub)}", replace(node, sub=Name("o"))
    if isinstance(node.sub, Number) and node.sub.text in ("1", "2", "3") and spelled(node.base) == "delta":
        for text in ("1", "2", "3"):
            if text != node.sub.text:
                yield 1.5, f"index {text} for {node.sub.text}", replace(node, sub=Number(text))


def outer_products(node: Infix) -> Iterable[Replacement]:
    """`r w^T` for `r \\circ w`."""
    if len(node.operands) != 2 or node.operators[0] not in ("\\circ", "\\odot"):
        return
    first, second = map(_grouped, node.operands)
    for pair in ((first, _turned(second)), (_turned(first), second)):
        yield 2.1, "a matrix product for one entry by entry, and a transpose", replace(
            node, operators=("",), operands=pair)


def other_variables(left: Node, right: Node) -> Iterable[Replacement]:
    """A derivative by an input vector where it is by an output vector, and said to be 0."""
    node = bare(left)
    variable = bare(node.variables[0]) if isinstance(node, Derivative) and len(node.variables) == 1 else None
    if not isinstance(variable, Script) or not isinstance(variable.base, Name) or spelled(bare(right)) != "0":
        return
    letter = {"u": "v", "v": "u"}.get(variable.base.base)
    if letter is not None and isinstance(node, Derivative):
        other = replace(variable, base=replace(variable.base, base=letter))
        yield 2.2, f"{spelled(other)} for {spelled(variable)}", replace(node, variables=(other,))


def _turned(node: Node) -> Node:
    if isinstance(node, Script) and node.sup is None:
        return replace(node, sup=Name("T"))
    return Script(node, None, Name("T"), 0, node.span)


def _grouped(node: Node) -> Node:
    if (isinstance(node, Infix) and node.additive) or isinstance(node, Prefix | BigOp):
        return Group("(", "(", node, node.span)
    return node


__all__ = ["Clues", "omissions", "other_variables", "outer_products"]
