"""The factor 2 lost."""

from derive.terms import grad, sqrt
from tests.cases.letters import s

claim = grad(sqrt(s), s) == 1 / sqrt(s)
