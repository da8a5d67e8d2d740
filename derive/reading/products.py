"""Products and their factors: bases with scripts, functions with arguments, operators with operands."""

from __future__ import annotations

from collections.abc import Callable

from derive.reading import vocabulary as v
from derive.reading.arguments import script_argument
from derive.reading.atoms import primary
from derive.reading.cursor import LOOK_AHEAD, MAX_MARKS, Cursor
from derive.reading.lookahead import is_sum_sign, skip_to_infix, starts_factor
from derive.reading.slashes import with_slash_derivatives
from derive.reading.syntax import (
    Annotated,
    Blank,
    Call,
    Derivative,
    Given,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Prefix,
    Relation,
    Script,
)

_NO_FUNCTION = frozenset(["Dx", "Dy"])


_FUNCTION_LETTERS = frozenset("pPqQfgFGJLS")


def product(cursor: Cursor) -> Node:
    """Factors with the signs between them, flat."""
    return _factors(cursor, explicit=True)


def chain(cursor: Cursor) -> Node:
    """What a derivative operator without brackets applies to: factors written side by side."""
    return _factors(cursor, explicit=False)


def signed(cursor: Cursor, operand: Callable[[Cursor], Node]) -> Node:
    """An operand with the signs in front of it; a loop, so that many signs need no deep stack."""
    cursor.skip_quads()
    signs: list[int] = []
    while is_sum_sign(cursor) or cursor.is_sign("\\neg", "\\lnot"):
        signs.append(cursor.at)
        cursor.take()
        cursor.skip_quads()
    if len(signs) > 20:
        raise cursor.error("at most 20 signs in a row")
    result: Node = operand(cursor)
    for at in reversed(signs):
        text = cursor.tokens[at].text
        result = Prefix(v.SUMS.get(text, "\\neg"), result, cursor.span_from(at))
    return result


def _factors(cursor: Cursor, explicit: bool) -> Node:
    start = last = cursor.at
    operands = [_operand(cursor)]
    operators: list[str] = []
    while True:
        if explicit:
            skip_to_infix(cursor)
        if explicit and _is_product_sign(cursor):
            operators.append(v.PRODUCTS[cursor.take().text])
            last = cursor.at
            operands.append(signed(cursor, _operand))
        elif starts_factor(cursor):
            if _may_call(cursor, operands[-1]):
                last = _call_or_product(cursor, operands, operators, last)
            else:
                operators.append("")
                last = cursor.at
                operands.append(_operand(cursor))
        else:
            break
    if not operators:
        return operands[0]
    return with_slash_derivatives(tuple(operators), tuple(operands), cursor.span_from(start))


def _is_product_sign(cursor: Cursor) -> bool:
    token = cursor.token
    if token.kind not in ("sign", "command") or token.text not in v.PRODUCTS:
        return False
    if token.text == "/" and cursor.ahead().text == "/":
        return False
    if token.text != ".":
        return True
    here = cursor.at
    cursor.at += 1
    cursor.settle()
    result = starts_factor(cursor) and cursor.token.kind != "text"
    cursor.at = here
    return result


def _call_or_product(cursor: Cursor, operands: list[Node], operators: list[str], last: int) -> int:
    """`f(x)` with commas, a bar or a comparison in the bracket is a call; otherwise types must tell.

    last: index of the token the last operand starts with; the result is the same for the new last operand.
    """
    function = operands[-1]
    start = cursor.at
    group = primary(cursor)
    if isinstance(group, Group) and _has_arguments(function, group):
        operands[-1] = scripted(cursor, Call(function, group, cursor.span_from(last)), last)
        return last
    operators.append("(")
    operands.append(scripted(cursor, group, start))
    return start


def _has_arguments(function: Node, group: Group) -> bool:
    body = group.body
    if isinstance(body, (Given, Relation)):
        return True
    if isinstance(body, Listing):
        return bool({",", ";"} & set(body.separators))
    letter = base_name(function)
    return letter is not None and letter.base in ("p", "P", "Pr") and isinstance(body, Infix) and "/" in body.operators


def _may_call(cursor: Cursor, left: Node) -> bool:
    token = cursor.token
    if token.kind != "open" or token.text not in ("(", "["):
        return False
    return base_name(left) is not None or (isinstance(left, Derivative) and left.operand is not None)


def _operand(cursor: Cursor) -> Node:
    """A factor; a derivative operator takes what follows it."""
    start = cursor.at
    node = factor(cursor)
    if isinstance(node, Prefix) and isinstance(node.operand, Derivative) and node.operand.operand is None:
        inner = _applied(cursor, node.operand, start)
        return Prefix(node.operator, inner, cursor.span_from(start)) if inner is not node.operand else node
    if isinstance(node, Derivative) and node.operand is None:
        return _applied(cursor, node, start)
    return node


def _applied(cursor: Cursor, operator: Derivative, start: int) -> Node:
    if cursor.token.kind == "open":
        operand = factor(cursor)
    elif starts_factor(cursor):
        operand = chain(cursor)
    elif cursor.is_sign("-") and operator.form != "nabla":
        operand = signed(cursor, product)
    else:
        return operator
    span = cursor.span_from(start)
    place, inner = _taken_at(operand)
    applied = Derivative(
        operator.symbol, operator.form, inner, operator.variables, True, operator.order, operator.damage, span
    )
    if place is None:
        return applied
    return Script(Group(".", "|", applied, span), place.sub, place.sup, 0, span)


