"""A hypothesis about every entry."""

from derive.claims import Equation
from tests.cases.letters import x, y

claim = (x * x == y).given(Equation(y, x * x, ((y.args[0], x * x),)))
