"""The transpose of a product in the wrong order."""

from tests.cases.letters import A, C

claim = (A @ C).T == A.T @ C.T
