"""The inner factor lost."""

from derive.terms import grad
from tests.cases.letters import U, loss, o, v

claim = grad(loss(o, 3 * v, U), v) == loss.partial(1)(o, 3 * v, U)
