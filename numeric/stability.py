"""Formulas found again in a component expression: a sigma or a softmax, however it was spelled out.

The lowering knows how to compute sigma, softmax and their logarithms for inputs of any size. Here 1 / (1 + e^-x),
e^x / (e^x + 1), 1 - sigma(x), e^x_i / sum_j e^x_j and their products are turned into them, each under its licence.

    >>> from derive.components import Axis, Entry, TensorSymbol
    >>> x = Entry(TensorSymbol("x"))
    >>> used = set()
    >>> recognised(sympy.exp(-x) / (1 + sympy.exp(-x))**2, used)
    Sigma(-x)*Sigma(x)
"""

from __future__ import annotations

import sympy
from sympy import Add, Basic, Expr, Integer, Mul, Pow

from derive.components import Axis, Index, IndexLike, MapAt, Sigma, Softmax, Sum
from derive.derivative import renamed_away, with_indices
from numeric import licences


def recognised(e: Basic, used: set[str]) -> Basic:
    """The expression with sigma and softmax in the place of their definitions.

    used: names of the licences that were needed are added.
    """
    if not e.args:
        return e
    args = [recognised(a, used) for a in e.args]
    node = e.func(*args) if any(a is not b for a, b in zip(args, e.args, strict=True)) else e
    if isinstance(node, Pow):
        return _power(node, used)
    if isinstance(node, Mul):
        return _product(node, used)
    if isinstance(node, Add):
        return _complement(_collected(node), used)
    return node


def exponential_sum(e: Basic) -> bool:
    """Whether e is sum_j exp(b)."""
    return isinstance(e, Sum) and isinstance(e.args[1], sympy.exp)


def one_plus_exp(e: Basic) -> Expr | None:
    """The exponent a of 1 + exp(a)."""
    if isinstance(e, Add) and len(e.args) == 2 and Integer(1) in e.args:
        other = e.args[0] if e.args[1] == 1 else e.args[1]
        if isinstance(other, sympy.exp):
            return other.args[0]
    return None


def _power(e: Pow, used: set[str]) -> Expr:
    exponent = one_plus_exp(e.base)
    if exponent is None or not (e.exp.is_Integer and e.exp.is_negative):
        return e
    used.add(licences.POSITIVE)
    return Pow(Sigma(-exponent), -e.exp)


def _collected(e: Add) -> Expr:
    """The sum multiplied out where that makes it shorter: e^2x + e^x - e^2x is e^x, which does not overflow as soon."""
    if not any(isinstance(t, Mul) and t.has(sympy.exp) and any(isinstance(f, Add) for f in t.args) for t in e.args):
        return e
    expanded = Add(*(sympy.expand_mul(t, deep=False) for t in e.args))
    return expanded if expanded.count_ops() < e.count_ops() else e


def _complement(e: Expr, used: set[str]) -> Expr:
    """1 - sigma(a) and sigma(a) - 1 by reflection."""
    if isinstance(e, Add) and len(e.args) == 2:
        constant, other = e.as_coeff_Add()
        sign, node = other.as_coeff_Mul()
        if isinstance(node, Sigma) and constant in (1, -1) and sign == -constant:
            used.add(licences.REFLECTION)
            return constant * Sigma(-node.args[0])
    return e


def _product(e: Mul, used: set[str]) -> Expr:
    factors = list(e.args)
    growing = next((f for f in factors if isinstance(f, sympy.exp)), None)
    if growing is not None:
        return _with_exponential(e, growing, [f for f in factors if f is not growing], used)
    inverse = next((f for f in factors if isinstance(f, Pow) and exponential_sum(f.base) and f.exp == -1), None)
    weighted = next((f for f in factors if isinstance(f, Sum) and f.args[1].has(sympy.exp)), None)
    if inverse is not None and weighted is not None:
        (index,), body = renamed_away((weighted.args[0],), weighted.args[1], inverse)
        rest = [f for f in factors if f is not inverse and f is not weighted]
        return Mul(*rest, Sum(index, recognised(body * inverse, used)))
    return e


def _with_exponential(e: Mul, growing: Expr, others: list[Expr], used: set[str]) -> Expr:
    exponent = growing.args[0]
    for place, factor in enumerate(others):
        base, power = factor.as_base_exp()
        rest = [*others[:place], *others[place + 1:]]
        if isinstance(base, Sigma) and power.is_Integer and power.is_positive:
            times = next((k for k in range(1, int(power) + 1) if exponent == -k * base.args[0]), 0)
            if times:
                used.add(licences.NEGATIVE)
                return Mul(*rest, Pow(Sigma(-base.args[0]), times), Pow(base, power - times))
        if exponential_sum(base) and power.is_Integer and power.is_negative:
            used.add(licences.SOFTMAX)
            return Mul(*rest, _softmaxes(exponent, base, -int(power)))
    return e


def _softmaxes(exponent: Expr, total: Sum, times: int) -> Expr:
    """e^exponent / total^times as a product of softmaxes: one for each inner exponent that the outer one holds."""
    index, inner = total.args[0], total.args[1].args[0]
    if times == 1:
        return Softmax(exponent, index, inner)
    for place in positions(exponent, index.axis):
        at = with_indices(inner, {index: place})
        rest = exponent - at
        if rest.count_ops() < exponent.count_ops() or rest == at:
            return Softmax(at, index, inner) * _softmaxes(rest, total, times - 1)
    return sympy.exp(exponent) * Pow(total, -times)


def positions(e: Basic, axis: Axis) -> tuple[IndexLike, ...]:
    """Every index along an axis that an expression mentions, mapped ones first."""
    mapped = [m for m in e.atoms(MapAt) if m.axis == axis]
    plain = [i for i in e.atoms(Index) if i.axis == axis]
    return (*sorted(mapped, key=str), *sorted(plain, key=str))
