"""Rows that sum to 1 do not make columns that do."""

from derive.claims import sums_to_one
from derive.terms import ones
from tests.cases.letters import B, m, n

claim = (ones(m) @ B == ones(n)).given(sums_to_one(B))
