"""No single exponential leads in the denominator, and below exp nothing is cleared of denominators."""

from derive.terms import exp, sigma
from tests.cases.letters import r, s, t

d = sigma(s) + sigma(t)
claim = exp(r / (1 + d) + r * (d / (1 + d))) == exp(r)
