"""A variance in two forms."""

from derive.terms import ones, size, total
from tests.cases.letters import n, x

a = total(x) / size(n)
claim = total((x - a * ones(n)) ** 2) == total(x ** 2) - size(n) * a ** 2
