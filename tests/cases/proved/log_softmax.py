"""The logarithm of a softmax is the entry less the log of the sum of exponentials."""

from derive.terms import exp, log, ones, softmax, total
from tests.cases.letters import n, x

claim = log(softmax(x)) == x - log(total(exp(x))) * ones(n)
