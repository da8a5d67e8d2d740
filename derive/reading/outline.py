"""Trees as one line of text that shows their structure: for tests, for finding faults, for `python -m`.

Juxtaposition shows as `~`, "application or product" as `?`; brackets by their names.

>>> from derive.reading.parsing import parse
>>> outline(parse(r"v_c(\\hat y - y) + \\log x"))
'((v_c ? paren((hat:y - y))) + log@x)'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.reading.statements import Statement
from derive.reading.syntax import (
    Accent,
    Annotated,
    BigOp,
    Blank,
    Call,
    Case,
    Cases,
    Condition,
    Derivative,
    Differential,
    Dots,
    Fraction,
    Given,
    Group,
    Indicator,
    Infix,
    Listing,
    Matrix,
    Name,
    Node,
    Number,
    Prefix,
    Range,
    Relation,
    Root,
    Script,
    Text,
)

_BRACKETS = {"(": "paren", "[": "square", "\\{": "curly", "|": "abs", "||": "norm", "{": "brace", ".": "none"}
_SIGNS = {"": "~", "(": "?"}


def outline(node: Node) -> str:
    """The structure of a tree in one line."""
    return _OUTLINES[type(node)](node)


def outline_statement(statement: Statement) -> str:
    """A statement in one line: labels, connector, sides, conditions, marks, repairs.

    >>> from derive.reading.parsing import read_text, Row
    >>> row = read_text(r"$a)\\ \\frac{d J}{d x} = 0 \\quad \\text{for } j \\ne c$", "md").blocks[0].rows[0]
    >>> outline_statement(row.statements[0])
    '<a> d(J; x) = 0 | for (j \\\\ne c)'
    """
    parts = [f"<{label}>" for label in statement.labels]
    if statement.connector:
        parts.append(f"{statement.connector}:")
    signs = [sign.text for sign in statement.relations]
    if statement.continues:
        parts.append(signs.pop(0))
    for operand in statement.operands:
        parts.append(outline(operand))
        if signs:
            parts.append(signs.pop(0))
    parts += [f"| {outline(condition)}" for condition in statement.conditions]
    parts += [f'"{remark.text}"' for remark in statement.remarks]
    parts += [f"#{mark}" for mark in statement.marks]
    parts += [f"!{repair.written}->{repair.read_as}" for repair in statement.repairs]
    return " ".join(parts)


def _name(node: Name) -> str:
    return "".join(f"{accent}:" for accent in node.accents) + node.base


def _mark(sign: str, node: Node | None) -> str:
    if node is None:
        return ""
    text = outline(node)
    return sign + (text if text.isalnum() else f"{{{text}}}")


def _script(node: Script) -> str:
    return outline(node.base) + "'" * node.primes + _mark("_", node.sub) + _mark("^", node.sup)


def _infix(node: Infix) -> str:
    parts = [outline(node.operands[0])]
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        parts += [_SIGNS.get(operator, operator), outline(operand)]
    return f"({' '.join(parts)})"


def _relation(node: Relation) -> str:
    parts = [outline(node.operands[0])]
    for sign, operand in zip(node.signs, node.operands[1:], strict=True):
        parts += [sign, outline(operand)]
    return f"({' '.join(parts)})"


def _listing(node: Listing) -> str:
    parts = [outline(node.items[0])]
    for separator, item in zip(node.separators, node.items[1:], strict=True):
        parts += [separator or "&", outline(item)]
    return f"[{' '.join(parts)}]"


def _range(node: Range) -> str:
    return f"({' .. '.join(map(outline, node.parts))})"


def _group(node: Group) -> str:
    left, right = _BRACKETS.get(node.left, node.left), _BRACKETS.get(node.right, node.right)
    return f"{left if left == right else left + '-' + right}({outline(node.body)})"


def _call(node: Call) -> str:
    return f"{outline(node.function)}@{outline(node.argument)}"


def _big_operator(node: BigOp) -> str:
    return f"{node.operator[1:]}{_mark('_', node.sub)}{_mark('^', node.sup)}<{outline(node.body)}>"


def _derivative(node: Derivative) -> str:
    name = {"\\partial": "D", "\\nabla": "nabla"}.get(node.symbol, node.symbol.lstrip("\\"))
    operand = "" if node.operand is None else outline(node.operand)
    order = "" if node.order is None else f"^{outline(node.order)}"
    damage = f" !{', '.join(node.damage)}" if node.damage else ""
    return f"{name}{order}{'*' if node.applied else ''}({operand}; {', '.join(map(outline, node.variables))}{damage})"


def _condition(node: Condition) -> str:
    return " ".join(part for part in (node.word, "" if node.body is None else outline(node.body)) if part)


def _case(node: Case) -> str:
    return outline(node.value) + ("" if node.condition is None else f" | {outline(node.condition)}")


def _matrix(node: Matrix) -> str:
    return f"{node.environment}({'; '.join(', '.join(map(outline, row)) for row in node.rows)})"


def _annotated(node: Annotated) -> str:
    label = "" if node.label is None else f", {outline(node.label)}"
    return f"{node.kind}({outline(node.body)}{label})"


def _indicator(node: Indicator) -> str:
    return f"indicator({outline(node.condition)})"


_OUTLINES: dict[type, Callable[[Any], str]] = {
    Number: lambda node: str(node.text),
    Name: _name,
    Script: _script,
    Accent: lambda node: f"{node.kind}({outline(node.body)})",
    Prefix: lambda node: f"{node.operator}{outline(node.operand)}",
    Infix: _infix,
    Relation: _relation,
    Given: lambda node: f"({outline(node.left)} given {outline(node.right)})",
    Listing: _listing,
    Range: _range,
    Fraction: lambda node: f"frac({outline(node.numerator)}, {outline(node.denominator)})",
    Group: _group,
    Call: _call,
    BigOp: _big_operator,
    Derivative: _derivative,
    Differential: lambda node: f"differential({outline(node.operand)})",
    Condition: _condition,
    Case: _case,
    Cases: lambda node: f"cases({'; '.join(map(outline, node.rows))})",
    Matrix: _matrix,
    Annotated: _annotated,
    Indicator: _indicator,
    Root: lambda node: f"root({outline(node.body)}{'' if node.index is None else ', ' + outline(node.index)})",
    Dots: lambda node: "..",
    Text: lambda node: f'"{node.text}"',
    Blank: lambda node: "_",
}
