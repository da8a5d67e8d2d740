"""Neither side of this has a value anywhere."""

from derive.terms import log
from tests.cases.letters import s

claim = log(-1 - s * s) == log(-1 - s * s) + s
