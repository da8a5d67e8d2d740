"""The bound index of a sum is not the index of the entry (sympy issue 21891)."""

from derive.terms import grad, ones, total
from tests.cases.letters import n, x

claim = grad(total(x), x) == ones(n)
