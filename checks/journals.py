"""What was finished of a report that was not: beside the file it will stand in, so that the next run can go on.

A journal is text, a line per judged document, written as soon as it is. Each line carries a digest over itself and the
line before: what was changed, cut out or put in is refused. A last line without its end was written by a run as it was
killed, and is written again. Whoever can write there can write the report itself: the digests find accidents.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from checks.delivery import FAILED, USAGE, Refused
from checks.documents import Given, digest

_KIND = "gradproof: documents judged for a report that is not finished"


@dataclass(frozen=True)
class Page:
    """A judged document as it will be written. piece: its text, held here or in a journal; counts: steps by verdict;
    problem: why it could not be read; disagreements: internal errors."""

    piece: Callable[[], str]
    counts: Mapping[str, int]
    problem: str = ""
    disagreements: tuple[str, ...] = ()


class Journal:
    """The pages of one report so far."""

    def __init__(self, output: Path, settings: Mapping[str, object], resume: bool) -> None:
        """Go on with the journal of an output file, or begin one.

        settings: all that a page depends on beside its document. Raises Refused if there is one to go on with that is
        damaged, or of other settings.
        """
        self.path = journal_path(output)
        self.identity = sha256(json.dumps([settings, _version()], sort_keys=True).encode()).hexdigest()
        self.digests: dict[str, str] = {}
        self.last, self.end = "", 0
        self.pages: dict[tuple[str, str], tuple[int, int]] = {}  # path and digest: where the line stands, its length
        try:
            if resume and self.path.exists():
                self._read()
                self.file: IO[bytes] = self.path.open("r+b")
                self.file.truncate(self.end)
                self.file.seek(self.end)
            else:
                self.file = self._begun()
        except OSError as error:
            raise self._unwritable(error) from None

    def page(self, given: Given) -> Page | None:
        """What was found of a document, if it is the same document still, and so are the files it pulled in."""
        key = given.path, digest(given)
        if not key[1] or key not in self.pages:
            return None
        line = self._line(*self.pages[key])
        if any(digest(Given(path)) != found for path, found in line["pulled"]):
            return None
        at = self.pages[key]
        return Page(lambda: str(self._line(*at)["piece"]), line["counts"], line["problem"],
                    tuple(line["disagreements"]))

    def begin(self, given: Given) -> None:
        """A document is about to be judged: remember what it is now, before its worker reads it."""
        self.digests[given.path] = digest(given)

    def add(self, given: Given, pulled: tuple[tuple[str, str], ...], page: Page) -> None:
        """Write down what was found of a document."""
        found = self.digests.pop(given.path, "")
        if found:
            self._append({"path": given.path, "digest": found, "pulled": pulled, "counts": dict(page.counts),
                          "problem": page.problem, "disagreements": page.disagreements, "piece": page.piece()})

    def close(self, finished: bool) -> None:
        """Be done with it; a finished report needs none."""
        self.file.close()
        if finished:
            self.path.unlink(missing_ok=True)

    def _append(self, line: dict[str, Any]) -> None:
        text = json.dumps(line)
        self.last = _check(self.last, text)
        try:
            self.file.write(f"{self.last} {text}\n".encode())
            self.file.flush()
        except OSError as error:
            raise self._unwritable(error) from None

    def _begun(self) -> IO[bytes]:
        """A new journal: written aside and renamed, so that there never is one without its head."""
        aside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        self.file = aside.open("w+b")
        self._append({"kind": _KIND, "identity": self.identity})
        aside.replace(self.path)
        return self.file

    def _read(self) -> None:
        for at, check, text in self._lines():
            expected, self.last = _check(self.last, text), check
            line = _parsed(text)
            if check != expected or line is None:
                raise self._refused(f"damage at byte {at}")
            if at == 0:
                self._expect_ours(line)
            else:
                self.pages[line["path"], line["digest"]] = (at, len(check) + len(text.encode()) + 1)
        if not self.last:
            raise self._refused("no head")

    def _expect_ours(self, line: dict[str, Any]) -> None:
        if line.get("kind") != _KIND:
            raise self._refused("no journal of a report")
        if line.get("identity") != self.identity:
            raise self._refused("a report with other settings, or of another version")

    def _lines(self) -> Iterator[tuple[int, str, str]]:
        with self.path.open("rb") as file:
            for raw in file:
                if not raw.endswith(b"\n"):
                    return
                check, _, text = raw[:-1].decode("utf-8", "replace").partition(" ")
                yield self.end, check, text
                self.end += len(raw)

    def _line(self, at: int, length: int) -> dict[str, Any]:
        with self.path.open("rb") as file:
            file.seek(at)
            found: dict[str, Any] = json.loads(file.read(length).partition(b" ")[2])
        return found

    def _refused(self, found: str) -> Refused:
        return Refused(f"--resume: {self.path}: found {found}; expected what the same command left when it was "
                       "stopped; try it without --resume, which starts again", USAGE)

    def _unwritable(self, error: OSError) -> Refused:
        return Refused(f"{self.path} could not be written: {error.strerror}; expected a place for what is finished, "
                       "beside the output; try --output in another folder", FAILED)


def journal_path(output: Path) -> Path:
    """Where the journal of an output file stands.

    >>> journal_path(Path("out/report.json")).as_posix()
    'out/report.json.unfinished'
    """
    return output.with_name(f"{output.name}.unfinished")


def _check(before: str, text: str) -> str:
    return sha256(f"{before} {text}".encode("utf-8", "surrogatepass")).hexdigest()


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _version() -> str:
    """A digest of the code that judges: what another version found is not ours."""
    root = Path(__file__).parent.parent
    content = sha256()
    for package in ("derive", "checks"):
        for path in sorted((root / package).rglob("*.py")):
            content.update(path.read_bytes())
    return content.hexdigest()
