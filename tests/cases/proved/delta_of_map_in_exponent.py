"""e^(d a) = 1 + d (e^a - 1), for a delta under a sum, where no cases of free indices help."""

from derive.terms import delta, exp, sum_over, tensor
from tests.cases.letters import K, V, o, q, w

a, b = tensor("a", V), tensor("b", K)
claim = sum_over(q, b[q] * exp(delta(w(q), o) * a[o])) == sum_over(q, b[q] * (1 + delta(w(q), o) * (exp(a[o]) - 1)))
