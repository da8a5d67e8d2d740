"""A slope on the flat side."""

from derive.terms import grad, maximum
from tests.cases.letters import s

claim = grad(maximum(s, 0), s) == 1
