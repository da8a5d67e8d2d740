"""The chain rule through an abstract loss."""

from derive.terms import grad, tensor
from tests.cases.letters import D, U, loss, o, v

a = tensor("a", D)
claim = grad(loss(o, v + a, U), v) == loss.partial(1)(o, v + a, U)
