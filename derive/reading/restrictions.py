"""Which comparisons beside an equation are its conditions: `j \\ne c`, `i = 1, \\dots, n`, and for what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.reading.positions import Span
from derive.reading.syntax import (
    Annotated,
    Condition,
    Group,
    Infix,
    Listing,
    Name,
    Node,
    Number,
    Prefix,
    Relation,
    Script,
    Sign,
    Text,
    walk,
)

INDEX_LETTERS = frozenset("ijklmnoprstwck")
"""Letters that `i = k` beside an equation compares as indices."""


@dataclass
class Piece:
    operands: list[Node] = field(default_factory=list)
    relations: list[Sign] = field(default_factory=list)
    continues: bool = False
    continued: bool = False
    conditions: list[Condition] = field(default_factory=list)
    connector: str = ""
    labels: list[str] = field(default_factory=list)
    remarks: list[Text] = field(default_factory=list)
    span: Span = (0, 0)

    def is_empty(self) -> bool:
        return not self.operands and not self.relations


def with_conditions(pieces: list[Piece]) -> list[Piece]:
    """Comparisons of indices beside an equation become its conditions; those before it hold for all after."""
    result: list[Piece] = []
    leading: list[Condition] = []
    last_claim = max((at for at, p in enumerate(pieces) if p.relations and not _is_condition(p)), default=-1)
    for number, piece in enumerate(pieces):
        later = number < last_claim
        listed = bool(result) and number + 1 < len(pieces) and _is_condition(pieces[number + 1]) and _is_bare(piece)
        if (_is_condition(piece) and (result or later)) or listed:
            condition = _condition(piece)
            if result and not result[-1].is_empty():
                result[-1].conditions.append(condition)
                result[-1].conditions += piece.conditions
                result[-1].labels += piece.labels
            else:
                leading.append(condition)
                leading += piece.conditions
                pieces[number + 1].labels[:0] = piece.labels
            continue
        if not piece.is_empty():
            piece.conditions[:0] = leading
        if result and result[-1].is_empty() and not piece.is_empty():
            _take_over(result.pop(), piece)
        result.append(piece)
    _spread(result)
    return result


def _is_bare(piece: Piece) -> bool:
    """A letter alone, as the i of `i, j = 1, \\dots, n`."""
    return not piece.relations and len(piece.operands) == 1 and _is_letter(piece.operands[0])


def _take_over(before: Piece, piece: Piece) -> None:
    piece.conditions[:0] = before.conditions
    piece.labels[:0] = before.labels
    piece.remarks[:0] = before.remarks
    piece.connector = before.connector or piece.connector


def _spread(pieces: list[Piece]) -> None:
    """A condition that stands before the first statement of a row holds for the whole row."""
    if not pieces or not pieces[0].conditions:
        return
    first = [c for c in pieces[0].conditions if c.span[0] < pieces[0].span[0]]
    for piece in pieces[1:]:
        if not piece.is_empty():
            piece.conditions[:0] = [c for c in first if c not in piece.conditions]


def _condition(piece: Piece) -> Condition:
    word = " ".join((*(remark.text.strip() for remark in piece.remarks), piece.connector)).strip()
    if not piece.relations:
        return Condition(word, piece.operands[0], piece.span)
    signs = tuple(sign.text for sign in piece.relations)
    return Condition(word, Relation(signs, tuple(piece.operands), piece.span), piece.span)


def _is_condition(piece: Piece) -> bool:
    if piece.continues or piece.continued or piece.connector in ("because", "\\because"):
        return False
    if not piece.relations:
        return len(piece.operands) == 1 and _is_bracketed_condition(piece.operands[0])
    signs = {sign.text for sign in piece.relations}
    if signs & {"\\in", "\\notin"}:
        return _is_index(piece.operands[0], any_letter=False) and not _names_numbers(piece.operands[-1])
    if signs <= {"\\ne", "<", ">", "\\le", "\\ge", "\\ll", "\\gg"}:
        return all(_is_index(operand, any_letter=True) for operand in piece.operands)
    if signs == {"="}:
        return _is_letter(piece.operands[0]) and all(_is_index(o, any_letter=False) for o in piece.operands)
    return False


def _is_bracketed_condition(node: Node) -> bool:
    """`i = 1, \\dots, n` or `(w \\ne o)`."""
    if isinstance(node, Listing):
        return True
    if not isinstance(node, Group) or not isinstance(node.body, Relation):
        return False
    return all(_is_index(operand, any_letter=True) for operand in node.body.operands)


def _names_numbers(node: Node) -> bool:
    """Whether a set is one of numbers, `\\mathbb{R}^{..}`: then this is a claim about shape."""
    return any(isinstance(each, Name) and "blackboard" in each.style for each in walk(node))


def _is_letter(node: Node) -> bool:
    return isinstance(node, Name) and node.base in INDEX_LETTERS and not node.accents and not node.style


def _is_index(node: Node, any_letter: bool) -> bool:
    """A letter, a number, or a small sum of them; `w_t` counts as an index."""
    if isinstance(node, Number):
        return True
    if isinstance(node, Name):
        return (
            any_letter or node.base in INDEX_LETTERS or (len(node.base) == 1 and node.base.isupper())
        ) and not node.style
    if isinstance(node, Script):
        return node.sup is None and isinstance(node.base, Name) and (any_letter or node.base.base in "wcot")
    if isinstance(node, Prefix):
        return _is_index(node.operand, any_letter)
    if isinstance(node, Group):
        return _is_index(node.body, any_letter)
    if isinstance(node, Listing):
        return all(_is_index(item, any_letter) for item in node.items)
    if isinstance(node, Infix):
        return node.additive and all(_is_index(each, any_letter) for each in node.operands)
    return isinstance(node, Annotated) and any_letter
