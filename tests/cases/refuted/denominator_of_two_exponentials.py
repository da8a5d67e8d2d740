"""One share is missing."""

from derive.terms import exp, sigma
from tests.cases.letters import r, s, t

d = sigma(s) + sigma(t)
claim = exp(r / (1 + d) + r * (sigma(s) / (1 + d))) == exp(r)
