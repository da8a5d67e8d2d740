"""The case i != k."""

from derive.claims import distinct
from derive.terms import delta
from tests.cases.letters import i, k, x

claim = (delta(i, k) * x[i] == 0).given(distinct(i, k))
