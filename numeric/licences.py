"""The theorems that allow the compiler to write a formula in another form, so that it stays finite for large numbers.

Each name is an exercise of the catalogue, proved when first asked for. Without its proof nothing is rewritten: an
unproved licence is an error and stops the compiler.

    >>> licence("softmax/stable-shift")
    |- softmax(x - m.along(n)) == softmax(x)
"""

from __future__ import annotations

from functools import cache

from derive.exercises.catalogue import find
from derive.kernel import Theorem
from derive.prover import prove

# Softmax, its logarithm and log-sum-exp may be shifted, so by the largest input too: no exp of a positive number.
SHIFT, LOG_SUM_SHIFT, LOG_SHIFT = "softmax/stable-shift", "softmax/logsumexp-shift", "softmax/log-softmax-shift"
# e^a / sum e^b is a softmax however it was written.
SOFTMAX = "softmax/definition"
# Two forms of sigma, one for each sign: no exp of a positive number.
POSITIVE, NEGATIVE = "sigmoid/positive-form", "sigmoid/negative-form"
LOG_POSITIVE, LOG_NEGATIVE = "sigmoid/log-sigmoid-positive", "sigmoid/log-sigmoid-negative"
# 1 - sigma(x) as sigma(-x): no cancellation where sigma is almost 1.
REFLECTION = "sigmoid/reflection"


@cache
def licence(name: str) -> Theorem:
    """The theorem behind a rewriting.

    NotProved: it could not be proved, and then the rewriting may not happen.
    """
    return prove(find(name).build())
