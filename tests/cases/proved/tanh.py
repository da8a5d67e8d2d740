"""tanh as a scaled logistic function, both over exponentials."""

from derive.terms import exp, sigma
from tests.cases.letters import s

claim = (exp(s) - exp(-s)) / (exp(s) + exp(-s)) == 2 * sigma(2 * s) - 1
