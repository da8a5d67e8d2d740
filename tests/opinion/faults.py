"""Planted faults: the prover broken in one rule at a time; whether the second opinion contradicts what it proves.

A fault replaces a line of one function of the prover while a test runs. It is live if the broken kernel proves some
claim that is false, and caught if the second opinion disagrees with every such claim.

    python -m tests.opinion.faults
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import Any

import sympy

from derive import atoms, components, derivative, factors, indices, kernel, normal_form, terms
from derive.claims import Claim, Equation, avoids, distinct, injective, same, sums_to_one
from derive.components import Entry
from derive.errors import GradproofError
from derive.kernel import by_normal_form
from derive.opinion import Disagreement, examine
from derive.statements import statement
from derive.terms import (
    Function,
    absolute,
    as_term,
    cross_entropy,
    delta,
    exp,
    grad,
    identity,
    let,
    log,
    norm,
    onehot,
    ones,
    outer,
    sigma,
    size,
    softmax,
    sqrt,
    sum_over,
    tensor,
    total,
    where_positive,
    zeros,
)
from tests.cases.letters import A, B, D, K, U, V, h, i, j, k, loss, m, n, o, p, q, q2, s, t, v, w, x, y, z


@dataclass(frozen=True)
class Fault:
    """What is broken, where, and how: `old` becomes `new` in the source of one function, or a table row is replaced."""

    name: str
    module: ModuleType
    function: str
    old: str
    new: str


NF, DER = normal_form, derivative
FAULTS = (
    Fault("an unused bound index counts as 1", NF, "Normalizer._close_monomial", "for index in bound - used:",
          "for index in ():"),
    Fault("the size of every axis is one and the same", NF, "Normalizer._size", "(axis,)", "('any',)"),
    Fault("a bound index keeps its name: capture by a free one", NF, "Normalizer._sum",
          "(bound,) = _unused((e.args[0].axis.name,), env.values())",
          "bound = ('i', e.args[0].axis.name)"),
    Fault("an inner sum takes the index of the outer", NF, "Normalizer._sum",
          "(bound,) = _unused((e.args[0].axis.name,), env.values())",
          "bound = ('@same', e.args[0].axis.name)"),
    Fault("a product of sums shares one bound index", NF, "Normalizer._opened",
          "fresh = _unused((i[1] for i in names), bound | poly_free((m,)))",
          "fresh = tuple(next((b for b in sorted(bound) if b[1] == i[1]), i) for i in names)"),
    Fault("factors that share an index are taken apart", NF, "connected", "if g[0] & indices]", "if False]"),
    Fault("a sum over a delta is dropped with its index", NF, "Normalizer._contracted",
          "return self.close(tuple(bound - {index}), rest) if bound - {index} else rest", "return constant(1)"),
    Fault("a delta contracts over what a map takes", NF, "Normalizer._contracted",
          "if index in bound and plain(other) != index:", "if plain(index) in bound and plain(other) not in bound:"),
    Fault("a delta is 1", NF, "Normalizer._delta_of", "if i == j:", "if True:"),
    Fault("a delta between free indices is 0", NF, "Normalizer._delta_of", "if i == j:",
          "if i != j and len(i) == len(j) == 2 and i[0][0] not in '@#' and j[0][0] not in '@#':\n"
          "        return {}\n    if i == j:"),
    Fault("every map is injective", NF, "Normalizer._delta_of", "and map_key(low) in self._injective", ""),
    Fault("every map avoids every index", NF, "Normalizer._delta_of", "(map_key(high), low) in self._avoids", "True"),
    Fault("all indices of an axis differ once two do", NF, "Normalizer._delta_of",
          "frozenset((low, high)) in self._unequal", "self._unequal"),
    Fault("Same renames every index of the axis", NF, "Normalizer._represented",
          "while index in self._renamed:",
          "if self._renamed and len(index) == 2 and index[0][0] not in '@#?':\n"
          "        return next(iter(self._renamed.values()))\n    while index in self._renamed:"),
    Fault("every sum of an entry is 1 by hypothesis", NF, "Normalizer._sum_atom",
          "ruled = self._ruled(self._sum_rules, atom)",
          "ruled = self._sum_rules[0][1] if self._sum_rules and body[0][0].kind == 'entry' else None"),
    Fault("a hypothesis on one entry holds of all", NF, "Normalizer._match",
          "if (bound.setdefault(p, a) if p in wild else p) != a:", "if bound.setdefault(p, a) is None:"),
    Fault("a hypothesis of one tensor holds of another", NF, "Normalizer._match",
          "if pattern.data[0] != atom.data[0]:", "if False:"),
    Fault("exp(a + b) is exp(a) + exp(b)", NF, "Normalizer._exp", "result = self.product(result, factor)",
          "result = add(result, factor)"),
    Fault("exp(c a) is exp(a)", NF, "Normalizer._exp", "True), whole(c)),): 1}", "True), 1),): 1}"),
    Fault("exp of a delta is a delta of exp", NF, "Normalizer._exp",
          "add(self._times(where, add(there, constant(1), -1)), constant(1))", "self._times(where, there)"),
    Fault("log of a product keeps the first factor", NF, "Normalizer._log",
          "accumulate(result, self._log_atom(factor), e)", "result = self._log_atom(factor)"),
    Fault("log(1 / p) is log p", NF, "Normalizer._log",
          "self._log(dict(atom.data[0])), -e)", "self._log(dict(atom.data[0])), e)"),
    Fault("log forgets numbers", NF, "Normalizer._log_number", "sign * int(e)", "0"),
    Fault("1 / (c p) is c / p", NF, "Normalizer.inverse", "whole(Fraction(1) / coefficient)", "coefficient"),
    Fault("1 / p^2 is 1 / p", NF, "Normalizer.inverse", "self._inverse_atom(factor), e),)",
          "self._inverse_atom(factor), 1),)"),
    Fault("partial fractions lose a sign", NF, "Normalizer._apart", "single(second), -slope)",
          "single(second), slope)"),
    Fault("q p = 1 loses its other terms", NF, "Normalizer._reduce_inverse", "for other, d in others.items():",
          "for other, d in ():"),
    Fault("the sign of a number is +", NF, "Normalizer._sign", "1 if coefficient > 0 else -1", "1"),
    Fault("the square root of p^2 is p", NF, "Normalizer._root", "if half % 2 else part",
          "if False else part"),
    Fault("everything is nonnegative", NF, "Normalizer._nonnegative", "return _adds_up(p) or",
          "return True or"),
    Fault("a choice by sign takes the first", NF, "Normalizer._chosen", "half = Fraction(1, 2)", "return above"),
    Fault("powers drop a factor", NF, "Normalizer.power", "range(exponent)", "range(max(1, exponent - 1))"),
    Fault("like terms do not add up", NF, "accumulate", "into.get(monomial, 0) + c * factor",
          "(1 if into.get(monomial, 0) + c * factor > 0 else -1 if into.get(monomial, 0) + c * factor else 0)"),
    Fault("every sum is antisymmetric", NF, "Normalizer._sum_atom", "and c != coefficient for",
          "and len(bound) > 1 for"),
    Fault("the partial derivative's slot is forgotten", NF, "Normalizer._formal",
          "[(int(p.args[0]),", "[(0,"),
    Fault("d of an entry ignores the indices", DER, "_entry", "if i != j else ONE", "if i == j else ONE"),
    Fault("d of a product takes one factor", DER, "_product", "for n, a in enumerate(e.args)",
          "for n, a in list(enumerate(e.args))[-1:]"),
    Fault("d of a power loses the exponent", DER, "_power", "return exponent * Pow", "return Pow"),
    Fault("d of a power loses the inner derivative", DER, "_power", "* derivative(base, x)", ""),
    Fault("sigma unfolds without its sign", DER, "sigma_unfolded", "sympy.exp(-a)", "sympy.exp(a)"),
    Fault("softmax unfolds without its denominator", DER, "softmax_unfolded",
          "sympy.exp(at) * Pow(Sum(index, sympy.exp(body)), -1)", "sympy.exp(at)"),
)

Row = Callable[[Any, Entry], Any]
D_ROWS: tuple[tuple[str, type, Row], ...] = (
    ("d exp loses the inner derivative", sympy.exp, lambda e, by: e),
    ("d log is 1 / x without the inner derivative", sympy.log, lambda e, by: 1 / e.args[0]),
    ("d log loses a sign", sympy.log, lambda e, by: -derivative.derivative(e.args[0], by) / e.args[0]),
    ("d root loses the 2", components.Root, lambda e, by: derivative.derivative(e.args[0], by) / e),
    ("d |x| is 1", components.Absolute, lambda e, by: derivative.derivative(e.args[0], by)),
    ("d sigma is sigma", components.Sigma, lambda e, by: e * derivative.derivative(e.args[0], by)),
    ("d softmax keeps the diagonal only", components.Softmax,
     lambda e, by: e * (1 - e) * derivative.derivative(e.args[0], by)),
)


def exposing() -> tuple[Claim, ...]:
    """False claims, each true to some broken rule."""
    xi, yj, a, both = x[i], y[j], tensor("a", D), Function("G", (D,), (D,))
    return (
        sum_over(i, s) == s, sum_over(i, as_term(1)) == 1, size(n) == size(n) + 1, size(n) == size(m),
        sum_over(i, s) == size(m) * s, sum_over(j, x[i] * y[j]) == x @ y, sum_over(j, x[i]) == total(x),
        total(ones(n)) == total(ones(m)), sum_over(i, s) == (size(n) + 1) * s, total(x) ** 2 == total(x * x),
        x[i] * total(y) == sum_over(i, x[i] * y[i]), sum_over(i, sum_over(j, A[i, j])) == sum_over(i, A[i, i]),
        total(x) * total(y) == x @ y, sum_over(i, sum_over(j, xi * yj)) == x @ y,
        sum_over(j, delta(i, j) * x[j]) == sum_over(j, x[j]), sum_over(j, delta(i, j) * x[j]) == 1,
        sum_over(j, delta(i, j) * x[j]) == sum_over(j, delta(k, j) * x[j]),
        sum_over(i, sum_over(j, A[i, j])) == size(n) * sum_over(i, A[i, i]),
        sum_over(j, delta(i, j) * x[j] * y[i]) == sum_over(j, x[j] * y[i]),
        sum_over(q, delta(w(q), o)) == 1, sum_over(q, delta(w(q), o) * s) == s, delta(i, j) == 1, delta(i, j) == 0,
        delta(i, j) * s == s, delta(w(q), w(q2)) == delta(q, q2), delta(w(q), o) == 0,
        (delta(i, j) == 0).given(distinct(i, k)), (delta(i, j) * x[k] == 0).given(distinct(i, k)),
        (x[i] == x[j]).given(same(i, k)).every(j), (delta(w(q), p) == 0).given(avoids(w, o)),
        (delta(w(q), w(q2)) == delta(q, q2)).given(avoids(w, o)),
        (total(x) == 1).given(sums_to_one(y)), (total(x) * z == z).given(sums_to_one(y)),
        (total(y) * s == 2 * s).given(sums_to_one(y)),
        exp(s + t) == 1 + exp(s) + exp(t), exp(s + t) == exp(s) + exp(t), exp(s) == 1 + exp(s),
        exp(2 * s) == exp(s), exp(-s) == exp(s), exp(s * delta(i, j)) == delta(i, j) * exp(s),
        log(exp(s) + 1) + log(exp(t) + 1) == log(exp(t) + 1), log((exp(s) + 1) * (exp(t) + 1)) == log(exp(s) + 1),
        log((exp(s) + 1) * (exp(t) + 1)) == log(exp(t) + 1),
        log(1 / (1 + exp(s))) == log(1 + exp(s)), log(as_term(2)) == 0, log(2 * exp(s)) == s,
        1 / (2 * s + 2) == 2 / (s + 1), 1 / (2 * s) == 2 / s, 1 / (s + t) ** 2 == 1 / (s + t),
        1 / (s * s + 2 * s * t + t * t) == 1 / (s + t), 1 / (s * (s + 1)) == 1 / s + 1 / (s + 1),
        1 / ((s + 2) * (s + 1)) == 1 / (s + 1) + 1 / (s + 2), s / (s + t) == 1, s / (s + 1) == 1,
        exp(s) / (exp(s) + exp(t)) == 1, t / (s + t) == 1,
        absolute(s * -1) == -absolute(s), sqrt(s * s) == s, absolute(s) == s,
        where_positive(s, t, 0) == t, where_positive(s, 1, 0) == 1, where_positive(s, t, zeros()) == t,
        (s + t) ** 2 == s + t, (s + t) ** 3 == (s + t) ** 2, s + s == s, 2 * total(x) == total(x),
        sum_over(i, sum_over(j, A[i, j] * x[i] * x[j])) == 0, sum_over(i, sum_over(j, A[i, j])) == 0,
        x @ A @ x == 0,
        grad(x[i], x[j]) == 1 - delta(i, j), grad(x, x) == ones(n, n), grad(total(x), x) == 0 * x,
        grad(s * exp(s), s) == exp(s), grad(s * exp(s), s) == s * exp(s), grad(s * t, s) == 0, grad(s * log(s), s) == 1,
        grad(s**3, s) == s**2, grad((2 * s)**2, s) == 4 * s, grad(1 / s, s) == s**-2,
        grad(total(x), x) == size(n) * ones(n), grad(total(x * x), x[j]) == sum_over(j, 2 * x[j]),
        grad(sum_over(j, x[j]), x[j]) == size(n), grad(loss(o, 3 * v, U), v) == loss.partial(1)(o, 3 * v, U),
        grad(loss(o, v, U), U) == outer(onehot(o), loss.partial(1)(o, v, U)),
        sigma(s) == sigma(-s), sigma(s) == exp(-s) / (1 + exp(-s)), grad(sigma(s), s) == -sigma(s) * (1 - sigma(s)),
        softmax(x) == exp(x), grad(softmax(x), x) == identity(n) * outer(exp(x), ones(n)),
        grad(exp(2 * s), s) == exp(2 * s), grad(log(2 * s), s) == 1 / (2 * s), grad(log(s), s) == -1 / s,
        grad(log(s * s + 1), s) == 1 / (s * s + 1), grad(log(s * s + 1), s) == -2 * s / (s * s + 1),
        grad(sqrt(s), s) == 1 / sqrt(s), grad(norm(x), x) == 2 * x / norm(x), grad(absolute(s), s) == as_term(1),
        grad(sigma(s), s) == sigma(s),
        grad(softmax(x), x) == outer(softmax(x) * (1 - softmax(x)), ones(n)) * identity(n),
        grad(softmax(x)[i], x[j]) == softmax(x)[i] * (1 - softmax(x)[i]) * delta(i, j),
        grad(total(h), h) == 2 * ones(n), let("e", s * s) == s, cross_entropy(x, softmax(x)) == 0,
        total(B) == size(n), sqrt(as_term(4) * s * s) == 2 * s, exp(s / 3) == exp(s) * Fraction(1, 3),
        exp(s) == 2 * exp(s), size(K) == size(V), size(D) == size(K),
        (delta(w(q), w(q2)) == 0).given(injective(w)), sum_over(q, delta(w(q), o)) == size(K),
        (x[j] == 1).given(Equation(x[i], as_term(1), ((x.args[0], ones(n)),))),
        (z == ones(n)).given(Equation(y, ones(n), ((y.args[0], ones(n)),))), exp(s + t) == exp(s) + exp(t) - 1,
        both.partial(0)(v, a) == both.partial(1)(v, a),
    )


@cache
def opinions() -> tuple[tuple[Claim, bool], ...]:
    """The false claims, and whether the second opinion disagrees with each."""
    return tuple((claim, isinstance(examine(statement(claim)), Disagreement)) for claim in exposing())


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """The prover with one fault in it."""
    owner, _, name = fault.function.rpartition(".")
    holder: Any = getattr(fault.module, owner) if owner else fault.module
    original = getattr(holder, name)
    source = textwrap.dedent(inspect.getsource(original))
    if fault.old not in source:
        raise LookupError(f"{fault.function} no longer has {fault.old!r}: plant {fault.name!r} elsewhere")
    scope: dict[str, Any] = {}
    code = compile(source.replace(fault.old, fault.new), f"<{fault.name}>", "exec")
    exec(code, vars(sys.modules[original.__module__]), scope)
    with replaced(holder, name, original, scope[name]):
        yield


@contextmanager
def replaced(holder: Any, name: str, original: Any, broken: Any) -> Iterator[None]:
    """Everywhere the original is known, the broken function."""
    places = [(vars(module), key) for module in (normal_form, derivative, atoms, factors, indices, kernel, terms)
              for key, value in list(vars(module).items()) if value is original]
    tables = [(table, key) for table in _tables() for key, value in list(table.items()) if value is original]
    try:
        setattr(holder, name, broken)
        for table, key in (*places, *tables):
            table[key] = broken
        _forget()
        yield
    finally:
        setattr(holder, name, original)
        for table, key in (*places, *tables):
            table[key] = original
        _forget()


@contextmanager
def row(kind: type, broken: Row) -> Iterator[None]:
    """The table of derivatives with one row replaced."""
    original = derivative.TABLE[kind]
    try:
        derivative.TABLE[kind] = broken
        _forget()
        yield
    finally:
        derivative.TABLE[kind] = original
        _forget()


def _tables() -> list[dict[Any, Any]]:
    return [normal_form._ROWS, normal_form._REDUCTIONS, normal_form._SUBSTITUTIONS, derivative.TABLE]


def _forget() -> None:
    derivative.without_gradients.cache_clear()


def wrongly_proved() -> list[tuple[Claim, bool]]:
    """The false claims that the kernel, as it now is, proves; and whether the second opinion disagrees."""
    found = []
    for claim, disagrees in opinions():
        try:
            by_normal_form(claim)
        except (GradproofError, RecursionError, ArithmeticError, LookupError, ValueError, TypeError, AttributeError):
            continue
        found.append((claim, disagrees))
    return found


def tried() -> Iterator[tuple[str, list[tuple[Claim, bool]]]]:
    """Every fault, with what it makes the kernel prove."""
    opinions()
    for fault in FAULTS:
        with planted(fault):
            yield fault.name, wrongly_proved()
    for name, kind, broken in D_ROWS:
        with row(kind, broken):
            yield name, wrongly_proved()


def main() -> int:
    """The table; 1 if a fault is not caught."""
    missed = 0
    print("| fault | false claims proved | second opinion disagrees | one of them |\n|---|---|---|---|")
    for name, proved in tried():
        caught = sum(disagrees for _, disagrees in proved)
        missed += not proved or caught < len(proved)
        shown = str(proved[0][0]).replace("|", "\\|") if proved else "none"
        print(f"| {name} | {len(proved)} | {caught} | `{shown}` |")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
