"""A power that moved the wrong way."""

from derive.terms import grad
from tests.cases.letters import s

claim = grad(s ** -2, s) == -2 * s ** -1
