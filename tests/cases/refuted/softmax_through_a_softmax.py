"""What the left side becomes where the inner softmax captures the index outside it and turns into 1 / n."""

from derive.terms import exp, grad, let, size, softmax, total
from tests.cases.letters import n, x, y

h = let("h", softmax(x))
claim = grad(total(softmax(h)), h) @ y == (
    total(exp(h) * y) / size(n) - total(exp(h)) * total(y) / size(n) ** 2) / exp(1 / size(n))
