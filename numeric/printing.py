"""Array expressions: what one line of a compiled step says, as SymPy nodes, and the printer that writes them.

The nodes never evaluate and never reorder, so that the code computes in the order the lowering chose. `shared` names
whatever is used more than once, and `ArrayPrinter` is handed to `lambdify`. What is written are names of the array API
standard in a namespace `xp`, and nothing writes into an array, so that NumPy and other libraries run the same code.

    >>> from sympy import Symbol
    >>> a, b = Symbol("a"), Symbol("b")
    >>> ArrayPrinter().doprint(Plus(Matmul(a, Axes(b, 1, 0)), Minus(Call("exp", b))))
    'a @ b.T - xp.exp(b)'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sympy import Basic, Expr, Integer, Rational, Symbol
from sympy.core.symbol import Str
from sympy.printing.numpy import NumPyPrinter

# Binding strengths of Python's operators, loosest first.
COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = range(6)
NEW = -1  # in Axes: a new axis of length 1


class ArrayNode(Expr):
    """A node of an array expression. Arguments are nodes, symbols, numbers, or strings for names."""

    __slots__ = ()
    is_commutative = True
    strength = ATOM

    def __new__(cls, *args: Any) -> ArrayNode:
        return Expr.__new__(cls, *(Str(a) if isinstance(a, str) else Integer(a) if isinstance(a, int) else a
                                   for a in args))


class Axes(ArrayNode):
    """Axes(x, 1, NEW, 0): x with its axes in another order, NEW for an axis of length 1."""


class Plus(ArrayNode):
    """Sum of arrays, entry by entry; a Minus argument is subtracted."""

    strength = SUM


class Minus(ArrayNode):
    """The negative of an array."""

    strength = UNARY


class Times(ArrayNode):
    """Product of arrays, entry by entry, from left to right."""

    strength = PRODUCT


class Over(ArrayNode):
    """Over(a, b): a / b, entry by entry."""

    strength = PRODUCT


class Raised(ArrayNode):
    """Raised(x, n): x ** n for a number n."""

    strength = POWER


class Compare(ArrayNode):
    """Compare('>=', a, b): a truth value per entry. Complex numbers compare by their real parts first."""

    strength = COMPARE


class Call(ArrayNode):
    """Call('exp', x): a function entry by entry; of Python numbers where all of its arguments are."""


class Along(ArrayNode):
    """Along('max', x, axis, ...): a reduction along some axes."""


class Matmul(ArrayNode):
    """a @ b."""

    strength = PRODUCT


class Tensordot(ArrayNode):
    """Tensordot(n, a, b): summed over the last n axes of a and the first n of b."""


class Reshape(ArrayNode):
    """Reshape(x, n, ...): the same entries as an array of that shape."""


class Item(ArrayNode):
    """Item(x, p, ...): x[p, ...] for single positions and EVERY for a whole axis, one argument per axis of x; or for
    arrays of positions along every axis."""


class Take(ArrayNode):
    """Take(x, p, axis): the rows of x along an axis at a one-dimensional array of positions."""


class Gather(ArrayNode):
    """Gather(x, p, ...): as NumPy's x[p, ...] for arrays of positions of any rank beside EVERY."""


class Scatter(ArrayNode):
    """Scatter(values, size, p): zeros with a leading axis of that size, values[k] added at p[k], repeats included."""


class Length(ArrayNode):
    """Length(x, n): the size of an argument along one axis."""


class Range(ArrayNode):
    """Range(n): 0, 1, ..., n - 1."""


class Cast(ArrayNode):
    """Cast(x, dtype): x, an array or a number, as an array of that type."""


class Dtype(ArrayNode):
    """The common number type of some arguments; the library's own for none."""


class Full(ArrayNode):
    """Full(x, dtype, n, ...): a fresh array of that shape and type, filled with the number x."""


class Spread(ArrayNode):
    """Spread(x, n, ...): a fresh array of that shape, filled with the array x by broadcasting."""


class Fresh(ArrayNode):
    """A copy, so that a result never shares memory with an argument."""


class NumberName(Symbol):
    """The name of a Python number, where other symbols are names of arrays."""

    __slots__ = ()


EVERY = Symbol(":")


def is_number(node: Basic) -> bool:
    """Whether a node is computed from numbers and sizes alone, so that no array and no namespace comes into it."""
    if isinstance(node, Length | NumberName | Str) or node.is_Number:
        return True
    return isinstance(node, Plus | Minus | Times | Over | Raised | Compare | Call) and all(map(is_number, node.args))


