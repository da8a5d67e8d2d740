"""A negative power."""

from derive.terms import grad
from tests.cases.letters import s

claim = grad(s ** -2, s) == -2 * s ** -3
