"""What is assumed, taken at its word: signs and what follows from them, and equations as rules for one position.

Beside them sums, logs, roots and signs function by function, where only one claim or one limit shows what they do.
"""

from __future__ import annotations

import pytest

from derive.claims import Claim, Equation, positive
from derive.errors import NotProved, OutsideTheory
from derive.kernel import by_normal_form
from derive.terms import exp, onehot, sum_over, total
from tests.cases.letters import A, i, j, k, r, s, t, x, y

DIAGONAL = Equation(sum_over(k, onehot(k) * A[k, k]), x)  # A[k, k] = x[k] for every k


def proved(claim: Claim) -> bool:
    try:
        by_normal_form(claim)
    except (NotProved, OutsideTheory):
        return False
    return True


@pytest.mark.parametrize("claim", [
    (y[i] == x[j]).given(DIAGONAL, Equation(A[j], y)),
    (y[i] == y[k]).every(k).given(DIAGONAL, Equation(A[j], y)),
    (y[i] == x[j]).given(DIAGONAL, Equation(A @ onehot(j), y)),
], ids=repr)
def test_a_rule_for_the_diagonal_says_nothing_of_a_row_that_is_assumed_after_it(claim: Claim) -> None:
    """A[j, i] is on the diagonal for i = j alone, also while the second assumption is read, at every i at once."""
    assert not proved(claim)


def test_rules_for_the_diagonal_and_for_a_row_hold_beside_each_other() -> None:
    both = DIAGONAL, Equation(A[j], y)
    assert proved((A[i, i] * A[j, k] == x[i] * y[k]).given(*both).every(k))
    assert not proved((A[i, k] == y[k]).given(*both).every(k))


def test_a_bound_found_while_signs_are_read_may_be_a_new_sum() -> None:
    """With s > 0, t - sum_i e^x_i / (1 + s e^y_i) is compared with t - sum_i e^x_i, which nothing has mentioned yet."""
    late = positive(r / (t - total(exp(x) / (1 + s * exp(y)))))
    assert proved((s == s).given(positive(s), late))
