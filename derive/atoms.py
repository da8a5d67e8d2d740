"""Atoms, monomials and polynomials of the normal form: plain data with exact rational coefficients.

An index here is a tuple, `(name, axis)` or `(map, axis, index)` for a mapped one. A monomial is a tuple of
(atom, exponent) sorted by the atom's number; a polynomial maps monomials to coefficients. Atoms are interned by one
Normalizer, so equal atoms are identical and compare by number.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

Coefficient = int | Fraction
IndexKey = tuple[Any, ...]


class Atom:
    """A factor that the normal form does not look into when it multiplies.

    kind: entry, size, delta, exp, log, inverse, sum, root, sign, formal; data: what makes it that atom; free: plain
    indices free in it; height: how deep sums nest in it; positive: whether it is known to be > 0; active: whether
    multiplying by it may rewrite the product; number: its order of creation.
    """

    __slots__ = ("active", "data", "free", "height", "kind", "number", "positive", "shape")

    def __init__(self, number: int, kind: str, data: Any, free: frozenset[IndexKey], height: int, positive: bool,
                 active: bool) -> None:
        self.number, self.kind, self.data = number, kind, data
        self.free, self.height, self.positive, self.active = free, height, positive, active
        self.shape: str | None = None

    def __lt__(self, other: Atom) -> bool:
        return self.number < other.number

    def __repr__(self) -> str:
        return atom_text(self)


Monomial = tuple[tuple[Atom, Coefficient], ...]
Poly = dict[Monomial, Coefficient]

UNIT: Monomial = ()


def constant(value: Coefficient) -> Poly:
    """A number as a polynomial."""
    return {UNIT: value} if value else {}


def add(p: Poly, q: Poly, factor: Coefficient = 1) -> Poly:
    """p + factor q."""
    if not p and factor == 1:
        return q
    result = dict(p)
    accumulate(result, q, factor)
    return result


def accumulate(into: Poly, q: Poly, factor: Coefficient = 1) -> None:
    """Adds factor q to a polynomial in place."""
    for monomial, c in q.items():
        value = into.get(monomial, 0) + c * factor
        if value:
            into[monomial] = value
        else:
            into.pop(monomial, None)


def scaled(p: Poly, factor: Coefficient) -> Poly:
    """factor p."""
    return {m: c * factor for m, c in p.items()} if factor else {}


def merged(a: Monomial, b: Monomial) -> Monomial:
    """The product of two monomials: exponents add, zeros drop."""
    if not a:
        return b
    if not b:
        return a
    i = j = 0
    result: list[tuple[Atom, Coefficient]] = []
    while i < len(a) and j < len(b):
        left, right = a[i], b[j]
        if left[0] is right[0]:
            exponent = left[1] + right[1]
            if exponent:
                result.append((left[0], exponent))
            i += 1
            j += 1
        elif left[0].number < right[0].number:
            result.append(left)
            i += 1
        else:
            result.append(right)
            j += 1
    result.extend(a[i:])
    result.extend(b[j:])
    return tuple(result)


def powered(m: Monomial, exponent: Coefficient) -> Monomial:
    """Every exponent of a monomial times one number."""
    return tuple((a, whole(e * exponent)) for a, e in m)


def whole(value: Coefficient) -> Coefficient:
    """An int where the value is one."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def frozen(p: Poly) -> frozenset[tuple[Monomial, Coefficient]]:
    """A polynomial as a key."""
    return frozenset(p.items())


def poly_atoms(p: Iterable[Monomial]) -> set[Atom]:
    """Every atom that stands as a factor in some monomial."""
    return {a for m in p for a, _ in m}


def poly_free(p: Iterable[Monomial]) -> frozenset[IndexKey]:
    """The plain indices free in a polynomial."""
    return frozenset[IndexKey]().union(*(a.free for m in p for a, _ in m))


def poly_height(p: Iterable[Monomial]) -> int:
    """How deep sums nest in a polynomial."""
    return max((a.height for m in p for a, _ in m), default=0)


