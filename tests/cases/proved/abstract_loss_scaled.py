"""The chain rule through an abstract loss, with an inner factor."""

from derive.terms import grad
from tests.cases.letters import U, loss, o, v

claim = grad(loss(o, 3 * v, U), v) == 3 * loss.partial(1)(o, 3 * v, U)
