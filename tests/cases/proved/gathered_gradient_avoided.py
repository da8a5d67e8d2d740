"""A word that is never gathered gets no gradient."""

from derive.claims import avoids
from derive.terms import grad, sum_over, zeros
from tests.cases.letters import D, U, o, q, v, w

claim = (grad(sum_over(q, U[w(q)] @ v), U[o]) == zeros(D)).given(avoids(w, o))
