"""Matrix products associate."""

from tests.cases.letters import A, C, x

claim = (A @ C) @ x == A @ (C @ x)
