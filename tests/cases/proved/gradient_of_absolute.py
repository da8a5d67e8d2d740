"""The absolute value, away from 0."""

from derive.terms import absolute, grad, sign
from tests.cases.letters import s

claim = grad(absolute(s), s) == sign(s)
