"""What SymPy's Sum.diff gives: the bound index taken for the free one."""

from derive.terms import exp, grad, log, sum_over
from tests.cases.letters import i, x

claim = grad(log(sum_over(i, exp(x[i]))) - x[i], x[i]) == 0
