"""Derivatives as written: once, or by one number after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.reading.calls import read_loss
from derive.reading.combining import Values, pairs, rational, scripted
from derive.reading.spelling import bare, loss_kind, spelled
from derive.reading.syntax import Derivative, Node, Script
from derive.reading.values import Reading, Unsupported, derivatives

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration


def read_derivative(reader: Elaboration, node: Derivative) -> Values:
    if node.operand is None or not node.variables:
        raise Unsupported("a derivative operator with nothing to apply to" if node.operand is None
                          else "a derivative by nothing")
    if reader.guess:
        raise Unsupported("a derivative of something that nothing gives a meaning to")
    if len(node.variables) > 1 or (node.order is not None and spelled(node.order) not in ("", "1")):
        return _repeated(reader, node)
    variable = bare(node.variables[0])
    values = _operand(reader, node.operand)
    by = reader.read(variable)
    if isinstance(variable, Script) and variable.sup is not None and all(v.term.free for v in by) and not any(
            v.term.op == "item" and v.term.args[0].op in ("tensor", "let") for v in by):
        raise Unsupported(f"a derivative by {spelled(variable)}, a result of one example")
    found = pairs(derivatives, values, by)
    return [v.noted(Reading("a derivative", f"{' and '.join(node.damage)}", True)) for v in found] if (
        node.damage) else found


def _repeated(reader: Elaboration, node: Derivative) -> Values:
    """`\\frac{\\partial^2 L}{\\partial a \\partial b}`, `\\frac{d^2 f}{dx^2}`: by one number, then another."""
    variables = [bare(each) for each in node.variables]
    order = rational(node.order)
    last = variables[0]
    if order == 2 and len(variables) == 1 and isinstance(last, Script) and rational(last.sup) == 2:
        variables = [scripted(last.base, last.sub, None, last.primes, last)] * 2
    if node.damage or order != len(variables) or node.operand is None:
        raise Unsupported("a higher derivative")
    found = _operand(reader, node.operand)
    for variable in reversed(variables):
        by = [value for value in reader.read(variable) if not value.rank]
        if not by or any(value.rank for value in found):
            raise Unsupported("a higher derivative by something that is no real number")
        found = pairs(derivatives, found, by)
    return found


def _operand(reader: Elaboration, node: Node) -> Values:
    inner = bare(node)
    if loss_kind(inner) is not None and not reader.lookup(spelled(inner)):
        return read_loss(reader, loss_kind(inner) or "", None, spelled(inner))
    return reader.read(node)


__all__ = ["read_derivative"]
