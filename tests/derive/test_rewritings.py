"""Each rewriting of the normal form where nothing but it can prove: inside a sum, where no denominator is cleared.

Right claims must be proved and hold in the plain loops of tests/derive/oracle.py; wrong ones must not be proved and
must differ there. Each is a defect that benchmarks/mutation.py planted and that no other test noticed.
"""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from derive.claims import (
    Claim,
    Equation,
    avoids,
    distinct,
    injective,
    negative,
    nonnegative,
    positive,
    same,
    sums_to_one,
)
from derive.components import Index, MapAt
from derive.errors import NotProved, OutsideTheory
from derive.kernel import by_normal_form
from derive.terms import (
    Function,
    absolute,
    as_term,
    delta,
    exp,
    grad,
    identity,
    index_map,
    log,
    maximum,
    onehot,
    ones,
    outer,
    sigma,
    sign,
    size,
    softmax,
    sqrt,
    sum_over,
    tensor,
    total,
    where_positive,
)
from tests.cases.letters import A, C, D, K, U, V, i, j, k, loss, n, o, p, q, q2, r, s, t, v, w, x, y, z
from tests.derive.oracle import differs, refuted, worlds

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
T, g = tensor("T", n, n, n), tensor("g", K)
d, d2 = Index("d", D), Index("d2", D)
f = Function("f", (), ())
u = index_map("u", K, K)
word_of_word = MapAt(w, MapAt(u, q))
one = as_term(1)
a = tensor("a", n)  # before s in the alphabet: denominators are solved for what comes first
sn, tn = s * ones(n), t * ones(n)  # added to a vector, entry by entry


