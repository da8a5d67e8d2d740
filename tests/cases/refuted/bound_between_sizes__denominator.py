"""A denominator that is negative for some sizes is not cleared."""

from derive.claims import at_most
from derive.terms import as_term, size
from tests.cases.letters import n

claim = at_most(1 / (size(n) - 2), as_term(0))
