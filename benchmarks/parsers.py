"""Everything that reads what strangers wrote, as functions from bytes, and real input for each: for `fuzz.py`.

A parser may raise its documented error and nothing else.
"""

from __future__ import annotations

import gzip
import json
import struct
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from checks.certificates import Unfit, audited, certificate
from checks.delivery import Refused
from checks.documents import Given
from checks.journals import Journal, Page, journal_path
from checks.judges import outlined
from derive.claims import sums_to_one
from derive.components import Axis, Index
from derive.errors import GradproofError
from derive.opinion import Opinion, Statement, examine, parse, text
from derive.reading.containers import decoded
from derive.reading.frontmatter import declared
from derive.reading.parsing import read_text
from derive.reading.positions import ReadingError
from derive.statements import statement
from derive.terms import cross_entropy, grad, log, onehot, softmax, tensor, total
from numeric.corpus import sentences
from numeric.formats import load

ROOT = Path(__file__).resolve().parent.parent
PIECE = 400
"""Characters of real input in one seed: whole documents are cut between paragraphs."""


@dataclass(frozen=True)
class Parser:
    """reads: where its code lies, beginnings of paths below the root; allowed: the errors it documents."""

    name: str
    parse: Callable[[bytes], object]
    seeds: Callable[[], Iterator[bytes]]
    reads: tuple[str, ...]
    allowed: tuple[type[Exception], ...]


def parsers(scratch: Path) -> tuple[Parser, ...]:
    """All of them; scratch: a folder for those that read files."""
    reading = ("derive/reading/", "checks/judges.py")
    vectors = ("numeric/formats.py", "numeric/streams.py")
    certificates = ("derive/opinion/", "checks/certificates.py")
    documents = [Parser(f"document, {kind}", _document(kind), seeds, reading, (ReadingError,))
             for kind, seeds in (("md", _markdown), ("tex", _tex), ("txt", _plain), ("ipynb", _notebooks))]
    return (
        *documents,
        Parser("front matter", lambda data: declared(data.decode("utf-8", "replace")), _front_matter, reading, ()),
        Parser("vectors, text", _file(scratch, lambda path: load(path, binary=False)), _vectors_text, vectors,
               (GradproofError,)),
        Parser("vectors, binary", _file(scratch, lambda path: load(path, binary=True)), _vectors_binary, vectors,
               (GradproofError,)),
        Parser("corpus", _file(scratch, lambda path: list(islice(sentences(path), 10_000))), _corpora,
               ("numeric/corpus.py", "numeric/streams.py"), (GradproofError,)),
        Parser("journal of a report", _journal(scratch), lambda: _journals(scratch), ("checks/journals.py",),
               (Refused,)),
        Parser("certificate", lambda data: audited(data.decode()), _certificates, certificates,
               (Unfit, UnicodeDecodeError, RecursionError)),
        # What comes behind a certificate's seal, which no mutation fits.
        Parser("statement of a certificate", lambda data: parse(data.decode("utf-8", "replace")), _statements,
               certificates, (ValueError, RecursionError)),
    )


def _document(kind: str) -> Callable[[bytes], object]:
    return lambda data: list(outlined(read_text(decoded(data, "f"), kind, "f")))


