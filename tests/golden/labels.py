"""The labels: one record for each step of a write-up, read from the files beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from derive import verdicts

HERE = Path(__file__).parent
SEEDS = HERE.parents[2] / "shared" / "seeds"
KINDS = frozenset({verdicts.PROVED, verdicts.REFUTED, verdicts.ILL_TYPED, verdicts.UNDECIDED, verdicts.UNREADABLE,
                   verdicts.DEFINITION})
NONE = "none"
FALSE = frozenset({verdicts.REFUTED, verdicts.ILL_TYPED})


@dataclass(frozen=True)
class Label:
    """What a step should get. line, column: of its right side, from 1; also: verdicts that are as good."""

    seed: int
    line: int
    column: int
    verdict: str
    also: frozenset[str]
    left: str
    right: str
    note: str

    @property
    def allowed(self) -> frozenset[str]:
        """Every verdict that is no disagreement."""
        return self.also | {self.verdict}

    @property
    def final(self) -> bool:
        """Whether it is a wrong final answer."""
        return self.note.startswith("final")

    @property
    def repairable(self) -> bool:
        """Whether it is one, and a single small edit of what was written makes it right."""
        return self.note.startswith("final, one edit")

    @property
    def place(self) -> str:
        """Write-up, line and column."""
        return f"{self.seed:03d}:{self.line}:{self.column}"


def read_labels(seed: int) -> tuple[Label, ...]:
    """The labels of one write-up, in the order of the file."""
    text = (HERE / f"seed_{seed:03d}.txt").read_text(encoding="utf-8")
    return tuple(_label(seed, line) for line in text.splitlines() if line and not line.startswith("#"))


def _label(seed: int, text: str) -> Label:
    head, left, right, note = (part.strip() for part in f"{text} ".split(" | "))
    line, column, kinds = head.split()
    verdict, *also = kinds.split("/")
    return Label(seed, int(line), int(column), verdict, frozenset(also), left, right, note)


def write_up(seed: int) -> Path:
    """The file of a write-up."""
    return next(SEEDS.glob(f"{seed:03d}_*"))


def relation(label: Label, lines: list[str]) -> str:
    """The sign in front of a labelled side: `=`, `in`, or nothing for a row of shapes."""
    before = lines[label.line - 1][: label.column - 1].rstrip(" &$")
    return "=" if before.endswith("=") else "in" if before.endswith("\\in") else ""
