"""The scalar language: SymPy nodes over typed indices.

A tensor expression is, underneath, one scalar SymPy expression per entry. SymPy gives Add, Mul, Pow, exp and log;
this module adds what SymPy lacks or gets wrong: indices that know their axis, sums that bind them, Kronecker deltas
without ranges, entries of tensors, formal derivatives. No node here evaluates itself: meaning lives in
`normal_form` (symbolic), `refuter` (numbers) and nowhere else.

    >>> V = Axis("V")
    >>> x = TensorSymbol("x", V)
    >>> i, j = Index("i", V), Index("j", V)
    >>> Softmax(Entry(x, i), j, Entry(x, j))
    Softmax(x[i], j, x[j])
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sympy import Basic, Expr, S, Tuple
from sympy.core.expr import AtomicExpr

from derive.errors import AxisError, OutsideTheory


@dataclass(frozen=True, order=True)
class Axis:
    """A named axis of symbolic size at least 1. Two axes are the same exactly if their names are."""

    name: str

    @property
    def size(self) -> Size:
        """The number of positions along this axis, a positive integer symbol."""
        return Size(self)

    def __str__(self) -> str:
        return self.name


def axes_text(axes: tuple[Axis, ...]) -> str:
    """Axes as a person reads them.

    >>> axes_text((Axis("V"), Axis("D")))
    '(V, D)'
    """
    return "(" + ", ".join(axis.name for axis in axes) + ")" if axes else "scalar"


class _NamedAtom(AtomicExpr):
    """An atom that is its class, its name and its axes, and pickles as them."""

    __slots__ = ("_content", "axes", "name")
    name: str
    axes: tuple[Axis, ...]
    _content: tuple[str, ...]

    def _named(self, name: str, axes: tuple[Axis, ...]) -> None:
        self.name, self.axes, self._content = name, axes, (name, *(axis.name for axis in axes))

    def _hashable_content(self) -> tuple[str, ...]:
        return self._content

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, _NamedAtom) and type(self) is type(other)
                                 and self._content == other._content)

    __hash__ = AtomicExpr.__hash__

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.name, *self.axes)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), self.__getnewargs__()

    def _sympystr(self, printer: Any) -> str:
        return self.name

    _sympyrepr = _sympystr


class Size(_NamedAtom):
    """The size of an axis."""

    __slots__ = ()
    is_integer = True
    is_positive = True

    def __new__(cls, axis: Axis) -> Size:
        self = AtomicExpr.__new__(cls)
        self._named(axis.name, (axis,))
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.axes

    @property
    def axis(self) -> Axis:
        return self.axes[0]


class Index(_NamedAtom):
    """A position along one axis: free, or bound by the Sum (or Softmax, Slot) that names it."""

    __slots__ = ()
    is_integer = True

    def __new__(cls, name: str, axis: Axis) -> Index:
        if not isinstance(axis, Axis):
            raise AxisError(f"Index({name!r}, {axis!r})", "an Axis as second argument", f'Index({name!r}, Axis("n"))')
        self = AtomicExpr.__new__(cls)
        self._named(name, (axis,))
        return self

    @property
    def axis(self) -> Axis:
        return self.axes[0]


class MapSymbol(_NamedAtom):
    """A map from one axis to another, such as w: K -> V, the word at each position. Repetition is allowed."""

    __slots__ = ()

    def __new__(cls, name: str, source: Axis, target: Axis) -> MapSymbol:
        self = AtomicExpr.__new__(cls)
        self._named(name, (source, target))
        return self

    @property
    def source(self) -> Axis:
        return self.axes[0]

    @property
    def target(self) -> Axis:
        return self.axes[1]

    def __call__(self, position: IndexLike) -> MapAt:
        return MapAt(self, position)


class TensorSymbol(_NamedAtom):
    """A variable tensor with its axes; a scalar has none. Every entry is an independent real variable."""

    __slots__ = ()

    def __new__(cls, name: str, *axes: Axis) -> TensorSymbol:
        self = AtomicExpr.__new__(cls)
        self._named(name, axes)
        return self


class FunctionSymbol(_NamedAtom):
    """An abstract real function, such as a loss F(o, v, U), known only by what its slots hold.

    signature: per slot an Axis (the slot holds an index) or a tuple of axes (the slot holds a tensor).
    """

    __slots__ = ("signature",)
    signature: tuple[Axis | tuple[Axis, ...], ...]

    def __new__(cls, name: str, *signature: Axis | tuple[Axis, ...]) -> FunctionSymbol:
        self = AtomicExpr.__new__(cls)
        self.signature = signature
        self._named(name, tuple(a for slot in signature for a in (slot if isinstance(slot, tuple) else (slot,))))
        self._content = (name, *(slot.name if isinstance(slot, Axis) else "(" + ",".join(a.name for a in slot) + ")"
                                 for slot in signature))
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.name, *self.signature)


class _Node(Expr):
    """A real-valued node with SymPy arguments that never rewrites itself."""

    __slots__ = ()
    is_commutative = True
    is_extended_real = True
    # What nobody knows of a node, said once, so that SymPy does not search for it again at every product.
    is_algebraic = is_antihermitian = is_complex = is_composite = is_even = is_finite = is_hermitian = None
    is_extended_negative = is_extended_nonnegative = is_extended_nonpositive = is_extended_nonzero = None
    is_extended_positive = is_infinite = is_integer = is_irrational = is_negative = is_noninteger = None
    is_nonnegative = is_nonpositive = is_nonzero = is_odd = is_polar = is_positive = is_prime = is_rational = None
    is_real = is_transcendental = is_zero = None

    def _sympystr(self, printer: Any) -> str:
        return f"{type(self).__name__}({', '.join(printer._print(a) for a in self.args)})"


class MapAt(_Node):
    """w(k): the value of an index map at a position."""

    __slots__ = ()

    def __new__(cls, mapping: MapSymbol, position: IndexLike) -> MapAt:
        if axis_of(position) != mapping.source:
            raise AxisError(
                f"{mapping.name}({position}) with {position} on axis {axis_of(position)}",
                f"an index on axis {mapping.source}",
                f'{mapping.name}(Index("k", {mapping.source}))',
            )
        return Expr.__new__(cls, mapping, position)

    @property
    def axis(self) -> Axis:
        return self.args[0].target

    def _sympystr(self, printer: Any) -> str:
        return f"{self.args[0]}({self.args[1]})"


IndexLike = Index | MapAt


INFINITIES = (S.ComplexInfinity, S.NaN, S.Infinity, S.NegativeInfinity)


def finite(e: Basic) -> Basic:
    """e itself; SymPy's infinities are refused where they arise, since it makes 1/zoo a 0 later on.

    OutsideTheory: e has no value anywhere.
    """
    if e in INFINITIES:
        raise OutsideTheory("an expression without a value, such as a division by 0", "a denominator that is not 0",
                            "looking for terms that cancel to 0")
    return e


def axis_of(index: IndexLike) -> Axis:
    """The axis an index runs along.

    AxisError: what was given is no index.
    """
    if not isinstance(index, Index | MapAt):
        raise AxisError(f"{index!r} in the place of an index", "an Index or a map applied to one",
                        'Index("i", Axis("V"))')
    return index.axis


class Entry(_Node):
    """T[i, j]: one entry of a tensor."""

    __slots__ = ()

    def __new__(cls, tensor: TensorSymbol, *indices: IndexLike) -> Entry:
        found = tuple(axis_of(i) for i in indices)
        if found != tensor.axes:
            raise AxisError(
                f"{tensor.name}[{', '.join(map(str, indices))}] with indices on {axes_text(found)}",
                f"indices on {axes_text(tensor.axes)}",
                "one index per axis, in the order of the tensor's axes",
            )
        return Expr.__new__(cls, tensor, *indices)

    @property
    def tensor(self) -> TensorSymbol:
        return self.args[0]

    @property
    def indices(self) -> tuple[IndexLike, ...]:
        return self.args[1:]

    def _sympystr(self, printer: Any) -> str:
        inside = ", ".join(map(str, self.indices))
        return f"{self.tensor}[{inside}]" if inside else str(self.tensor)


class Sum(_Node):
    """Sum(i, body): over every position of i's axis. Binds i in body."""

    __slots__ = ()

    def __new__(cls, index: Index, body: Expr) -> Sum:
        if not isinstance(index, Index):
            raise AxisError(f"a sum over {index!r}", "an Index to bind", "summing over a plain Index")
        return Expr.__new__(cls, index, body)


