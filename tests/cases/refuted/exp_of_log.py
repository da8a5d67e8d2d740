"""A logarithm undone by its argument."""

from derive.terms import exp, log
from tests.cases.letters import s

claim = exp(log(s)) == log(s)
