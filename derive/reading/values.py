"""What a piece of written mathematics stands for: a typed term, and how it lies on the page.

Matrix notation says with rows and columns what components say with indices. A `Value` is a term together with how it
lies: a scalar, a column, a row, a matrix, `open` for a vector whose author leaves that open (a gradient), `block` for
three axes and more. Operations here follow the notation of papers; one that does not type raises `Mistyped` with the
shapes of both sides.

    >>> V, D = Axis("V"), Axis("D")
    >>> u, v = Value(tensor("u", D), COLUMN), Value(tensor("v", D), COLUMN)
    >>> [each.term for each in product(transposed(u), v, "")]
    [u @ v]
    >>> [each.term for each in product(u, transposed(v), "")]
    [outer(u, v)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from derive.components import Axis, Index, TensorSymbol
from derive.errors import GradproofError
from derive.rendering import text
from derive.terms import (
    Term,
    as_term,
    grad,
    number,
    onehot,
    ones,
    outer,
    subterms,
    sum_over,
    tensor,
    zeros,
)

SCALAR, COLUMN, ROW, OPEN, MATRIX, BLOCK = "scalar", "column", "row", "open", "matrix", "block"
ELEMENTWISE = frozenset({"\\circ", "\\odot", "\\star"})
GRADIENTS, ALONG, ACROSS = "gradients of vectors", "they lie as their variables", "they lie across their variables"
NUMERATOR, DENOMINATOR = "one row for each entry that is differentiated", "one column for each of them"


class Mistyped(Exception):
    """Two parts do not go together, whatever they are worth; the text says what each is."""


class Unsupported(Exception):
    """Readable, but beyond what can be given a meaning; never evidence against the author."""


class Unknown(Unsupported):
    """A name that nothing gives a meaning to."""


@dataclass(frozen=True)
class Reading:
    """How something written was understood. offered: it repairs a lost or garbled mark."""

    written: str
    read_as: str
    offered: bool = False


@dataclass(frozen=True, eq=False)
class Value:
    """A typed term and how it lies on the page.

    lies: one of the words above; readings: what had to be decided on the way; needs: conventions it rests on, as
    pairs (which, how); assumed: names whose type was only guessed.
    """

    term: Term
    lies: str
    readings: tuple[Reading, ...] = ()
    needs: frozenset[tuple[str, str]] = frozenset()
    assumed: frozenset[str] = frozenset()

    @property
    def literal(self) -> Fraction | None:
        """The number it is, if it was written as one."""
        term, sign = self.term, 1
        while term.op == "neg":
            term, sign = term.args[0], -sign
        return sign * Fraction(term.args[0]) if term.op == "number" else None

    @property
    def rank(self) -> int:
        """How many axes."""
        return len(self.term.axes)

    @property
    def offered(self) -> bool:
        """Whether a lost or garbled mark had to be repaired."""
        return any(reading.offered for reading in self.readings)

    def noted(self, *readings: Reading) -> Value:
        """The same value, with more said about how it was read."""
        return replace(self, readings=merged(self.readings, readings))

    def needing(self, which: str, how: str) -> Value:
        """The same value, resting on a convention."""
        return replace(self, needs=self.needs | {(which, how)})


def merged(*several: Iterable[Reading]) -> tuple[Reading, ...]:
    """Readings in order, each once."""
    return tuple(dict.fromkeys(reading for readings in several for reading in readings))


def described(value: Value) -> str:
    """What a value is, for a person: `a column over D`, `a V x D matrix`.

    >>> described(Value(tensor("U", Axis("V"), Axis("D")), MATRIX))
    'a V x D matrix'
    """
    names = [axis.name for axis in value.term.axes]
    if not names:
        return "a scalar"
    if value.rank == 1:
        return {COLUMN: f"a column over {names[0]}", ROW: f"a row over {names[0]}"}.get(
            value.lies, f"a vector over {names[0]}")
    return f"a {' x '.join(names)} {'matrix' if value.rank == 2 else 'array'}"


def lying(term: Term, vector: str = OPEN) -> Value:
    """A term as a value; vector: how it lies if it has one axis."""
    return Value(term, (SCALAR, vector, MATRIX)[len(term.axes)] if len(term.axes) < 3 else BLOCK)


def constant(value: int | Fraction) -> Value:
    """A number."""
    return Value(number(value), SCALAR)


def consistent(*values: Value) -> bool:
    """Whether no two of them rest on conventions that exclude each other, and letters keep their axis."""
    chosen: dict[str, str] = {}
    for value in values:
        for which, how in value.needs:
            if chosen.setdefault(which, how) != how:
                return False
    axes: dict[str, Axis] = {}
    return all(axes.setdefault(i.name, i.axis) == i.axis for value in values for i in value.term.free
               if not i.name.isdigit())


def combined(term: Term, lies: str, *parts: Value) -> Value:
    """A value made of others: what they rest on, it rests on."""
    if not consistent(*parts):
        raise Mistyped("the parts need conventions, or axes of one index, that exclude each other")
    return Value(
        term, lies, merged(*(part.readings for part in parts)),
        frozenset().union(*(part.needs for part in parts)), frozenset().union(*(part.assumed for part in parts)),
    )


# --- sums -------------------------------------------------------------------------------------------------------------


def added(left: Value, right: Value, sign: str) -> Value:
    """left + right or left - right; a number or a plain scalar variable acts on every entry of a tensor."""
    left, right = _broadcast(left, right), _broadcast(right, left)
    if left.term.axes != right.term.axes:
        raise Mistyped(f"{described(left)} {sign} {described(right)}")
    lies = _agreed(left, right)
    if lies is None:
        raise Mistyped(f"{described(left)} {sign} {described(right)}")
    term = left.term + right.term if sign == "+" else left.term - right.term
    return combined(term, lies, left, right)


def _broadcast(value: Value, beside: Value) -> Value:
    if value.rank or not beside.rank:
        return value
    literal = value.literal
    if literal is not None:
        term = zeros(*beside.term.axes) if literal == 0 else literal * ones(*beside.term.axes)
        return replace(value, term=term, lies=beside.lies)
    if value.term.op == "tensor":
        said = Reading(text(value.term), f"{text(value.term)} on every entry")
        return replace(value, term=value.term * ones(*beside.term.axes), lies=beside.lies).noted(said)
    return value


def _agreed(left: Value, right: Value) -> str | None:
    if left.lies == right.lies or right.lies == OPEN:
        return left.lies
    return right.lies if left.lies == OPEN else None


def negated(value: Value) -> Value:
    """-value."""
    return replace(value, term=-value.term)


# --- products ---------------------------------------------------------------------------------------------------------


def product(left: Value, right: Value, sign: str) -> list[Value]:
    """Everything `left sign right` can mean; sign "" is juxtaposition.

    Mistyped: nothing.
    """
    if not left.rank or not right.rank:
        return [combined(left.term * right.term, right.lies if right.rank else left.lies, left, right)]
    found = list(_products(left, right, sign))
    if not found:
        raise Mistyped(f"{described(left)} {_said(sign)} {described(right)}")
    return found


def _said(sign: str) -> str:
    return {"": "times", "(": "times", "\\cdot": "times", "\\times": "times", "*": "times", ".": "times"}.get(
        sign, sign.lstrip("\\"))


def _products(left: Value, right: Value, sign: str) -> Iterable[Value]:
    a, b = left.term, right.term
    if sign in ELEMENTWISE:
        if a.axes == b.axes and _agreed(left, right):
            yield combined(a * b, _agreed(left, right) or OPEN, left, right)
        return
    if sign == "\\otimes":
        if left.rank == right.rank == 1:
            yield combined(outer(a, b), MATRIX, left, right)
        return
    if left.rank == right.rank == 1:
        yield from _vector_products(left, right, sign)
    elif left.rank <= 2 and right.rank <= 2:
        yield from _matrix_products(left, right, sign)
    elif right.rank > 2 and a.axes[-1] == b.axes[0]:
        yield combined(a @ b, lying(a @ b).lies, left, right)
    elif left.rank > 2 and right.rank == 1 and a.axes[0] == b.axes[0]:
        yield combined(b @ a, lying(b @ a).lies, left, right)


def _vector_products(left: Value, right: Value, sign: str) -> Iterable[Value]:
    a, b = left.term, right.term
    if a.axes == b.axes:
        beside = left.lies != COLUMN and right.lies != ROW and not left.lies == right.lies == OPEN
        if beside or (sign == "\\cdot" and left.lies == right.lies):
            yield combined(a @ b, SCALAR, left, right)
        if _agreed(left, right):
            said = Reading(f"a product of two vectors over {a.axes[0]}", "entry by entry")
            yield combined(a * b, _agreed(left, right) or OPEN, left, right).noted(said)
    if left.lies != ROW and right.lies != COLUMN:
        yield combined(outer(a, b), MATRIX, left, right)


def _matrix_products(left: Value, right: Value, sign: str) -> Iterable[Value]:
    a, b = left.term, right.term
    if a.axes[-1] == b.axes[0] and (left.rank == 2 or left.lies != COLUMN) and (right.rank == 2 or right.lies != ROW):
        result = a @ b
        lies = MATRIX if len(result.axes) == 2 else (COLUMN if left.rank == 2 else ROW)
        yield combined(result, lies, left, right)
    if left.rank == right.rank == 2 and a.axes == b.axes and sign in (".", "*"):
        yield combined(a * b, MATRIX, left, right)


def divided(left: Value, right: Value) -> Value:
    """left / right: by a scalar, or entry by entry."""
    if not right.rank:
        return combined(left.term / right.term, left.lies, left, right)
    if not left.rank and left.literal is not None:
        return combined(as_term(left.literal) / right.term, right.lies, left, right)
    if left.term.axes == right.term.axes and _agreed(left, right):
        return combined(left.term / right.term, _agreed(left, right) or OPEN, left, right)
    raise Mistyped(f"{described(left)} divided by {described(right)}")


def raised(value: Value, exponent: Fraction) -> Value:
    """A power of every entry; a square matrix would be multiplied with itself, which is not meant here."""
    if value.rank > 1:
        raise Unsupported(f"a power of {described(value)}")
    return replace(value, term=value.term**exponent)


def each_entry(function: Callable[[Term], Term], value: Value) -> Value:
    """A function of every entry."""
    return replace(value, term=function(value.term))


def transposed(value: Value) -> Value:
    """The transpose: a column becomes a row."""
    turned = {COLUMN: ROW, ROW: COLUMN}.get(value.lies, value.lies)
    if value.lies == BLOCK:
        raise Unsupported("the transpose of an array with three axes")
    return replace(value, term=value.term.T, lies=turned)


def summed(index: Index, body: Value) -> Value:
    """The sum of a body over an index."""
    return replace(body, term=sum_over(index, body.term))


# --- derivatives ------------------------------------------------------------------------------------------------------


def derivatives(value: Value, variable: Value) -> list[Value]:
    """What the derivative of a value by a variable can mean.

    A gradient of a scalar has the shape of the variable; how a vector lies stays open. A Jacobian has one row for each
    entry differentiated, or one column; of two vectors over one axis it may mean the entries on its diagonal.

    Mistyped: the variable is nothing one can differentiate by. Unsupported: the value is not written in terms of it.
    """
    base, turned = _variable(variable)
    if value.term.op == "number":
        return [combined(zeros(*variable.term.axes) if variable.rank else number(0), _gradient_lies(variable),
                         value, variable)]
    if base.op in ("let", "item") and not _depends(value.term, base):
        raise Unsupported(f"{text(base)} is a name for an intermediate result that {text(value.term)[:60]} is not "
                          "written in")
    whole = grad(value.term, base)
    if not value.rank:
        return _gradients(combined(whole.T if turned else whole, _gradient_lies(variable), value, variable), variable)
    if not variable.rank:
        return [combined(whole, value.lies, value, variable)]
    if value.rank == variable.rank == 1:
        return _jacobians(value, variable, whole, base)
    if value.rank == 1 and variable.rank == 2 and not turned:
        return [combined(whole, BLOCK, value, variable)]
    raise Unsupported(f"the derivative of {described(value)} by {described(variable)}")


def _gradients(made: Value, variable: Value) -> list[Value]:
    """A gradient lies as its variable does, or, by another convention, across."""
    if made.rank != 1 or variable.lies not in (COLUMN, ROW):
        return [made]
    across = {COLUMN: ROW, ROW: COLUMN}[variable.lies]
    return [replace(made, lies=variable.lies).needing(GRADIENTS, ALONG), replace(made, lies=across).needing(
        GRADIENTS, ACROSS)]


def _gradient_lies(variable: Value) -> str:
    return (SCALAR, OPEN, MATRIX)[variable.rank]


def _variable(variable: Value) -> tuple[Term, bool]:
    term, turned = variable.term, False
    if term.op == "transpose":
        term, turned = term.args[0], True
    base = term.args[0] if term.op == "item" else term
    if base.op not in ("tensor", "let"):
        raise Mistyped(f"a derivative by {text(term)}, which is no variable")
    return term, turned


def _depends(term: Term, variable: Term) -> bool:
    base = variable.args[0] if variable.op == "item" else variable
    return base.op == "tensor" or base.args[0] in names_in(term)


def names_in(term: Term) -> frozenset[TensorSymbol]:
    """Every variable and every named intermediate result in a term."""
    return frozenset(part.args[0] for part in subterms(term) if part.op in ("tensor", "let"))


def _jacobians(value: Value, variable: Value, whole: Term, base: Term) -> list[Value]:
    made = combined(whole, MATRIX, value, variable)
    found = [made.needing("Jacobian", NUMERATOR), replace(made, term=whole.T).needing("Jacobian", DENOMINATOR)]
    if value.term.axes == variable.term.axes and base.op != "item":
        axis = value.term.axes[0]
        at = _fresh(axis, value.term, base)
        diagonal = sum_over(at, grad(value.term[at], base[at]) * onehot(at))
        said = Reading("a derivative of a vector by a vector", "the derivative of each entry by its own entry")
        found = [made, combined(diagonal, OPEN, value, variable).noted(said)]
    return found


def _fresh(axis: Axis, *terms: Term) -> Index:
    taken = {index.name for term in terms for index in term.free}
    return Index(next(name for name in ("e", "e1", "e2", "e3", "e4", "e5") if name not in taken), axis)


# --- comparing --------------------------------------------------------------------------------------------------------


def compared(left: Value, right: Value, generous: bool = False, letters: frozenset[str] = frozenset(),
             by_right: bool = True) -> tuple[Value, Value]:
    """Both sides brought to the same axes, so that a claim can be made of them.

    A 0 stands for a tensor of zeros; a vector may be transposed silently, and that is noted. generous: an entry may
    stand for its vector, as an offered reading; letters: those that a definition by cases runs over, which say which
    entry of a vector each case is about; by_right: whether the right side is the one defined by cases.
    Mistyped: the two cannot be compared.
    """
    if letters and {left.rank, right.rank} == {0, 1} and (left if by_right else right).rank:
        return _entry_by_cases(left, right, letters)
    if generous and {left.rank, right.rank} == {0, 1}:
        return _entry_for_vector(left, right)
    for a, b in ((left, right), (right, left)):
        if a.rank and b.literal == 0:
            wide = replace(b, term=zeros(*a.term.axes), lies=a.lies)
            return (left, wide) if b is right else (wide, right)
    if left.term.axes != right.term.axes:
        raise Mistyped(f"{described(left)} set equal to {described(right)}")
    if {left.lies, right.lies} == {COLUMN, ROW}:
        said = Reading("=", f"{described(left)} for {described(right)}: transposed silently")
        return left, right.noted(said)
    if not consistent(left, right):
        raise Mistyped("the two sides need conventions, or axes of one index, that exclude each other")
    return left, right


def _entry_for_vector(left: Value, right: Value) -> tuple[Value, Value]:
    """One side lost its index: the entry at the letter that the other side has."""
    vector, scalar = (left, right) if left.rank else (right, left)
    letters = sorted((i for i in scalar.term.free if i.axis == vector.term.axes[0]), key=str)
    if len(letters) != 1:
        raise Mistyped(f"{described(left)} set equal to {described(right)}")
    shown = text(vector.term)
    picked = replace(vector, term=vector.term[letters[0]], lies=SCALAR).noted(
        Reading(shown[:60], f"its entry {letters[0]}", True))
    return (picked, right) if vector is left else (left, picked)


def _entry_by_cases(left: Value, right: Value, letters: frozenset[str]) -> tuple[Value, Value]:
    """A vector defined by cases: each case is about the entry at the letter that the cases run over."""
    vector, _ = (left, right) if left.rank else (right, left)
    if len(letters) != 1:
        raise Mistyped(f"{described(left)} set equal to {described(right)}")
    index = Index(next(iter(letters)), vector.term.axes[0])
    picked = replace(vector, term=vector.term[index], lies=SCALAR).noted(
        Reading("a vector defined by cases", f"its entry {index}"))
    return (picked, right) if vector is left else (left, picked)


def guarded(make: Callable[[], Value]) -> Value | None:
    """A value, or None where it does not type."""
    try:
        return make()
    except (Mistyped, GradproofError):
        return None


__all__ = [
    "BLOCK", "COLUMN", "DENOMINATOR", "ELEMENTWISE", "MATRIX", "NUMERATOR", "OPEN", "ROW", "SCALAR", "Mistyped",
    "Reading", "Unknown", "Unsupported", "Value", "added", "combined", "compared", "consistent", "constant",
    "derivatives", "described", "divided", "each_entry", "guarded", "lying", "merged", "names_in", "negated", "product",
    "raised", "summed", "tensor", "transposed",
]
