"""Documents named on the command line: files, folders and standard input, each ready for a worker to read.

    >>> find(["no-such-file.md"])[0].problem
    'no-such-file.md: no such file or directory; expected a document or a folder of them; try the path as `ls` shows it'

No document is read here but on standard input: that is done where a worker can be killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from derive.errors import GradproofError
from derive.reading.reports import DocumentReport
from derive.verdicts import ILL_TYPED, REFUTED, UNDECIDED, UNREADABLE

ENDINGS = (".md", ".markdown", ".tex", ".ipynb", ".txt")
"""What counts as a document in a folder."""
KINDS = ("md", "tex", "ipynb", "txt")
STANDARD_INPUT = "-"
_MOST_BYTES = 20_000_001  # one more than the reader takes: it says what is wrong with a text that long


@dataclass(frozen=True)
class Given:
    """A document to be judged.

    path: as the person named it; kind: one of KINDS, or empty for what its ending says; content: of standard input,
    else None; problem: why there is nothing to read, if so.
    """

    path: str
    kind: str = ""
    content: bytes | None = None
    problem: str = ""


@dataclass(frozen=True)
class Judged:
    """What was found of a document.

    problem: why it could not be read at all; empty if it could; pulled: files it pulled in, with the digest of each.
    """

    report: DocumentReport
    problem: str = ""
    pulled: tuple[tuple[str, str], ...] = ()

    @property
    def wrong(self) -> int:
        """How many steps are refuted or ill-typed."""
        return sum(step.verdict in (REFUTED, ILL_TYPED) for step in self.report.steps)

    @property
    def open(self) -> int:
        """How many steps are undecided or unreadable."""
        return sum(step.verdict in (UNDECIDED, UNREADABLE) for step in self.report.steps)


def unread(path: str, problem: str) -> Judged:
    """A document that could not be read at all."""
    return Judged(DocumentReport(path, "none", findings=(f"could not be read: {problem}",)), problem)


def find(names: Iterable[str], kind: str = "") -> tuple[Given, ...]:
    """The documents that names stand for, in the order of the names; inside a folder sorted by path.

    A name that stands for nothing gives a Given that says why.
    """
    return tuple(given for name in names for given in _found(name, kind))


def digest(given: Given) -> str:
    """SHA-256 of what a document says now; empty if it cannot be read.

    >>> digest(Given("-", content=b""))[:8]
    'e3b0c442'
    """
    try:
        content = _content(given.path) if given.content is None else given.content
    except (OSError, ValueError):
        return ""
    return sha256(content).hexdigest()


def _content(path: str) -> bytes:
    """A file's content; opened so that nothing but a file can keep us waiting."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
        if not S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is no file")
        return file.read(_MOST_BYTES)


def _found(name: str, kind: str) -> Iterator[Given]:
    if name == STANDARD_INPUT:
        yield Given(name, kind or "txt", sys.stdin.buffer.read(_MOST_BYTES))
    elif Path(name).is_dir():
        inside = sorted(_inside(name))
        yield from (_of_file(path, kind, name) for path in inside)
        if not inside:
            yield _missing(name, "no document inside", f"a file ending in {', '.join(ENDINGS)}", "the file itself")
    elif not os.path.lexists(name):
        yield _missing(name, "no such file or directory", "a document or a folder of them", "the path as `ls` shows it")
    else:
        yield _of_file(name, kind)


def _of_file(name: str, kind: str, folder: str = "") -> Given:
    """A file, unless reading it would not end, would fill the memory, or would lead out of a folder that was named.

    Who hands in a folder must not get to see, in the report, what a link in it points to.
    """
    if folder and not Path(os.path.realpath(name)).is_relative_to(os.path.realpath(folder)):
        return _missing(name, f"a link out of {folder}", "a document in that folder", "naming the document itself")
    try:
        found = os.stat(name)
    except OSError as error:
        return _missing(name, error.strerror or "an error", "a file that can be read", "ls -lL")
    if not S_ISREG(found.st_mode):
        return _missing(name, "no regular file", "a document", "- and the text on standard input")
    if found.st_size >= _MOST_BYTES:
        return _missing(name, f"{found.st_size} bytes", f"fewer than {_MOST_BYTES}", "splitting the document")
    return Given(name, kind)


def _inside(folder: str) -> Iterator[str]:
    """Documents in a folder and the folders inside it; what begins with a dot is hidden."""
    for place, folders, files in os.walk(folder):
        folders[:] = [inner for inner in folders if not inner.startswith(".")]
        for file in files:
            if not file.startswith(".") and file.lower().endswith(ENDINGS):
                yield os.path.join(place, file)


def _missing(name: str, found: str, expected: str, hint: str) -> Given:
    return Given(name, problem=str(GradproofError(f"{name}: {found}", expected, hint)))
