"""The Jacobian of softmax, off the diagonal too (SymPy's matrix calculus loses that part)."""

from derive.terms import diag, grad, outer, softmax
from tests.cases.letters import x

claim = grad(softmax(x), x) == diag(softmax(x)) - outer(softmax(x), softmax(x))
