"""w(r) becomes w(k) where a delta contracts, and that is o by hypothesis."""

from derive.claims import same
from derive.components import Index
from derive.terms import delta, sum_over, tensor
from tests.cases.letters import K, o, q, w

b, r = tensor("b", K), Index("r", K)
claim = (sum_over(r, delta(r, q) * delta(o, w(r)) * b[r]) == b[q]).given(same(o, w(q)))
