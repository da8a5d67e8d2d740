"""A delta of a map's value does not contract over its argument: repetition counts."""

from derive.terms import delta, sum_over
from tests.cases.letters import U, o, q, v, w

claim = sum_over(q, delta(w(q), o)) * U[o] @ v == sum_over(q, delta(w(q), o) * (U[w(q)] @ v))
