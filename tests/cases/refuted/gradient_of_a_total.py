"""What SymPy's Sum.diff gives (issue 21891)."""

from derive.terms import grad, ones, size, total
from tests.cases.letters import n, x

claim = grad(total(x), x) == size(n) * ones(n)
