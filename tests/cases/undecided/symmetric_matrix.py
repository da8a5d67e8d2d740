"""A hypothesis that rewrites into itself is beyond the theory."""

from derive.claims import Equation
from tests.cases.letters import A, C, x

claim = (A @ x == x @ A).given(Equation(A, A.T, ((A.args[0], C + C.T),)))
