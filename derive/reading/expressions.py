"""The precedence parser: listings, relations, ranges, sums, products, factors with their scripts.

Loosest to tightest:

    listing    a, b; c   a | c   words beside mathematics
    relation   a = b <= c
    range      a ... b
    sum        a + b - c
    product    a b / c * d   (flat: what binds tighter is left to types)
    factor     base with scripts and primes, a function with its argument
"""

from __future__ import annotations

import re

from derive.reading import vocabulary as v
from derive.reading.atoms import primary, script_argument
from derive.reading.cursor import LOOK_AHEAD, MAX_MARKS, Cursor, Grammar
from derive.reading.syntax import (
    Annotated,
    BigOp,
    Blank,
    Call,
    Derivative,
    Differential,
    Dots,
    Fraction,
    Given,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Prefix,
    Range,
    Relation,
    Script,
    Sign,
    Text,
)
from derive.reading.tokens import Token

_NOT_OPERANDS = (
    frozenset(v.RELATIONS)
    | frozenset(v.SUMS)
    | frozenset(v.PRODUCTS)
    | frozenset(v.CONNECTORS)
    | v.CHECK_MARKS
    | frozenset(v.DOTS)
    | frozenset(["\\quad", "\\\\", "\\not", "\\xrightarrow", "\\xleftarrow", "\\over", "\\atop", "\\forall", "\\exists", "&&"])
)
_SEPARATORS = frozenset([",", ";", ":"])
_MARKED = frozenset(["\\stackrel", "\\overset", "\\underset"])
_LABEL = re.compile(r"(?:\d{1,2}|[IVXivx]{1,4}|[a-zA-Z])\Z")
_NO_FUNCTION = frozenset(["Dx", "Dy"])
_FUNCTION_LETTERS = frozenset("pPqQfgFGJLS")


def listing(cursor: Cursor) -> Node:
    """Things beside each other up to the bracket, cell or row that ends them."""
    start = cursor.at
    items: list[Node] = []
    separators: list[str] = []
    while not _stops(cursor):
        token = cursor.token
        if token.kind == "bar":
            if items and len(items) > len(separators):
                return _given(cursor, start, items, separators)
            items.append(relation(cursor))
            continue
        if cursor.is_sign("\\atop"):
            return _stacked(cursor, start, items, separators)
        separator = _separator(cursor)
        if separator is None:
            _beside(items, separators)
            items.append(_item(cursor))
        elif separator:
            if len(items) == len(separators):
                items.append(_blank(cursor))
            separators.append(separator)
    return _listed(cursor, start, items, separators)


def _listed(cursor: Cursor, start: int, items: list[Node], separators: list[str]) -> Node:
    if not items:
        return _blank(cursor)
    if separators and len(items) == len(separators):
        if separators[-1] in ("\\quad", "\\Rightarrow"):
            separators.pop()
        else:
            items.append(_blank(cursor))
    return items[0] if len(items) == 1 else Listing(tuple(items), tuple(separators), cursor.span_from(start))


def _given(cursor: Cursor, start: int, items: list[Node], separators: list[str]) -> Node:
    left = _listed(cursor, start, items, separators)
    cursor.take()
    cursor.deeper()
    right = listing(cursor)
    cursor.depth -= 1
    return Given(left, right, cursor.span_from(start))


def _stacked(cursor: Cursor, start: int, items: list[Node], separators: list[str]) -> Node:
    """`a \\atop b`: lines under a sum, as in `\\substack`."""
    above = _listed(cursor, start, items, separators)
    cursor.take()
    cursor.deeper()
    below = listing(cursor)
    cursor.depth -= 1
    return Listing((above, below), ("\\\\",), cursor.span_from(start))


def _blank(cursor: Cursor) -> Blank:
    return Blank((cursor.token.start, cursor.token.start))


def _beside(items: list[Node], separators: list[str]) -> None:
    if items and len(items) > len(separators):
        separators.append("")


def _item(cursor: Cursor) -> Node:
    token = cursor.token
    if token.kind == "text" and not _is_name(token, cursor):
        cursor.take()
        return Text(token.text, (token.start, token.end))
    before = cursor.at
    result = relation(cursor)
    if cursor.at == before:
        raise cursor.error("an operand")
    return result


def _separator(cursor: Cursor) -> str | None:
    """Take what separates items: its name, `""` for what says nothing, `None` if an item stands here."""
    token = cursor.token
    if token.kind == "tag":
        cursor.take()
        return ""
    if token.kind not in ("sign", "command"):
        return None
    if token.text in _SEPARATORS:
        cursor.take()
        return token.text
    if token.text == "\\quad":
        cursor.skip_quads()
        beside = cursor.at > 0 and not _stops(cursor) and _starts_item(cursor)
        return "\\quad" if beside and not _after_separator(cursor) else ""
    if token.text in v.CONNECTORS:
        cursor.take()
        return v.CONNECTORS[token.text]
    if token.text == "." or token.text in v.CHECK_MARKS:
        cursor.take()
        return ""
    return None


