"""A bound that holds for all sizes."""

from derive.claims import at_most
from derive.terms import size
from tests.cases.letters import D, K, V

claim = at_most(2 * size(D) * size(K), 2 * size(D) * size(K) * size(V))