class Delta(_Node):
    """Kronecker delta: 1 where the two indices of one axis meet, else 0."""

    __slots__ = ()

    def __new__(cls, left: IndexLike, right: IndexLike) -> Delta:
        if axis_of(left) != axis_of(right):
            raise AxisError(f"delta of {left} on {axis_of(left)} and {right} on {axis_of(right)}",
                            "two indices of one axis", "an index of the same axis")
        return Expr.__new__(cls, left, right)


class Sigma(_Node):
    """Logistic function 1 / (1 + exp(-t))."""

    __slots__ = ()

    def __new__(cls, argument: Expr) -> Sigma:
        return Expr.__new__(cls, argument)


class Softmax(_Node):
    """Softmax(a, j, b): exp(a) / Sum(j, exp(b)). Binds j in b, not in a."""

    __slots__ = ()

    def __new__(cls, at: Expr, index: Index, body: Expr) -> Softmax:
        return Expr.__new__(cls, at, index, body)


class Root(_Node):
    """Nonnegative square root."""

    __slots__ = ()

    def __new__(cls, argument: Expr) -> Root:
        return Expr.__new__(cls, argument)


class Absolute(_Node):
    """Absolute value."""

    __slots__ = ()

    def __new__(cls, argument: Expr) -> Absolute:
        return Expr.__new__(cls, argument)


