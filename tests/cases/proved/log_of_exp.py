"""A logarithm splits over an exponential, which is always positive."""

from derive.terms import exp, log
from tests.cases.letters import s, t

claim = log(exp(s) * exp(t)) == s + t