def _after_separator(cursor: Cursor) -> bool:
    at = cursor.at - 1
    while at > 0 and cursor.tokens[at].text == "\\quad":
        at -= 1
    before = cursor.tokens[at]
    return before.kind in ("open", "{", "begin", "text") or before.text in _SEPARATORS or before.text in ("&", "\\\\")


def _starts_item(cursor: Cursor) -> bool:
    token = cursor.token
    return starts_operand(cursor) or token.kind == "text" or token.text in ("-", "+")


def _stops(cursor: Cursor) -> bool:
    token = cursor.token
    kind = token.kind
    if kind in ("close", "}", "end", "finish"):
        return True
    if kind == "bar":
        return bool(cursor.bars[-1]) and token.text == cursor.bars[-1][0:1] or _closes_double(cursor)
    return kind in ("sign", "command") and token.text in ("&", "\\\\", "\\over")


def _closes_double(cursor: Cursor) -> bool:
    return cursor.bars[-1] == "||" and cursor.token.text in ("||", "|")


def relation(cursor: Cursor) -> Node:
    """A chain of comparisons, or a single side."""
    start = cursor.at
    signs: list[str] = []
    first = peek_relation(cursor)
    operands: list[Node] = [_blank(cursor) if first else ranged(cursor)]
    while sign := take_relation(cursor):
        signs.append(sign.text)
        cursor.skip_quads()
        operands.append(ranged(cursor) if starts_operand(cursor) or _is_sum_sign(cursor) else _blank(cursor))
    return Relation(tuple(signs), tuple(operands), cursor.span_from(start)) if signs else operands[0]


def peek_relation(cursor: Cursor) -> bool:
    """Whether a relation sign stands here, perhaps after a wide space."""
    at = cursor.at
    while cursor.tokens[at].text == "\\quad" and cursor.tokens[at].kind == "command":
        at += 1
    token = cursor.tokens[at]
    if token.kind not in ("sign", "command"):
        return False
    if token.text in v.RELATIONS:
        return True
    if token.text == "\\not":
        return cursor.tokens[min(at + 1, len(cursor.tokens) - 1)].text in v.RELATIONS
    return token.text in _MARKED and _marked_relation(cursor, at) >= 0


def _marked_relation(cursor: Cursor, at: int) -> int:
    """For `\\stackrel{..}{=}` the index of its sign, else -1."""
    if cursor.tokens[at + 1].kind != "{":
        return -1
    second = cursor.partner[at + 1] + 1
    if second <= 0 or cursor.tokens[second].kind != "{":
        return -1
    inside = cursor.tokens[second + 1]
    closed = cursor.tokens[min(second + 2, len(cursor.tokens) - 1)].kind == "}"
    return second + 1 if closed and inside.text in v.RELATIONS else -1


def take_relation(cursor: Cursor) -> Sign | None:
    """The relation sign here, if there is one."""
    if not peek_relation(cursor):
        return None
    cursor.skip_quads()
    start = cursor.at
    token = cursor.take()
    if token.text == "\\not":
        other = v.RELATIONS[cursor.take().text]
        return Sign(v.NEGATED.get(other, "\\not" + other), None, cursor.span_from(start))
    if token.text in _MARKED:
        inside = _marked_relation(cursor, start)
        written = (cursor.tokens[start + 2].start, cursor.tokens[cursor.partner[start + 1] - 1].end)
        label = Text(cursor.source.written(written), written)
        text = v.RELATIONS[cursor.tokens[inside].text]
        while cursor.at <= inside + 1:
            cursor.take()
        return Sign(text, label, cursor.span_from(start))
    return Sign(v.RELATIONS[token.text], None, (token.start, token.end))


def ranged(cursor: Cursor) -> Node:
    """Parts with dots between them; dots alone are an operand."""
    start = cursor.at
    parts: list[Node] = []
    dots: list[str] = []
    if _is_dots(cursor) and _starts_part(cursor, cursor.at + 1):
        parts.append(_blank(cursor))
    else:
        parts.append(summed(cursor))
    while _is_dots(cursor):
        dots.append(v.DOTS[cursor.take().text])
        parts.append(summed(cursor) if _starts_part(cursor, cursor.at) else _blank(cursor))
    return Range(tuple(parts), tuple(dots), cursor.span_from(start)) if dots else parts[0]


def _is_dots(cursor: Cursor) -> bool:
    return cursor.token.kind == "command" and cursor.token.text in v.DOTS


