"""A text as numbers on the disk: memory for one chunk, whatever the size of the text.

- `Spool`: numbers written one after the other and read back in chunks; in memory while they are few.
- `write_tokens`, `read_tokens`: a numbered text as one file whose tokens are mapped, not read.
- `cache_path(file, ...)`: where the numbers of a text file are kept. The name is a digest of its bytes and of the
  settings, so that another text of the same name is another entry, and a copy of the same text is not.

A token file holds `MAGIC`; V, N, the words read and the bytes of the words, as int64; V counts as int64; N tokens as
int32; the words as a JSON list. Numbers are little-endian.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.caches import kept

Numbers = NDArray[np.int32]
Counts = NDArray[np.int64]

MAGIC = b"gradtok1"
CHUNK = 1 << 20  # tokens read back at once
AROUND = 1 << 22  # bytes before and after a page that the system may map with it
IN_MEMORY = 1 << 24  # bytes of tokens; a text of more is kept on the disk
CACHED_FROM = 1 << 22  # bytes of a text file, packed or not; a smaller one is numbered in a fraction of a second
CACHE_BYTES = 16 << 30  # of all texts together; the ones not used for longest make room

_HEADER = np.dtype([("magic", "S8"), ("words", "<i8"), ("tokens", "<i8"), ("read_words", "<i8"), ("bytes", "<i8")])


class Spool:
    """Tokens written one after the other, then read back in chunks; on the disk once they are many."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (closed by `close`)
        self.tokens = 0

    def append(self, numbers: Numbers) -> None:
        """Add tokens (n,). Raises GradproofError: no room on the disk."""
        try:
            self._file.write(np.ascontiguousarray(numbers).tobytes())
        except OSError as error:
            raise no_room(error, 4 * self.tokens) from None
        self.tokens += len(numbers)

    def chunks(self) -> Iterator[Numbers]:
        """The tokens from the beginning, up to `CHUNK` at a time."""
        self._file.seek(0)
        while data := self._file.read(4 * CHUNK):
            yield np.frombuffer(data, dtype=np.int32)

    def close(self) -> None:
        """Give the memory, or the file, back."""
        self._file.close()


@dataclass(frozen=True)
class TokenFile:
    """A numbered text on the disk.

    words: (V,); counts: (V,) int64; tokens: (N,) int32, mapped, not writeable; read_words: words of the text, rare
    ones included; pages: the mapped file; begin: where the tokens begin in it, in bytes.
    """

    path: Path
    words: tuple[str, ...]
    counts: Counts
    tokens: Numbers
    read_words: int
    pages: mmap.mmap
    begin: int

    def chunk(self, start: int, stop: int) -> Numbers:
        """A copy of tokens start to stop; what was mapped for them does not stay in memory."""
        chunk = self.tokens[start:stop].copy()
        if hasattr(self.pages, "madvise"):  # not on every system
            # Touching a page maps its neighbours too, those of the last chunk among them.
            first = max(0, self.begin + 4 * start - AROUND) // mmap.PAGESIZE * mmap.PAGESIZE
            last = min(len(self.pages), self.begin + 4 * (start + len(chunk)) + AROUND)
            self.pages.madvise(mmap.MADV_DONTNEED, first, last - first)
        chunk.flags.writeable = False
        return chunk


def write_tokens(file: IO[bytes], words: Sequence[str], counts: Counts, read_words: int, tokens: int,
                 chunks: Iterable[Numbers]) -> None:
    """Write a numbered text; chunks: its tokens, `tokens` in all. Raises OSError as the file does."""
    joined = json.dumps(words).encode()
    header = np.array((MAGIC, len(words), tokens, read_words, len(joined)), dtype=_HEADER)
    file.write(header.tobytes() + counts.astype("<i8").tobytes())
    for chunk in chunks:
        file.write(chunk.astype("<i4", copy=False).tobytes())
    file.write(joined)


def read_tokens(path: Path) -> TokenFile | None:
    """The numbered text of a file; None where there is none, or it is not whole."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(_HEADER.itemsize)
            header = np.frombuffer(data, _HEADER)[0] if len(data) == _HEADER.itemsize else None
            if header is None or header["magic"] != MAGIC or size != _size(header):
                return None
            counts = np.frombuffer(file.read(8 * int(header["words"])), "<i8").astype(np.int64)
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            file.seek(-int(header["bytes"]), os.SEEK_END)
            words = tuple(json.loads(file.read()))
    except (OSError, ValueError):
        return None
    begin = _HEADER.itemsize + 8 * len(counts)
    tokens: Numbers = np.frombuffer(pages, "<i4", int(header["tokens"]), begin)
    counts.flags.writeable = False
    with suppress(OSError):
        os.utime(path)  # the least recently used make room
    return TokenFile(path, words, counts, tokens, int(header["read_words"]), pages, begin)


def _size(header: np.void) -> int:
    return _HEADER.itemsize + 8 * int(header["words"]) + 4 * int(header["tokens"]) + int(header["bytes"])


# --- the cache --------------------------------------------------------------------------------------------------------


def cache_path(text: Path, *settings: object) -> Path | None:
    """Where the numbers of a text file belong; None for a small one, for what is no plain file, and without a cache.

    settings: whatever else the numbers depend on.
    """
    folder = kept("tokens")
    try:
        if folder is None or not text.is_file() or text.stat().st_size < CACHED_FROM:
            return None
        with text.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError:
        return None  # whoever reads the text says why it cannot be read
    digest.update(repr((MAGIC, sys.byteorder, sys.version_info[:2], *settings)).encode())
    return folder / f"{digest.hexdigest()[:40]}.tokens"


def make_room(folder: Path) -> None:
    """Remove the entries that were not used for longest until the cache is within `CACHE_BYTES`, and what a process
    that was killed left a day ago."""
    with suppress(OSError):
        for path in folder.glob("*.part"):
            if path.stat().st_mtime < time.time() - 86_400:
                path.unlink(missing_ok=True)
        entries = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in folder.glob("*.tokens")),
                         reverse=True)
        total = 0
        for place, (_, size, path) in enumerate(entries):
            total += size
            if place and total > CACHE_BYTES:  # never the newest
                path.unlink(missing_ok=True)


def no_room(error: OSError, written: int) -> GradproofError:
    """What to say where the disk does not take the tokens."""
    return GradproofError(f"cannot keep the tokens of the text on the disk: {error.strerror or error} after "
                          f"{written:,} bytes", "a folder for temporary files with four bytes for each word",
                          "TMPDIR=/a/larger/folder")
