"""Numbers under a logarithm split into primes."""

from fractions import Fraction

from derive.terms import as_term, log

claim = log(as_term(Fraction(12, 25))) == 2 * log(as_term(2)) + log(as_term(3)) - 2 * log(as_term(5))