def _starts_part(cursor: Cursor, at: int) -> bool:
    before, cursor.at = cursor.at, at
    cursor.settle()
    result = starts_operand(cursor) and not _is_dots(cursor)
    if not result and cursor.is_sign("-", "+"):
        result = cursor.at > 0 and not cursor.tokens[cursor.at].glued
        result = result and False
    cursor.at = before
    return result


def _is_sum_sign(cursor: Cursor) -> bool:
    return cursor.token.kind in ("sign", "command") and cursor.token.text in v.SUMS


def _skip_to_infix(cursor: Cursor) -> None:
    """Wide spaces before an infix sign mean nothing; before an operand they separate."""
    token = cursor.token
    if token.text != "\\quad" or token.kind != "command":
        return
    at = cursor.at
    while cursor.tokens[at].text == "\\quad":
        at += 1
    following = cursor.tokens[at]
    if following.kind in ("sign", "command") and (following.text in v.SUMS or following.text in v.PRODUCTS):
        if following.text != ".":
            cursor.skip_quads()


def summed(cursor: Cursor) -> Node:
    """Terms with signs between them."""
    start = cursor.at
    operands = [_term(cursor)]
    operators: list[str] = []
    while True:
        _skip_to_infix(cursor)
        if not _is_sum_sign(cursor):
            break
        operators.append(v.SUMS[cursor.take().text])
        operands.append(_term(cursor))
    return Infix(tuple(operators), tuple(operands), cursor.span_from(start)) if operators else operands[0]


def _term(cursor: Cursor) -> Node:
    return _signed(cursor, product)


def _signed(cursor: Cursor, operand: object) -> Node:
    """An operand with the signs in front of it; a loop, so that many signs need no deep stack."""
    assert callable(operand)
    cursor.skip_quads()
    signs: list[int] = []
    while _is_sum_sign(cursor) or cursor.is_sign("\\neg", "\\lnot"):
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


def product(cursor: Cursor) -> Node:
    """Factors with the signs between them, flat."""
    return _factors(cursor, explicit=True)


def chain(cursor: Cursor) -> Node:
    """What a derivative operator without brackets applies to: factors written side by side."""
    return _factors(cursor, explicit=False)


def _factors(cursor: Cursor, explicit: bool) -> Node:
    start = cursor.at
    operands = [_operand(cursor)]
    operators: list[str] = []
    while True:
        if explicit:
            _skip_to_infix(cursor)
        if explicit and _is_product_sign(cursor):
            operators.append(v.PRODUCTS[cursor.take().text])
            operands.append(_signed(cursor, _operand))
        elif starts_factor(cursor):
            if _may_call(cursor, operands[-1]):
                _call_or_product(cursor, operands, operators)
            else:
                operators.append("")
                operands.append(_operand(cursor))
        else:
            break
    if not operators:
        return operands[0]
    return _with_slash_derivatives(tuple(operators), tuple(operands), cursor.span_from(start))


def _is_product_sign(cursor: Cursor) -> bool:
    token = cursor.token
    if token.kind not in ("sign", "command") or token.text not in v.PRODUCTS:
        return False
    if token.text == "/" and cursor.ahead().text == "/":
        return False
    if token.text != ".":
        return True
    cursor.at += 1
    cursor.settle()
    result = starts_factor(cursor) and cursor.token.kind != "text"
    cursor.at -= 1
    return result


def _call_or_product(cursor: Cursor, operands: list[Node], operators: list[str]) -> None:
    """`f(x)` with commas, a bar or a comparison in the bracket is a call; otherwise types must tell."""
    function = operands[-1]
    start = cursor.at
    group = primary(cursor)
    if isinstance(group, Group) and _has_arguments(function, group):
        span = (min(function.span[0], group.span[0]), max(function.span[1], group.span[1]))
        operands[-1] = scripted(cursor, Call(function, group, span), start)
    else:
        operators.append("(")
        operands.append(scripted(cursor, group, start))


def _has_arguments(function: Node, group: Group) -> bool:
    body = group.body
    if isinstance(body, (Given, Relation)):
        return True
    if isinstance(body, Listing):
        return bool({",", ";"} & set(body.separators))
    letter = _base_name(function)
    return letter is not None and letter.base in ("p", "P", "Pr") and isinstance(body, Infix) and "/" in body.operators


def _may_call(cursor: Cursor, left: Node) -> bool:
    token = cursor.token
    if token.kind != "open" or token.text not in ("(", "["):
        return False
    return _base_name(left) is not None or (isinstance(left, Derivative) and left.operand is not None)


def _base_name(node: Node) -> Name | None:
    while isinstance(node, Script):
        node = node.base
    return node if isinstance(node, Name) else None


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
        operand = _signed(cursor, product)
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


def starts_operand(cursor: Cursor) -> bool:
    """Whether something stands here that can follow an infix sign."""
    return starts_factor(cursor) or _is_dots(cursor) or cursor.is_sign("'", "\\forall", "\\exists", "&&")


