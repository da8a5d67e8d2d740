"""Operation counts, against plain loops that count as they go."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product
from typing import ClassVar

import pytest

from derive.components import Axis, Index
from derive.errors import GradproofError
from derive.exercises import negative_sampling as ns
from derive.operations import Operations, operations
from derive.terms import Term, exp, grad, sigma, sum_over, tensor, total
from tests.exercises.oracle import Point, value

SIZES = list(product((1, 3), (1, 2, 5), (1, 4)))


class Counted:
    """A number that counts what is done to it. Signs are free."""

    tally: ClassVar[Counter[str]] = Counter()

    def __init__(self, number: float) -> None:
        self.number = number

    def __add__(self, other: Counted) -> Counted:
        self.tally["additions"] += 1
        return Counted(self.number + other.number)

    def __mul__(self, other: Counted) -> Counted:
        self.tally["multiplications"] += 1
        return Counted(self.number * other.number)

    def __truediv__(self, other: Counted) -> Counted:
        self.tally["multiplications"] += 1
        return Counted(self.number / other.number)

    def __neg__(self) -> Counted:
        return Counted(-self.number)

    def exp(self) -> Counted:
        self.tally["exponentials"] += 1
        return Counted(math.exp(self.number))

    def log(self) -> Counted:
        self.tally["exponentials"] += 1
        return Counted(math.log(self.number))

    def sigma(self) -> Counted:
        return Counted(1) / (Counted(1) + (-self).exp())


def _sum(numbers: list[Counted]) -> Counted:
    result = numbers[0]
    for number in numbers[1:]:
        result = result + number
    return result


def _dot(a: list[Counted], b: list[Counted]) -> Counted:
    return _sum([x * y for x, y in zip(a, b, strict=True)])


def _vector(length: int) -> list[Counted]:
    return [Counted(0.1 * k) for k in range(length)]


def negative_loss(V: int, D: int, K: int) -> None:
    v, u_o, rows = _vector(D), _vector(D), [_vector(D) for _ in range(K)]
    _ = -_dot(u_o, v).sigma().log() + -_sum([(-_dot(u, v)).sigma().log() for u in rows])


def naive_loss(V: int, D: int, K: int) -> None:
    v, rows = _vector(D), [_vector(D) for _ in range(V)]
    grown = [_dot(u, v).exp() for u in rows]
    partition = _sum(grown)
    predicted = [g / partition for g in grown]
    predicted[0].log()


def negative_gradients(V: int, D: int, K: int) -> None:
    v, u_o, rows = _vector(D), _vector(D), [_vector(D) for _ in range(K)]
    e_o = _dot(u_o, v).sigma() + Counted(-1)
    e = [Counted(1) + -(-_dot(u, v)).sigma() for u in rows]
    for d in range(D):
        _ = e_o * u_o[d] + _sum([e_k * u[d] for e_k, u in zip(e, rows, strict=True)])
    for d in range(D):
        _ = e_o * v[d], [e_k * v[d] for e_k in e]


def _counted(run: object, V: int, D: int, K: int) -> dict[str, int]:
    Counted.tally = Counter()
    run(V, D, K)  # type: ignore[operator]
    return {name: Counted.tally[name] for name in ("multiplications", "additions", "exponentials")}


def _read(found: Operations, V: int, D: int, K: int) -> dict[str, int]:
    point = Point({Axis("V"): V, Axis("D"): D, Axis("K"): K})
    return {name: round(value(getattr(found, name), point).real.item())
            for name in ("multiplications", "additions", "exponentials")}


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("terms", "loop"), [
    ((ns.J,), negative_loss),
    ((ns.naive,), naive_loss),
    (ns.gradients, negative_gradients),
], ids=["loss", "naive", "gradients"])
def test_formula_counts_what_a_loop_counts(terms: tuple[Term, ...], loop: object, sizes: tuple[int, int, int]) -> None:
    assert _read(operations(*terms), *sizes) == _counted(loop, *sizes)


def test_equal_subterms_are_paid_for_once() -> None:
    x = tensor("x", Axis("n"))
    once, twice = operations(exp(x) * exp(x)), operations(exp(x) * exp(-x))
    assert (repr(once.exponentials), repr(twice.exponentials)) == ("n", "n + n")


def test_what_does_not_depend_on_the_index_is_evaluated_once() -> None:
    n, k = Axis("n"), Index("k", Axis("K"))
    x, a = tensor("x", n), tensor("a", Axis("K"))
    assert repr(operations(sum_over(k, a[k] * total(x))).additions) == "K - 1 + (n - 1)"


def test_a_derivative_cannot_be_counted() -> None:
    x = tensor("x")
    with pytest.raises(GradproofError, match=r"grad\(sigma\(x\), x\) in an operation count.*in place of grad"):
        operations(grad(sigma(x), x))
