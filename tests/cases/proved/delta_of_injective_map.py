"""A map without repetition meets itself only at the same position."""

from derive.claims import injective
from derive.terms import delta
from tests.cases.letters import q, q2, w

claim = (delta(w(q), w(q2)) == delta(q, q2)).given(injective(w))
