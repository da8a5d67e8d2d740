"""The 1 of every other position lost."""

from derive.terms import delta, exp, sum_over, tensor
from tests.cases.letters import K, V, o, q, w

a, b = tensor("a", V), tensor("b", K)
claim = sum_over(q, b[q] * exp(delta(w(q), o) * a[o])) == sum_over(q, b[q] * delta(w(q), o) * exp(a[o]))