RIGHT: dict[str, Claim] = {
    # leading and trailing parts of a denominator
    "leading": total(a / (a + sn)) == size(n) - s * total(1 / (a + sn)),
    "leading twice": total(a**2 / (a + sn)) == total(a) - s * size(n) + s**2 * total(1 / (a + sn)),
    "leading square": total(a**2 / (a**2 + sn**2)) == size(n) - s**2 * total(1 / (a**2 + sn**2)),
    "leading cube": total(a**3 / (a**2 + sn**2)) == total(a) - s**2 * total(a / (a**2 + sn**2)),
    "leading fourth": total(a**4 / (a**2 + 1)) == total(a**2) - size(n) + total(1 / (a**2 + 1)),
    "leading of a square": total(a / (a + sn) ** 2) == total(1 / (a + sn)) - s * total(1 / (a + sn) ** 2),
    "leading of a cube": total(a / (a + sn) ** 3) == total(1 / (a + sn) ** 2) - s * total(1 / (a + sn) ** 3),
    "leading scaled": 2 * total(a / (2 * a + 3 * sn)) == size(n) - 3 * s * total(1 / (2 * a + 3 * sn)),
    "leading negated": total(a / (sn - a)) == s * total(1 / (sn - a)) - size(n),
    "leading product": total(a * y / (a * y + 3)) == size(n) - 3 * total(1 / (a * y + 3)),
    "leading by order": total(x * y / (x * y + x + y)) == size(n) - total((x + y) / (x * y + x + y)),
    "leading by order, three": (total(x * y / (x * y + y * z + z * x)) + total(y * z / (x * y + y * z + z * x))
                                == size(n) - total(z * x / (x * y + y * z + z * x))),
    "leading by order, squares": total(x**2 * y**2 / (x**2 * y**2 + x**2 + y**2)) == (
        size(n) - total((x**2 + y**2) / (x**2 * y**2 + x**2 + y**2))),
    "leading by order, exponentials": total(exp(x + y) / (exp(x + y) + exp(x) + exp(y))) == (
        size(n) - total((exp(x) + exp(y)) / (exp(x + y) + exp(x) + exp(y)))),
    "leading by order, thirds": total(exp((2 * x + z) / 3) / (
        exp((2 * x + z) / 3) + exp((y + z) / 3) + exp((2 * x + y) / 3))) == (
        size(n) - total((exp((y + z) / 3) + exp((2 * x + y) / 3)) / (
            exp((2 * x + z) / 3) + exp((y + z) / 3) + exp((2 * x + y) / 3)))),
    "trailing": s * total(1 / (a * (a + sn))) == total(1 / a) - total(1 / (a + sn)),
    "trailing square": s**2 * total(1 / (a**2 * (a + sn))) == s * total(1 / a**2) - total(1 / a) + total(1 / (a + sn)),
    "trailing scaled": 3 * total(1 / (a * (2 * a + 3))) == total(1 / a) - 2 * total(1 / (2 * a + 3)),
    "logistic": total(exp(x) / (1 + exp(x))) == size(n) - total(1 / (1 + exp(x))),
    "logistic of the opposite": total(exp(-x) / (1 + exp(-x))) == total(sigma(-x)),
    "logistic squared": total(exp(2 * x) / (1 + exp(x)) ** 2) == total(sigma(x) ** 2),
    "logistic beside a half power": total(exp(x / 2) * sigma(-x)) == total(exp(-x / 2) * sigma(x)),
    # partial fractions
    "apart": total(1 / ((x + sn) * (x + sn + 1))) == total(1 / (x + sn)) - total(1 / (x + sn + 1)),
    "apart by two": 2 * total(1 / ((x + sn) * (x + sn + 2))) == total(1 / (x + sn)) - total(1 / (x + sn + 2)),
    "apart with another slope": 3 * total(1 / ((x + sn) * (2 * x + 2 * sn + 3))) == (
        total(1 / (x + sn)) - 2 * total(1 / (2 * x + 2 * sn + 3))),
    "apart squared": total(1 / ((x + sn) ** 2 * (x + sn + 1))) == (
        total(1 / (x + sn) ** 2) - total(1 / (x + sn)) + total(1 / (x + sn + 1))),
    "apart, both squared": total(1 / ((x + sn) ** 2 * (x + sn + 1) ** 2)) == (
        total(1 / (x + sn) ** 2) + total(1 / (x + sn + 1) ** 2)
        - 2 * total(1 / (x + sn)) + 2 * total(1 / (x + sn + 1))),
    "apart, exponentials": total(sigma(x) / (2 + exp(-x))) == total(sigma(x)) - total(1 / (2 + exp(-x))),
    "apart, three": 2 * total(1 / ((x + sn) * (x + sn + 1) * (x + sn + 2))) == (
        total(1 / (x + sn)) - 2 * total(1 / (x + sn + 1)) + total(1 / (x + sn + 2))),
    "apart with constants": 2 * total(1 / ((x + 1) * (x + 3))) == total(1 / (x + 1)) - total(1 / (x + 3)),
    "apart with other constants": 3 * total(1 / ((x + 2) * (x + 5))) == total(1 / (x + 2)) - total(1 / (x + 5)),
    "apart with constants and a slope": total(1 / ((x + 3) * (2 * x + 5))) == (
        2 * total(1 / (2 * x + 5)) - total(1 / (x + 3))),
    "apart with exponentials and constants": 3 * total(1 / ((exp(x) + 2) * (exp(x) + 5))) == (
        total(1 / (exp(x) + 2)) - total(1 / (exp(x) + 5))),
    # denominators in denominators
    "inverse of an inverse": total(1 / (1 / (x + sn) + 1)) == total((x + sn) / (x + sn + 1)),
    "inverse of two inverses": total(1 / (1 / (x + sn) + 1 / (x + tn))) == (
        total((x + sn) * (x + tn) / (2 * x + sn + tn))),
    "inverse of a power": total(1 / (x + sn) ** 3) == total((1 / (x + sn)) ** 3),
    "inverse of a product": total(1 / (s * x + sn * y)) == total(1 / (x + y)) / s,
    "inverse of a common power": total(1 / (x**2 + x * y)) == total(1 / (x * (x + y))),
    "inverse of a multiple": total(1 / (2 * x + 4 * sn)) == total(1 / (x + 2 * sn)) / 2,
    "inverse of an opposite": total(1 / (sn - x)) == -total(1 / (x - sn)),
    "inverse of a square": total(1 / (x**2 + 2 * x * sn + sn**2)) == total(1 / (x + sn) ** 2),
    "inverse of factors": total(1 / (x**2 - sn**2)) == total(1 / ((x - sn) * (x + sn))),
    "inverse of a fraction": total(1 / (x / 2 + sn / 3)) == 6 * total(1 / (3 * x + 2 * sn)),
    "denominator to a denominator": 1 / (1 / (1 / s + 1) + 1) == (1 + s) / (1 + 2 * s),
    # powers, roots and signs
    "half power": total((x + sn) ** HALF) == total(sqrt(x + sn)),
    "power three halves": total((x + sn) ** Fraction(3, 2)) == total((x + sn) * sqrt(x + sn)),
    "power minus a half": total((x * x + 1) ** -HALF) == total(1 / sqrt(x * x + 1)),
    "root to the fourth": total(sqrt(x + sn) ** 4) == total((x + sn) ** 2),
    "root to the fifth": total(sqrt(x + sn) ** 5) == total((x + sn) ** 2 * sqrt(x + sn)),
    "root to minus two": total(sqrt(x * x + sn * sn) ** -2) == total(1 / (x * x + sn * sn)),
    "root of a square": total(sqrt((x + sn) ** 2)) == total(absolute(x + sn)),
    "root of a cube": (total(sqrt(exp(s) * (x * x + 1) ** 3)) == exp(s / 2) * total((x * x + 1) * sqrt(x * x + 1))),
    "root of a fourth power": total(sqrt((x + sn) ** 4)) == total((x + sn) ** 2),
    "root of a sixth power": total(sqrt(x**6)) == total(absolute(x) ** 3),
    "root of an inverse square": total(sqrt(1 / x**2)) == total(1 / absolute(x)),
    "root of an inverse": total(sqrt(1 / (x * x + 1) ** 2)) == total(1 / (x * x + 1)),
    "root of a number": sqrt(as_term(72)) == 6 * sqrt(as_term(2)),
    "root of an opposite": sqrt(-3 * s) ** 2 == -3 * s,
    "root of half an opposite": sqrt(-s / 2) ** 2 == -s / 2,
    "root of a fraction": sqrt(as_term(Fraction(8, 9))) == 2 * sqrt(as_term(2)) / 3,
    "root of an exponential": total(sqrt(exp(3 * x))) == total(exp(x) * sqrt(exp(x))),
    "root of an odd power": (total(sqrt(x**3 * y**2)) == total(absolute(x) * absolute(y) * sqrt(x))),
    "root of a positive": (sqrt(s * s * t) == s * sqrt(t)).given(positive(s)),
    "root of a delta's multiple": sqrt(4 * identity(n)) == 2 * identity(n),
    "sign of a product": total(sign(x * y)) == total(sign(x) * sign(y)),
    "sign of a square": total(sign(-2 * x * y**2)) == -total(sign(x)),
    "sign to the fourth": total(sign(x) ** 4) == size(n),
    "sign to the fifth": total(sign(x + sn) ** 5) == total(sign(x + sn)),
    "sign of an odd power": total(sign((x + sn) ** 3)) == total(sign(x + sn)),
    "absolute of a multiple": total(absolute(-3 * x)) == 3 * total(absolute(x)),
    "absolute, a multiple assumed": (absolute(s - t) == s - t).given(positive(2 * s - 2 * t)),
    "absolute, the opposite assumed": (absolute(s - t) == t - s).given(negative(3 * s - 3 * t)),
    "absolute, not negative assumed": (absolute(2 * s - 2 * t) == 2 * s - 2 * t).given(nonnegative(s - t)),
    "maximum and its other": total(maximum(x, y)) + total(maximum(-x, -y)) == total(absolute(x - y)),
    "maximum assumed": (maximum(s, t) == t).given(negative(s - t)),
    "where of a sum": total(where_positive(x, y, z)) == total(where_positive(-x, z, y)),
    # exponentials and logarithms
    "exp of logs": (exp(2 * log(s) - log(t)) == s**2 / t).given(positive(s), positive(t)),
    "exp of a scaled log": total(exp(-log(exp(x) + 1))) == total(sigma(-x)),
    "exp of a log and more": total(exp(log(exp(x) + 1) + x)) == total((exp(x) + 1) * exp(x)),
    "log of a logistic": total(log(sigma(x))) == -total(log(1 + exp(-x))),
    "log of a quotient": total(log((exp(x) + 1) / (exp(x) + 2))) == total(log(exp(x) + 1)) - total(log(exp(x) + 2)),
    "log of a power": total(log((exp(x) + 1) ** 3)) == 3 * total(log(exp(x) + 1)),
    "log of a multiple": total(log(12 * exp(x))) == size(n) * (2 * log(as_term(2)) + log(as_term(3))) + total(x),
    "log of a fraction": log(as_term(Fraction(8, 9))) == 3 * log(as_term(2)) - 2 * log(as_term(3)),
    "log of a square and more": total(log(x**2 * exp(s))) == total(log(x**2)) + size(n) * s,
    "log of sizes": log(size(n) * size(n) * 2) == 2 * log(size(n)) + log(as_term(2)),
    "log of an opposite": (log(-s * t) == log(-s) + log(t)).given(positive(t)),
    "log of a number beside": log(exp(s) * 5) == s + log(as_term(5)),
    "log of a denominator": total(log(1 / (exp(x) + 1) ** 2)) == -2 * total(log(exp(x) + 1)),
    "log of an unknown denominator": log(exp(t) / (s + r)) == t + log(1 / (s + r)),
    "log of a positive factor": (log((s + t) * r) == log(s + t) + log(r)).given(positive(s + t)),
    "log of a sum of exponentials": total(log((exp(x) + exp(y)) ** 2)) == 2 * total(log(exp(x) + exp(y))),
    "root of a sixth power of a sum": total(sqrt((x + sn) ** 6)) == total(absolute(x + sn) ** 3),
    # sums
    "renaming a fractional power": sum_over(i, (x[i] ** 4) ** Fraction(1, 4) * delta(i, j)) == (
        (x[j] ** 4) ** Fraction(1, 4)),
    "renaming a softmax": sum_over(i, softmax(A[i])[j] * delta(i, k)) == softmax(A[k])[j],
    "renaming to a bound name": sum_over(i, delta(i, j) * sum_over(k, A[i, k] * sum_over(j, A[k, j]))) == (
        sum_over(k, A[j, k] * total(A[k]))),
    "renaming where factors meet": sum_over(j, delta(j, i) * sum_over(k, A[i, k] * A[j, k])) == (
        sum_over(k, A[i, k] ** 2)),
    "renaming where a denominator meets": sum_over(j, delta(j, i) * sum_over(k, x[k] / (A[i, k] + A[j, k] + 1))) == (
        sum_over(k, x[k] / (2 * A[i, k] + 1))),
    "renaming where a body splits": sum_over(j, delta(j, i) * sum_over(k, exp(A[j, k] - A[i, k]) * x[k])) == total(x),
    "renaming where a delta comes": sum_over(j, delta(j, i) * sum_over(q, delta(w(q), o) * A[i, j])) == (
        A[i, i] * sum_over(q, delta(w(q), o))),
    "renaming where a body splits apart": sum_over(j, delta(j, i) * sum_over(
        k, 1 / ((A[i, k] + 1) * (A[j, k] + 2)))) == sum_over(k, 1 / (A[i, k] + 1)) - sum_over(k, 1 / (A[i, k] + 2)),
    "renaming that leaves a number": sum_over(j, delta(j, i) * sum_over(k, x[k] / (A[i, k] + A[j, k]))) == (
        sum_over(k, x[k] / A[i, k]) / 2),
    "renaming that loses an inner sum": sum_over(j, delta(j, i) * sum_over(
        k, x[k] / (1 + y[k] + total(A[i]) - total(A[j])))) == sum_over(k, x[k] / (1 + y[k])),
    "renaming to an injective value": (
        sum_over(o, delta(o, w(q2)) * sum_over(q, delta(w(q), o) * g[q])) == g[q2]).given(injective(w)),
    "renaming to an injective value, counted": (
        sum_over(o, delta(o, w(q2)) * sum_over(q, delta(w(q), o))) == 1).given(injective(w)),
    "renaming a third of a square": sum_over(i, delta(i, j) * (x[i] ** 2) ** THIRD) == (x[j] ** 2) ** THIRD,
    "renaming a third of an exponential and a square": sum_over(i, delta(i, j) * (x[i] ** 2 * exp(y[i])) ** THIRD) == (
        (x[j] ** 2) ** THIRD * exp(y[j] / 3)),
    "renaming to what is assumed": (sum_over(i, delta(i, j) * total(A[i])) == 1).given(Equation(total(A[j]), one)),
    "renaming to a mapped index": sum_over(o, delta(o, w(q)) * sum_over(p, delta(o, p) * (U[p] @ U[o]))) == (
        U[w(q)] @ U[w(q)]),
    "renaming inside an inner sum": sum_over(j, delta(j, i) * sum_over(k, sum_over(o, A[j, k] * U[o, d] * y[k]))) == (
        sum_over(k, A[i, k] * y[k]) * sum_over(o, U[o, d])),
    "counts beside a row": sum_over(o, sum_over(q, delta(w(q), o)) * (U[o] @ v)) == sum_over(q, U[w(q)] @ v),
    "counts twice": sum_over(o, sum_over(q, delta(w(q), o)) ** 2) == sum_over(q, sum_over(q2, delta(w(q), w(q2)))),
    "counts in all": sum_over(o, sum_over(q, delta(w(q), o) * s)) == size(K) * s,
    "sum of a sum squared": total((A @ x) ** 2) == (
        sum_over(i, sum_over(j, sum_over(k, A[i, j] * A[i, k] * x[j] * x[k])))),
    "sum of a sum cubed": total((A @ x) ** 3) == total((A @ x) * (A @ x) ** 2),
    "sum of a sum beside an entry": total(y * (A @ x)) == sum_over(j, (y @ A)[j] * x[j]),
    "sum of two products": sum_over(i, sum_over(j, x[i] * y[j] * A[i, j])) == sum_over(j, y[j] * (x @ A)[j]),
    "antisymmetric sum": sum_over(i, sum_over(j, (A[i, j] - A[j, i]) * (x[i] + x[j]))) == 0,
    "three in a ring": sum_over(i, sum_over(j, sum_over(k, A[i, j] * A[j, k] * A[k, i]))) == (
        sum_over(j, sum_over(k, sum_over(i, A[k, i] * A[i, j] * A[j, k])))),
    "unused twice": sum_over(i, sum_over(j, s)) == size(n) ** 2 * s,
    "unused beside": sum_over(i, sum_over(o, x[i])) == size(V) * total(x),
    "sum of deltas": sum_over(i, sum_over(j, delta(i, j) * delta(j, k))) == 1,
    "delta moves a sum": sum_over(i, delta(i, k) * sum_over(j, A[i, j] * A[j, i])) == sum_over(j, A[k, j] * A[j, k]),
    "delta under a map": sum_over(o, delta(w(q), o) * U[o, d] * delta(o, p)) == delta(w(q), p) * U[p, d],
    "delta moves into an exponential": delta(i, j) * exp(A[i, j]) == delta(i, j) * exp(A[j, j]),
    "delta moves into a denominator": delta(i, j) / (x[i] + y[j]) == delta(i, j) / (x[j] + y[j]),
    "delta moves into a log": delta(i, j) * log(x[i]) == delta(i, j) * log(x[j]),
    "delta moves into a root": delta(i, j) * sqrt(x[i] + 1) == delta(i, j) * sqrt(x[j] + 1),
    "delta moves into a sign": delta(i, j) * sign(x[i] + 1) == delta(i, j) * sign(x[j] + 1),
    "delta moves into a call": delta(o, p) * loss(o, U[o], U) == delta(o, p) * loss(p, U[p], U),
    "delta moves into a partial": delta(d, d2) * loss.partial(1)(o, v, U)[d] == (
        delta(d, d2) * loss.partial(1)(o, v, U)[d2]),
    "delta makes two one": delta(i, j) * x[i] * x[j] == delta(i, j) * x[i] ** 2,
    "delta makes a difference vanish": delta(i, j) * (x[i] - x[j]) == 0,
    "deltas in a chain": delta(i, j) * delta(j, k) == delta(i, k) * delta(j, k),
    "maps of maps": sum_over(o, delta(word_of_word, o) * U[o]) == U[word_of_word],
    "softmax of a shift by its own sum": softmax(x + total(x) * ones(n)) == softmax(x),
    "softmax times its denominator": softmax(x)[i] * total(exp(x)) == exp(x[i]),
    "softmax under a sum": sum_over(i, softmax(x)[i] * sum_over(j, softmax(x)[j] * A[i, j])) == (
        sum_over(j, softmax(x)[j] * sum_over(i, softmax(x)[i] * A[i, j]))),
    "rows that are softmaxes": total(softmax(A)) == size(n),
    "folding a denominator": sum_over(i, sum_over(j, exp(A[i, j]) / sum_over(k, exp(A[i, k])))) == size(n),
    "folding, sums exchanged": sum_over(j, sum_over(i, x[i] * softmax(A[i])[j])) == total(x),
    "folding beside another index": sum_over(j, sum_over(i, sum_over(k, softmax(A[i])[j] * C[i, k]))) == total(C),
    "folding twice": sum_over(j, sum_over(k, sum_over(i, x[i] * softmax(A[i])[j] * softmax(A[i])[k]))) == total(x),
    "folding two denominators": sum_over(j, sum_over(k, sum_over(i, x[i] * softmax(A[i])[j] * softmax(C[i])[k]))) == (
        total(x)),
    "folding a power of a denominator": sum_over(j, sum_over(i, exp(A[i, j]) / total(exp(A[i])) ** 2)) == (
        sum_over(i, 1 / total(exp(A[i])))),
    "folding an assumed row": (sum_over(j, sum_over(i, x[i] * A[i, j])) == total(x)).given(sums_to_one(A)),
    "folding an assumed row beside a denominator": (
        sum_over(j, sum_over(i, x[i] * A[i, j] / total(exp(C[i])))) == sum_over(i, x[i] / total(exp(C[i])))
    ).given(sums_to_one(A)),
    "folding over another axis": sum_over(o, sum_over(q, g[q] * softmax(U @ v)[o])) == total(g),
    # functions known by name only
    "a call under a sum": sum_over(i, loss(o, x[i] * v, U)) == sum_over(j, loss(o, x[j] * v, U)),
    "calls of two words": sum_over(q, loss(w(q), v, U)) * sum_over(q2, loss(w(q2), v, U)) == (
        sum_over(q, sum_over(q2, loss(w(q), v, U) * loss(w(q2), v, U)))),
    "a sum inside a call": loss(o, U.T @ softmax(U @ v), U) == loss(o, U.T @ (exp(U @ v) / total(exp(U @ v))), U),
    "partials in either order": grad(grad(f(s * t, s), s), t) == grad(grad(f(s * t, s), t), s),
    "chain of a call": grad(loss(o, A[i, j] * v, U), A[i, j]) == loss.partial(1)(o, A[i, j] * v, U) @ v,
    # assumptions
    "same in a chain": (x[i] == x[k]).given(same(i, j), same(j, k)),
    "same in a chain, the other way": (x[i] == x[k]).given(same(k, j), same(j, i)),
    "same under a map": (U[w(q)] == U[w(q2)]).given(same(q, q2)),
    "same as a value": (U[w(q)] @ v == U[o] @ v).given(same(w(q), o)),
    "distinct after same": (delta(i, k) == 0).given(same(i, j), distinct(j, k)),
    "distinct values": (delta(w(q), o) * s == 0).given(distinct(w(q), o)),
    "injective maps of maps": (delta(word_of_word, w(q2)) == delta(u(q), q2)).given(injective(w)),
    "avoided under a sum": (sum_over(q, delta(w(q), o) * s + t) == size(K) * t).given(avoids(w, o)),
    "assumed entry by entry": (total(y * z) == total(x * x * z)).given(Equation(y, x * x)),
    "assumed of a matrix": (total(A) == total(C * C)).given(Equation(A, C * C)),
    "assumed of a matrix, both indices": (A[i, j] == x[i] * y[j]).given(Equation(A, outer(x, y))),
    "assumed of a row": (sum_over(j, A[i, j] * s) == s).given(sums_to_one(A)),
    "assumed sum under a sum": (sum_over(i, sum_over(j, y[j] * x[i])) == total(x)).given(sums_to_one(y)),
    "assumed sum with a factor": (2 * total(x) == s).given(Equation(2 * total(x), s)),
    "assumed scaled": (x[i] == y[i] / 3).given(Equation(-3 * x, -y)),
    "assumed with an exponential factor": (x == y).given(Equation(exp(s) * x, exp(s) * y)),
    "assumed one-hot": (sum_over(i, y[i] * x[i]) == x[k]).given(Equation(y, onehot(k))),
    "assumed of a product of sums": (total(x) == s).given(Equation(total(x) * exp(t), s * exp(t))),
}

