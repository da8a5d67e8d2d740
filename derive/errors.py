"""The errors a person can meet: what was found, what was expected, one thing to try."""

from __future__ import annotations


class GradproofError(Exception):
    """Base of every error this project raises on purpose.

    found: what stood there; expected: what should have; hint: one thing to try.
    """

    def __init__(self, found: str, expected: str = "", hint: str = "") -> None:
        super().__init__(found, expected, hint)
        self.found, self.expected, self.hint = found, expected, hint

    def __str__(self) -> str:
        parts = [self.found]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.hint:
            parts.append(f"try {self.hint}")
        return "; ".join(parts)


class AxisError(GradproofError):
    """Two sides, operands or indices whose axes do not meet. The verdict `ill-typed` comes from here."""


class UnboundIndexError(AxisError):
    """An index stands on one side of a claim and is bound or mentioned nowhere else."""


class NotProved(GradproofError):
    """A kernel rule refused. Never a refutation: only the rule did not apply."""


class ForgedTheorem(GradproofError):
    """A Theorem that its own recorded rule does not give back."""


class OutsideTheory(GradproofError):
    """A well-formed expression that the decision procedure does not cover (0 to a power, log of a negative number)."""


class InternalDisagreement(GradproofError):
    """Prover and refuter contradict each other: a defect of ours, never a verdict."""
