"""Right for symmetric matrices only."""

from derive.terms import grad
from tests.cases.letters import A, x

claim = grad(x @ A @ x, x) == 2 * A @ x