def _taken_at(operand: Node) -> tuple[Script | None, Node]:
    """`(..)|_{x = 0}` after an operator: the bar takes the derivative there, not its operand."""
    if isinstance(operand, Script) and isinstance(operand.base, Group) and operand.base.left == ".":
        return operand, operand.base.body
    return None, operand


def factor(cursor: Cursor) -> Node:
    """A base with its scripts, and if it is a function, its argument."""
    start = cursor.at
    node = scripted(cursor, primary(cursor), start)
    name = base_name(node)
    if name is None:
        return node
    if (
        cursor.token.kind == "open"
        and cursor.token.text in ("(", "[", "\\{")
        and _is_function(node, name, cursor.token.text)
    ):
        call = Call(node, primary(cursor), cursor.span_from(start))
        return scripted(cursor, call, start)
    if name.base in v.PREFIX_FUNCTIONS and not name.accents:
        argument = _bare_argument(cursor)
        if argument is not None:
            return Call(node, argument, cursor.span_from(start))
    return node


def _is_function(node: Node, name: Name, bracket: str) -> bool:
    if isinstance(node, Script) and node.primes:
        return True
    if name.base in v.LETTER_FUNCTIONS:
        return True
    if name.base == "E" and (bracket == "[" or "blackboard" in name.style):
        return True
    return len(name.base) > 1 and name.base[0].isalpha() and name.base not in v.GREEK and name.base not in _NO_FUNCTION


def _bare_argument(cursor: Cursor) -> Node | None:
    """The argument of `\\log x`: one factor, and further plain letters beside it."""
    start = cursor.at
    if cursor.token.kind == "{":
        cursor.kept_brace = cursor.at
    if cursor.is_sign("-") and not cursor.token.glued:
        following = cursor.ahead()
        if following.kind in ("letter", "number") and following.glued:
            return signed(cursor, factor)
    if not starts_factor(cursor) or cursor.token.kind == "text":
        return None
    cursor.deeper()
    last = cursor.at
    operands = [_operand(cursor)]
    cursor.depth -= 1
    operators: list[str] = []
    while _is_plain(operands[-1]) and starts_factor(cursor):
        if cursor.token.kind == "open" and cursor.token.text in ("(", "[") and _may_apply(cursor, operands[-1]):
            _call_or_product(cursor, operands, operators, last)
            break
        if not _starts_plain(cursor):
            break
        operators.append("")
        last = cursor.at
        operands.append(factor(cursor))
    return Infix(tuple(operators), tuple(operands), cursor.span_from(start)) if operators else operands[0]


def _may_apply(cursor: Cursor, node: Node) -> bool:
    """`\\log p(x)` is about p(x), while `\\log y_i (1 - a)` is a product with a bracket."""
    close = cursor.partner[cursor.at]
    inside = cursor.tokens[cursor.at : close] if 0 <= close - cursor.at <= LOOK_AHEAD else []
    if any(t.kind == "bar" or t.text in v.RELATIONS or t.text in (",", ";") for t in inside):
        return True
    return isinstance(node, Name) and node.base in _FUNCTION_LETTERS and not node.accents and cursor.token.glued


def _is_plain(node: Node) -> bool:
    return isinstance(node, Number) or base_name(node) is not None


def _starts_plain(cursor: Cursor) -> bool:
    token = cursor.token
    if token.kind in ("letter", "number"):
        return True
    if token.kind != "command":
        return False
    name = token.text[1:]
    return (name in v.GREEK and name not in v.LETTER_FUNCTIONS) or token.text in v.ACCENTS or token.text in v.STYLES


def scripted(cursor: Cursor, base: Node, start: int) -> Node:
    """The base with the scripts, primes and marks that follow it."""
    node = base
    for _ in range(MAX_MARKS):
        token = cursor.token
        if token.kind == "bar" and cursor.ahead().text == "_" and not cursor.bars[-1] and token.text == "|":
            cursor.take()
            node = Group(".", "|", node, cursor.span_from(start))
        elif token.kind != "sign" or token.text not in "_^'!":
            return node
        elif token.text == "!":
            cursor.take()
            node = Annotated("factorial", node, None, cursor.span_from(start))
        elif token.text == "'":
            primes = 0
            while cursor.is_sign("'"):
                cursor.take()
                primes += 1
            node = _marked(cursor, node, start, primes=primes)
        else:
            cursor.take()
            argument = script_argument(cursor)
            primes = _primes(argument) if token.text == "^" else 0
            if primes:
                node = _marked(cursor, node, start, primes=primes)
            elif token.text == "^":
                node = _marked(cursor, node, start, sup=argument)
            else:
                node = _marked(cursor, node, start, sub=argument)
    raise cursor.error(f"at most {MAX_MARKS} marks on one base")


def _primes(node: Node) -> int:
    if isinstance(node, Name) and node.base == "prime":
        return 1
    if isinstance(node, Infix) and all(isinstance(each, Name) and each.base == "prime" for each in node.operands):
        return len(node.operands)
    return 0


def _marked(
    cursor: Cursor, node: Node, start: int, sub: Node | None = None, sup: Node | None = None, primes: int = 0
) -> Script:
    span = cursor.span_from(start)
    if isinstance(sub, Blank) or isinstance(sup, Blank):
        return node if isinstance(node, Script) else Script(node, None, None, 0, span)
    if not isinstance(node, Script) or (sub and node.sub) or (sup and node.sup):
        return Script(node, sub, sup, primes, span)
    return Script(node.base, node.sub or sub, node.sup or sup, node.primes + primes, span)


def base_name(node: Node) -> Name | None:
    while isinstance(node, Script):
        node = node.base
    return node if isinstance(node, Name) else None
