"""What substitution under a SymPy Sum gives."""

from derive.terms import sum_over
from tests.cases.letters import A, i, k

claim = sum_over(i, A[i, k]) == sum_over(i, A[i, i])
