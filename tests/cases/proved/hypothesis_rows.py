"""Rows that sum to 1."""

from derive.claims import sums_to_one
from derive.terms import size, total
from tests.cases.letters import B, m

claim = (total(B) == size(m)).given(sums_to_one(B))
