"""A bound that fails at size 1."""

from derive.claims import at_most
from derive.terms import size
from tests.cases.letters import n

claim = at_most(2 * size(n), size(n) ** 2)
