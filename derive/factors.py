"""Polynomials taken apart: content, scale, irreducible factors, and how a denominator reduces.

Choices follow the shape of atoms before their number, so that renaming bound indices does not change them.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from typing import Any

import sympy

from derive.atoms import Atom, Coefficient, Monomial, Poly, poly_atoms, skeleton, whole


class Pivot:
    """How q p = 1 reduces q: by the leading part of p in one atom, and for negative powers by its trailing part.

    weights: what an atom adds to the degree of a monomial; degree: by how much that of the leading part is above that
    of the trailing one; leading, trailing: (monomial, coefficient, the rest of p) where that part of p is a single
    monomial, else None.
    """

    __slots__ = ("degree", "leading", "trailing", "weights")

    def __init__(self, weights: dict[Atom, int], degree: Coefficient, leading: Any, trailing: Any) -> None:
        self.weights, self.degree, self.leading, self.trailing = weights, degree, leading, trailing

    def part(self, m: Monomial) -> Any:
        """The part of p by which a product of q and m reduces; None where it stays."""
        degree = _degree(m, self.weights)
        return self.leading if degree >= self.degree else self.trailing if degree < 0 else None


def pivot_of(p: Poly) -> Pivot:
    best: tuple[Any, Pivot] | None = None
    for atom in poly_atoms(p):
        pivot = _pivot_by(p, {atom: 1})
        if atom.kind == "delta" or pivot.leading is None:
            continue
        # By shape before number, so that renaming bound indices keeps the choice.
        rank = (pivot.trailing is None, atom.kind == "sum", pivot.degree != 1, skeleton(atom), atom.number)
        if best is None or rank < best[0]:
            best = rank, pivot
    return best[1] if best else _pivot_by_order(p)


def _pivot_by_order(p: Poly) -> Pivot:
    """Where no atom alone has a single leading part: the lexicographic order of monomials, written as weights.

    A quotient by p has one remainder with degrees from 0 to below the degree of p, for any weights under which both
    ends of p are single monomials (Laurent polynomials, in atoms that have inverses and no relations).
    """
    atoms = sorted(poly_atoms(p), key=lambda a: (skeleton(a), a.number))
    if any(atom.kind in ("delta", "sign", "root") for atom in atoms):
        return Pivot({}, 1, None, None)
    exponents = [Fraction(e) for m in p for _, e in m]
    # More than exponents of one atom can differ by, counted in their smallest unit: no two degrees are equal.
    base = 2 + 2 * int(max(map(abs, exponents)) * lcm(*(e.denominator for e in exponents)))
    return _pivot_by(p, {atom: base**n for n, atom in enumerate(atoms)})


def _pivot_by(p: Poly, weights: dict[Atom, int]) -> Pivot:
    degrees = {m: _degree(m, weights) for m in p}
    lowest, highest = min(degrees.values()), max(degrees.values())
    heads, tails = ([m for m, d in degrees.items() if d == end] for end in (highest, lowest))
    return Pivot(weights, highest - lowest, _part(p, heads), _part(p, tails))


def _degree(m: Monomial, weights: dict[Atom, int]) -> Coefficient:
    return sum((e * weights[a] for a, e in m if a in weights), 0)


def _part(p: Poly, found: list[Monomial]) -> Any:
    return (found[0], p[found[0]], {m: c for m, c in p.items() if m != found[0]}) if len(found) == 1 else None


def content(p: Poly) -> Monomial:
    """The largest monomial that divides every term, negative powers included."""
    lowest: dict[Atom, Coefficient] = {}
    for atom in poly_atoms(p):
        low = min(next((e for a, e in m if a is atom), 0) for m in p)
        if low and atom.kind != "delta":
            lowest[atom] = low
    return tuple(sorted(lowest.items(), key=lambda item: item[0].number))


def scale(p: Poly) -> Coefficient:
    """The number that divided out leaves coprime whole coefficients, the first of them positive."""
    denominators = lcm(*(Fraction(c).denominator for c in p.values()))
    numerators = gcd(*(int(c * denominators) for c in p.values()))
    first = p[min(p, key=monomial_order)] if len(p) > 1 else next(iter(p.values()))
    return whole(Fraction(numerators if first > 0 else -numerators, denominators))


def monomial_order(m: Monomial) -> tuple[Any, ...]:
    """By shape before number, so that renaming bound indices keeps the order where shapes differ."""
    return sorted((skeleton(a), e) for a, e in m), tuple((a.number, e) for a, e in m)


def plainly_irreducible(p: Poly) -> bool:
    """Whether some atom occurs in one term only, to the first power: then a content-free p has no factors."""
    for atom in poly_atoms(p):
        found = [e for m in p for a, e in m if a is atom]
        if len(found) == 1 and found[0] == 1:
            return True
    return False


def factorised(p: Poly) -> tuple[Coefficient, list[tuple[Poly, int]]]:
    atoms = sorted(poly_atoms(p))
    if len(p) > 60 or len(atoms) > 12:
        return 1, [(p, 1)]
    scales = [lcm(*(Fraction(e).denominator for m in p for a, e in m if a is atom)) for atom in atoms]
    where = {atom: n for n, atom in enumerate(atoms)}
    symbols = sympy.symbols(f"t0:{len(atoms)}")
    terms: dict[tuple[int, ...], Any] = {}
    for m, c in p.items():
        exponents = [0] * len(atoms)
        for a, e in m:
            exponents[where[a]] = int(e * scales[where[a]])
        if max(exponents) > 40:
            return 1, [(p, 1)]
        terms[tuple(exponents)] = sympy.Rational(Fraction(c).numerator, Fraction(c).denominator)
    number, factors = sympy.Poly.from_dict(terms, *symbols).factor_list()
    found = []
    for factor, power in factors:
        back: Poly = {}
        for exponents, c in factor.terms():
            m = tuple((a, whole(Fraction(int(e), s))) for a, e, s in zip(atoms, exponents, scales, strict=True) if e)
            back[m] = whole(Fraction(int(c.p), int(c.q)))
        found.append((back, int(power)))
    return whole(Fraction(int(number.p), int(number.q))), found


def ratio(p: Poly, q: Poly) -> Coefficient | None:
    """c with p = c q, if there is one."""
    if p.keys() != q.keys():
        return None
    ratios = {Fraction(c) / q[m] for m, c in p.items()}
    return ratios.pop() if len(ratios) == 1 else None


def square_part(value: Fraction) -> tuple[Coefficient, Coefficient]:
    """(a, b) with value = a^2 b and b square-free where that is cheap to see."""
    outside, under = Fraction(1), Fraction(1)
    for number, sign in ((value.numerator, 1), (value.denominator, -1)):
        if number > 10**12:
            under *= Fraction(number) ** sign
            continue
        for prime, e in sympy.factorint(number).items():
            outside *= Fraction(int(prime)) ** (sign * (int(e) // 2))
            under *= Fraction(int(prime)) ** (sign * (int(e) % 2))
    return whole(outside), whole(under)
