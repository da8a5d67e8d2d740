"""The sign lost."""

from derive.terms import log, total
from tests.cases.letters import s, x

claim = log(1 / (s + total(x))) == log(s + total(x))