def _file(scratch: Path, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    def parse(data: bytes) -> object:
        path = scratch / ("f.gz" if data[:2] == b"\x1f\x8b" else "f.bin")
        path.write_bytes(data)
        return read(path)
    return parse


def _journal(scratch: Path) -> Callable[[bytes], object]:
    def parse(data: bytes) -> object:
        journal_path(scratch / "out").write_bytes(data)
        journal = Journal(scratch / "out", {}, resume=True)
        try:
            page = journal.page(Given("-", content=b"a document"))
            return page and page.piece()
        finally:
            journal.close(finished=False)
    return parse


# --- real input -------------------------------------------------------------------------------------------------------


def _texts(*endings: str) -> Iterator[str]:
    folders = [ROOT / "examples", *(ROOT / "tests").glob("**/documents"), ROOT.parent / "shared" / "seeds"]
    for path in (ROOT / "README.md", *(path for folder in sorted(folders) for path in sorted(folder.glob("*")))):
        if path.suffix in endings and path.is_file():
            yield path.read_text("utf-8", errors="replace")


def _pieces(page: str) -> Iterator[str]:
    held = ""
    for paragraph in page.split("\n\n"):
        if held and len(held) + len(paragraph) > PIECE:
            yield held
            held = ""
        held += paragraph + "\n\n"
    yield held


def _markdown() -> Iterator[bytes]:
    yield from (piece.encode() for page in _texts(".md", ".txt") for piece in _pieces(page))


def _tex() -> Iterator[bytes]:
    for page in _texts(".tex"):
        head, _, body = page.partition(r"\begin{document}")
        yield from (f"{head[-1_500:]}\\begin{{document}}\n{piece}".encode() for piece in _pieces(body))


def _plain() -> Iterator[bytes]:
    for page in _texts(".md", ".txt"):
        yield from (piece.replace("$", " ").encode() for piece in _pieces(page))


def _notebooks() -> Iterator[bytes]:
    for piece in _markdown():
        cells = [{"cell_type": "markdown", "source": piece.decode().splitlines(keepends=True)},
                 {"cell_type": "code", "source": "x = 1"}, {"cell_type": "markdown", "source": "$a = b$"}]
        yield json.dumps({"cells": cells, "nbformat": 4}).encode()


def _front_matter() -> Iterator[bytes]:
    for page in _texts(".md"):
        if page.startswith("---\n"):
            yield page[4:].partition("\n---")[0].encode()
    yield b"axes: n\ntensors:\n  x: n\nhypotheses:\n  - \\sum_i x_i = 1\nconventions:\n  layout of U: rows"
    yield b"functions:\n  f(x): \\max(x, \\alpha x)\nscalars:\n  alpha: in (0, 1)\nrows:\n  x: X\nsetting: none"


def _vectors_text() -> Iterator[bytes]:
    plain = b"3 4\nking 0.5 -1e-3 2 3\nqueen 1 2 3 4\n\xc3\xa9 nan inf -inf 0\n"
    finite = b"2 3\nking 0.5 -1e-3 2\nqueen 1 2 3\n"
    yield from (finite, finite.replace(b"\n", b"\r\n"), gzip.compress(finite), finite.partition(b"\n")[2])
    yield from (plain, b"0 0\n")


def _vectors_binary() -> Iterator[bytes]:
    rows = b"".join(word + b" " + struct.pack("<4f", 1, -2, 3.5, 1e-30) + b"\n" for word in (b"king", b"queen", b"a"))
    yield from (b"3 4\n" + rows, gzip.compress(b"3 4\n" + rows), b"3 4\n" + rows.replace(b"\n", b""))


def _corpora() -> Iterator[bytes]:
    for page in islice(_texts(".md"), 8):
        yield from (piece.encode() for piece in _pieces(page))
    yield gzip.compress(b"the king rules\nthe queen rules\n" * 20)


def _examples() -> Iterator[Statement]:
    """Statements of proved claims."""
    n = Axis("n")
    x, y, k = tensor("x", n), tensor("y", n), Index("k", n)
    yield statement((grad(cross_entropy(y, softmax(x)), x) == softmax(x) - y).given(sums_to_one(y)))
    yield statement(grad(-log(softmax(x)[k]), x) == softmax(x) - onehot(k))
    yield statement(total(softmax(x)) == 1)


def _statements() -> Iterator[bytes]:
    yield from (text(each).encode() for each in _examples())


def _certificates() -> Iterator[bytes]:
    for each in _examples():
        found = examine(each)
        assert isinstance(found, Opinion)
        yield certificate("a claim", each, found).encode()


def _journals(scratch: Path) -> Iterator[bytes]:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        output, given = Path(folder) / "out", Given("-", content=b"a document")
        journal = Journal(output, {}, resume=False)
        for counts in ({"proved": 3}, {}):
            journal.begin(given)
            journal.add(given, (("a.tex", "00"),) if not counts else (), Page(lambda: "a piece", counts, "", ("x",)))
            yield journal_path(output).read_bytes()
        journal.close(finished=True)
