"""A gradient by an intermediate result."""

from derive.terms import grad, total
from tests.cases.letters import h

claim = grad(total(h ** 2), h) == 2 * h
