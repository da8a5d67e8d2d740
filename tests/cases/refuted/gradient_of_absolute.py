"""A slope of the wrong sign on one side."""

from derive.terms import absolute, grad
from tests.cases.letters import s

claim = grad(absolute(s), s) == 1
