"""Derivatives written with a slash: `\\partial J / \\partial v` and `dJ/dx` among factors."""

from __future__ import annotations

from derive.reading.syntax import Derivative, Differential, Group, Infix, Name, Node


def with_slash_derivatives(operators: tuple[str, ...], operands: tuple[Node, ...], span: tuple[int, int]) -> Node:
    """`\\partial J / \\partial v` and `dJ/dx` among the factors become derivatives."""
    if "/" not in operators:
        return Infix(operators, operands, span)
    left_operators, left = list(operators), list(operands)
    at = 0
    while at < len(left_operators):
        found = left_operators[at] == "/" and _slash_at(left_operators, left, at)
        if found:
            first, last, derivative = found
            left[first : last + 1] = [derivative]
            left_operators[first:last] = []
            at = first
        else:
            at += 1
    return left[0] if len(left) == 1 else Infix(tuple(left_operators), tuple(left), span)


def _slash_at(operators: list[str], operands: list[Node], at: int) -> tuple[int, int, Derivative] | None:
    """A derivative around the slash at `at`: its first and last operand, and the node."""
    above, below = _unbraced(operands[at]), _unbraced(operands[at + 1])
    if isinstance(below, Differential):
        if isinstance(above, Differential):
            return at, at + 1, _slash(below.symbol, above.operand, below.operand, operands[at], operands[at + 1])
        if isinstance(above, Name) and above.base == "partial":
            return _slash_operator(operators, operands, at, below.operand, at + 1)
        if at and operators[at - 1] in ("(", "") and isinstance(before := operands[at - 1], Differential):
            joined = Infix((operators[at - 1],), (before.operand, operands[at]), operands[at].span)
            return at - 1, at + 1, _slash(below.symbol, joined, below.operand, before, operands[at + 1])
    if not (_is_d(operands[at + 1]) and at + 2 < len(operands) and operators[at + 1] == ""):
        return None
    if at and operators[at - 1] == "" and _is_d(operands[at - 1]):
        node = _slash("d", operands[at], operands[at + 2], operands[at - 1], operands[at + 2])
        return at - 1, at + 2, node
    return _slash_operator(operators, operands, at, operands[at + 2], at + 2) if _is_d(operands[at]) else None


def _slash_operator(
    operators: list[str], operands: list[Node], at: int, variable: Node, last: int
) -> tuple[int, int, Derivative]:
    """`\\partial / \\partial x` and, if there is one, the factor beside it."""
    symbol = "d" if _is_d(operands[at]) else "\\partial"
    operand: Node | None = None
    if last < len(operators) and operators[last] in ("", "("):
        last += 1
        operand = operands[last]
    span = (operands[at].span[0], max(operands[last].span[1], variable.span[1]))
    return at, last, Derivative(symbol, "slash", operand, (variable,), operand is not None, None, (), span)


def _slash(symbol: str, operand: Node, variable: Node, first: Node, last: Node) -> Derivative:
    span = (min(first.span[0], last.span[0]), max(first.span[1], last.span[1]))
    return Derivative(symbol, "slash", operand, (variable,), False, None, (), span)


def _unbraced(node: Node) -> Node:
    return node.body if isinstance(node, Group) and node.left == "{" == node.right and node.body else node


def _is_d(node: Node) -> bool:
    return isinstance(node, Name) and node.base == "d" and not node.accents
