"""What can stand as a base: names, numbers, brackets, and the commands that take arguments."""

from __future__ import annotations

import re
from collections.abc import Callable

from derive.reading import vocabulary as v
from derive.reading.cursor import LOOK_AHEAD, Cursor
from derive.reading.fractions import fraction
from derive.reading.positions import ReadingError
from derive.reading.syntax import (
    Annotated,
    BigOp,
    Blank,
    Call,
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
    accented,
    styled,
)
from derive.reading.tables import table
from derive.reading.tokens import Token

_SCRIPT_WORD = re.compile(r"[A-Za-z]{2,}(?: ?[-_] ?[A-Za-z]+| [A-Za-z]+)+\Z")
_BOLD_MACRO = re.compile(r"\\b([A-Za-z])(t?)\Z")


def primary(cursor: Cursor) -> Node:
    """One base, without scripts."""
    cursor.deeper()
    read = _BY_KIND.get(cursor.token.kind)
    if read is None:
        raise cursor.error("an operand")
    node = read(cursor)
    cursor.depth -= 1
    return node


def _number(cursor: Cursor) -> Node:
    token = cursor.take()
    node = Number(token.text, (token.start, token.end))
    return _indicator(cursor, node) if token.text == "1" else node


def _letter(cursor: Cursor) -> Node:
    token = cursor.take()
    return Name(token.text, (), (), (token.start, token.end))


def _roman(cursor: Cursor) -> Node:
    start = cursor.at
    token = cursor.take()
    if token.text == "d" and cursor.token.kind in ("letter", "command", "{") and _starts(cursor):
        operand = cursor.grammar.factor(cursor)
        return Differential("d", operand, cursor.span_from(start))
    return Name(token.text, (), (token.style or "roman",), (token.start, token.end))


def _starts(cursor: Cursor) -> bool:
    """Whether a letter follows that a `d` may stand before."""
    token = cursor.token
    if token.kind == "command":
        return token.text[1:] in v.GREEK or token.text in v.ACCENTS or token.text in v.STYLES
    return True


def _text(cursor: Cursor) -> Node:
    token = cursor.take()
    return Name(token.text, (), ("text",), (token.start, token.end))


def _bracket(cursor: Cursor) -> Node:
    start = cursor.at
    opening = cursor.take()
    body = _content(cursor)
    close = cursor.token
    if close.kind == "bar" and opening.text in (".", "|", "||"):
        cursor.take()
        return Group(opening.text, close.text, body, cursor.span_from(start))
    if close.kind != "close" or not _fits(opening.text, close.text):
        raise cursor.error(f"a closing bracket for {v.OPEN_PRINT[opening.text].strip()!r}")
    cursor.take()
    if opening.text == "\\{" and close.text == ".":
        body = _as_cases(body, cursor.span_from(start))
        if not isinstance(body, (Matrix, Listing)) and body.__class__.__name__ == "Cases":
            return body
    return Group(opening.text, close.text, body, cursor.span_from(start))


def _fits(opening: str, closing: str) -> bool:
    """Equal shapes, half-open intervals, and the invisible bracket on one side."""
    return opening == closing or "." in (opening, closing) or {opening, closing} <= {"(", "["}


def _content(cursor: Cursor) -> Node:
    """The inside of a bracket, where neither bars nor scripts of the outside count."""
    cursor.bars.append("")
    cursor.groups += 1
    script, cursor.in_script = cursor.in_script, cursor.in_script
    body = cursor.grammar.listing(cursor)
    cursor.in_script = script
    cursor.groups -= 1
    cursor.bars.pop()
    return body


def _as_cases(body: Node, span: tuple[int, int]) -> Node:
    """`\\left\\{ \\begin{array}..` is a definition by cases if it has a second column."""
    from derive.reading.tables import cases_of

    return cases_of(body, span) if isinstance(body, Matrix) else body


def _bar(cursor: Cursor) -> Node:
    """`|x|` or `||x||`."""
    start = cursor.at
    kind = cursor.take().text
    if kind == "|" and cursor.token.kind == "bar" and cursor.token.text == "|" and cursor.token.glued:
        cursor.take()
        kind = "||"
    cursor.bars.append(kind)
    body = cursor.grammar.listing(cursor)
    cursor.bars.pop()
    for _ in range(2 if kind == "||" and cursor.token.text == "|" else 1):
        if cursor.token.kind != "bar":
            raise cursor.error(f"a closing {kind}")
        cursor.take()
    return Group(kind, kind, body, cursor.span_from(start))


