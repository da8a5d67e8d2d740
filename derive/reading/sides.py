"""What one side of an equation is, as it was written: a name, a place, a condition on indices, a chain rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derive.reading.combining import gradient_name, is_gradient_mark, pair_of
from derive.reading.parsing import Chain, Link
from derive.reading.spelling import bare, base_name, spelled
from derive.reading.syntax import (
    BigOp,
    Blank,
    Call,
    Condition,
    Derivative,
    Differential,
    Dots,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Range,
    Relation,
    Script,
    Text,
    walk,
)
from derive.terms import Term

EQUALS = frozenset({"=", "\\equiv", ":="})
"""Relations whose two sides are claimed to be equal."""


def is_side(node: Node) -> bool:
    return not isinstance(bare(node), Text | Blank | Dots)


def differentiates(node: Node) -> bool:
    return any(isinstance(each, Derivative) for each in walk(node))


def is_chain_rule(node: Node) -> bool:
    return sum(isinstance(each, Derivative) for each in walk(node)) >= 2


def is_position(node: Node) -> bool:
    """`w_k` alone: a word at a position."""
    node = bare(node)
    return (isinstance(node, Script) and isinstance(node.base, Name) and node.base.base in ("w", "W")
            and not node.base.accents and node.sup is None
            and not isinstance(node.sub, Number) and not node.base.style)


def is_index(node: Node) -> bool:
    node = bare(node)
    if isinstance(node, Name):
        return len(node.base) == 1 and not node.accents
    if isinstance(node, Number):
        return True
    if isinstance(node, Script):
        return node.sup is None and isinstance(node.base, Name) and node.base.base in ("w", "W", "c", "k", "j", "i")
    if isinstance(node, Listing | Group | Range):
        return True
    return isinstance(node, Infix) and node.additive and all(is_index(each) for each in node.operands)


def as_name(node: Node) -> Node | None:
    """A side that is a single name, `dz^2` included."""
    node = bare(node)
    if isinstance(node, Differential):
        return Name("d" + spelled(node.operand), (), (), node.span)
    if isinstance(node, Infix) and node.operators == ("",) and is_gradient_mark(node.operands[0]):
        return gradient_name(*node.operands)
    return node if isinstance(node, Name | Script) else None


def as_condition(chain: Chain) -> Condition | None:
    """A chain of its own that only compares indices."""
    if not 2 <= len(chain.links) <= 3 or chain.open_left or chain.open_right:
        return None
    if not all(is_index(link.operand) for link in chain.links):
        return None
    signs = tuple(sign.text for sign in chain.relations)
    operands = tuple(link.operand for link in chain.links)
    span = (operands[0].span[0], operands[-1].span[1])
    return Condition("if", Relation(signs, operands, span), span)


def compared(condition: Condition) -> tuple[Node, ...]:
    """What a condition compares."""
    return condition.body.operands if isinstance(condition.body, Relation) else ()


def written_conditions(left: Link, right: Link) -> tuple[Condition, ...]:
    found: dict[Condition, None] = dict.fromkeys(right.statement.conditions)
    found.update(dict.fromkeys(left.statement.conditions))
    return tuple(found)


def speaks_of_repeats(node: Node) -> bool:
    """Whether two negatives are compared: `w_t = w_s`."""
    return any(isinstance(each, Relation) and len(each.operands) == 2 and all(map(is_position, each.operands))
               for each in walk(node))


def hidden_activation(several: list[Chain]) -> str:
    """What the document's hidden layer applies: `h = \\tanh(z_1)`."""
    for chain in several:
        for left, _, right in chain.steps():
            node = bare(right.operand)
            if spelled(bare(left.operand)) in ("h", "a_1", "a^1", "h_1", "h^1") and isinstance(node, Call):
                name = base_name(node.function)
                word = spelled(name).lower() if name is not None else ""
                if word in ("relu", "tanh"):
                    return word
                if word == "max" and "0" in map(spelled, node.arguments):
                    return "relu"
    return "sigmoid"


def parallel_factor(several: list[Chain]) -> str:
    """The letter a of `u_x = a u_y`, `x = a y`: by which factor two vectors differ; empty if nothing says."""
    for chain in several:
        for left, _, right in chain.steps():
            node = bare(right.operand)
            if (spelled(bare(left.operand)) in ("u_x", "x") and isinstance(node, Infix) and node.operators == ("",)
                    and isinstance(node.operands[0], Name) and spelled(node.operands[1]) in ("u_y", "y")):
                return spelled(node.operands[0])
    return ""


def cross_entropy_letters(nodes: Sequence[Node]) -> tuple[str, str] | None:
    """The letters t, p of `\\sum_i t_i \\log p_i`; None where they are the exercise's, or several are used."""
    found = {_compared(each) for node in nodes for each in walk(node) if isinstance(each, BigOp)} - {None}
    only = next(iter(found)) if len(found) == 1 else None
    return only if only is not None and only[0] != "y" else None


def _compared(node: BigOp) -> tuple[str, str] | None:
    body, letter = bare(node.body), spelled(node.sub).partition("=")[0].partition("\\in")[0]
    if not isinstance(body, Infix) or set(body.operators) - {"", "(", "\\cdot"}:
        return None
    *before, last = (bare(each) for each in body.operands)
    inside = bare(last.arguments[0]) if isinstance(last, Call) and spelled(last.function) in ("log", "ln") else None
    pair = (before[0], inside) if len(before) == 1 else ()
    entries = [each for each in pair if isinstance(each, Script) and spelled(each.sub) == letter
               and isinstance(each.base, Name)]
    return (spelled(entries[0].base), spelled(entries[1].base)) if len(entries) == 2 else None


def bare_centre(nodes: Sequence[Node]) -> str:
    """`v`, where a document calls the centre vector so: its only subscripts, if any, count the entries."""
    scripts = [each for node in nodes for each in walk(node) if isinstance(each, Script) and each.sub is not None]
    counting = {spelled(pair[1]) for each in scripts if each.sub is not None and (pair := pair_of(each.sub))}
    subs = {spelled(each.sub) for each in scripts if spelled(each.base) in ("v", "nu")}
    used = any(isinstance(each, Name) and spelled(each) == "v" for node in nodes for each in walk(node))
    return "v" if used and subs <= counting else ""


def row_summed(term: Term) -> Term | None:
    """y, where the term is the sum over the last index of its entries."""
    if term.op != "sum":
        return None
    index, entry = term.args
    at: tuple[Any, ...] = ()
    while entry.op == "item":
        entry, at = entry.args[0], (*entry.args[1], *at)
    summed = entry.op == "tensor" and len(at) == len(entry.axes) and at[-1:] == (index,) and index not in at[:-1]
    return entry if summed else None