WRONG: dict[str, Claim] = {
    "entries in the other order": outer(x, A) == outer(x, A.T),
    "entries in the other order, alone": sum_over(k, outer(onehot(k), T[k].T)) == T,
    "a call does not depend on the index": (
        sum_over(i, loss(o, x[i] * v, U)) * sum_over(j, loss(o, x[j] * v, U)) == size(n) * sum_over(
            i, loss(o, x[i] * v, U) ** 2)),
    "partials by two entries": (
        loss.partial(1)(o, v, U)[d] == loss.partial(1)(o, v, U)[d2]).every(d2),
    "partials by two words": (loss.partial(2)(o, v, U)[o] == loss.partial(2)(o, v, U)[p]).every(p),
    "calls of two words": (loss(o, v, U) == loss(p, v, U)).every(p),
    "calls of two values": (sum_over(q, loss(w(q), v, U)) == size(K) * loss(w(q2), v, U)).every(q2),
    "leading, another sign": total(a / (a + sn)) == size(n) + s * total(1 / (a + sn)),
    "leading twice, another sign": total(a**2 / (a + sn)) == total(a) - s * size(n) - s**2 * total(1 / (a + sn)),
    "leading scaled, not": total(a / (2 * a + 3 * sn)) == size(n) - 3 * s * total(1 / (2 * a + 3 * sn)),
    "trailing, another sign": s * total(1 / (a * (a + sn))) == total(1 / a) + total(1 / (a + sn)),
    "apart, another sign": total(1 / ((x + sn) * (x + sn + 1))) == total(1 / (x + sn)) + total(1 / (x + sn + 1)),
    "apart, not by two": total(1 / ((x + sn) * (x + sn + 2))) == total(1 / (x + sn)) - total(1 / (x + sn + 2)),
    "apart with another slope, not": total(1 / ((x + sn) * (2 * x + 2 * sn + 3))) == (
        total(1 / (x + sn)) - 2 * total(1 / (2 * x + 2 * sn + 3))),
    "not a constant apart": total(1 / ((x + sn) * (x + tn))) == total(1 / (x + sn)) - total(1 / (x + tn)),
    "root of a square is no root": total(sqrt((x + sn) ** 2)) == total(x + sn),
    "root of a sixth power is no cube": total(sqrt(x**6)) == total(x**3),
    "sign of an even power": total(sign((x + sn) ** 2)) == total(sign(x + sn)),
    "sign squared is no sign": total(sign(x) ** 2) == total(sign(x)),
    "absolute, a multiple of another sign": (absolute(s - t) == t - s).given(positive(2 * s - 2 * t)),
    "absolute, another difference": (absolute(s - t) == s - t).given(positive(s - 2 * t)),
    "absolute of a larger": (absolute(s - t + r) == s - t + r).given(positive(s - t)),
    "where, the other branch": total(where_positive(x, y, z)) == total(where_positive(x, z, y)),
    "exp of half a log": (exp(log(s) / 2) == s).given(positive(s)),
    "log of a power, half": total(log((exp(x) + 1) ** 3)) == 2 * total(log(exp(x) + 1)),
    "log of a quotient, turned round": total(log((exp(x) + 1) / (exp(x) + 2))) == (
        total(log(exp(x) + 2)) - total(log(exp(x) + 1))),
    "root of the square of a log": exp(log((s + t) ** 2) / 2) == s + t,
    "root of the square of a positive and another": exp(log((exp(s) + t) ** 2) / 2) == exp(s) + t,
    "root of the square of a log that SymPy does not see": (
        exp(sum_over(i, delta(i, j) * log((x[i] + s) ** 2)) / 2) == x[j] + s),
    "root of a sixth power of a sum is no cube": total(sqrt((x + sn) ** 6)) == total((x + sn) ** 3),
    "root of an opposite is no root": sqrt(-s) ** 2 == s,
    "root of half an opposite is no root": sqrt(-s / 2) ** 2 == s / 2,
    "renaming that leaves a number, lost": sum_over(j, delta(j, i) * sum_over(k, x[k] / (A[i, k] + A[j, k]))) == (
        sum_over(k, x[k] / A[i, k])),
    "folding another index": sum_over(j, sum_over(i, x[j] * softmax(A[i])[j])) == total(x),
    "folding a square": sum_over(j, sum_over(i, x[i] * softmax(A[i])[j] ** 2)) == total(x),
    "folding a column": (sum_over(j, sum_over(i, x[j] * A[i, j])) == total(x)).given(sums_to_one(A)),
    "renaming a third of a square, lost": sum_over(i, delta(i, j) * (x[i] ** 2) ** THIRD) == 1 + 0 * x[j],
    "absolute of a negative": absolute(-s * s - 1) == -s * s - 1,
    "counts are no ones": sum_over(o, sum_over(q, delta(w(q), o)) * (U[o] @ v)) == sum_over(o, U[o] @ v),
    "counts squared": sum_over(o, sum_over(q, delta(w(q), o)) ** 2) == size(K),
    "divided by what can be 0": (r == 0).given(Equation(total(x * x) * r, as_term(0)), positive(t)),
    "divided by a sum of roots": (r == 0).given(Equation(total(exp(x) * sqrt(y)) * r, as_term(0))),
    "divided by a sum of either sign": (r == 0).given(Equation(total(1 / (x + sn)) * r, as_term(0))),
    "divided by a sum of squares": (r == 0).given(Equation((s * s + t * t) * r, as_term(0)), positive(r - s - t)),
    "sum of a square": total((A @ x) ** 2) == total(A @ x) ** 2,
    "symmetric sum": sum_over(i, sum_over(j, (A[i, j] + A[j, i]) * x[i])) == 2 * total(A @ x),
    "sum of a square of entries": sum_over(i, sum_over(j, A[i, j] * A[j, i])) == total(A * A),
    "a sum over the other index": sum_over(i, A[i, k]) == sum_over(i, A[k, i]),
    "three in another ring": sum_over(i, sum_over(j, sum_over(k, A[i, j] * A[j, k] * A[k, i]))) == (
        sum_over(i, sum_over(j, sum_over(k, A[i, j] * A[j, k] * A[i, k])))),
    "unused once": sum_over(i, sum_over(j, s)) == size(n) * s,
    "a delta left out": sum_over(i, sum_over(j, delta(i, j) * x[i] * y[j])) == total(x) * total(y),
    "delta under a map, not": sum_over(q, delta(w(q), o)) == size(K),
    "same, not in a chain": (x[i] == x[k]).given(same(i, j)).every(k),
    "same, of another map": (U[w(q)] == U[w(q2)]).given(same(w(q), o)).every(q2),
    "distinct, not both": (delta(i, k) == 0).given(distinct(i, j), distinct(j, k)),
    "avoided by another": (delta(word_of_word, p) == 0).given(avoids(w, o)),
    "injective, another map": (delta(w(q), w(q2)) == delta(q, q2)).given(injective(u)),
    "assumed of a transpose": (A[j, i] == x[i] * y[j]).given(Equation(A, outer(x, y))),
    "assumed of a column": (sum_over(i, A[i, j]) == 1).given(sums_to_one(A)),
    "assumed of a part": (sum_over(i, y[i] * x[i]) == total(x)).given(sums_to_one(y)),
    "assumed of one row": (total(A[j]) == 1).given(Equation(total(A[i]), one)),
    "assumed of the diagonal": (A[i, j] == 1).given(Equation(sum_over(k, onehot(k) * A[k, k]), ones(n))),
    "assumed of one position": (U[w(q)] @ v == 1).given(Equation(U[w(q2)] @ v, one)),
    "assumed of a multiple": (x == y).given(Equation(exp(s) * x, y)),
}


UNSAMPLED = {Equation}  # an equation without a sample holds in no world drawn at random


def proved(claim: Claim) -> bool:
    try:
        by_normal_form(claim)
    except (NotProved, OutsideTheory):
        return False
    return True


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    claim = RIGHT[name]
    by_normal_form(claim)
    compared = [differs(claim, world) for world in worlds(claim, random.Random(name), 12)]
    assert True not in compared and (False in compared or claim.hypotheses)


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    claim = WRONG[name]
    assert not proved(claim)
    assert refuted(claim, random.Random(name), 40) is not None or UNSAMPLED & set(map(type, claim.hypotheses))