def _brace(cursor: Cursor) -> Node:
    """Braces group tokens and are no brackets: `{A-B}(D)` is A - B(D), unless a mark or a slash touches them."""
    start = cursor.at
    close = cursor.partner[start]
    if close < 0:
        raise cursor.error("a closing }" if cursor.token.kind == "{" else "an operand")
    if start in cursor.overs:
        return _over(cursor)
    if not _binds(cursor, start, close):
        cursor.transparent |= {start, close}
        cursor.settle()
        if cursor.token.kind in ("}", "end", "close"):
            return Blank((cursor.token.start, cursor.token.start))
        cursor.deeper()
        node = cursor.grammar.factor(cursor)
        cursor.depth -= 1
        return node
    return braced(cursor)


def _binds(cursor: Cursor, start: int, close: int) -> bool:
    after = cursor.tokens[close + 1]
    before = cursor.tokens[start - 1] if start else None
    return (
        (after.kind == "sign" and after.text in ("^", "_", "'", "/"))
        or (before is not None and before.text == "/")
        or cursor.kept_brace == start
        or close == start + 1
        or cursor.tokens[start + 1].text in v.STYLE_SWITCHES
        or (before is not None and before.kind == "}" and cursor.in_script)
    )


def braced(cursor: Cursor) -> Node:
    """The content of braces; a `Group` only if it would read differently without them."""
    start = cursor.at
    cursor.expect_kind("{", "{")
    body = _content(cursor)
    cursor.expect_kind("}", "a closing }")
    return _grouped(cursor, body, start)


def _grouped(cursor: Cursor, body: Node, start: int) -> Node:
    """A body that would fall apart among its neighbours stays together in a `Group`."""
    loose = isinstance(body, (Infix, Prefix, Relation, Listing, Range, Given, BigOp, Derivative, Differential))
    if loose or (isinstance(body, Call) and not isinstance(body.argument, Group)):
        return Group("{", "{", body, cursor.span_from(start))
    return body


def _over(cursor: Cursor) -> Node:
    start = cursor.at
    cursor.take()
    above = _content(cursor)
    if not cursor.is_sign("\\over"):
        raise cursor.error("\\over")
    cursor.take()
    below = _content(cursor)
    cursor.expect_kind("}", "a closing }")
    return Fraction(above, below, cursor.span_from(start))


def argument(cursor: Cursor) -> Node:
    """The argument of a command: braces with anything inside, or one token."""
    cursor.skip_quads()
    if cursor.token.kind == "{":
        cursor.take()
        body = _content(cursor)
        cursor.expect_kind("}", "a closing }")
        return body
    return _single(cursor)


def _single(cursor: Cursor) -> Node:
    """One token as TeX takes it: of `12` only the 1."""
    token = cursor.token
    if token.kind == "number" and len(token.text) > 1:
        cursor.tokens[cursor.at] = token._replace(text=token.text[1:], start=token.start + 1, glued=True)
        return Number(token.text[0], (token.start, min(token.start + 1, token.end)))
    if token.kind == "sign" and token.text in "+-*'":
        cursor.take()
        return Name("prime" if token.text == "'" else token.text, (), (), (token.start, token.end))
    return primary(cursor)


def script_argument(cursor: Cursor) -> Node:
    """A subscript or superscript; words with hyphens are names there, lone signs are marks."""
    outside, cursor.in_script = cursor.in_script, True
    cursor.deeper()
    start = cursor.at
    close = cursor.partner[start] if cursor.token.kind == "{" else -1
    if close < 0:
        node = _single(cursor)
    elif close == start + 2 and cursor.tokens[start + 1].kind in ("sign", "command") and _is_mark(
        cursor.tokens[start + 1]
    ):
        cursor.take()
        token = cursor.take()
        node = Name(token.text.lstrip("\\") if token.text != "'" else "prime", (), (), (token.start, token.end))
        cursor.take()
    elif (word := _script_word(cursor, start + 1, close)) is not None:
        cursor.take()
        while cursor.at < close:
            cursor.take()
        span = cursor.span_from(start + 1)
        cursor.take()
        node = Name(word, (), (), span)
    else:
        node = argument(cursor)
    cursor.in_script = outside
    cursor.depth -= 1
    return node


