"""log(1 / p) = -log(p), whatever is known of the sign of p."""

from derive.terms import log, total
from tests.cases.letters import s, x

claim = log(1 / (s + total(x))) == -log(s + total(x))
