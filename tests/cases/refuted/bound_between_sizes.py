"""A bound that fails for some sizes."""

from derive.claims import at_most
from derive.terms import size
from tests.cases.letters import D, K, V

claim = at_most(2 * size(V), size(D) * size(K))
