"""The exponential undoes the logarithm where that is defined."""

from derive.terms import exp, log
from tests.cases.letters import s

claim = exp(log(s)) == s
