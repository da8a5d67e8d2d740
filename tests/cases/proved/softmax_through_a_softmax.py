"""A layer named and put back under a sum, where its own sum has the name of that one: nothing is captured."""

from derive.terms import grad, let, softmax, total
from tests.cases.letters import x, y

h = let("h", softmax(x))
claim = grad(total(softmax(h)), h) @ y == 0
