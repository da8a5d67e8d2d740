"""How the command ends: its exit statuses, what it refuses to go on with, and files written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copyfileobj, copymode
from typing import IO

FILE_WIDTH = 100
"""Columns of a report in a file."""
PASSED, FAILED, USAGE, UNREAD, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 70, 130
"""Exit statuses. INTERNAL: two ways to a verdict disagree (EX_SOFTWARE of sysexits.h)."""


class Refused(Exception):
    """The command cannot go on: what to say and the exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def write_aside(path: Path, content: bytes | IO[bytes]) -> None:
    """Write a file beside the place it is to stand, then rename it: what was there before stays until all is written.

    A place that is no file, such as a device, is written directly.
    """
    try:
        if path.exists() and not path.is_file():
            _fill(path, content)
            return
        target = path.resolve()
        aside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            _fill(aside, content)
            if target.exists():
                copymode(target, aside)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(f"{path} could not be written: {error.strerror}; expected a writable file and room for "
                      "the report; try --output with another place", FAILED) from None


def expect_writable(path: Path) -> None:
    """Say at once, and not after a minute of work, that a report cannot be written there."""
    folder = path.parent
    if path.is_dir():
        raise Refused(f"--output {path} is a folder; expected a file; try {path / 'report.txt'}", USAGE)
    if not folder.is_dir():
        raise Refused(f"--output {path}: there is no folder {folder}; expected one that exists; try mkdir -p {folder}",
                      USAGE)
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise Refused(f"--output {path} is not writable; expected a place you may write to; try another folder", USAGE)


def _fill(path: Path, content: bytes | IO[bytes]) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    content.seek(0)
    with path.open("wb") as file:
        copyfileobj(content, file)
