"""`python -m derive.reading FILE...`: what is read of each equation row, and where it stands."""

from __future__ import annotations

import sys
from pathlib import Path

from derive.reading.outline import outline_statement
from derive.reading.parsing import Reading, Unreadable, read_file
from derive.reading.positions import ReadingError


def main(arguments: list[str]) -> int:
    """Print the rows of each file; 0 if all was read, 1 if a row was not, 2 for usage, 3 if a file was not."""
    if not arguments:
        print("usage: python -m derive.reading FILE...", file=sys.stderr)
        return 2
    status = 0
    for argument in arguments:
        try:
            reading = read_file(Path(argument))
        except ReadingError as error:
            print(error, file=sys.stderr)
            status = 3
            continue
        status = max(status, _show(reading))
    return status


def _show(reading: Reading) -> int:
    for damage in reading.document.damage:
        print(damage)
    for block in reading.blocks:
        for row in block.rows:
            if isinstance(row, Unreadable):
                print(row.error)
                continue
            for statement in row.statements:
                line, column = block.source.position(statement.span[0])
                print(f"{block.source.name}:{line}:{column}: {outline_statement(statement)}")
    return 1 if any(reading.unreadable()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
