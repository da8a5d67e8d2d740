"""The identity holds as many ones as rows."""

from derive.terms import identity, total
from tests.cases.letters import n

claim = total(identity(n)) == 1
