"""The same index letter inside and outside a sum."""

from derive.terms import exp, grad, log, softmax, sum_over
from tests.cases.letters import i, x

claim = grad(log(sum_over(i, exp(x[i]))) - x[i], x[i]) == softmax(x)[i] - 1
