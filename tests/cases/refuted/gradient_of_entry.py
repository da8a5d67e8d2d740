"""An entry by another entry is not 1."""

from derive.terms import grad
from tests.cases.letters import i, j, x

claim = grad(x[i], x[j]) == 1
