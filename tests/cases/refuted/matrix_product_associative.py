"""Matrix products do not commute."""

from tests.cases.letters import A, C, x

claim = A @ (C @ x) == C @ (A @ x)