def _is_mark(token: Token) -> bool:
    return token.text in "+-*'" or token.text in ("\\circ", "\\ast", "\\star", "\\bullet", "\\perp")


def _script_word(cursor: Cursor, start: int, close: int) -> str | None:
    """`naive-softmax`, `skip\\_gram`, `neg sample`, `out`: one name, not letters with signs between them."""
    inside = cursor.tokens[start:close]
    if not inside or len(inside) > 30 or any(t.kind not in ("letter", "word", "text", "sign") for t in inside):
        return None
    joined = inside[0].text + "".join(("" if t.glued else " ") + t.text for t in inside[1:])
    if joined in v.SCRIPT_WORDS:
        return joined
    if re.fullmatch(r"[A-Za-z]{3}", joined) and re.search(r"[aeouAEOU]", joined) and inside[0].glued is not None:
        return joined if all(t.glued for t in inside[1:]) else None
    if not _SCRIPT_WORD.match(joined) or max(map(len, re.findall(r"[A-Za-z]+", joined))) < 3:
        return None
    return re.sub(r" ?([-_]) ?", r"\1", joined)


def _command(cursor: Cursor) -> Node:
    token = cursor.token
    name = token.text
    reader = _COMMANDS.get(name)
    if reader is not None:
        return reader(cursor)
    base = name[1:]
    if base in v.GREEK or base in v.FUNCTION_COMMANDS:
        return _named(cursor)
    if (bold := _BOLD_MACRO.match(name)) is not None:
        cursor.take()
        cursor.repaired(token, f"\\mathbf{{{bold[1]}}}", f"{name} is not defined in the document")
        return Name(bold[1], (), ("bold",), (token.start, token.end))
    if name in v.RELATIONS or name in v.SUMS or name in v.PRODUCTS or name in v.CONNECTORS or name in ("\\quad", "\\\\"):
        raise cursor.error("an operand")
    raise cursor.error("a known command", f"define it: \\newcommand{{{name}}}{{...}}")


def _named(cursor: Cursor) -> Node:
    token = cursor.take()
    name = token.text[1:]
    if name == "arg" and cursor.token.text in ("\\max", "\\min", "max", "min"):
        second = cursor.take()
        return Name("arg" + second.text.lstrip("\\"), (), (), (token.start, second.end))
    return Name(name, (), (), (token.start, token.end))


def _dots(cursor: Cursor) -> Node:
    token = cursor.take()
    return Dots(v.DOTS[token.text], (token.start, token.end))


def _accent(cursor: Cursor) -> Node:
    start = cursor.at
    kind = v.ACCENTS[cursor.take().text]
    return accented(argument(cursor), kind, cursor.span_from(start))


def _style(cursor: Cursor) -> Node:
    start = cursor.at
    style = v.STYLES[cursor.take().text]
    body = argument(cursor)
    node = styled(body, style) if style else body
    if isinstance(node, Name):
        node = Name(node.base, node.accents, node.style, cursor.span_from(start))
        if node.base in ("1", "I", "𝟙") and ("blackboard" in node.style or node.base == "1"):
            return _indicator(cursor, node)
        return node
    return _grouped(cursor, node, start)


def _style_switch(cursor: Cursor) -> Node:
    style = v.STYLE_SWITCHES[cursor.take().text]
    cursor.skip_quads()
    if cursor.token.kind in ("}", "end", "close"):
        return Blank((cursor.token.start, cursor.token.start))
    node = cursor.grammar.factor(cursor) if cursor.token.kind == "{" else cursor.grammar.product(cursor)
    return styled(node, style)


