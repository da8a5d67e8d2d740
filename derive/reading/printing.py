"""Trees back to LaTeX, such that reading the result gives the same tree.

>>> from derive.reading.parsing import parse
>>> latex(parse(r"\\frac{\\partial J}{\\partial v_c}=U^T(\\hat y-y)"))
'\\\\frac{\\\\partial J}{\\\\partial v_{c}} = U^{T}(\\\\hat{y} - y)'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derive.reading import vocabulary as v
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

_SEPARATORS = {",": ", ", ";": "; ", ":": " : ", "": " ", "and": " \\land ", "or": " \\lor "}
_BARS = {"|": ("\\lvert ", "\\rvert "), "||": ("\\lVert ", "\\rVert ")}
_WRAPPERS = {
    "underbrace": "\\underbrace", "overbrace": "\\overbrace", "cancel": "\\cancel", "boxed": "\\boxed",
    "underline": "\\underline", "circled": "\\textcircled", "clap": "\\mathclap",
}  # fmt: skip


def latex(node: Node) -> str:
    """A tree as LaTeX."""
    return _PRINTERS[type(node)](node)


def _number(node: Number) -> str:
    return node.text


def _name(node: Name) -> str:
    base = node.base
    if base in v.GREEK or base == "partial" or (base in v.FUNCTION_COMMANDS and not node.style):
        base = "\\" + base
    elif base == "_":
        base = "\\_"
    for style in reversed(node.style):
        base = f"{v.STYLE_COMMANDS[style]}{{{base}}}"
    for accent in reversed(node.accents):
        base = f"{v.ACCENT_COMMANDS[accent]}{{{base}}}"
    return base


def _script(node: Script) -> str:
    base = "{}" if isinstance(node.base, Blank) else latex(node.base)
    if isinstance(node.base, (Script, Annotated, Prefix)):
        base = f"{{{base}}}"
    sub = "" if node.sub is None else f"_{{{latex(node.sub)}}}"
    sup = "" if node.sup is None else f"^{{{latex(node.sup)}}}"
    return base + "'" * node.primes + sub + sup


def _accent(node: Accent) -> str:
    return f"{v.ACCENT_COMMANDS[node.kind]}{{{latex(node.body)}}}"


def _prefix(node: Prefix) -> str:
    sign = node.operator if not node.operator.startswith("\\") else node.operator + " "
    return sign + _operand(node.operand)


def _operand(node: Node) -> str:
    return "{}" if isinstance(node, Blank) else latex(node)


def _infix(node: Infix) -> str:
    parts = [_operand(node.operands[0])]
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        parts.append({"": " ", "(": ""}.get(operator, f" {operator} "))
        parts.append(_operand(operand))
    return "".join(parts)


def _relation(node: Relation) -> str:
    parts = [latex(node.operands[0])]
    for sign, operand in zip(node.signs, node.operands[1:], strict=True):
        parts += [f" {sign} ", latex(operand)]
    return "".join(parts)


def _given(node: Given) -> str:
    return f"{latex(node.left)} \\mid {latex(node.right)}"


def _listing(node: Listing) -> str:
    if "\\\\" in node.separators:
        return "\\substack{" + " \\\\ ".join(map(latex, node.items)) + "}"
    parts = [latex(node.items[0])]
    for separator, item in zip(node.separators, node.items[1:], strict=True):
        parts += [_SEPARATORS.get(separator, f" {separator} "), latex(item)]
    return "".join(parts)


def _range(node: Range) -> str:
    parts = [latex(node.parts[0])]
    for dots, part in zip(node.dots, node.parts[1:], strict=True):
        parts += [f" \\{dots} ", latex(part)]
    return "".join(parts)


def _fraction(node: Fraction) -> str:
    return f"\\frac{{{latex(node.numerator)}}}{{{latex(node.denominator)}}}"


def _group(node: Group) -> str:
    body = latex(node.body)
    if node.left == "{":
        return f"\\mathord{{{body}}}"
    if node.left == node.right and node.left in _BARS:
        left, right = _BARS[node.left]
        return f"{left}{body}{right}"
    sized = "." in (node.left, node.right) or node.left in _BARS or node.right in _BARS
    left, right = v.OPEN_PRINT[node.left], v.CLOSE_PRINT[node.right]
    return f"\\left{left}{body}\\right{right}" if sized else f"{left}{body}{right}"


def _call(node: Call) -> str:
    between = "" if isinstance(node.argument, Group) and node.argument.left != "{" else " "
    return latex(node.function) + between + latex(node.argument)


def _big_operator(node: BigOp) -> str:
    sub = "" if node.sub is None else f"_{{{latex(node.sub)}}}"
    sup = "" if node.sup is None else f"^{{{latex(node.sup)}}}"
    return f"{node.operator}{sub}{sup} {_operand(node.body)}"


def _derivative(node: Derivative) -> str:
    after = "" if not node.applied or node.operand is None else " " + latex(node.operand)
    if node.form == "nabla":
        sub = "".join(f"_{{{latex(each)}}}" for each in node.variables)
        return f"\\nabla{sub}{'' if node.order is None else f'^{{{latex(node.order)}}}'}{after or ' '}"
    upper, lower = _symbols(node)
    order = "" if node.order is None else f"^{{{latex(node.order)}}}"
    inside = "" if node.applied or node.operand is None else " " + latex(node.operand)
    above = f"{upper}{order}{inside}".strip()
    below = " ".join(f"{lower} {latex(each)}".strip() for each in node.variables)
    if node.form == "slash":
        return f"{above} / {below}{after}"
    return f"\\frac{{{above}}}{{{below}}}{after}"


def _symbols(node: Derivative) -> tuple[str, str]:
    """The signs above and below, as damaged as they were."""
    upper = lower = node.symbol
    for damage in node.damage:
        if damage.endswith("above"):
            upper = ""
        elif damage.startswith("no"):
            lower = ""
        else:
            upper, lower = damage.split(" ")[0], damage.split(" ")[2]
    return upper, lower


def _differential(node: Differential) -> str:
    symbol = "\\mathrm{d}" if node.symbol == "d" else node.symbol
    return f"{symbol} {latex(node.operand)}"


def _condition(node: Condition) -> str:
    word = node.word if node.word.startswith("\\") else f"\\text{{{node.word}}}" if node.word else ""
    return f"{word} {latex(node.body)}".strip() if node.body is not None else word


def _case(node: Case) -> str:
    return latex(node.value) + ("" if node.condition is None else f" & {latex(node.condition)}")


def _cases(node: Cases) -> str:
    return "\\begin{cases} " + " \\\\ ".join(map(latex, node.rows)) + " \\end{cases}"


def _matrix(node: Matrix) -> str:
    columns = "{" + "c" * max(map(len, node.rows)) + "}" if node.environment in v.COLUMN_ARGUMENT else ""
    rows = " \\\\ ".join(" & ".join(map(latex, row)) for row in node.rows)
    return f"\\begin{{{node.environment}}}{columns} {rows} \\end{{{node.environment}}}"


def _annotated(node: Annotated) -> str:
    body = latex(node.body)
    label = "" if node.label is None else latex(node.label)
    if node.kind == "factorial":
        return f"{_operand(node.body)}!"
    if node.kind == "quote":
        return f"'{body}'"
    if node.kind in ("overset", "underset"):
        return f"\\{node.kind}{{{label}}}{{{body}}}"
    if node.kind == "color":
        return f"\\textcolor{{{node.label.text if isinstance(node.label, Text) else ''}}}{{{body}}}"
    if node.kind == "cancel" and label:
        return f"\\cancelto{{{label}}}{{{body}}}"
    mark = {"underbrace": "_", "overbrace": "^"}.get(node.kind, "")
    return f"{_WRAPPERS[node.kind]}{{{body}}}" + (f"{mark}{{{label}}}" if node.label is not None and mark else "")


def _indicator(node: Indicator) -> str:
    condition = node.condition
    if isinstance(condition, Group) and condition.left == "{":
        return f"{latex(node.symbol)}{{{latex(condition.body)}}}"
    return latex(node.symbol) + latex(condition)


def _root(node: Root) -> str:
    index = "" if node.index is None else f"[{latex(node.index)}]"
    return f"\\sqrt{index}{{{latex(node.body)}}}"


def _dots(node: Dots) -> str:
    return "\\" + node.kind


def _text(node: Text) -> str:
    return f"\\text{{{node.text}}}"


def _blank(node: Blank) -> str:
    return ""


_PRINTERS: dict[type, Callable[[Any], str]] = {
    Number: _number, Name: _name, Script: _script, Accent: _accent, Prefix: _prefix, Infix: _infix,
    Relation: _relation, Given: _given, Listing: _listing, Range: _range, Fraction: _fraction, Group: _group,
    Call: _call, BigOp: _big_operator, Derivative: _derivative, Differential: _differential,
    Condition: _condition, Case: _case, Cases: _cases, Matrix: _matrix, Annotated: _annotated,
    Indicator: _indicator, Root: _root, Dots: _dots, Text: _text, Blank: _blank,
}  # fmt: skip
