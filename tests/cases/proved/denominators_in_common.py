"""Two denominators under a sum with the same exponential in both."""

from derive.components import Index
from derive.terms import exp, sigma, size, sum_over
from tests.cases.letters import n, s, x

k = Index("k", n)
d = exp(x[k]) / sigma(s)
claim = sum_over(k, s / (1 + d) + s * (d / (1 + d))) == size(n) * s
