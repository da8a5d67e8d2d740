"""The case i = k."""

from derive.claims import same
from derive.terms import delta
from tests.cases.letters import i, k, x

claim = (delta(i, k) * x[i] == x[k]).given(same(i, k))
