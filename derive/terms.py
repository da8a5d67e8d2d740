"""Tensor terms: the notation a person writes, and the one table that says what it means entry by entry.

A Term is a small syntax tree (an operation, its arguments, its axes). It prints as it was written; `component` gives
the scalar expression of one entry. Axes are checked at construction, so an ill-typed term does not exist.

    >>> V, D = Axis("V"), Axis("D")
    >>> U, v, o = tensor("U", V, D), tensor("v_c", D), Index("o", V)
    >>> yhat = softmax(U @ v)
    >>> J = -log(yhat[o])
    >>> grad(J, v) == U.T @ (yhat - onehot(o))
    grad(-log(softmax(U @ v_c)[o]), v_c) == U.T @ (softmax(U @ v_c) - onehot(o))
    >>> U @ yhat
    Traceback (most recent call last):
    derive.errors.AxisError: U @ softmax(U @ v_c): axis D on the left meets axis V on the right; ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy import Expr, Integer, Rational, Tuple

from derive.components import (
    Absolute,
    Axis,
    Delta,
    Entry,
    Formal,
    FunctionSymbol,
    Grad,
    IfPositive,
    Index,
    IndexLike,
    Let,
    MapAt,
    MapSymbol,
    Maximum,
    Root,
    Sigma,
    Slot,
    Softmax,
    Sum,
    TensorSymbol,
    axes_text,
    axis_of,
    finite,
    free_indices,
    fresh_index,
)
from derive.errors import AxisError, OutsideTheory

if TYPE_CHECKING:
    from derive.claims import Claim

Number = int | Fraction


class Term:
    """A tensor expression. Immutable; made by the functions of this module and by operators, as in NumPy.

    op: name of the operation, a key of `MEANING`; args: its arguments; axes: axes of the result, outermost first.
    `@`, `+`, `-`, `*`, `/`, `**`, `.T` and indexing follow NumPy; axes meet by name and nothing broadcasts silently:
    only a plain number (as in `1 - yhat`) and a scalar factor (as in `alpha * x`) act on every entry.
    """

    __slots__ = ("_free", "_hash", "args", "axes", "op")
    op: str
    args: tuple[Any, ...]
    axes: tuple[Axis, ...]
    _hash: int
    _free: frozenset[Index]

    def __init__(self, op: str, args: tuple[Any, ...], axes: tuple[Axis, ...]) -> None:
        object.__setattr__(self, "op", op)
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "axes", axes)
        object.__setattr__(self, "_hash", hash((op, args, axes)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Term is immutable: {name} cannot be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return Term, (self.op, self.args, self.axes)

    def __hash__(self) -> int:
        return self._hash

    def same(self, other: Term) -> bool:
        """Whether the two are written the same."""
        return self is other or (
            self._hash == other._hash and self.op == other.op and self.axes == other.axes
            and len(self.args) == len(other.args)
            and all(a.same(b) if isinstance(a, Term) and isinstance(b, Term) else bool(a == b)
                    for a, b in zip(self.args, other.args, strict=True))
        )

    def __eq__(self, other: object) -> Claim:  # type: ignore[override]
        """The claim that both sides are equal; its truth value says only whether they are written the same."""
        if not isinstance(other, Term | int | Fraction):
            return NotImplemented
        from derive.claims import Claim

        return Claim(self, as_term(other))

    def __repr__(self) -> str:
        from derive.rendering import text

        return text(self)

    def __add__(self, other: Term | Number) -> Term:
        return _joined("add", self, other)

    def __radd__(self, other: Number) -> Term:
        return _joined("add", other, self)

    def __sub__(self, other: Term | Number) -> Term:
        return _joined("sub", self, other)

    def __rsub__(self, other: Number) -> Term:
        return _joined("sub", other, self)

    def __mul__(self, other: Term | Number) -> Term:
        return _joined("mul", self, other)

    def __rmul__(self, other: Number) -> Term:
        return _joined("mul", other, self)

    def __truediv__(self, other: Term | Number) -> Term:
        return _joined("div", self, other)

    def __rtruediv__(self, other: Number) -> Term:
        return _joined("div", other, self)

    def __neg__(self) -> Term:
        return Term("neg", (self,), self.axes)

    def __pow__(self, exponent: Number) -> Term:
        if not isinstance(exponent, int | Fraction):
            raise AxisError(f"exponent {exponent!r}", "a whole number or a Fraction", "x ** 2")
        return Term("pow", (self, exponent), self.axes)

    def __matmul__(self, other: Term) -> Term:
        if not self.axes or not other.axes:
            raise AxisError(f"{_shown('matmul', self, other)}: {axes_text(self.axes)} @ {axes_text(other.axes)}",
                            "at least one axis on each side", "* for a scalar factor")
        if self.axes[-1] != other.axes[0]:
            raise AxisError(
                f"{_shown('matmul', self, other)}: axis {self.axes[-1]} on the left meets axis {other.axes[0]} on the "
                "right",
                f"the last axis of {axes_text(self.axes)} to be the first of {axes_text(other.axes)}",
                _transpose_hint(self, other),
            )
        return Term("matmul", (self, other), self.axes[:-1] + other.axes[1:])

    @property
    def T(self) -> Term:
        """The transpose: axes in reverse order. A vector is its own transpose, as in NumPy."""
        return self if len(self.axes) < 2 else Term("transpose", (self,), self.axes[::-1])

    def __getitem__(self, key: IndexLike | tuple[IndexLike, ...]) -> Term:
        indices = key if isinstance(key, tuple) else (key,)
        found = tuple(axis_of(i) for i in indices)
        if found != self.axes[: len(found)]:
            raise AxisError(f"{self!r}[{', '.join(map(str, indices))}] with indices on {axes_text(found)}",
                            f"indices on the leading axes of {axes_text(self.axes)}", "an index of that axis")
        return Term("item", (self, indices), self.axes[len(found):])

    def __iter__(self) -> None:
        raise TypeError("a Term has a symbolic size and cannot be iterated over")

    def along(self, axis: Axis) -> Term:
        """The same term repeated along a new leading axis: broadcasting, said aloud."""
        return Term("along", (self,), (axis, *self.axes))

    @property
    def free(self) -> frozenset[Index]:
        """The indices that are free in the term."""
        try:
            return self._free
        except AttributeError:
            object.__setattr__(self, "_free", _free(self))
            return self._free


def _shown(op: str, left: Term, right: Term) -> str:
    """Two operands with the sign between them, though they do not meet."""
    return repr(Term(op, (left, right), ()))


def _transpose_hint(left: Term, right: Term) -> str:
    if len(left.axes) == 2 and left.axes[0] == right.axes[0]:
        return "the transpose of the left factor"
    if len(right.axes) == 2 and left.axes[-1] == right.axes[1]:
        return "the transpose of the right factor"
    if len(left.axes) == len(right.axes) == 1:
        return "outer(a, b) for the matrix of all products"
    return "the factors in the other order"


def as_term(value: Term | Number) -> Term:
    """A Term as it is, a number as a scalar Term."""
    if isinstance(value, Term):
        return value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Term("number", (Fraction(value),), ())
    raise AxisError(f"{value!r} (type {type(value).__name__})", "a Term, an int or a Fraction", "Fraction(1, 2)")


def _joined(op: str, left: Term | Number, right: Term | Number) -> Term:
    a, b = as_term(left), as_term(right)
    if a.axes == b.axes:
        return Term(op, (a, b), a.axes)
    if a.op == "number" or (op == "mul" and not a.axes):
        return Term(op, (a, b), b.axes)
    if b.op == "number" or (op in ("mul", "div") and not b.axes):
        return Term(op, (a, b), a.axes)
    hint = ".T on one side" if a.axes == b.axes[::-1] else ".along(axis), ones(axis) or outer(a, b) to add an axis"
    raise AxisError(f"{_shown(op, a, b)}: axes {axes_text(a.axes)} on the left, {axes_text(b.axes)} on the right",
                    "the same axes on both sides", hint)


# --- what a person writes -------------------------------------------------------------------------------------------


def tensor(name: str, *axes: Axis) -> Term:
    """A variable: a scalar, vector, matrix, ... whose entries are independent real variables."""
    return Term("tensor", (TensorSymbol(name, *axes),), axes)


def number(value: Number) -> Term:
    """A rational number."""
    return as_term(value)


def size(axis: Axis) -> Term:
    """The number of positions along an axis."""
    return Term("size", (axis,), ())


def delta(i: IndexLike, j: IndexLike) -> Term:
    """Kronecker delta of two indices of one axis: 1[i = j]."""
    Delta(i, j)
    return Term("delta", (i, j), ())


def onehot(index: IndexLike) -> Term:
    """The vector that is 1 at the index and 0 elsewhere; axes (axis of the index,)."""
    return Term("onehot", (index,), (axis_of(index),))


def ones(*axes: Axis) -> Term:
    """The tensor of ones."""
    return Term("ones", (), axes)


def zeros(*axes: Axis) -> Term:
    """The tensor of zeros."""
    return Term("zeros", (), axes)


def identity(axis: Axis) -> Term:
    """The identity matrix; axes (axis, axis)."""
    return Term("identity", (), (axis, axis))


def diag(vector: Term) -> Term:
    """The diagonal matrix of a vector; axes (n,) to (n, n)."""
    _expect_rank(vector, 1, "diag")
    return Term("diag", (vector,), vector.axes * 2)


def outer(left: Term, right: Term) -> Term:
    """All products of an entry of one with an entry of the other; axes of left, then of right."""
    return Term("outer", (left, right), left.axes + right.axes)


def exp(x: Term) -> Term:
    """Exponential of every entry."""
    return Term("exp", (as_term(x),), as_term(x).axes)


def log(x: Term) -> Term:
    """Natural logarithm of every entry."""
    return Term("log", (as_term(x),), as_term(x).axes)


def sigma(x: Term) -> Term:
    """Logistic function 1 / (1 + e^-x) of every entry."""
    return Term("sigma", (as_term(x),), as_term(x).axes)


def sqrt(x: Term) -> Term:
    """Nonnegative square root of every entry."""
    return Term("sqrt", (as_term(x),), as_term(x).axes)


def absolute(x: Term) -> Term:
    """Absolute value of every entry."""
    return Term("abs", (as_term(x),), as_term(x).axes)


def sign(x: Term) -> Term:
    """x / |x|, defined away from 0."""
    return Term("sign", (as_term(x),), as_term(x).axes)


def norm(x: Term) -> Term:
    """Euclidean norm over all axes: a scalar."""
    return Term("norm", (x,), ())


def maximum(a: Term | Number, b: Term | Number) -> Term:
    """The larger of the two, entry by entry; same axes, or a plain number."""
    return _joined("maximum", a, b)


def where_positive(condition: Term, above: Term | Number, below: Term | Number) -> Term:
    """`above` where the condition is > 0, `below` where it is < 0; same axes. Where it is 0, both must agree."""
    a, b = as_term(above), as_term(below)
    for side in (a, b):
        if side.op != "number" and side.axes != condition.axes:
            raise AxisError(f"where_positive({condition!r}, {a!r}, {b!r}): {axes_text(side.axes)}",
                            f"axes {axes_text(condition.axes)} in all three", ".along(axis) to add an axis")
    return Term("where", (condition, a, b), condition.axes)


def softmax(x: Term) -> Term:
    """exp(x_i) / sum_j exp(x_j) along the last axis."""
    if not x.axes:
        raise AxisError(f"softmax({x!r}) of a scalar", "at least one axis", "a vector tensor('x', Axis('n'))")
    return Term("softmax", (x,), x.axes)


def sum_over(index: Index, body: Term) -> Term:
    """Sum of body over every position of the index, which is bound; axes as body."""
    if not isinstance(index, Index):
        raise AxisError(f"a sum over {index!r}", "an Index to bind", "Index('k', Axis('K'))")
    return Term("sum", (index, body), body.axes)


def total(x: Term) -> Term:
    """Sum of all entries: a scalar."""
    return Term("total", (x,), ())


def cross_entropy(target: Term, prediction: Term) -> Term:
    """-sum_i y_i log(yhat_i) over all axes: a scalar."""
    if target.axes != prediction.axes:
        raise AxisError(f"cross_entropy({target!r}, {prediction!r}): axes {axes_text(target.axes)} and "
                        f"{axes_text(prediction.axes)}", "the same axes", "target and prediction over one axis")
    return Term("cross_entropy", (target, prediction), ())


def let(name: str, definition: Term) -> Term:
    """A name for a term: prints as the name, means the term, and can be differentiated with respect to."""
    return Term("let", (TensorSymbol(name, *definition.axes), definition), definition.axes)


def parameters(*variables: Term) -> Term:
    """How many numbers the given tensors hold, from their axes: a scalar in axis sizes."""
    return Term("parameters", variables, ())


def grad(value: Term, variable: Term) -> Term:
    """Derivative of every entry of `value` by every entry of `variable`; axes of value, then of variable.

    variable: a tensor, a `let` (then value is read as a function of that intermediate result), or some of its
    leading entries, as in grad(J, U[o]).
    """
    base, indices = (variable.args if variable.op == "item" else (variable, ()))
    if base.op not in ("tensor", "let"):
        raise AxisError(f"grad by {variable!r}", "a tensor, a let, or an item of one", "let('h', ...) to name it first")
    return Term("grad", (value, base, indices), value.axes + base.axes[len(indices):])


class Function:
    """An abstract real function of indices and tensors, such as a loss F(o, v, U).

    signature: per slot an Axis (an index of it) or a tuple of axes (a tensor with those axes).

        >>> V, D = Axis("V"), Axis("D")
        >>> F = Function("F", V, (D,), (V, D))
        >>> F(Index("o", V), tensor("v", D), tensor("U", V, D))
        F(o, v, U)
    """

    def __init__(self, name: str, *signature: Axis | tuple[Axis, ...]) -> None:
        self.symbol = FunctionSymbol(name, *signature)

    def __call__(self, *arguments: IndexLike | Term) -> Term:
        return Term("function", (self.symbol, self._checked(arguments), None), ())

    def partial(self, slot: int) -> Callable[..., Term]:
        """The gradient by one tensor slot (counted from 0), as a function of the same arguments."""
        axes = self.symbol.signature[slot]
        if not isinstance(axes, tuple):
            raise AxisError(f"slot {slot} of {self.symbol.name} holds an index", "a slot that holds a tensor",
                            "the number of a tensor slot, counted from 0")
        return lambda *arguments: Term("function", (self.symbol, self._checked(arguments), slot), axes)

    def _checked(self, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        wanted = self.symbol.signature
        found = tuple(a.axes if isinstance(a, Term) else axis_of(a) for a in arguments)
        if found != wanted:
            show = ", ".join(axes_text(f) if isinstance(f, tuple) else f"index of {f}" for f in wanted)
            raise AxisError(f"{self.symbol.name}({', '.join(map(str, arguments))})", f"arguments ({show})",
                            "the slots in the order of the signature")
        return arguments


def index_map(name: str, source: Axis, target: Axis) -> MapSymbol:
    """A map of positions to positions, such as the word at each place of a window. Repetition is allowed."""
    return MapSymbol(name, source, target)


def _expect_rank(x: Term, rank: int, name: str) -> None:
    if len(x.axes) != rank:
        raise AxisError(f"{name}({x!r}) with axes {axes_text(x.axes)}", f"{rank} axis", "a vector")


# --- what it means, entry by entry ------------------------------------------------------------------------------------

Indices = tuple[IndexLike, ...]


Opened = tuple[Term, dict[Index, IndexLike]]


class Scope:
    """Names in force while a term is unfolded: renamed binders, and `let`s read as variables.

    renamed: free index of the term -> index it stands for outside; opaque: lets that stay variables, with their
    definition and what the free indices of that definition stood for where the gradient by the let began.
    """

    __slots__ = ("opaque", "renamed", "taken")

    def __init__(self, renamed: Mapping[Index, Index], opaque: Mapping[TensorSymbol, Opened],
                 taken: frozenset[Index]) -> None:
        self.renamed, self.opaque, self.taken = renamed, opaque, taken

    def index(self, index: IndexLike) -> IndexLike:
        """What an index written in the term is called outside."""
        if isinstance(index, MapAt):
            return MapAt(index.args[0], self.index(index.args[1]))
        return self.renamed.get(index, index)

    def bind(self, index: Index, *indices: IndexLike) -> tuple[Index, Scope]:
        """A name for a new binder that captures nothing, and the scope inside it."""
        taken = self.taken.union(*(free_indices(i) for i in indices))
        fresh = fresh_index(index, taken)
        return fresh, Scope({**self.renamed, index: fresh}, self.opaque, taken | {fresh})

    def holding(self, *indices: IndexLike) -> Scope:
        """The same scope, in which the given indices are in use."""
        return Scope(self.renamed, self.opaque, self.taken.union(*(free_indices(i) for i in indices)))

    def opening(self, symbol: TensorSymbol, definition: Term) -> Scope:
        """The same scope, in which a let is read as a variable."""
        indices = {i: self.index(i) for i in definition.free}
        return Scope(self.renamed, {**self.opaque, symbol: (definition, indices)}, self.taken)


def component(term: Term, indices: Indices = (), scope: Scope | None = None) -> Expr:
    """The scalar expression of one entry of a term.

    indices: one per axis of the term, in order.
    """
    if scope is None:
        taken = term.free.union(*(free_indices(i) for i in indices))
        scope = Scope({}, {}, taken)
    row = MEANING.get(term.op)
    if row is None:
        raise OutsideTheory(f"the operation {term.op!r}", f"one of {', '.join(MEANING)}", "a function of derive.terms")
    return row(term, indices, scope)


def _each(term: Term, indices: Indices, scope: Scope, op: Callable[..., Expr]) -> Expr:
    """An elementwise operation: a scalar argument stands at every position."""
    return op(*(component(a, indices if a.axes else (), scope) for a in term.args))


def _bind_axes(axes: tuple[Axis, ...], indices: Indices, scope: Scope) -> tuple[Indices, Scope]:
    bound: list[Index] = []
    for axis in axes:
        index, scope = scope.bind(Index(f"{axis.name.lower()}_", axis), *indices)
        bound.append(index)
    return tuple(bound), scope


def _summed(bound: Indices, body: Expr) -> Expr:
    for index in reversed(bound):
        body = Sum(index, body)
    return body


def _matmul(t: Term, ix: Indices, s: Scope) -> Expr:
    left, right = t.args
    (k,), inner = _bind_axes((left.axes[-1],), ix, s)
    cut = len(left.axes) - 1
    return Sum(k, component(left, (*ix[:cut], k), inner) * component(right, (k, *ix[cut:]), inner))


def _softmax(t: Term, ix: Indices, s: Scope) -> Expr:
    (j,), inner = _bind_axes((t.axes[-1],), ix, s)
    return Softmax(component(t.args[0], ix, s), j, component(t.args[0], (*ix[:-1], j), inner))


def _sum(t: Term, ix: Indices, s: Scope) -> Expr:
    index, inner = s.bind(t.args[0], *ix)
    return Sum(index, component(t.args[1], ix, inner))


def _total(t: Term, s: Scope, entry: Callable[..., Expr]) -> Expr:
    bound, inner = _bind_axes(t.args[0].axes, (), s)
    return _summed(bound, entry(*(component(a, bound, inner) for a in t.args)))


def _item(t: Term, ix: Indices, s: Scope) -> Expr:
    fixed = tuple(s.index(i) for i in t.args[1])
    return component(t.args[0], fixed + ix, s.holding(*ix))


def _let(t: Term, ix: Indices, s: Scope) -> Expr:
    symbol, definition = t.args
    if symbol not in s.opaque:
        return component(definition, ix, s)
    _, indices = s.opaque[symbol]
    moved = [i for i, meant in indices.items() if s.index(i) != meant]
    if moved:
        raise OutsideTheory(f"a gradient by {symbol.name}, whose definition has the index {moved[0]} that is bound "
                            "inside", "a definition with its own axis for that index",
                            f"let({symbol.name!r}, ...) of the whole vector")
    return Entry(symbol, *ix)


def _slot(t: Term, s: Scope) -> Slot:
    bound, inner = _bind_axes(t.axes, (), s)
    return Slot(*bound, component(t, bound, inner))


def _grad(t: Term, ix: Indices, s: Scope) -> Expr:
    value, base, fixed = t.args
    cut = len(value.axes)
    symbol = base.args[0]
    at = (*(s.index(i) for i in fixed), *ix[cut:])
    inner = s.holding(*ix)
    for name, (definition, _) in s.opaque.items():
        if symbol in variables(definition):
            raise OutsideTheory(f"a gradient by {symbol.name} inside one by {name.name}, which depends on it",
                                f"a gradient by {symbol.name} of the unfolded expression",
                                f"the definition of {name.name} in its place")
    if base.op == "tensor":
        return Grad(component(value, ix[:cut], inner), Entry(symbol, *at))
    body = component(value, ix[:cut], inner.opening(symbol, base.args[1]))
    if symbol in s.opaque:  # an outer gradient by the same let already says what it stands for
        return Grad(body, Entry(symbol, *at))
    return Let(symbol, _slot(base.args[1], inner), Grad(body, Entry(symbol, *at)))


def _function(t: Term, ix: Indices, s: Scope) -> Expr:
    symbol, arguments, slot = t.args
    inner = s.holding(*ix)
    values = Tuple(*(_slot(a, inner) if isinstance(a, Term) else s.index(a) for a in arguments))
    return Formal(symbol, values, Tuple() if slot is None else Tuple(Tuple(Integer(slot), *ix)))


def _parameters(t: Term) -> Expr:
    return sympy.Add(*(sympy.Mul(*(axis.size for axis in v.axes)) for v in t.args))


def _rational(value: Number) -> Expr:
    return Rational(value.numerator, value.denominator)


# One row per operation: (term, indices of the entry, scope) -> the entry.
MEANING: dict[str, Callable[[Term, Indices, Scope], Expr]] = {
    "tensor":        lambda t, ix, s: Entry(t.args[0], *ix),
    "number":        lambda t, ix, s: _rational(t.args[0]),
    "size":          lambda t, ix, s: t.args[0].size,
    "delta":         lambda t, ix, s: Delta(s.index(t.args[0]), s.index(t.args[1])),
    "onehot":        lambda t, ix, s: Delta(ix[0], s.index(t.args[0])),
    "ones":          lambda t, ix, s: Integer(1),
    "zeros":         lambda t, ix, s: Integer(0),
    "identity":      lambda t, ix, s: Delta(ix[0], ix[1]),
    "diag":          lambda t, ix, s: Delta(ix[0], ix[1]) * component(t.args[0], ix[:1], s.holding(ix[1])),
    "along":         lambda t, ix, s: component(t.args[0], ix[1:], s.holding(ix[0])),
    "transpose":     lambda t, ix, s: component(t.args[0], ix[::-1], s),
    "item":          _item,
    "let":           _let,
    "add":           lambda t, ix, s: _each(t, ix, s, lambda a, b: a + b),
    "sub":           lambda t, ix, s: _each(t, ix, s, lambda a, b: a - b),
    "mul":           lambda t, ix, s: _each(t, ix, s, lambda a, b: a * b),
    "div":           lambda t, ix, s: _each(t, ix, s, lambda a, b: a * finite(b**-1)),
    "neg":           lambda t, ix, s: _each(t, ix, s, lambda a: -a),
    "pow":           lambda t, ix, s: finite(component(t.args[0], ix, s) ** _rational(t.args[1])),
    "exp":           lambda t, ix, s: _each(t, ix, s, sympy.exp),
    "log":           lambda t, ix, s: finite(_each(t, ix, s, sympy.log)),
    "sigma":         lambda t, ix, s: _each(t, ix, s, Sigma),
    "sqrt":          lambda t, ix, s: _each(t, ix, s, Root),
    "abs":           lambda t, ix, s: _each(t, ix, s, Absolute),
    "sign":          lambda t, ix, s: _each(t, ix, s, lambda a: a / Absolute(a)),
    "maximum":       lambda t, ix, s: _each(t, ix, s, Maximum),
    "where":         lambda t, ix, s: _each(t, ix, s, IfPositive),
    "outer":         lambda t, ix, s: (component(t.args[0], ix[:len(t.args[0].axes)], s.holding(*ix))
                                       * component(t.args[1], ix[len(t.args[0].axes):], s.holding(*ix))),
    "matmul":        _matmul,
    "softmax":       _softmax,
    "sum":           _sum,
    "total":         lambda t, ix, s: _total(t, s, lambda a: a),
    "norm":          lambda t, ix, s: Root(_total(t, s, lambda a: a**2)),
    "cross_entropy": lambda t, ix, s: -_total(t, s, lambda y, p: y * finite(sympy.log(p))),
    "parameters":    lambda t, ix, s: _parameters(t),
    "grad":          _grad,
    "function":      _function,
}


def subterms(*terms: Term) -> Iterator[Term]:
    """The terms and every term inside them, each once, however often it is shared."""
    queue: list[Any] = list(terms)
    seen: set[int] = set()
    while queue:
        part = queue.pop()
        if isinstance(part, tuple):
            queue.extend(part)
        elif isinstance(part, Term) and id(part) not in seen:
            seen.add(id(part))
            yield part
            queue.extend(part.args)


def unfolded(term: Term) -> Term:
    """The term with every `let` replaced by what it means; as it is where something is differentiated by a `let`."""
    if any(part.op == "grad" and part.args[1].op == "let" for part in subterms(term)):
        return term
    made: dict[int, Term] = {}

    def unfold(part: Any) -> Any:
        if isinstance(part, tuple):
            return tuple(map(unfold, part))
        if not isinstance(part, Term):
            return part
        if id(part) not in made:
            made[id(part)] = unfold(part.args[1]) if part.op == "let" else Term(
                part.op, tuple(map(unfold, part.args)), part.axes)
        return made[id(part)]

    return unfold(term)


def variables(term: Term) -> frozenset[TensorSymbol]:
    """Every tensor and let that a term stands on."""
    return frozenset(part.args[0] for part in subterms(term) if part.op in ("tensor", "let"))


def _free(term: Term) -> frozenset[Index]:
    found: set[Index] = set()
    for argument in term.args:
        found |= _free_in(argument)
    return frozenset(found) - ({term.args[0]} if term.op == "sum" else frozenset())


def _free_in(argument: Any) -> frozenset[Index]:
    if isinstance(argument, Term):
        return argument.free
    if isinstance(argument, Index | MapAt):
        return free_indices(argument)
    if isinstance(argument, tuple):
        return frozenset().union(*(_free_in(a) for a in argument))
    return frozenset()
