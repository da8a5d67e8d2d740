"""A bound whose coefficients are nonnegative only in sizes less one."""

from derive.claims import at_most
from derive.terms import size
from tests.cases.letters import n

claim = at_most(2 * size(n) - 1, size(n) ** 2)