def plain(index: IndexKey) -> IndexKey:
    """The plain index inside a mapped one."""
    while len(index) == 3:
        index = index[2]
    return index


def skeleton(atom: Atom) -> str:
    """The shape of an atom: what is left when bound and fresh indices lose their names."""
    if atom.shape is None:
        atom.shape = f"{atom.kind}{_shape(atom.data)}"
    return atom.shape


def _shape(data: Any) -> str:
    if isinstance(data, Atom):
        return skeleton(data)
    if isinstance(data, frozenset):
        return "{" + ",".join(sorted(map(_shape, data))) + "}"
    if isinstance(data, tuple):
        if len(data) == 2 and isinstance(data[0], str) and isinstance(data[1], str):
            return f"{'*' if data[0][0] in '@#' else data[0]}:{data[1]}"
        if data and all(isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], Atom) for part in data):
            return "[" + ",".join(sorted(map(_shape, data))) + "]"
        return "(" + ",".join(map(_shape, data)) + ")"
    return str(data)


def single(atom: Atom) -> Poly:
    """An atom as a polynomial."""
    return {((atom, 1),): 1}


def without(m: Monomial, atom: Atom) -> Monomial:
    """A monomial less one of its atoms."""
    return tuple(factor for factor in m if factor[0] is not atom)


def never_zero(atom: Atom) -> bool:
    """Whether a hypothesis may be divided by it: a x = 0 says nothing of x where a can be 0."""
    match atom.kind:
        case "inverse":
            return True
        case "exp":
            return not any(a.kind == "log" for a, _ in atom.data[0])  # x**(1/3) is 0 at 0
        case "sum":
            return atom.positive and all(never_zero(a) for a, _ in atom.data[1])
        case kind:
            return atom.positive and kind != "root"


def nonnegative_atom(atom: Atom) -> bool:
    """Whether an atom is known to be >= 0."""
    if atom.kind == "sum":
        return all(e % 2 == 0 or nonnegative_atom(a) for a, e in atom.data[1])
    return atom.positive or atom.kind == "delta"


# --- for people -------------------------------------------------------------------------------------------------------


def index_text(index: IndexKey) -> str:
    """An index as text."""
    if len(index) == 3:
        return f"{index[0]}({index_text(index[2])})"
    name, axis = index
    if name[0] not in "@#?":
        return str(name)
    height, position = name[1:].split(".") if name[0] == "#" else ("1", name[1:])
    return f"{axis[0].lower()}{position if position != '0' else ''}" + "'" * (int(height) - 1)


def atom_text(a: Atom) -> str:
    """An atom as text; bound indices show as the first letter of their axis."""
    match a.kind:
        case "entry":
            inside = ", ".join(map(index_text, a.data[1:]))
            return f"{a.data[0].name}[{inside}]" if inside else str(a.data[0].name)
        case "size":
            return str(a.data[0])
        case "delta":
            return f"[{index_text(a.data[0])} = {index_text(a.data[1])}]"
        case "exp":
            return f"exp({monomial_text(a.data[0])})"
        case "sum":
            return f"Sum[{', '.join(map(index_text, a.data[0]))}]({monomial_text(a.data[1])})"
        case "formal":
            return f"{a.data[0].name}<{len(a.data[2])} partials>(..)"
        case "inverse":
            return f"1/({poly_text(dict(a.data[0]))})"
        case _:
            return f"{a.kind}({poly_text(dict(a.data[0]))})"


def monomial_text(m: Monomial) -> str:
    """A monomial as text."""
    return "*".join(atom_text(a) + (f"^{e}" if e != 1 else "") for a, e in m) or "1"


def poly_text(p: Poly) -> str:
    """A polynomial as text, in a stable order."""
    shown = sorted((monomial_text(m), c) for m, c in p.items())
    return " + ".join(m if c == 1 else f"{c}" if m == "1" else f"{c}*{m}" for m, c in shown) or "0"