def _indicator(cursor: Cursor, symbol: Node) -> Node:
    """`1[i = j]`, `\\mathbb{1}\\{..\\}`: one followed by a bracket that compares something."""
    opening = cursor.token
    close = cursor.partner[cursor.at] if opening.kind in ("open", "{") else -1
    if close < 0 or close - cursor.at > LOOK_AHEAD:
        return symbol
    inside = cursor.tokens[cursor.at + 1 : close]
    if not any(t.kind in ("sign", "command") and (t.text in v.RELATIONS or t.text == "\\not") for t in inside):
        return symbol
    start = cursor.at
    if opening.kind == "{":
        condition: Node = Group("{", "{", argument(cursor), cursor.span_from(start))
    else:
        condition = primary(cursor)
    span = (symbol.span[0], max(symbol.span[1], condition.span[1]))
    return Indicator(symbol, condition, span)


def _fraction(cursor: Cursor) -> Node:
    return fraction(cursor, argument)


def _root(cursor: Cursor) -> Node:
    start = cursor.at
    cursor.take()
    index: Node | None = None
    if cursor.token.kind == "open" and cursor.token.text == "[":
        cursor.take()
        index = _content(cursor)
        cursor.expect_kind("close", "]")
    return Root(argument(cursor), index, cursor.span_from(start))


def _binomial(cursor: Cursor) -> Node:
    start = cursor.at
    name = cursor.take()
    above = argument(cursor)
    below = argument(cursor)
    span = cursor.span_from(start)
    pair = Group("(", "(", Listing((above, below), (",",), span), span)
    return Call(Name("binom", (), ("text",), (name.start, name.end)), pair, span)


def _big_operator(cursor: Cursor) -> Node:
    start = cursor.at
    operator = v.BIG_OPERATORS[cursor.take().text]
    sub, sup = _bounds(cursor)
    cursor.skip_quads()
    if cursor.token.kind == "{":
        cursor.kept_brace = cursor.at
    if cursor.is_sign("\\cdot", "*"):
        cursor.repaired(cursor.token, "", f"a product sign right after {operator}")
        cursor.take()
    if cursor.token.kind in ("end", "close", "}") or cursor.is_sign("=", "&", "\\\\"):
        raise cursor.error(f"what {operator} applies to")
    if cursor.is_sign("-", "+"):
        sign = cursor.at
        cursor.take()
        operand = cursor.grammar.product(cursor)
        body: Node = Prefix(v.SUMS[cursor.tokens[sign].text], operand, cursor.span_from(sign))
    else:
        body = cursor.grammar.product(cursor)
    return BigOp(operator, sub, sup, body, cursor.span_from(start))


def _bounds(cursor: Cursor) -> tuple[Node | None, Node | None]:
    sub: Node | None = None
    sup: Node | None = None
    while cursor.token.kind == "sign" and cursor.token.text in ("_", "^"):
        below = cursor.take().text == "_"
        bound = script_argument(cursor)
        if isinstance(bound, Blank):
            continue
        if below:
            sub = bound
        else:
            sup = bound
    return sub, sup


def _partial(cursor: Cursor) -> Node:
    start = cursor.at
    token = cursor.take()
    name = Name("partial", (), (), (token.start, token.end))
    if cursor.is_sign("^", "_", "/") or not _starts_name(cursor):
        return name
    operand = cursor.grammar.factor(cursor)
    return Differential("\\partial", operand, cursor.span_from(start))


def _starts_name(cursor: Cursor) -> bool:
    token = cursor.token
    if token.kind == "command":
        known = token.text in _COMMANDS or token.text[1:] in v.GREEK or token.text[1:] in v.FUNCTION_COMMANDS
        return (known or bool(_BOLD_MACRO.match(token.text))) and token.text not in v.DOTS
    return token.kind in ("letter", "word", "roman", "open", "{", "number", "text")


def _nabla(cursor: Cursor) -> Node:
    start = cursor.at
    cursor.take()
    sub, sup = _bounds(cursor)
    return Derivative("\\nabla", "nabla", None, (sub,) if sub else (), False, sup, (), cursor.span_from(start))


