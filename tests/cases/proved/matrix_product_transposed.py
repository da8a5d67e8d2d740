"""The transpose of a product."""

from tests.cases.letters import A, C

claim = (A @ C).T == C.T @ A.T
