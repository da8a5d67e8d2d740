"""Repairs: small edits of what was written, nearest first, of which the first that is proved is shown.

An edit replaces one node of the side: its kind, in words, and what it costs stand in one table. Nothing is shown that
was not proved, and the search ends after a while without an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace

from derive.reading.omissions import Clues, omissions, other_variables, outer_products
from derive.reading.printing import latex
from derive.reading.reports import Repair
from derive.reading.spelling import bare, base_name, is_transpose, spelled, split_transpose
from derive.reading.syntax import (
    Annotated,
    BigOp,
    Call,
    Cases,
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
from derive.reading.trees import Path, changed, put, replaced

MOST = 200
"""Most edits tried for one step: a number and no clock, so that a busy machine finds the same repairs."""


@dataclass(frozen=True)
class Edit:
    """One edit. cost: how far it goes; said: what it does, in words; new: the whole side; marked: with a box."""

    cost: float
    said: str
    new: Node
    marked: Node


def correction(left: Node, right: Node, proved: Callable[[Node, Node], bool]) -> Repair | None:
    """The nearest edit of the right side that is proved, or of the left side where the mark was lost there.

    One edit is tried everywhere; two go together where factors are of the wrong layer and in the wrong order.
    """
    search = _Search(proved)
    for edit in _left_edits(left, right):
        if search.tries(edit.new, right):
            return _on_the_left(edit, right)
    single = sorted(edits(right, left), key=lambda e: e.cost)
    for edit in single:
        if search.tries(left, edit.new):
            return Repair(latex(edit.new), latex(edit.marked), edit.said)
    if isinstance(bare(right), Derivative):
        for edit in sorted(edits(left, right), key=lambda e: e.cost):
            if search.tries(edit.new, right):
                return _on_the_left(edit, right)
    for edit in _two_edits(single, left):
        if search.tries(left, edit.new):
            return Repair(latex(edit.new), latex(edit.marked), edit.said)
    return None


class _Search:
    """What was tried already, and when to end."""

    def __init__(self, proved: Callable[[Node, Node], bool]) -> None:
        self.proved, self.tried = proved, set[tuple[str, str]]()

    def tries(self, left: Node, right: Node) -> bool:
        """Whether an equation is proved; never twice the same, and none after many."""
        key = (latex(left), latex(right))
        if key in self.tried or len(self.tried) >= MOST:
            return False
        self.tried.add(key)
        return self.proved(left, right)


def _on_the_left(edit: Edit, right: Node) -> Repair:
    return Repair(f"{latex(edit.new)} = {latex(right)}", f"{latex(edit.marked)} = {latex(right)}",
                  f"{edit.said} on the left")


def _left_edits(left: Node, right: Node) -> Iterator[Edit]:
    """Marks that are lost on the left: the prime of a function, the index of what is differentiated by."""
    for new in _left_primes(left):
        yield Edit(1.2, "prime added", new, Annotated("boxed", new, None, left.span))
    for cost, said, new in other_variables(left, right):
        yield Edit(cost, said, new, Annotated("boxed", new, None, left.span))
    node = bare(left)
    if not isinstance(node, Derivative) or len(node.variables) != 1 or not isinstance(node.variables[0], Name):
        return
    for letter in _Context(right, right).letters:
        variable = Script(node.variables[0], Name(letter), None, 0, node.variables[0].span)
        boxed = Annotated("boxed", variable, None, variable.span)
        yield Edit(1.4, f"index {letter} added", replace(node, variables=(variable,)),
                   replace(node, variables=(boxed,)))


_NAMED_WRONG = ("index",)
_LAID_WRONG = ("order of the factors", "transpose")


def _two_edits(single: list[Edit], left: Node) -> Iterator[Edit]:
    """An index that is wrong, and factors that stand wrong as well."""
    for first in single:
        if first.said.startswith(_NAMED_WRONG):
            for second in sorted(edits(first.new, left), key=lambda e: e.cost):
                if second.said.startswith(_LAID_WRONG):
                    yield Edit(first.cost + second.cost, f"{first.said}, {second.said}", second.new, second.marked)


def _left_primes(left: Node) -> Iterator[Node]:
    """A function on the left that lost its prime."""
    node = bare(left)
    if isinstance(node, Infix) and node.operators == ("(",) and isinstance(node.operands[1], Group):
        node = Call(node.operands[0], node.operands[1], node.span)
    if isinstance(node, Call) and isinstance(node.function, Name):
        yield replace(node, function=Script(node.function, None, None, 1, node.function.span))


def edits(side: Node, beside: Node) -> Iterator[Edit]:
    """Every edit of a side; beside: the other side, whose letters may be needed."""
    context, clues = _Context(side, beside), Clues(side, beside)
    for path, node in _places(side):
        for cost, said, new in (*_edits_of(node, context, not path), *omissions(node, clues, not path)):
            marked = new if isinstance(new, Annotated) else Annotated("boxed", new, None, node.span)
            yield Edit(cost, said, put(side, path, new), put(side, path, marked))


class _Context:
    """What occurs in a step: letters used as indices, vectors, sums."""

    def __init__(self, side: Node, beside: Node) -> None:
        both = [*walk(side), *walk(beside)]
        self.letters = list(dict.fromkeys(
            spelled(n.sub) for n in both if isinstance(n, Script) and isinstance(n.sub, Name) and len(n.sub.base) == 1
            and n.base != Name("W")))
        self.sums = [n for n in both if isinstance(n, BigOp) and n.operator == "\\sum"]
        self.vectors = list({spelled(n): n for n in both if isinstance(n, Script) and n.sup is None
                             and isinstance(n.base, Name) and n.base.base in ("u", "v", "mu", "nu")}.values())[:4]
        self.has_prediction = any(isinstance(n, Name) and n.base == "y" and n.accents for n in both)
        self.negatives = any(spelled(n) == "u_k" for n in both)


def _places(side: Node) -> Iterator[tuple[Path, Node]]:
    """Every node that may be edited, with the way to it."""
    queue: list[tuple[Path, Node]] = [((), side)]
    while queue:
        path, node = queue.pop(0)
        yield path, node
        if len(path) > 12 or isinstance(node, Derivative):
            continue
        for each in fields(node):
            value = getattr(node, each.name)
            if each.name in ("sub", "sup") and isinstance(node, Script | BigOp):
                continue
            if each.name == "function":
                continue
            if isinstance(value, Node):
                queue.append(((*path, (each.name, -1)), value))
            elif isinstance(value, tuple):
                queue += [((*path, (each.name, at)), item) for at, item in enumerate(value) if isinstance(item, Node)]


_Edits = Iterable[tuple[float, str, Node]]


def _edits_of(node: Node, context: _Context, whole: bool) -> _Edits:
    yield from _signs(node, whole)
    yield from _transposes(node)
    yield from _primes(node)
    yield from _indices(node, context)
    yield from _sums(node, context, whole)
    yield from _terms(node)
    yield from _factors(node, context, whole)
    yield from _ones(node, context)
    yield from _powers(node)
    yield from _all_cases(node, context)


def _all_cases(node: Node, context: _Context) -> _Edits:
    """The same edit in every case of a definition by cases."""
    if not isinstance(node, Cases) or len(node.rows) < 2:
        return
    options = [list(edits(row.value, row.value)) for row in node.rows]
    for edit in options[0]:
        others = [next((e for e in several if e.said == edit.said), None) for several in options[1:]]
        if all(others):
            chosen = [edit, *(e for e in others if e is not None)]
            yield edit.cost + 0.5, edit.said, replace(node, rows=tuple(
                replace(row, value=e.new) for row, e in zip(node.rows, chosen, strict=True)))
    for big in (n for n in walk(node.rows[0].value) if isinstance(n, BigOp) and n.sub is not None):
        letter = next((spelled(n) for n in walk(big.sub) if isinstance(n, Name)), "")  # type: ignore[arg-type]
        for other in context.letters:
            if other != letter:
                yield 2.0, f"sum removed, {other} for {letter}", replace(node, rows=tuple(
                    replace(row, value=_without_sums(row.value, letter, other)) for row in node.rows))


def _without_sums(node: Node, letter: str, other: str) -> Node:
    for path, each in _places(node):
        if isinstance(each, BigOp) and each.operator == "\\sum":
            return put(node, path, replaced(each.body, letter, Name(other)))
    return node


def _signs(node: Node, whole: bool) -> _Edits:
    if isinstance(node, Prefix) and node.operator in "+-":
        yield 1.0, "sign flipped", node.operand
    elif whole or (isinstance(node, Infix) and not node.additive):
        yield 1.0 if whole else 1.3, "sign flipped", Prefix("-", _grouped(node), node.span)
    if isinstance(node, Infix) and node.additive:
        for at, sign in enumerate(node.operators):
            if sign in "+-":
                flipped = "-" if sign == "+" else "+"
                yield 1.0, "sign flipped", replace(node, operators=(*node.operators[:at], flipped,
                                                                    *node.operators[at + 1:]))
        first = node.operands[0]
        turned = first.operand if isinstance(first, Prefix) else Prefix("-", first, first.span)
        yield 1.1, "sign flipped", replace(node, operands=(turned, *node.operands[1:]))
    if isinstance(node, Call) and _word(node) in ("sigma", "sigmoid", "exp"):
        inside = node.argument.body if isinstance(node.argument, Group) else node.argument
        turned = inside.operand if isinstance(inside, Prefix) else Prefix("-", _grouped(inside), inside.span)
        yield 1.2, "sign of the argument flipped", replace(node, argument=_around(node.argument, turned))
    if isinstance(node, Script) and isinstance(node.base, Name) and node.base.base == "e" and node.sup is not None:
        inside = bare(node.sup)
        turned = inside.operand if isinstance(inside, Prefix) else Prefix("-", _grouped(inside), inside.span)
        yield 1.2, "sign of the exponent flipped", replace(node, sup=turned)


def _transposes(node: Node) -> _Edits:
    if isinstance(node, Script):
        rest, turned = split_transpose(node.sup)
        if turned:
            plain = node.base if rest is None and node.sub is None and not node.primes else replace(node, sup=rest)
            yield 1.1, "transpose removed", plain
        elif node.sup is None and isinstance(node.base, Name) and not node.primes:
            yield 1.1, "transpose added", replace(node, sup=Name("T"))
        elif isinstance(node.sup, Number):
            yield 1.1, "transpose added", replace(node, sup=Infix(("",), (node.sup, Name("T"))))
    elif (isinstance(node, Name) and len(node.base) == 1) or (isinstance(node, Group) and node.left in ("(", "[")):
        yield 1.1, "transpose added", Script(node, None, Name("T"), 0, node.span)


def _primes(node: Node) -> _Edits:
    if isinstance(node, Call):
        function = node.function
        if isinstance(function, Script) and function.primes:
            plain = function.base if function.sub is None and function.sup is None else replace(function, primes=0)
            yield 1.2, "prime removed", replace(node, function=plain)
        elif isinstance(function, Name):
            yield 1.2, "prime added", replace(node, function=Script(function, None, None, 1, function.span))


def _indices(node: Node, context: _Context) -> _Edits:
    if not isinstance(node, Script) or is_transpose(node.sub):
        return
    if isinstance(node.sub, Name) and len(node.sub.base) == 1:
        for letter in context.letters:
            if letter != spelled(node.sub):
                yield 1.4, f"index {letter} for {spelled(node.sub)}", replace(node, sub=Name(letter))
    for name in ("sub", "sup"):
        mark = getattr(node, name)
        inside = mark.body if isinstance(mark, Group) else mark
        digits = inside if isinstance(inside, Number) else None
        if digits is not None and digits.text in ("1", "2") and isinstance(node.base, Name):
            other = Number("2" if digits.text == "1" else "1")
            yield 1.4, f"index {other.text} for {digits.text}", changed(
                node, **{name: replace(mark, body=other) if isinstance(mark, Group) else other})
    if isinstance(node.sup, Infix) and isinstance(node.sup.operands[0], Number):
        other = Number("2" if node.sup.operands[0].text == "1" else "1")
        yield 1.4, "index changed", replace(node, sup=replace(node.sup, operands=(other, *node.sup.operands[1:])))
    if isinstance(node.base, Name) and node.sub is not None and node.base.base in ("y", "x", "theta", "z", "h"):
        yield 1.6, "index removed", replace(node, sub=None) if node.sup is not None else node.base


def _sums(node: Node, context: _Context, whole: bool) -> _Edits:
    if isinstance(node, BigOp) and node.operator == "\\sum":
        yield 1.5, "sum removed", node.body
        yield from _excluded(node)
        letter = next((spelled(n) for n in walk(node.sub) if isinstance(n, Name)), "") if node.sub is not None else ""
        for other in context.letters:
            if letter and other != letter:
                yield 1.6, f"sum removed, {other} for {letter}", replaced(node.body, letter, Name(other))
    elif isinstance(node, Infix | Call | Script | Group) or whole:
        for big in context.sums[:2]:
            yield 2.0, "sum added", replace(big, body=_grouped(node) if isinstance(node, Infix) and node.additive
                                            else node)
        if context.negatives and not context.sums and isinstance(node, Infix | Prefix | Group):
            bound = Relation(("=",), (Name("k"), Number("1")))
            yield 2.0, "sum added", BigOp("\\sum", bound, Name("K"), _grouped(node), node.span)


def _excluded(node: BigOp) -> _Edits:
    """A window that lost `j \\ne 0`, and counts its own centre."""
    inside = bare(node.sub) if node.sub is not None else None
    if not isinstance(inside, Relation) or inside.signs not in (("\\le", "\\le"), ("=",)):
        return
    letter = inside.operands[1 if len(inside.operands) == 3 else 0]
    if isinstance(inside.operands[0 if len(inside.operands) == 3 else 1], Prefix):
        apart = Relation(("\\ne",), (letter, Number("0")))
        yield 1.6, "the centre of the window left out", replace(node, sub=Listing((inside, apart), (",",)))


def _terms(node: Node) -> _Edits:
    if not isinstance(node, Infix) or not node.additive:
        return
    for at in range(len(node.operands)):
        operands = (*node.operands[:at], *node.operands[at + 1:])
        operators = node.operators[1:] if at == 0 else (*node.operators[:at - 1], *node.operators[at:])
        rest: Node = operands[0] if len(operands) == 1 else replace(node, operators=operators, operands=operands)
        if at == 0 and node.operators[0] == "-":
            rest = Prefix("-", rest, node.span)
        yield 2.6, "a term dropped", rest


def _factors(node: Node, context: _Context, whole: bool) -> _Edits:
    if isinstance(node, Infix) and not node.additive:
        count = len(node.operands)
        for at in range(count - 1):
            swapped = list(node.operands)
            swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
            yield 1.8, "order of the factors changed", replace(
                node, operators=tuple("" if s == "(" else s for s in node.operators), operands=tuple(
                    _grouped(o) if isinstance(o, Infix) and o.additive else o for o in swapped))
        for at, sign in enumerate(node.operators):
            other = "" if sign in ("\\circ", "\\odot") else "\\circ"
            said = "a matrix product for one entry by entry" if not other else "entry by entry for a matrix product"
            yield 1.9, said, replace(node, operators=(*node.operators[:at], other, *node.operators[at + 1:]))
        for at in range(count):
            operands = (*node.operands[:at], *node.operands[at + 1:])
            operators = node.operators[1:] if at == 0 else (*node.operators[:at - 1], *node.operators[at:])
            if "/" not in node.operators:
                yield 2.4, "a factor dropped", operands[0] if count == 2 else replace(
                    node, operators=operators, operands=operands)
        yield from _moved(node)
        yield from outer_products(node)
    if isinstance(node, Infix | Call | Group | Script | Fraction) and (whole or not isinstance(node, Infix)):
        for vector in context.vectors:
            yield 2.5, f"factor {spelled(vector)} added", Infix(("",), (_grouped(node), vector), node.span)
    if isinstance(node, Script) and any(spelled(v) == spelled(node) for v in context.vectors):
        for vector in context.vectors:
            if spelled(vector) != spelled(node):
                yield 2.2, f"{spelled(vector)} for {spelled(node)}", vector
    if (isinstance(node, Infix) and not node.additive) or isinstance(node, BigOp) or whole:
        yield 2.7, "a factor 2 added", Infix(("",), (Number("2"), _grouped(node)), node.span)
        yield 2.8, "a factor 1/2 added", Infix(("",), (Fraction(Number("1"), Number("2")), _grouped(node)), node.span)


def _moved(node: Infix) -> _Edits:
    """Two edits that go together: factors in the other order, one of them transposed."""
    if len(node.operands) != 2:
        return
    first, second = node.operands
    for number, turned in enumerate(((_turned(second), first), (second, _turned(first)), (_turned(second),
                                                                                        _turned(first)))):
        yield 2.2 + 0.1 * number, "order of the factors and transpose changed", replace(
            node, operators=("",), operands=tuple(map(_grouped, turned)))


def _turned(node: Node) -> Node:
    if isinstance(node, Script):
        rest, turned = split_transpose(node.sup)
        if turned:
            return node.base if rest is None and node.sub is None else replace(node, sup=rest)
        if node.sup is None:
            return replace(node, sup=Name("T"))
    return Script(_grouped(node), None, Name("T"), 0, node.span)


def _ones(node: Node, context: _Context) -> _Edits:
    """A lost `- 1`, a lost `- y`, a complement for its value."""
    if isinstance(node, Call) and _word(node) in ("sigma", "sigmoid"):
        yield 1.7, "1 subtracted", _bracket(Infix(("-",), (node, Number("1")), node.span))
        yield 1.7, "subtracted from 1", _bracket(Infix(("-",), (Number("1"), node), node.span))
    if context.has_prediction and isinstance(node, Name | Script):
        name = base_name(node)
        if name is not None and name.base == "y" and name.accents:
            plain = replace(name, accents=())
            target = replace(node, base=plain) if isinstance(node, Script) else plain
            yield 1.7, "the target subtracted", _bracket(Infix(("-",), (node, target), node.span))
            if isinstance(node, Script) and node.sub is not None:
                yield 1.7, "1 subtracted", _bracket(Infix(("-",), (node, Number("1")), node.span))
    if context.has_prediction and isinstance(node, Number) and node.text == "1":
        for letter in context.letters:
            yield 1.9, f"y_{letter} for 1", Script(Name("y"), Name(letter), None, 0, node.span)
    if isinstance(node, Number) and node.text in ("0", "1", "2"):
        for other in ("0", "1", "2"):
            if other != node.text:
                yield 2.3, f"{other} for {node.text}", Number(other, node.span)
    if isinstance(node, Script) and isinstance(node.base, Name) and node.base.base == "e" and node.sup is not None:
        yield 2.3, "1 added", _bracket(Infix(("+",), (Number("1"), node), node.span))


def _powers(node: Node) -> _Edits:
    powered = isinstance(node, Script) and isinstance(node.base, Group) and node.sup is not None
    if powered and isinstance(node, Script) and not is_transpose(node.sup):
        yield 2.0, "exponent removed", node.base
    if isinstance(node, Group) and node.left == "(" and not isinstance(node.body, Name):
        yield 2.1, "squared", Script(node, None, Number("2"), 0, node.span)
    if isinstance(node, Fraction) and isinstance(node.denominator, Infix) and node.denominator.additive:
        squared = Script(_bracket(node.denominator), None, Number("2"), 0, node.denominator.span)
        yield 2.0, "denominator squared", replace(node, denominator=squared)


def _word(node: Call) -> str:
    name = base_name(node.function)
    return spelled(name).lower() if name is not None else ""


def _around(argument: Node, new: Node) -> Node:
    return replace(argument, body=new) if isinstance(argument, Group) else Group("(", "(", new, argument.span)


def _bracket(node: Node) -> Group:
    return Group("(", "(", node, node.span)


def _grouped(node: Node) -> Node:
    if (isinstance(node, Infix) and node.additive) or isinstance(node, Prefix | BigOp):
        return _bracket(node)
    return node


__all__ = ["Edit", "correction", "edits"]
