"""The hypothesis speaks of the square."""

from derive.claims import Equation
from tests.cases.letters import x, y

claim = (x == y).given(Equation(y, x * x, ((y.args[0], x * x),)))
