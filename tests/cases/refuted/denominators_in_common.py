"""A share counted twice."""

from derive.components import Index
from derive.terms import exp, sigma, size, sum_over
from tests.cases.letters import n, s, x

k = Index("k", n)
d = exp(x[k]) / sigma(s)
claim = sum_over(k, s / (1 + d) + s * (d / (1 + d)) * 2) == size(n) * s
