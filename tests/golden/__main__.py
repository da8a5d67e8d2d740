"""`python -m tests.golden [SEED ...]`: the figures, and every step the product and the labels disagree about."""

from __future__ import annotations

import sys

from tests.golden.comparing import disagreements, figures
from tests.golden.labels import SEEDS


def main(arguments: list[str]) -> int:
    """0 if there is no disagreement."""
    if not SEEDS.is_dir():
        print(f"the write-ups are not here: expected the folder {SEEDS}")
        return 2
    seeds = tuple(int(argument) for argument in arguments) or tuple(range(5))
    for name, value in figures(seeds).items():
        print(f"{name:34} {value}")
    lines = list(disagreements(seeds))
    print(*lines, sep="\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
