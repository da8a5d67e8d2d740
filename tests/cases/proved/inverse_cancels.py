"""A denominator that is no monomial cancels against its multiple."""

from tests.cases.letters import s, t

claim = (s * s - t * t) / (s + t) == s - t