class Maximum(_Node):
    """The larger of two numbers."""

    __slots__ = ()

    def __new__(cls, left: Expr, right: Expr) -> Maximum:
        return Expr.__new__(cls, left, right)


class IfPositive(_Node):
    """IfPositive(c, a, b): a where c > 0, b where c < 0. At c = 0 it has a value only if a = b there."""

    __slots__ = ()

    def __new__(cls, condition: Expr, above: Expr, below: Expr) -> IfPositive:
        return Expr.__new__(cls, condition, above, below)


class Grad(_Node):
    """Grad(body, T[i, j]): derivative of body with respect to one entry. The entry's indices are free outside."""

    __slots__ = ()

    def __new__(cls, body: Expr, entry: Entry) -> Grad:
        return Expr.__new__(cls, body, entry)


class Slot(Basic):
    """Slot(i, j, body): the tensor whose entry at (i, j) is body. An argument of a formal function; binds i, j."""

    __slots__ = ()

    def __new__(cls, *args: Basic) -> Slot:
        return Basic.__new__(cls, *args)

    @property
    def indices(self) -> tuple[Index, ...]:
        return self.args[:-1]

    @property
    def body(self) -> Expr:
        return self.args[-1]


class Let(_Node):
    """Let(T, Slot(i, body), value): value with every entry T[i] standing for body. Binds T in value only."""

    __slots__ = ()

    def __new__(cls, tensor: TensorSymbol, definition: Slot, value: Expr) -> Let:
        return Expr.__new__(cls, tensor, definition, value)


class Formal(_Node):
    """F(args) or one of its partial derivatives, for an abstract F.

    arguments: Tuple with an index or a Slot per slot of F's signature.
    partials: Tuple of Tuples (slot number, index, ...), one per differentiation, naming the entry of that slot.
    """

    __slots__ = ()

    def __new__(cls, function: FunctionSymbol, arguments: Tuple, partials: Tuple) -> Formal:
        return Expr.__new__(cls, function, arguments, partials)


@lru_cache(maxsize=20_000)
def free_indices(node: Basic) -> frozenset[Index]:
    """The indices of a component expression that no binder in it binds.

    >>> V = Axis("V"); i = Index("i", V); j = Index("j", V); x = TensorSymbol("x", V)
    >>> free_indices(Sum(j, Delta(i, j) * Entry(x, j)))
    frozenset({i})
    """
    if isinstance(node, Index):
        return frozenset((node,))
    if isinstance(node, Sum):
        return free_indices(node.args[1]) - {node.args[0]}
    if isinstance(node, Softmax):
        return free_indices(node.args[0]) | (free_indices(node.args[2]) - {node.args[1]})
    if isinstance(node, Slot):
        return free_indices(node.body) - set(node.indices)
    return frozenset().union(*(free_indices(a) for a in node.args))


@lru_cache(maxsize=20_000)
def tensors_of(node: Basic) -> frozenset[TensorSymbol]:
    """Every tensor symbol that is free in a component expression."""
    if isinstance(node, TensorSymbol):
        return frozenset((node,))
    if isinstance(node, Let):
        return (tensors_of(node.args[2]) - {node.args[0]}) | tensors_of(node.args[1])
    return frozenset().union(*(tensors_of(a) for a in node.args))


def fresh_index(wanted: Index, taken: frozenset[Index]) -> Index:
    """An index of the same axis whose name nobody in `taken` has.

    >>> V = Axis("V")
    >>> fresh_index(Index("i", V), frozenset({Index("i", V)}))
    i1
    """
    names = {index.name for index in taken}
    if wanted.name not in names:
        return wanted
    base = wanted.name.rstrip("0123456789")
    number = 1
    while f"{base}{number}" in names:
        number += 1
    return Index(f"{base}{number}", wanted.axis)
