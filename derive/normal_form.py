"""The normal form of a component expression, valid for every size of every axis.

A component expression becomes a polynomial with rational coefficients in atoms (atoms.py). Each rewriting below is an
identity wherever both sides are defined, so two expressions with the same normal form are equal:

- e^(a + b) = e^a e^b: an exponential of a sum is a product of exponentials of monomials;
- a denominator that is no monomial becomes an atom q with q p = 1, and that rule reduces q times a leading part of p;
- sums run over fresh indices; deltas contract (ranges are equal by type); each monomial under a sum splits into its
  connected components, each one sum atom, interned up to the names of its bound indices; an index that occurs in no
  factor contributes the size of its axis;
- |a| = s a, max(a, b) = (a + b + s (a - b)) / 2 with s the sign of a (of a - b), s^2 = 1;
- log of a product of positive factors is the sum of their logs;
- hypotheses rewrite entries and sums.

Nothing here imports more of SymPy than its nodes, numbers and factorisation over the integers.

    >>> from derive.terms import tensor, softmax, total, component
    >>> from derive.components import Axis
    >>> n = Axis("n"); x = tensor("x", n)
    >>> print(normal_form_text(component(total(softmax(x)) + total(x))))
    1 + Sum[n](x[n])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import combinations, count, product
from typing import Any

import sympy
from sympy import Basic, Expr

from derive import claims
from derive.atoms import (
    UNIT,
    Atom,
    Coefficient,
    IndexKey,
    Monomial,
    Poly,
    accumulate,
    add,
    constant,
    frozen,
    merged,
    monomial_text,
    never_zero,
    nonnegative_atom,
    plain,
    poly_atoms,
    poly_free,
    poly_height,
    poly_text,
    powered,
    scaled,
    single,
    whole,
    without,
)
from derive.components import (
    Absolute,
    Delta,
    Entry,
    Formal,
    IfPositive,
    Index,
    MapAt,
    Maximum,
    Root,
    Sigma,
    Size,
    Slot,
    Softmax,
    Sum,
    free_indices,
)
from derive.derivative import sigma_unfolded, without_gradients
from derive.errors import OutsideTheory
from derive.factors import Pivot, content, factorised, pivot_of, plainly_irreducible, ratio, scale, square_part
from derive.indices import (
    connected,
    contains,
    index_order,
    indices_of,
    map_key,
    mentions,
    moved_index,
    orders,
    symbol_key,
)
from derive.terms import component

MAX_STEPS = 400_000  # elementary products before giving up; the largest catalogue claim needs about a tenth
MAX_POWER = 12  # of a sum of several terms
MAX_BOUND = 6  # bound indices of one connected sum
Env = dict[Index, IndexKey]


class Normalizer:
    """Computes normal forms under one set of hypotheses.

    side_conditions: what had to be nonzero for the rewritings made, as text; unused: hypotheses that could not be
    solved for one entry or one sum, and were left aside.
    """

    def __init__(self, hypotheses: Iterable[claims.Hypothesis] = ()) -> None:
        self.side_conditions: dict[str, None] = {}
        self.unused: list[str] = []
        self._atoms: dict[tuple[str, Any], Atom] = {}
        self._substituted: dict[tuple[Atom, tuple[tuple[IndexKey, IndexKey], ...]], Poly] = {}
        self._cached: dict[tuple[Basic, tuple[tuple[Index, IndexKey], ...]], Poly] = {}
        self._steps = 0
        self._renamed: dict[IndexKey, IndexKey] = {}
        self._unequal: set[frozenset[IndexKey]] = set()
        self._injective: set[tuple[str, str, str]] = set()
        self._avoids: set[tuple[tuple[str, str, str], IndexKey]] = set()
        self._signs: list[tuple[Poly, bool]] = []  # what is >= 0, and whether it is > 0
        self._entry_rules: list[tuple[Atom, Poly]] = []
        self._sum_rules: list[tuple[Atom, Poly]] = []
        self._inverses: dict[Atom, Pivot] = {}
        self._assume(tuple(hypotheses))

    # --- from expressions ---------------------------------------------------------------------------------------------

    def poly(self, e: Expr) -> Poly:
        """The normal form of a component expression.

        OutsideTheory: the expression is beyond the theory, divides by zero, or the computation grew too large.
        """
        return self._poly(without_gradients(e), {})

    def difference(self, left: Expr, right: Expr) -> Poly:
        """The normal form of left - right, cleared of its denominators: empty exactly if it vanishes."""
        return self._cleared(add(self.poly(left), self.poly(right), -1))[0]

    def _poly(self, e: Basic, env: Env) -> Poly:
        free = free_indices(e) if env else ()
        key = (e, tuple((i, name) for i, name in env.items() if i in free))
        known = self._cached.get(key)
        if known is None:
            known = self._cached[key] = self._convert(e, env)
        return known

    def _convert(self, e: Basic, env: Env) -> Poly:
        if isinstance(e, sympy.Rational):
            return constant(whole(Fraction(int(e.p), int(e.q))))
        row = _ROWS.get(type(e))
        if row is None:
            raise OutsideTheory(f"{e}", "sums, products, powers, exp, log and the nodes of components",
                                "a definition of it in those terms")
        return row(self, e, env)

    def _add(self, e: Basic, env: Env) -> Poly:
        result: Poly = {}
        for a in e.args:
            accumulate(result, self._poly(a, env))
        return result

    def _mul(self, e: Basic, env: Env) -> Poly:
        result = constant(1)
        for a in e.args:
            result = self.product(result, self._poly(a, env))
        return result

    def _pow(self, e: Basic, env: Env) -> Poly:
        base, exponent = e.args
        if isinstance(exponent, sympy.Integer):
            return self.power(self._poly(base, env), int(exponent))
        if isinstance(exponent, sympy.Rational) and exponent.q == 2:
            return self.power(self._root(self._poly(base, env)), int(exponent.p))
        return self._exp(self.product(self._poly(exponent, env), self._log(self._poly(base, env))))

    def _sum(self, e: Basic, env: Env) -> Poly:
        (bound,) = _unused((e.args[0].axis.name,), env.values())
        return self.close((bound,), self._poly(e.args[1], {**env, e.args[0]: bound}))

    def _softmax(self, e: Basic, env: Env) -> Poly:
        at, index, body = e.args
        (bound,) = _unused((index.axis.name,), env.values())
        total = self.close((bound,), self._exp(self._poly(body, {**env, index: bound})))
        return self.product(self._exp(self._poly(at, env)), self.inverse(total))

    def _entry(self, e: Basic, env: Env) -> Poly:
        atom = self._entry_atom(e.args[0], tuple(self._index(i, env) for i in e.args[1:]))
        ruled = self._ruled(self._entry_rules, atom)
        return single(atom) if ruled is None else ruled

    def _entry_atom(self, tensor: Any, indices: tuple[IndexKey, ...]) -> Atom:
        return self._atom("entry", (tensor, *indices), frozenset(map(plain, indices)), 0)

    def _delta(self, e: Basic, env: Env) -> Poly:
        return self._delta_of(self._index(e.args[0], env), self._index(e.args[1], env))

    def _absolute(self, e: Basic, env: Env) -> Poly:
        a = self._poly(e.args[0], env)
        return self.product(self._sign(a), a)

    def _maximum(self, e: Basic, env: Env) -> Poly:
        a, b = (self._poly(x, env) for x in e.args)
        return self._chosen(add(a, b, -1), a, b)

    def _if_positive(self, e: Basic, env: Env) -> Poly:
        c, a, b = (self._poly(x, env) for x in e.args)
        if not c:
            raise OutsideTheory(f"{e}", "a condition that is not identically 0", "the hypothesis x > 0 or x < 0")
        if self.sign_of(c) is None and add(a, b, -1):
            self._condition(c)
        return self._chosen(c, a, b)

    def _chosen(self, condition: Poly, above: Poly, below: Poly) -> Poly:
        half = Fraction(1, 2)
        spread = self.product(self._sign(condition), scaled(add(above, below, -1), half))
        return add(scaled(add(above, below), half), spread)

    def _formal(self, e: Basic, env: Env) -> Poly:
        function, arguments, partials = e.args
        parts: list[Any] = []
        for argument in arguments.args:
            if isinstance(argument, Slot):
                bound = _unused((i.axis.name for i in argument.indices), env.values())
                inside = {**env, **dict(zip(argument.indices, bound, strict=True))}
                parts.append((bound, self._poly(argument.body, inside)))
            else:
                parts.append(self._index(argument, env))
        return self._call(function, parts, [(int(p.args[0]), *(self._index(i, env) for i in p.args[1:]))
                                            for p in partials.args])

    def _call(self, function: Any, parts: list[Any], marks: list[Any]) -> Poly:
        """An abstract function of indices and of bodies with the fresh indices they bind; marks: its partials."""
        slots: list[Any] = []
        free = {plain(i) for mark in marks for i in mark[1:]}
        height = 0
        for part, wanted in zip(parts, function.signature, strict=True):
            if isinstance(wanted, tuple):
                bound, body = part
                free |= poly_free(body) - set(bound)
                slot_height = poly_height(body) + 1
                names = tuple((f"#{slot_height}.{n}", i[1]) for n, i in enumerate(bound))
                slots.append((names, frozen(self.renamed(body, dict(zip(bound, names, strict=True))))))
                height = max(height, slot_height)
            else:
                slots.append(part)
                free.add(plain(part))
        return single(self._atom("formal", (function, tuple(slots), tuple(sorted(marks))), frozenset(free), height))

    def _index(self, index: Basic, env: Env) -> IndexKey:
        if isinstance(index, MapAt):
            inner = self._index(index.args[1], env)
            return self._represented((index.args[0].name, index.axis.name, inner))
        found = env.get(index)
        return found if found is not None else self._represented((index.name, index.axis.name))

    def _represented(self, index: IndexKey) -> IndexKey:
        while index in self._renamed:
            index = self._renamed[index]
        return index

    def _moved(self, index: IndexKey, mapping: dict[IndexKey, IndexKey]) -> IndexKey:
        """What an index becomes, and what that is by hypothesis: w(k) for k = j is o where w(j) = o."""
        moved = moved_index(index, mapping)
        if len(moved) == 3:
            moved = moved[0], moved[1], self._moved(moved[2], {})
        return self._represented(moved)

    # --- products -----------------------------------------------------------------------------------------------------

    def product(self, p: Poly, q: Poly) -> Poly:
        """p q."""
        if len(p) == 1 and UNIT in p:
            return scaled(q, p[UNIT])
        if len(q) == 1 and UNIT in q:
            return scaled(p, q[UNIT])
        result: Poly = {}
        for (m, c), (k, d) in product(p.items(), q.items()):
            self._count()
            accumulate(result, self._reduced(merged(m, k)), c * d)
        return result

    def power(self, p: Poly, exponent: int) -> Poly:
        """p to a whole power."""
        if exponent < 0:
            return self.power(self.inverse(p), -exponent)
        if len(p) == 1:
            ((m, c),) = p.items()
            return scaled(self._reduced(powered(m, exponent)), c**exponent) if exponent < 10_000 else self._huge()
        if exponent > MAX_POWER:
            self._huge()
        result = constant(1)
        for _ in range(exponent):
            result = self.product(result, p)
        return result

    def _huge(self) -> Poly:
        raise OutsideTheory("a power too large to expand", f"exponents up to {MAX_POWER} of a sum", "a smaller power")

    def _count(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise OutsideTheory("an expression whose normal form grows too large",
                                f"at most {MAX_STEPS} elementary products", "splitting the step into smaller ones")

    def _reduced(self, m: Monomial) -> Poly:
        """A monomial rewritten until no rule of its atoms applies."""
        for atom, exponent in m:
            if atom.active:
                rewritten = _REDUCTIONS[atom.kind](self, m, atom, exponent)
                if rewritten is not None:
                    self._count()
                    return rewritten
        return {m: 1}

    def _times(self, m: Monomial, p: Poly) -> Poly:
        return self.product({m: 1}, p)

    def _reduce_delta(self, m: Monomial, atom: Atom, exponent: Coefficient) -> Poly | None:
        if exponent < 0:
            raise OutsideTheory(f"division by {atom}", "a denominator that is not 0 for most indices")
        low, high = atom.data
        rest = without(m, atom)
        if any(mentions(a, high) for a, _ in rest):
            moved = constant(1)
            for a, e in rest:
                moved = self.product(moved, self._substituted_power(a, e, {high: low}))
            return self.product(moved, single(atom))
        return None if exponent == 1 else self._reduced(merged(rest, ((atom, 1),)))

    def _reduce_inverse(self, m: Monomial, atom: Atom, exponent: Coefficient) -> Poly | None:
        rest = without(m, atom)
        if exponent < 0:
            return self._times(rest, self.power(dict(atom.data[0]), int(-exponent)))
        for other, e in rest:
            if other.kind == "inverse" and e > 0:
                apart = self._apart(atom, other)
                if apart is not None:
                    return self._times(merged(m, ((atom, -1), (other, -1))), apart)
        pivot = self._inverses[atom]
        if len(pivot.weights) > 1 and any(a.kind == "inverse" and _related(a, atom) for a, _ in rest):
            return None  # two rules that each undo the other's work
        part = pivot.part(rest)
        if part is None:
            return None
        # q (c m0 + others) = 1, so q m0 = (1 - q others) / c. Multiplied out before reducing, or it would undo itself.
        monomial, c, others = part
        outside = merged(merged(rest, ((atom, exponent - 1),) if exponent > 1 else UNIT), powered(monomial, -1))
        result = dict(self._reduced(outside))
        for other, d in others.items():
            self._count()
            accumulate(result, self._reduced(merged(outside, merged(((atom, 1),), other))), -d)
        return scaled(result, whole(Fraction(1) / c))

    def _apart(self, first: Atom, second: Atom) -> Poly | None:
        """q1 q2 as a sum where the denominators differ by a number d: p2 - a p1 = d, so q1 q2 = (q1 - a q2) / d."""
        p, q = dict(first.data[0]), dict(second.data[0])
        shared = next((m for m in p if m and m in q), None)
        if shared is None:
            return None
        slope = whole(Fraction(q[shared]) / p[shared])
        rest = add(q, p, -slope)
        if len(rest) != 1 or UNIT not in rest:
            return None
        return scaled(add(single(first), single(second), -slope), whole(Fraction(1) / rest[UNIT]))

    def _reduce_sign(self, m: Monomial, atom: Atom, exponent: Coefficient) -> Poly | None:
        if exponent == 1:
            return None
        rest = without(m, atom)
        return self._reduced(merged(rest, ((atom, 1),)) if exponent % 2 else rest)

    def _reduce_root(self, m: Monomial, atom: Atom, exponent: Coefficient) -> Poly | None:
        if exponent == 1:
            return None
        pairs, odd = divmod(int(exponent), 2)
        rest = merged(without(m, atom), ((atom, 1),) if odd else UNIT)
        return self._times(rest, self.power(dict(atom.data[0]), pairs))

    # --- denominators -------------------------------------------------------------------------------------------------

    def inverse(self, p: Poly) -> Poly:
        """1 / p.

        OutsideTheory: p is 0.
        """
        if not p:
            raise OutsideTheory("division by an expression that is 0", "a denominator that is not 0")
        p, cleared = self._cleared(p)
        result: Poly = {cleared: 1}
        coefficient, common, factors = self._factors(p)
        for atom, _ in common:
            if not atom.positive and atom.kind != "sign":
                self._condition(single(atom))
        result = self._times(powered(common, -1), scaled(result, whole(Fraction(1) / coefficient)))
        for factor, e in factors:
            if len(factor) == 1:
                raise OutsideTheory(f"division by {poly_text(factor)}", "a denominator that is not 0 for most indices")
            result = self._times(((self._inverse_atom(factor), e),), result)
        return result

    def _cleared(self, p: Poly) -> tuple[Poly, Monomial]:
        """(N, M) with p M = N, where M is a product of the denominators d of inverse atoms of p: N has none.

        M comes back as a product of inverse atoms to negative powers turned positive: 1/p = M / N.
        """
        moved: Monomial = UNIT
        for _ in range(51):
            inverses = [a for a in poly_atoms(p) if a.kind == "inverse"]
            if not inverses:
                return p, moved
            atom = max(inverses)
            highest = max(e for m in p for a, e in m if a is atom)
            denominator = dict(atom.data[0])
            result: Poly = {}
            for m, c in p.items():
                e = next((e for a, e in m if a is atom), 0)
                accumulate(result, self._times(without(m, atom), self.power(denominator, int(highest - e))), c)
            p, moved = result, merged(moved, ((atom, -highest),))
        raise OutsideTheory("denominators nested too deeply", "at most 50 different denominators")

    def _combined(self, p: Poly) -> Poly:
        """p over one denominator, in lowest terms, where denominators that have something in common meet in a product.

        One at a time they reduce well; several of them have relations that no rule of one atom knows.
        """
        if not any(_related(a, b) for m in p for a, b in combinations([a for a, e in m if a.kind == "inverse"], 2)):
            return p
        p, cleared = self._cleared(p)
        left: Monomial = UNIT
        for atom, e in cleared:
            for power in range(int(-e), 0, -1):
                divided = self._times(((atom, 1),), p)
                if any(a is atom for a in poly_atoms(divided)):
                    left = merged(left, ((atom, power),))
                    break
                p = divided
        return self._times(left, p)

    def _factors(self, p: Poly) -> tuple[Coefficient, Monomial, list[tuple[Poly, int]]]:
        """p as coefficient x common monomial x irreducible primitive polynomials to powers."""
        common = content(p)
        back = powered(common, -1)
        p = {merged(m, back): c for m, c in p.items()}
        unit = scale(p)
        p = scaled(p, whole(Fraction(1) / unit))
        if len(p) == 1:
            return unit, common, [] if UNIT in p else [(p, 1)]  # deltas, which can be 0
        if plainly_irreducible(p):
            return unit, common, [(p, 1)]
        number, factors = factorised(p)
        found = []
        for factor, e in factors:
            sign = scale(factor)
            number = number * sign**e
            found.append((scaled(factor, whole(Fraction(1) / sign)), e))
        return whole(unit * number), common, found

    def _inverse_atom(self, p: Poly) -> Atom:
        atom = self._atom("inverse", (frozen(p),), poly_free(p), poly_height(p), self._positive(p), True)
        if atom not in self._inverses:
            self._inverses[atom] = pivot_of(p)
            if not atom.positive:
                self._condition(p)
        return atom

    def _condition(self, p: Poly) -> None:
        self.side_conditions[f"{poly_text(p)} != 0"] = None

    # --- exp, log, roots, signs ---------------------------------------------------------------------------------------

    def _exp(self, p: Poly) -> Poly:
        result = constant(1)
        for m, c in self._combined(p).items():
            if len(m) == 1 and m[0][0].kind == "log" and m[0][1] == 1 and whole(c) == int(c):
                factor = self.power(dict(m[0][0].data[0]), int(c))
            elif any(a.kind == "delta" for a, _ in m):  # e^(d a) = 1 + d (e^a - 1), for d is 0 or 1
                where = tuple((a, e) for a, e in m if a.kind == "delta")
                there = self._exp({tuple((a, e) for a, e in m if a.kind != "delta"): c})
                factor = add(self._times(where, add(there, constant(1), -1)), constant(1))
            else:
                free, height = poly_free((m,)), poly_height((m,))
                factor = {((self._atom("exp", (m,), free, height, True), whole(c)),): 1}
            result = self.product(result, factor)
        return result

    def _log(self, p: Poly) -> Poly:
        if not p:
            raise OutsideTheory("log of 0", "a positive argument")
        p, cleared = self._cleared(p)
        coefficient, common, factors = self._factors(p)
        common = merged(common, powered(cleared, -1))
        result: Poly = {}
        unknown: list[tuple[Poly, Coefficient]] = []
        for atom, e in common:
            if not atom.positive:
                unknown.append((dict(atom.data[0]), -e) if atom.kind == "inverse" else (single(atom), e))
            elif atom.kind == "exp":
                accumulate(result, {atom.data[0]: e})
            elif atom.kind == "inverse":
                accumulate(result, self._log(dict(atom.data[0])), -e)
            else:
                accumulate(result, self._log_atom(single(atom)), e)
        for factor, e in factors:
            if self._positive(factor):
                accumulate(result, self._log_atom(factor), e)
            else:
                unknown.append((factor, e))
        turn = -1 if all(e < 0 for _, e in unknown) else 1  # log(1 / p) = -log(p), whatever p
        rest = constant(1 if coefficient > 0 else -1)
        for factor, e in unknown:
            rest = self.product(rest, self.power(factor, int(e) * turn))
        accumulate(result, self._log_number(abs(Fraction(coefficient))))
        if rest != constant(1):
            if len(rest) == 1 and UNIT in rest:
                raise OutsideTheory("log of a negative number", "a positive argument")
            accumulate(result, self._log_atom(rest), turn)
        return result

    def _log_atom(self, p: Poly) -> Poly:
        return single(self._atom("log", (frozen(p),), poly_free(p), poly_height(p)))

    def _log_number(self, value: Coefficient) -> Poly:
        value = Fraction(value)
        if max(value.numerator, value.denominator) > 10**12:
            return self._log_atom(constant(whole(value)))
        result: Poly = {}
        for number, sign in ((value.numerator, 1), (value.denominator, -1)):
            for prime, e in sympy.factorint(number).items():
                accumulate(result, self._log_atom(constant(int(prime))), sign * int(e))
        return result

    def _root(self, p: Poly) -> Poly:
        if not p:
            return {}
        p, cleared = self._cleared(p)
        coefficient, common, factors = self._factors(p)
        common = merged(common, powered(cleared, -1))
        outside, under = square_part(abs(Fraction(coefficient)))
        result, inside = constant(outside), constant(under if coefficient > 0 else -under)
        for part, e in [(single(a), e) for a, e in common] + factors:
            kind = next(iter(part))[0][0].kind if len(part) == 1 else ""
            if kind == "exp":
                result = self._times(powered(next(iter(part)), Fraction(e) / 2), result)
            elif kind == "delta":  # its own root
                result = self.product(result, part)
            else:
                half, odd = divmod(int(e), 2)
                if half:
                    magnitude = self.product(self._sign(part), part) if half % 2 else part
                    result = self.product(result, self.power(magnitude, half))
                if odd:
                    inside = self.product(inside, part)
        if inside != constant(1):
            result = self.product(result, single(
                self._atom("root", (frozen(inside),), poly_free(inside), poly_height(inside), True, True)))
        return result

    def _sign(self, p: Poly) -> Poly:
        """s with s^2 = 1 and s p = |p|."""
        known = self.sign_of(p)
        if known is not None:
            return constant(known)
        p, cleared = self._cleared(p)
        coefficient, common, factors = self._factors(p)
        common = merged(common, powered(cleared, -1))
        result = constant(1 if coefficient > 0 else -1)
        for part, e in [(single(a), e) for a, e in common] + factors:
            if e % 2:
                known = self.sign_of(part)
                factor = constant(known) if known is not None else single(
                    self._atom("sign", (frozen(part),), poly_free(part), poly_height(part), False, True))
                result = self.product(result, factor)
        return result

    def sign_of(self, p: Poly) -> int | None:
        """1 where p >= 0 is known, -1 where p <= 0 is, None otherwise."""
        if self._nonnegative(p):
            return 1
        return -1 if self._nonnegative(scaled(p, -1)) else None

    def _nonnegative(self, p: Poly) -> bool:
        return _adds_up(p) or any((ratio(p, fact) or 0) > 0 for fact, _ in self._signs)

    def _positive(self, p: Poly) -> bool:
        if (any(all(a.positive for a, _ in m) for m in p) and _adds_up(p)) or self._stays_above(p):
            return True
        return any(strict and (ratio(p, fact) or 0) > 0 for fact, strict in self._signs)

    def _stays_above(self, p: Poly) -> bool:
        """p > 0 by what it is at least: 1 / (c + d) < 1 / c for a number c > 0 and d > 0, under sums as well."""
        least: Poly = {}
        strict = False
        for m, c in p.items():
            bound: Poly | None = {m: 1} if c > 0 else self._at_most(m)
            if bound is None:
                return False
            strict |= c < 0 and all(a.positive for a, _ in m)
            accumulate(least, bound, c)
        return strict and _adds_up(least)

    def _at_most(self, m: Monomial) -> Poly | None:
        """What a product of bounded and of nonnegative factors stays below; None where no factor is bounded."""
        result, found = constant(1), False
        for atom, e in m:
            if e % 2 and not nonnegative_atom(atom):
                return None
            bound = self._bound(atom) if e > 0 else None
            found |= bound is not None
            result = self.product(result, {((atom, e),): 1} if bound is None else self.power(bound, int(e)))
        return result if found else None

    def _bound(self, atom: Atom) -> Poly | None:
        if atom.kind == "inverse":
            denominator = dict(atom.data[0])
            number = denominator.pop(UNIT, 0)
            bounded = number > 0 and all(c > 0 and all(a.positive for a, _ in m) for m, c in denominator.items())
            return constant(whole(Fraction(1) / number)) if bounded else None
        if atom.kind != "sum":
            return None
        names, body = atom.data
        inside = self._at_most(body)
        if inside is None:
            return None
        fresh = _unused((i[1] for i in names), atom.free)
        return self.close(fresh, self.renamed(inside, dict(zip(names, fresh, strict=True))))

    # --- sums ---------------------------------------------------------------------------------------------------------

    def close(self, bound: tuple[IndexKey, ...], p: Poly) -> Poly:
        """The sum of p over every position of the bound indices."""
        result: Poly = {}
        for m, c in self._combined(p).items():
            self._count()
            accumulate(result, self._close_monomial(frozenset(bound), m), c)
        return result

    def _close_monomial(self, bound: frozenset[IndexKey], m: Monomial) -> Poly:
        for atom, _ in m:
            if atom.kind == "delta":
                contracted = self._contracted(bound, m, atom)
                if contracted is not None:
                    return contracted
        for atom, e in m:
            if atom.kind == "sum" and e > 0 and atom.free & bound:
                return self._opened(bound, m, atom, e)
        folded = self._folded(bound, m)
        if folded is not None:
            return folded
        result = constant(1)
        used: set[IndexKey] = set()
        for indices, part in connected(bound, m):
            used |= indices
            factor: Poly = self._sum_atom(tuple(sorted(indices)), part) if indices else {part: 1}
            result = self.product(result, factor)
        for index in bound - used:
            result = self.product(result, self._size(index[1]))
        return result

    def _contracted(self, bound: frozenset[IndexKey], m: Monomial, delta: Atom) -> Poly | None:
        low, high = delta.data
        for index, other in ((high, low), (low, high)):
            if index in bound and plain(other) != index:
                rest = constant(1)
                for a, e in without(m, delta):
                    rest = self.product(rest, self._substituted_power(a, e, {index: other}))
                return self.close(tuple(bound - {index}), rest) if bound - {index} else rest
        return None

    def _opened(self, bound: frozenset[IndexKey], m: Monomial, atom: Atom, e: Coefficient) -> Poly:
        if whole(e) != int(e) or e > MAX_POWER:
            raise OutsideTheory(f"a sum of {atom} to the power {e}", f"whole powers up to {MAX_POWER}")
        names, body = atom.data
        fresh = _unused((i[1] for i in names), bound | poly_free((m,)))
        inside = self.renamed({body: 1}, dict(zip(names, fresh, strict=True)))
        rest = merged(without(m, atom), ((atom, e - 1),) if e > 1 else UNIT)
        if len(bound) + len(fresh) > 3 * MAX_BOUND:
            raise OutsideTheory("too many nested sums", f"at most {3 * MAX_BOUND} bound indices")
        return self.close((*bound, *fresh), self._times(rest, inside))

    def _folded(self, bound: frozenset[IndexKey], m: Monomial) -> Poly | None:
        """Inner sums that equal a known denominator or a hypothesis, replaced by it."""
        wanted = [a for a, e in m if a.kind == "sum" and e < 0]
        if len(bound) < 2 or (not wanted and not self._sum_rules):
            return None
        for index in sorted(bound):
            total = self._close_monomial(frozenset((index,)), tuple((a, e) for a, e in m if index in a.free))
            if not any(a.kind == "sum" and a.free & bound and a not in wanted for a in poly_atoms(total)):
                others = tuple((a, e) for a, e in m if index not in a.free)
                return self.close(tuple(bound - {index}), self._times(others, total))
        return None

    def _sum_atom(self, bound: tuple[IndexKey, ...], m: Monomial) -> Poly:
        """A connected sum, interned up to the names of its bound indices."""
        if len(bound) > MAX_BOUND:
            raise OutsideTheory(f"a sum over {len(bound)} connected indices", f"at most {MAX_BOUND}")
        height = poly_height((m,)) + 1
        names = tuple((f"#{height}.{n}", axis) for n, axis in enumerate(sorted(i[1] for i in bound)))
        found: list[tuple[Monomial, Coefficient]] = []
        for order in orders(bound):
            self._count()
            renamed = self.renamed({m: 1}, dict(zip(order, names, strict=True)))
            if len(renamed) != 1:
                raise OutsideTheory(f"the sum of {monomial_text(m)}", "a body that keeps its shape when renamed")
            found += renamed.items()
        body, coefficient = min(found)
        if any(m == body and c != coefficient for m, c in found):
            return {}  # renaming its indices changes its sign
        free = poly_free((body,)) - set(names)
        positive = all(a.positive for a, _ in body)
        atom = self._atom("sum", (names, body), free, height, positive)
        ruled = self._ruled(self._sum_rules, atom)
        return scaled(single(atom) if ruled is None else ruled, coefficient)

    def _size(self, axis: str) -> Poly:
        return single(self._atom("size", (axis,), frozenset(), 0, True))

    # --- atoms and substitution ---------------------------------------------------------------------------------------

    def _atom(self, kind: str, data: tuple[Any, ...], free: frozenset[IndexKey], height: int, positive: bool = False,
              active: bool = False) -> Atom:
        atom = self._atoms.get((kind, data))
        if atom is None:
            atom = self._atoms[kind, data] = Atom(len(self._atoms), kind, data, free, height, positive, active)
        return atom

    def _delta_of(self, i: IndexKey, j: IndexKey) -> Poly:
        if i == j:
            return constant(1)
        low, high = sorted((i, j), key=index_order)
        if len(low) == 3 and map_key(low) == map_key(high) and map_key(low) in self._injective:
            return self._delta_of(low[2], high[2])
        if frozenset((low, high)) in self._unequal or (len(high) == 3 and (map_key(high), low) in self._avoids):
            return {}
        free = frozenset((plain(low), plain(high)))
        return single(self._atom("delta", (low, high), free, 0, False, True))

    def renamed(self, p: Poly, mapping: dict[IndexKey, IndexKey]) -> Poly:
        """p with free indices replaced, rewritten where the new names meet."""
        touched = {plain(i) for i in mapping}
        result: Poly = {}
        for m, c in p.items():
            moved: Poly = constant(1)
            rest: list[tuple[Atom, Coefficient]] = []
            for a, e in m:
                if a.free & touched:
                    moved = self.product(moved, self._substituted_power(a, e, mapping))
                else:
                    rest.append((a, e))
            accumulate(result, self._times(tuple(rest), moved), c)
        return result

    def _substituted_power(self, atom: Atom, e: Coefficient, mapping: dict[IndexKey, IndexKey]) -> Poly:
        if atom.kind == "exp" and whole(e) != int(e):  # e^(log(z^4)/4) is |z| and not (z^4)^(1/4) taken apart
            return self._exp(scaled(self.renamed({atom.data[0]: 1}, mapping), e))
        base = self._substitute(atom, mapping)
        if len(base) == 1:
            ((m, c),) = base.items()
            if c == 1:
                return self._reduced(powered(m, e))
        if whole(e) != int(e):
            raise OutsideTheory(f"{atom} to the power {e}", "a whole power")
        return self.power(base, int(e))

    def _substitute(self, atom: Atom, mapping: dict[IndexKey, IndexKey]) -> Poly:
        relevant = tuple(sorted((i, j) for i, j in mapping.items() if plain(i) in atom.free))
        if not relevant:
            return single(atom)
        key = (atom, relevant)
        known = self._substituted.get(key)
        if known is None:
            known = self._substituted[key] = _SUBSTITUTIONS[atom.kind](self, atom, dict(relevant))
        return known

    def _substitute_entry(self, atom: Atom, mapping: dict[IndexKey, IndexKey]) -> Poly:
        found = self._entry_atom(atom.data[0], tuple(self._moved(i, mapping) for i in atom.data[1:]))
        ruled = self._ruled(self._entry_rules, found)
        return single(found) if ruled is None else ruled

    def _substitute_delta(self, atom: Atom, mapping: dict[IndexKey, IndexKey]) -> Poly:
        return self._delta_of(*(self._moved(i, mapping) for i in atom.data))

    def _substitute_sum(self, atom: Atom, mapping: dict[IndexKey, IndexKey]) -> Poly:
        names, body = atom.data
        fresh = _unused((i[1] for i in names), _around(atom, mapping))
        inside = self.renamed({body: 1}, dict(zip(names, fresh, strict=True)))
        return self.close(fresh, self.renamed(inside, mapping))

    def _substitute_formal(self, atom: Atom, mapping: dict[IndexKey, IndexKey]) -> Poly:
        function, slots, marks = atom.data
        parts: list[Any] = []
        for slot, wanted in zip(slots, function.signature, strict=True):
            if isinstance(wanted, tuple):
                names, body = slot
                fresh = _unused((i[1] for i in names), _around(atom, mapping))
                inside = self.renamed(dict(body), dict(zip(names, fresh, strict=True)))
                parts.append((fresh, self.renamed(inside, mapping)))
            else:
                parts.append(self._moved(slot, mapping))
        return self._call(function, parts, [(k[0], *(self._moved(i, mapping) for i in k[1:])) for k in marks])

    # --- hypotheses ---------------------------------------------------------------------------------------------------

    def _assume(self, hypotheses: tuple[claims.Hypothesis, ...]) -> None:
        for h in hypotheses:
            match h:
                case claims.Same(i, k):
                    self._identify(self._index(i, {}), self._index(k, {}))
                case claims.Injective(mapping):
                    self._injective.add(symbol_key(mapping))
        for h in hypotheses:
            match h:
                case claims.Distinct(i, k):
                    self._unequal.add(frozenset((self._index(i, {}), self._index(k, {}))))
                case claims.Avoids(mapping, index):
                    self._avoids.add((symbol_key(mapping), self._index(index, {})))
        for h in hypotheses:
            if isinstance(h, claims.Sign):
                fact = scaled(self.poly(component(h.term)), -1 if h.relation == "<" else 1)
                self._signs.append((fact, h.relation != ">="))
        self._reconsider_signs()
        for h in hypotheses:
            if isinstance(h, claims.Equation):
                self._orient(h)

    def _reconsider_signs(self) -> None:
        """Atoms made before the sign hypotheses were known learn what follows from them."""
        self._cached.clear()
        self._substituted.clear()
        for atom in tuple(self._atoms.values()):  # a bound may make new ones
            if atom.kind == "sum":
                atom.positive = all(a.positive for a, _ in atom.data[1])
            elif atom.kind == "inverse":
                atom.positive = self._positive(dict(atom.data[0]))
            atom.positive = self._positive(single(atom))

    def _identify(self, i: IndexKey, k: IndexKey) -> None:
        if i != k:
            low, high = sorted((i, k), key=index_order)
            self._renamed[high] = low

    def _orient(self, h: claims.Equation) -> None:
        """An assumed equation as a rule: one entry or one sum, and what it becomes."""
        indices = tuple(Index(f"?{n}", axis) for n, axis in enumerate(h.left.axes))
        p = add(self.poly(component(h.left, indices)), self.poly(component(h.right, indices)), -1)
        self._cached.clear()
        self._substituted.clear()
        p, _ = self._cleared(p)
        pattern = {(i.name, i.axis.name) for i in indices}
        candidates = [(atom, m) for m in p for atom, e in m
                      if e == 1 and atom.kind in ("sum", "entry") and pattern <= atom.free
                      and all(a is atom or never_zero(a) for a, _ in m)
                      and not any(contains(a, atom) for k in p for a, _ in k if (k, a) != (m, atom))]
        if not candidates:
            self.unused.append(f"{h.left!r} == {h.right!r}")  # assuming less proves less, never more
            return
        atom, m = max(candidates, key=lambda c: (c[0].kind == "sum", -len(c[1]), -c[0].number))
        rest = {k: c for k, c in p.items() if k is not m}
        factor = whole(Fraction(-1) / p[m])
        value = scaled(self._times(powered(without(m, atom), -1), rest), factor)
        (self._sum_rules if atom.kind == "sum" else self._entry_rules).append((atom, value))

    def _ruled(self, rules: list[tuple[Atom, Poly]], atom: Atom) -> Poly | None:
        for pattern, value in rules:
            mapping = self._match(pattern, atom)
            if mapping is not None:
                return self.renamed(value, mapping)
        return None

    def _match(self, pattern: Atom, atom: Atom) -> dict[IndexKey, IndexKey] | None:
        wild = sorted(i for i in pattern.free if i[0].startswith("?"))
        if atom.kind == "entry":
            if pattern.data[0] != atom.data[0]:
                return None
            bound: dict[IndexKey, IndexKey] = {}
            for p, a in zip(pattern.data[1:], atom.data[1:], strict=True):
                if (bound.setdefault(p, a) if p in wild else p) != a:
                    return None
            return bound
        if tuple(i[1] for i in pattern.data[0]) != tuple(i[1] for i in atom.data[0]):
            return None
        rules, self._sum_rules = self._sum_rules, []
        try:
            for choice in product(*([i for i in sorted(indices_of(atom)) if i[1] == w[1]] for w in wild)):
                mapping = dict(zip(wild, choice, strict=True))
                if self._substitute(pattern, mapping) == single(atom):
                    return mapping
        finally:
            self._sum_rules = rules
        return None


# One row per node: how it becomes a polynomial.
_ROWS: dict[type, Callable[[Normalizer, Basic, Env], Poly]] = {
    sympy.Add:  Normalizer._add,
    sympy.Mul:  Normalizer._mul,
    sympy.Pow:  Normalizer._pow,
    sympy.exp:  lambda n, e, env: n._exp(n._poly(e.args[0], env)),
    sympy.log:  lambda n, e, env: n._log(n._poly(e.args[0], env)),
    type(sympy.E): lambda n, e, env: n._exp(constant(1)),
    sympy.Abs:  Normalizer._absolute,
    Entry:      Normalizer._entry,
    Size:       lambda n, e, env: n._size(e.name),
    Delta:      Normalizer._delta,
    Sum:        Normalizer._sum,
    Sigma:      lambda n, e, env: n._poly(sigma_unfolded(e.args[0]), env),
    Softmax:    Normalizer._softmax,
    Root:       lambda n, e, env: n._root(n._poly(e.args[0], env)),
    Absolute:   Normalizer._absolute,
    Maximum:    Normalizer._maximum,
    IfPositive: Normalizer._if_positive,
    Formal:     Normalizer._formal,
}

# One row per active atom: how a product with it is rewritten; None where it stays.
_REDUCTIONS: dict[str, Callable[[Normalizer, Monomial, Atom, Coefficient], Poly | None]] = {
    "delta":   Normalizer._reduce_delta,
    "inverse": Normalizer._reduce_inverse,
    "sign":    Normalizer._reduce_sign,
    "root":    Normalizer._reduce_root,
}

# One row per atom with indices: how it looks under other names.
_SUBSTITUTIONS: dict[str, Callable[[Normalizer, Atom, dict[IndexKey, IndexKey]], Poly]] = {
    "entry":   Normalizer._substitute_entry,
    "delta":   Normalizer._substitute_delta,
    "sum":     Normalizer._substitute_sum,
    "formal":  Normalizer._substitute_formal,
    "exp":     lambda n, a, to: n._exp(n.renamed({a.data[0]: 1}, to)),
    "log":     lambda n, a, to: n._log(n.renamed(dict(a.data[0]), to)),
    "inverse": lambda n, a, to: n.inverse(n.renamed(dict(a.data[0]), to)),
    "root":    lambda n, a, to: n._root(n.renamed(dict(a.data[0]), to)),
    "sign":    lambda n, a, to: n._sign(n.renamed(dict(a.data[0]), to)),
}


def _unused(axes: Iterable[str], taken: Iterable[IndexKey]) -> tuple[IndexKey, ...]:
    """Fresh indices that nothing in sight has: the lowest numbers, so that the same sum gets the same names again."""
    names = {plain(index)[0] for index in taken}
    numbers = (n for n in count() if f"@{n}" not in names)
    return tuple((f"@{next(numbers)}", axis) for axis in axes)


def _adds_up(p: Poly) -> bool:
    """Whether no term of a polynomial can be negative."""
    return all(c > 0 and all(e % 2 == 0 or nonnegative_atom(a) for a, e in m) for m, c in p.items())


def _related(first: Atom, second: Atom) -> bool:
    """Whether two denominators have an atom in common."""
    return not poly_atoms(dict(first.data[0])).isdisjoint(poly_atoms(dict(second.data[0])))


def _around(atom: Atom, mapping: dict[IndexKey, IndexKey]) -> set[IndexKey]:
    """What a name made inside an atom must not be while a renaming goes through it."""
    return {*atom.free, *map(plain, mapping), *map(plain, mapping.values())}


def normal_form_text(e: Expr, hypotheses: Iterable[claims.Hypothesis] = ()) -> str:
    """The normal form of a component expression, as text."""
    return poly_text(Normalizer(hypotheses).poly(e))
