"""n - sum of 1 / (1 + e^x) is positive: every term of the sum is below 1."""

from derive.terms import exp, log, sigma, total
from tests.cases.letters import s, x

claim = log((1 + exp(s)) * total(sigma(x))) == log(1 + exp(s)) + log(total(sigma(x)))
