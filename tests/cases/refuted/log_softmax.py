"""The log of the sum of exponentials is no sum of logs."""

from derive.terms import log, ones, softmax, total
from tests.cases.letters import n, x

claim = log(softmax(x)) == x - total(x) * ones(n)
