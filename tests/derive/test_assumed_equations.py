"""Assumed equations as rewriting rules: which become one, which are left aside, and where a rule applies.

Left aside is always sound: assuming less proves less. Each test here is a defect that benchmarks/mutation.py planted
and that no other test noticed.
"""

from __future__ import annotations

import numpy as np
import pytest

from derive.claims import Claim, Equation, Hypothesis, sums_to_one
from derive.errors import NotProved, OutsideTheory
from derive.kernel import by_normal_form
from derive.normal_form import Normalizer
from derive.terms import Term, exp, log, onehot, ones, sigma, size, sqrt, subterms, sum_over, tensor, total
from tests.cases.letters import K, U, V, n, o, q, q2, s, t, w, x
from tests.derive.oracle import World, evaluate

EVERY_ROW = Equation(sum_over(q, onehot(q) * total(U[w(q)])), ones(K))  # sum_d U[w(k), d] = 1 for every k


def proved(claim: Claim, *given: Hypothesis) -> bool:
    try:
        by_normal_form(claim.given(*given))
    except (NotProved, OutsideTheory):
        return False
    return True


@pytest.mark.parametrize(("left", "right"), [
    (s, s * t), (s, exp(s)), (s, log(s)), (s, 1 / (s + 1)), (x, x * total(x)), (x, exp(x)), (s, s**2 + 1),
    (s, sigma(s)), (s, t + sqrt(s * t)), (total(x), exp(total(x))), (total(x), total(x) * s),
], ids=str)
def test_what_leads_back_to_itself_becomes_no_rule(left: Term, right: Term) -> None:
    normalizer = Normalizer((Equation(left, right),))
    assert len(normalizer.unused) == 1
    assert not normalizer._entry_rules and not normalizer._sum_rules


def test_a_rule_for_every_position_finds_the_position_inside_a_map() -> None:
    assert proved(total(U[w(q)]) * s == s, EVERY_ROW)
    assert proved(sum_over(q, total(U[w(q)])) == size(K), EVERY_ROW)
    assert not proved(total(U[o]) == 1, EVERY_ROW)
    assert not proved(total(U[w(q)] * U[w(q2)]) == 1, EVERY_ROW)


def test_a_sample_of_what_sums_to_one_does_and_is_not_uniform() -> None:
    for y in (tensor("y", n), tensor("Y", n, n), tensor("Z", K, V), tensor("R", n, K, V)):
        ((symbol, sample),) = sums_to_one(y).samples
        assert (symbol.name, symbol.axes, sample.axes) == (y.args[0].name, y.axes, y.axes)
        (raw,) = {part.args[0] for part in subterms(sample) if part.op == "tensor"}
        assert raw.name != symbol.name and raw.axes == y.axes
        sizes = {"n": 3, "K": 2, "V": 4}
        drawn = np.random.default_rng(5).uniform(-3, 3, [sizes[axis.name] for axis in y.axes])
        found = evaluate(sample, World(sizes, {raw: drawn}, {}, {})).real
        assert np.allclose(found.sum(axis=-1), 1) and found.min() > 0 and np.ptp(found) > 0.05