def starts_factor(cursor: Cursor) -> bool:
    """Whether something stands here that can be one more factor."""
    token = cursor.token
    kind = token.kind
    if kind in ("number", "letter", "word", "roman", "open", "{", "begin"):
        return True
    if kind == "command":
        if token.text in _NOT_OPERANDS:
            return False
        if token.text in _MARKED:
            return _marked_relation(cursor, cursor.at) < 0
        return not (token.text == "\\textcircled" and cursor.at > 0 and _is_label(cursor))
    if kind == "text":
        return _is_name(token, cursor) and (cursor.in_script or not _follows_operand(cursor) or _is_function_word(cursor))
    return kind == "bar" and _opens(cursor)


def _follows_operand(cursor: Cursor) -> bool:
    before = cursor.tokens[cursor.at - 1] if cursor.at else None
    if before is None:
        return False
    return before.kind in ("letter", "number", "word", "roman", "text", "close", "}", "finish") or before.text in "'!"


def _is_function_word(cursor: Cursor) -> bool:
    """Whether a word beside an operand is a factor and no remark: it is known, or has an argument or a mark."""
    following = cursor.ahead()
    marked = following.kind == "open" or (following.kind == "sign" and following.text in ("_", "^"))
    return marked or cursor.token.text in v.WORDS or len(cursor.token.text) == 1


def _is_label(cursor: Cursor) -> bool:
    """`\\textcircled{2}` after a complete operand numbers a part; it is no factor."""
    before = cursor.tokens[cursor.at - 1]
    if before.kind in ("sign", "command", "open", "{") and before.text not in ("'",):
        return False
    close = cursor.partner[cursor.at + 1] if cursor.at + 1 < len(cursor.tokens) else -1
    inside = "".join(token.text for token in cursor.tokens[cursor.at + 2 : close]) if close > 0 else ""
    return bool(_LABEL.match(inside))


def _is_name(token: Token, cursor: Cursor) -> bool:
    """Whether words in `\\text` are a name: `\\text{softmax}`, and anything in a subscript."""
    text = token.text
    if text.lower() in v.BARE_WORDS or text.lower() in v.CONNECTIVES or text.lower() in v.CONDITION_WORDS:
        return False
    if cursor.in_script:
        alone = cursor.ahead().kind == "}" and cursor.at > 0 and cursor.tokens[cursor.at - 1].kind == "{"
        words = r"[A-Za-z0-9][\w\-. ]*" if alone else r"[A-Za-z0-9][\w\-.]*"
        return bool(re.fullmatch(words, text)) and text.split()[0].lower() not in v.BARE_WORDS
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*", text))


def _opens(cursor: Cursor) -> bool:
    """Whether a bar after a complete operand opens an absolute value rather than closing or separating."""
    token = cursor.token
    if token.text == "mid" or cursor.bars[-1]:
        return False
    if cursor.ahead().text == "_" and cursor.ahead().kind == "sign":
        return False
    count = depth = 0
    for other in cursor.tokens[cursor.at : cursor.at + LOOK_AHEAD]:
        if other.kind in ("open", "{"):
            depth += 1
        elif other.kind in ("close", "}"):
            depth -= 1
            if depth < 0:
                break
        elif other.kind == "bar" and depth == 0:
            count += 1
    return count % 2 == 0


def factor(cursor: Cursor) -> Node:
    """A base with its scripts, and if it is a function, its argument."""
    start = cursor.at
    node = scripted(cursor, primary(cursor), start)
    name = _base_name(node)
    if name is None:
        return node
    if cursor.token.kind == "open" and _is_function(node, name, cursor.token.text):
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
            return _signed(cursor, factor)
    if not starts_factor(cursor) or cursor.token.kind == "text":
        return None
    cursor.deeper()
    operands = [_operand(cursor)]
    cursor.depth -= 1
    operators: list[str] = []
    while _is_plain(operands[-1]) and starts_factor(cursor):
        if cursor.token.kind == "open" and cursor.token.text in ("(", "[") and _may_apply(cursor, operands[-1]):
            _call_or_product(cursor, operands, operators)
            break
        if not _starts_plain(cursor):
            break
        operators.append("")
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
    return isinstance(node, Number) or _base_name(node) is not None


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


def _with_slash_derivatives(operators: tuple[str, ...], operands: tuple[Node, ...], span: tuple[int, int]) -> Node:
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


GRAMMAR = Grammar(listing, summed, product, chain, factor)
"""The levels of the grammar, for a `Cursor`."""

__all__ = [
    "GRAMMAR", "BigOp", "Dots", "Fraction", "listing", "peek_relation", "product", "ranged", "relation",
    "starts_operand", "summed", "take_relation",
]  # fmt: skip
