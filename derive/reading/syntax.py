"""The syntax tree of mathematics as it was written.

Nothing is decided here that needs to know what a letter means. What notation leaves open stays open:

- `Infix` is flat: `a/b c` and `a \\circ b c` are lists of factors with the signs between them.
- The sign `"("` between two factors says "application or product" (`f(x)`, `v_c(\\hat y - y)`).
- `Script` keeps `w^2` and `W^T` alike: a power, a layer, a transposition are for types to tell.
- A letter keeps its accent and its style, and `u_0` is not `u_o`.

Every node ends with `span`, its place in the source, which does not take part in comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import TypeAlias

from derive.reading.positions import Span

NOWHERE: Span = (0, 0)
SUM_SIGNS = frozenset({"+", "-", "\\pm", "\\mp", "\\oplus", "\\ominus", "\\cup", "\\cap", "\\setminus"})
"""Signs of an additive `Infix`; every other `Infix` is a product."""


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral, its digits as written: `0.5`."""

    text: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A letter, a Greek letter (`sigma`), a word (`softmax`, `neg-sample`) or a lone mark (`*` in `x^*`).

    accents: outermost first (`hat`, `tilde`, `bar`, `vec`, ...); style: `bold`, `blackboard`,
    `calligraphic`, `roman`, `text`, ...; both are recorded and mean nothing here.
    """

    base: str
    accents: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Script:
    """Something with marks: subscript, superscript, primes. Powers, layers and transposes look like this."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None
    primes: int = 0
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent over more than a name: `\\overline{a + b}`. Over a name it is kept in the `Name`."""

    kind: str
    body: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Prefix:
    """A sign in front: `-a b` is the minus of a product, `a \\times -b` has it on one factor."""

    operator: str
    operand: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Infix:
    """Operands with the signs between them, flat; all signs additive or all multiplicative.

    operators: one fewer than operands. `""` is juxtaposition, `"("` juxtaposition of a name with a
    bracket (application or product); else `\\cdot`, `\\times`, `*`, `.`, `/`, `\\circ`, `\\odot`, ...
    """

    operators: tuple[str, ...]
    operands: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def additive(self) -> bool:
        """Whether this is a sum of terms rather than a product of factors."""
        return self.operators[0] in SUM_SIGNS


@dataclass(frozen=True, slots=True)
class Relation:
    """A chain of comparisons inside something else: `i = 1`, `-m \\le j \\le m`, `O = o`.

    A side that is not written is `Blank`. Relations of a whole row are in a `Statement` instead.
    """

    signs: tuple[str, ...]
    operands: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Given:
    """`o | c`: a condition of a probability, or the bar of a set."""

    left: Node
    right: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """Things beside each other: `v_c, o, U`; separators are `,` `;` `:` `\\quad` `\\\\` or `""` (beside text)."""

    items: tuple[Node, ...]
    separators: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """Parts with dots between them: `c-m \\dots c+m`. An end that is not written is `Blank`."""

    parts: tuple[Node, ...]
    dots: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fraction:
    """A fraction that is no derivative."""

    numerator: Node
    denominator: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A bracket with its content; left and right as in `\\left( \\right]`, `.` where there is none.

    `{` and `}` are braces that could not be dropped: the author grouped, but print shows no bracket.
    `.` with `|` is a value taken at a place, which then stands in the subscript.
    """

    left: str
    right: str
    body: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied: the function with its marks, and a `Group` or, without brackets, a bare operand."""

    function: Node
    argument: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def arguments(self) -> tuple[Node, ...]:
        """The arguments without bracket and commas."""
        body = self.argument.body if isinstance(self.argument, Group) else self.argument
        return body.items if isinstance(body, Listing) else (body,)


@dataclass(frozen=True, slots=True)
class BigOp:
    """`\\sum`, `\\prod`, `\\int`, `\\bigcup`: bounds as written (`None` if there are none) and what follows."""

    operator: str
    sub: Node | None
    sup: Node | None
    body: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Derivative:
    """A derivative in any notation.

    symbol: `\\partial`, `d` or `\\nabla`; form: `fraction`, `slash` or `nabla`.
    operand: what is differentiated, `None` for a bare operator.
    variables: what by, one for each `\\partial` below; empty for a nabla without a subscript.
    applied: the operand follows the operator, `\\frac{\\partial}{\\partial x}(..)`.
    order: the exponent of the upper `\\partial`; damage: which marks were lost, e.g. `no \\partial above`.
    """

    symbol: str
    form: str
    operand: Node | None
    variables: tuple[Node, ...]
    applied: bool = False
    order: Node | None = None
    damage: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Differential:
    """`\\partial x` or an upright `d` before x, outside of a derivative."""

    symbol: str
    operand: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Condition:
    """What restricts a statement or a case: word is `if`, `for all`, `\\forall`, `otherwise`, or empty."""

    word: str
    body: Node | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a definition by cases."""

    value: Node
    condition: Condition | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cases:
    """A definition by cases, in the order written."""

    rows: tuple[Case, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix or table; environment as written (`bmatrix`, `array`, ...), empty cells are `Blank`."""

    environment: str
    rows: tuple[tuple[Node, ...], ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Annotated:
    """Something marked without being changed: `underbrace`, `overbrace`, `cancel`, `boxed`, `color`, `circled`, ..."""

    kind: str
    body: Node
    label: Node | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One where the condition holds, else zero; symbol is the `Name` or `Number` written before the bracket."""

    symbol: Node
    condition: Node
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Root:
    """A square root, or with an index another one."""

    body: Node
    index: Node | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Dots:
    """Dots standing for omitted things; kind `dots`, `cdots`, `vdots` or `ddots`."""

    kind: str = "dots"
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Words inside mathematics, spaces normalised."""

    text: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Blank:
    """Nothing, where something may stand: an empty cell, an unwritten side."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)


Node: TypeAlias = (
    Number
    | Name
    | Script
    | Accent
    | Prefix
    | Infix
    | Relation
    | Given
    | Listing
    | Range
    | Fraction
    | Group
    | Call
    | BigOp
    | Derivative
    | Differential
    | Condition
    | Case
    | Cases
    | Matrix
    | Annotated
    | Indicator
    | Root
    | Dots
    | Text
    | Blank
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A relation sign of a row, with what was written over it (`\\stackrel{(a)}{=}`)."""

    text: str
    label: Text | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node, in the order of its fields.

    >>> [child.text for child in children(Fraction(Number("1"), Number("2")))]
    ['1', '2']
    """
    for each in fields(node):
        yield from _nodes(getattr(node, each.name))


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif isinstance(value, Node):
        yield value


def walk(node: Node) -> Iterator[Node]:
    """A node and everything inside it, outermost first; uses no recursion, so depth is no concern."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))


def styled(node: Node, style: str) -> Node:
    """The node with a style recorded on the names it consists of (`\\mathbf{W x}`); a digit alone becomes a name."""
    if isinstance(node, Name):
        return node if style in node.style else replace(node, style=(style, *node.style))
    if isinstance(node, Number) and len(node.text) == 1:
        return Name(node.text, (), (style,), node.span)
    if isinstance(node, Script):
        return replace(node, base=styled(node.base, style))
    if isinstance(node, Infix):
        return replace(node, operands=tuple(
            each if isinstance(each, Number) else styled(each, style) for each in node.operands))
    if isinstance(node, (Accent, Group)):
        return replace(node, body=styled(node.body, style))
    return node


def accented(node: Node, accent: str, span: Span) -> Node:
    """The node under an accent. `\\hat{y_o}` and `\\hat{y}_o` are one tree: accents go to the letter."""
    if isinstance(node, Name):
        return replace(node, accents=(accent, *node.accents), span=span)
    if isinstance(node, Script) and isinstance(node.base, Name):
        return replace(node, base=replace(node.base, accents=(accent, *node.base.accents)), span=span)
    return Accent(accent, node, span)
