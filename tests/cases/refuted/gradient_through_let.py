"""A gradient through the let and not by it."""

from derive.terms import grad, total
from tests.cases.letters import h

claim = grad(total(h ** 2), h) == 2 * h * h * (1 - h)
