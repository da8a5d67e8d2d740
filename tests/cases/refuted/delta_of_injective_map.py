"""With repetition, two positions may hold one word."""

from derive.terms import delta
from tests.cases.letters import q, q2, w

claim = delta(w(q), w(q2)) == delta(q, q2)