def _wrapper(cursor: Cursor) -> Node:
    start = cursor.at
    name = cursor.take().text
    kind = v.WRAPPERS[name]
    label: Node | None = None
    if cursor.token.kind == "open" and cursor.token.text == "[" and name in ("\\bbox", "\\textcolor", "\\colorbox"):
        while cursor.take().kind not in ("close", "end"):
            pass
    if name in ("\\textcolor", "\\colorbox", "\\fcolorbox", "\\cancelto"):
        label = _raw_argument(cursor) if name != "\\cancelto" else argument(cursor)
        if name == "\\fcolorbox":
            _raw_argument(cursor)
    body = argument(cursor)
    mark = {"underbrace": "_", "overbrace": "^"}.get(kind)
    if mark and cursor.is_sign(mark):
        cursor.take()
        label = _label(cursor)
    return Annotated(kind, body, label, cursor.span_from(start))


def _raw_argument(cursor: Cursor) -> Text:
    """Braces around something that is no mathematics, such as the name of a colour."""
    start = cursor.at
    close = cursor.partner[start] if cursor.token.kind == "{" else -1
    if close < 0:
        raise cursor.error("an argument in braces")
    while cursor.at <= close:
        cursor.take()
    span = (cursor.tokens[start].end, cursor.tokens[close].start)
    return Text(cursor.source.written(span).strip(), span)


def _label(cursor: Cursor) -> Node:
    """The label of a brace: mathematics or words; what cannot be read stays text."""
    start = cursor.at
    close = cursor.partner[start] if cursor.token.kind == "{" else -1
    if close < 0:
        return script_argument(cursor)
    state = (cursor.depth, cursor.groups, cursor.in_script, len(cursor.bars))
    try:
        return script_argument(cursor)
    except ReadingError:
        cursor.at = start
        cursor.depth, cursor.groups, cursor.in_script = state[:3]
        del cursor.bars[state[3] :]
        return _raw_argument(cursor)


def _set_over(cursor: Cursor) -> Node:
    """`\\overset{a}{x}`, `\\underset{a}{x}`, `\\stackrel{a}{x}`."""
    start = cursor.at
    name = cursor.take().text
    label = _label(cursor) if cursor.token.kind == "{" else argument(cursor)
    body = argument(cursor)
    return Annotated("underset" if name == "\\underset" else "overset", body, label, cursor.span_from(start))


def _quantifier(cursor: Cursor) -> Node:
    start = cursor.at
    word = cursor.take().text
    body = cursor.grammar.listing(cursor) if cursor.groups else cursor.grammar.sum(cursor)
    return Condition(word, body, cursor.span_from(start))


def _quote(cursor: Cursor) -> Node:
    """`'0'`: a quoted thing."""
    start = cursor.at
    if not cursor.is_sign("'"):
        raise cursor.error("an operand")
    cursor.take()
    body = cursor.grammar.sum(cursor) if not cursor.is_sign("'") else Blank(cursor.span_from(start))
    if isinstance(body, Script) and body.primes and body.sub is None and body.sup is None:
        return Annotated("quote", body.base, None, cursor.span_from(start))
    raise cursor.error("a closing quote")


def _xarrow(cursor: Cursor) -> Node:
    raise cursor.error("an operand")


_BY_KIND: dict[str, Callable[[Cursor], Node]] = {
    "number": _number, "letter": _letter, "word": _letter, "roman": _roman, "text": _text, "open": _bracket,
    "{": _brace, "bar": _bar, "command": _command, "begin": table, "sign": _quote,
}  # fmt: skip

_COMMANDS: dict[str, Callable[[Cursor], Node]] = {
    "\\frac": _fraction, "\\dfrac": _fraction, "\\tfrac": _fraction, "\\cfrac": _fraction, "\\nicefrac": _fraction,
    "\\sfrac": _fraction, "\\sqrt": _root, "\\binom": _binomial, "\\partial": _partial, "\\nabla": _nabla,
    "\\overset": _set_over, "\\underset": _set_over, "\\stackrel": _set_over, "\\forall": _quantifier,
    "\\exists": _quantifier, "\\substack": table,
    **dict.fromkeys(v.ACCENTS, _accent), **dict.fromkeys(v.STYLES, _style),
    **dict.fromkeys(v.STYLE_SWITCHES, _style_switch), **dict.fromkeys(v.BIG_OPERATORS, _big_operator),
    **dict.fromkeys(v.WRAPPERS, _wrapper), **dict.fromkeys(v.DOTS, _dots),
}  # fmt: skip