class ArrayPrinter(NumPyPrinter):
    """Writes array nodes as a person would write them, with the namespace as `xp`; NumPy, as `np`, computes numbers."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": False, "inline": True})

    def _in(self, node: Basic, strength: int, strict: bool = False) -> str:
        own = _strength(node)
        shown = str(self._print(node))
        return f"({shown})" if own < strength or (strict and own == strength) else shown

    def _list(self, nodes: Iterable[Basic]) -> str:
        return ", ".join(self._print(n) for n in nodes)

    def _print_Symbol(self, e: Symbol) -> str:
        return str(e.name)

    def _print_Rational(self, e: Rational) -> str:
        return repr(float(e)) if _is_short(e) else f"{e.p} / {e.q}"

    def _print_Axes(self, e: Axes) -> str:
        order = [int(n) for n in e.args[1:]]
        while order and order[0] == NEW:
            order = order[1:]
        kept = [n for n in order if n != NEW]
        shown = self._in(e.args[0], ATOM)
        if kept != sorted(kept):
            order_kept = f"({', '.join(map(str, kept))})"
            shown = f"{shown}.T" if kept == [1, 0] else f"xp.permute_dims({self._print(e.args[0])}, {order_kept})"
        if len(kept) < len(order):
            shown += f"[{', '.join('None' if n == NEW else ':' for n in order)}]"
        return shown

    def _print_Plus(self, e: Plus) -> str:
        shown = self._in(e.args[0], SUM)
        for term in e.args[1:]:
            if isinstance(term, Minus):
                shown += f" - {self._in(term.args[0], SUM, strict=True)}"
            elif term.is_Number and term.is_negative:
                shown += f" - {self._print(-term)}"
            else:
                shown += f" + {self._in(term, SUM, strict=True)}"
        return shown

    def _print_Minus(self, e: Minus) -> str:
        return f"-{self._in(e.args[0], POWER)}"

    def _print_Times(self, e: Times) -> str:
        first, *others = e.args
        start = self._in(first, UNARY if isinstance(first, Matmul) else PRODUCT)
        return " * ".join([start, *(self._in(a, PRODUCT, strict=True) for a in others)])

    def _print_Over(self, e: Over) -> str:
        above = self._in(e.args[0], UNARY if isinstance(e.args[0], Matmul) else PRODUCT)
        return f"{above} / {self._in(e.args[1], PRODUCT, strict=True)}"

    def _print_Raised(self, e: Raised) -> str:
        return f"{self._in(e.args[0], POWER, strict=True)} ** {self._in(e.args[1], POWER, strict=True)}"

    def _print_Compare(self, e: Compare) -> str:
        return f"{self._in(e.args[1], SUM)} {e.args[0].name} {self._in(e.args[2], SUM)}"

    def _print_Call(self, e: Call) -> str:
        shown = f"{e.args[0].name}({self._list(e.args[1:])})"
        return f"float(np.{shown})" if is_number(e) else f"xp.{shown}"  # a NumPy scalar would widen float32 arrays

    def _print_Along(self, e: Along) -> str:
        axes = e.args[2:]
        along = f"({self._list(axes)})" if len(axes) > 1 else self._print(axes[0])
        return f"xp.{e.args[0].name}({self._print(e.args[1])}, axis={along})"

    def _print_Matmul(self, e: Matmul) -> str:
        left = self._in(e.args[0], PRODUCT if isinstance(e.args[0], Matmul) else UNARY)
        return f"{left} @ {self._in(e.args[1], UNARY)}"

    def _print_Tensordot(self, e: Tensordot) -> str:
        return f"xp.tensordot({self._list(e.args[1:])}, axes={e.args[0]})"

    def _print_Reshape(self, e: Reshape) -> str:
        return f"xp.reshape({self._print(e.args[0])}, {self._shape(e.args[1:])})"

    def _print_Item(self, e: Item) -> str:
        return f"{self._in(e.args[0], ATOM)}[{self._list(e.args[1:])}]"

    def _print_Take(self, e: Take) -> str:
        return f"xp.take({self._list(e.args[:2])}, axis={e.args[2]})"

    def _print_Gather(self, e: Gather) -> str:
        positions = list(e.args[1:])
        while positions[-1] == EVERY:
            positions.pop()
        shown = ["None" if p == EVERY else str(self._print(p)) for p in positions]
        return f"gather(xp, {', '.join([str(self._print(e.args[0])), *shown])})"

    def _print_Scatter(self, e: Scatter) -> str:
        return f"scatter(xp, {self._list(e.args)})"

    def _print_Length(self, e: Length) -> str:
        return f"{self._print(e.args[0])}.shape[{e.args[1]}]"

    def _print_Range(self, e: Range) -> str:
        return f"xp.arange({self._print(e.args[0])})"

    def _print_Cast(self, e: Cast) -> str:
        return f"xp.asarray({self._print(e.args[0])}, dtype={self._print(e.args[1])})"

    def _print_Dtype(self, e: Dtype) -> str:
        return f"xp.result_type({self._list(e.args)})" if e.args else "float"

    def _print_Full(self, e: Full) -> str:
        value, dtype, *shape = e.args
        return f"xp.full({self._shape(shape)}, {self._print(value)}, dtype={self._print(dtype)})"

    def _print_Spread(self, e: Spread) -> str:
        return f"1 * xp.broadcast_to({self._print(e.args[0])}, {self._shape(e.args[1:])})"

    def _print_Fresh(self, e: Fresh) -> str:
        return f"1 * {self._in(e.args[0], PRODUCT, strict=True)}"  # the standard has copies, NumPy before 2.0 not so

    def _shape(self, sizes: Sequence[Basic]) -> str:
        return f"({self._list(sizes)}{',' if len(sizes) == 1 else ''})"


def _strength(node: Basic) -> int:
    if isinstance(node, ArrayNode):
        return node.strength
    if isinstance(node, Rational):
        return UNARY if node.is_negative else ATOM if node.is_Integer or _is_short(node) else PRODUCT
    return ATOM


def _is_short(number: Rational) -> bool:
    return bool(Rational(float(number)) == number)


# --- what is computed once --------------------------------------------------------------------------------------------


def shared(expressions: tuple[Basic, ...], names: Mapping[Basic, str], taken: Iterable[str],
           ) -> tuple[list[tuple[Symbol, Basic]], tuple[Basic, ...]]:
    """Assignments and rest: a node that is used twice, or that has a name, gets a line of its own.

    names: node -> what it is called (a number is added where a name is taken).
    """
    uses: dict[Basic, int] = {}
    for expression in expressions:
        _count(expression, uses)
    assignments: list[tuple[Symbol, Basic]] = []
    written: dict[Basic, Basic] = {}
    used = set(taken)

    def rewritten(node: Basic) -> Basic:
        if not isinstance(node, ArrayNode):
            return node
        if node not in written:
            body = node.func(*(rewritten(a) for a in node.args))
            if _deserves_line(node, uses[node], names):
                name = _fresh_name(names.get(node) or _NAMES.get(type(node), "t"), used)
                symbol = (NumberName if is_number(body) else Symbol)(name)
                assignments.append((symbol, body))
                body = symbol
            written[node] = body
        return written[node]

    results = tuple(rewritten(e) for e in expressions)
    return assignments, results


def _count(node: Basic, uses: dict[Basic, int]) -> None:
    if isinstance(node, ArrayNode):
        uses[node] = uses.get(node, 0) + 1
        if uses[node] == 1:
            for argument in node.args:
                _count(argument, uses)


def _deserves_line(node: ArrayNode, uses: int, names: Mapping[Basic, str]) -> bool:
    if isinstance(node, Length) or (isinstance(node, Axes) and not isinstance(node.args[0], ArrayNode)):
        return False
    if isinstance(node, Minus) and not isinstance(node.args[0], ArrayNode):
        return uses > 1
    return uses > 1 or node in names


_NAMES: dict[type, str] = {Matmul: "product", Tensordot: "product", Dtype: "dtype", Range: "positions", Cast: "hot",
                           Gather: "rows", Take: "rows", Item: "rows"}


def _fresh_name(wanted: str, used: set[str]) -> str:
    name, number = wanted, 1
    while name in used:
        number += 1
        name = f"{wanted}{number}"
    used.add(name)
    return name


def cse_by(names: Mapping[Basic, str], taken: Iterable[str]) -> Callable[[Any], tuple[Any, Any]]:
    """`shared` in the form that the `cse` argument of `lambdify` expects."""

    def cse(expressions: Any) -> tuple[Any, Any]:
        return shared(tuple(expressions), names, taken)

    return cse


ZERO, ONE = Integer(0), Integer(1)
