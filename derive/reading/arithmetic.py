"""Sums and products as written: signs, calls that look like products, every way of bracketing factors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from derive.reading.arrays import read_run
from derive.reading.combining import (
    BEAM,
    Values,
    added_by,
    distinct,
    gradient_name,
    is_gradient_mark,
    pairs,
    shown,
    times_by,
)
from derive.reading.functions import FUNCTIONS
from derive.reading.patterns import Run, summed_run
from derive.reading.spelling import LOSSES, base_name, spelled
from derive.reading.syntax import Call, Infix, Name, Node, Prefix, Script
from derive.reading.syntax import Fraction as Quotient
from derive.reading.values import Mistyped, Reading, Unsupported, divided, negated, transposed

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration

LONGEST = 8
"""Most factors for which every way of bracketing a product is tried."""


def read_prefix(reader: Elaboration, node: Prefix) -> Values:
    if node.operator == "+":
        return reader.read(node.operand)
    if node.operator != "-":
        raise Unsupported(f"the sign {node.operator}")
    return [negated(v) for v in reader.read(node.operand)]


def read_infix(reader: Elaboration, node: Infix) -> Values:
    if node.additive:
        return read_sum(reader, node)
    return read_product(reader, node)


def read_sum(reader: Elaboration, node: Infix) -> Values:
    if not set(node.operators) <= {"+", "-"}:
        raise Unsupported(f"the sign {next(s for s in node.operators if s not in '+-')}")
    dotted = summed_run(node)
    if dotted is not None:
        return _dotted_sum(reader, *dotted)
    result = reader.read(node.operands[0])
    for sign, operand in zip(node.operators, node.operands[1:], strict=True):
        others = reader.read(operand)
        result = pairs(partial(added_by, sign), result, others)
    return result


def _dotted_sum(reader: Elaboration, around: Node, run: Run) -> Values:
    """a_1 + a_2 + ... + a_n, and what is added to it."""
    result = read_run(reader, run)
    if isinstance(around, Infix):
        for sign, operand in zip(around.operators, around.operands[1:], strict=True):
            result = pairs(partial(added_by, sign), result, reader.read(operand))
    return result


def read_product(reader: Elaboration, node: Infix) -> Values:
    operators, operands = _with_calls(reader, node)
    if len(operands) == 1:
        return reader.read(operands[0])
    factors = [reader.read(operand) for operand in operands]
    reasons: list[str] = []
    found: Values = []
    for strategy in (_leftwards, _all_ways):
        try:
            found += strategy(factors, operators)
        except Mistyped as error:
            reasons.append(str(error))
        if found and sum(1 for f in factors if f[0].rank) < 3:
            break
    if reader.generous and len(factors) <= 4:
        found += _lost_transpose(factors, operators)
    if not found:
        raise Mistyped(reasons[0])
    return found


def _with_calls(reader: Elaboration, node: Infix) -> tuple[list[str], list[Node]]:
    """`f(x)` is an application where f is a function, or a loss with its arguments."""
    operands: list[Node] = [node.operands[0]]
    operators: list[str] = []
    for sign, operand in zip(node.operators, node.operands[1:], strict=True):
        before = operands[-1]
        if sign == "" and is_gradient_mark(before) and base_name(operand) is not None:
            operands[-1] = gradient_name(before, operand)
            continue
        if sign == "(" and _is_function(reader, before):
            group = operand.base if isinstance(operand, Script) else operand
            call: Node = Call(before, group, (before.span[0], group.span[1]))
            operands[-1] = Script(call, operand.sub, operand.sup, operand.primes, operand.span) if isinstance(
                operand, Script) else call
        else:
            operators.append(sign)
            operands.append(operand)
    return operators, operands


def _is_function(reader: Elaboration, node: Node) -> bool:
    name = base_name(node)
    if name is None:
        return False
    key = spelled(name).lower()
    if isinstance(node, Name) and name.base not in LOSSES and reader.declared(node):
        return False
    return (spelled(node) in reader.functions or spelled(name) in reader.functions or key in reader.world.functions
            or name.base in LOSSES or key in FUNCTIONS or (isinstance(node, Script) and node.primes > 0))


def _leftwards(factors: list[Values], operators: list[str]) -> Values:
    result = factors[0]
    for sign, others in zip(operators, factors[1:], strict=True):
        result = pairs(partial(times_by, sign), result, others)
    return result


def _all_ways(factors: list[Values], operators: list[str]) -> Values:
    """Every way of bracketing, for products in which entries and matrices mix."""
    count = len(factors)
    if count > LONGEST or "/" in operators or count < 3:
        raise Mistyped("a product")
    table: dict[tuple[int, int], Values] = {(i, i): factors[i] for i in range(count)}
    for width in range(1, count):
        for i in range(count - width):
            cell: Values = []
            for cut in range(i, i + width):
                left, right = table.get((i, cut), []), table.get((cut + 1, i + width), [])
                try:
                    cell += pairs(partial(times_by, operators[cut]), left, right)
                except Mistyped:
                    continue
            table[i, i + width] = distinct(cell)[:BEAM] if cell else []
    if not table[0, count - 1]:
        raise Mistyped("a product")
    return table[0, count - 1]


def _lost_transpose(factors: list[Values], operators: list[str]) -> Values:
    """The product with one factor transposed, offered."""
    found: Values = []
    for at, values in enumerate(factors):
        turned = [transposed(v).noted(Reading(shown(v), f"{shown(v)}^T", True)) for v in values if 0 < v.rank < 3]
        for strategy in (_leftwards, _all_ways):
            try:
                found += strategy([*factors[:at], turned, *factors[at + 1:]], operators)
            except Mistyped:
                continue
    return found[:BEAM]


def read_quotient(reader: Elaboration, node: Quotient) -> Values:
    return pairs(lambda a, b: [divided(a, b)], reader.read(node.numerator), reader.read(node.denominator))


__all__ = ["read_infix", "read_prefix", "read_product", "read_quotient", "read_sum"]
