"""The bytes of a file, unpacked as they are read: plain, gzip or zstd, told apart by their first bytes.

- `opened(path)`: the file, unpacked.
- `file_blocks(path)`: its text in blocks that end at white space, checked to be UTF-8.

A line may be as long as the file: a block is never more than twice `BLOCK_BYTES`.
"""

from __future__ import annotations

import gzip
import importlib
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BufferedReader
from pathlib import Path
from types import ModuleType
from typing import IO

from derive.errors import GradproofError

ByteFile = IO[bytes] | gzip.GzipFile

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"  # RFC 8878 section 3.1.1
WHITE_SPACE = (b" ", b"\n", b"\t", b"\r")  # where a block may end
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLOCK_BYTES = 1 << 19  # read at once; the arrays that number the words of a block take twenty times as much


@contextmanager
def opened(path: Path) -> Iterator[tuple[ByteFile, IO[bytes]]]:
    """A file for reading, unpacked where it is a gzip or zstd, and the file as it lies on the disk.

    Raises GradproofError where there is no such file, it is a folder, it may not be read, it is truncated or damaged,
    or it is zstd and nothing that is installed can unpack that.
    """
    try:
        packed = path.open("rb")
    except FileNotFoundError:
        raise GradproofError(f"no file {str(path)!r}", "an existing file", _nearby(path)) from None
    except OSError as error:
        raise GradproofError(f"cannot read {str(path)!r}: {error.strerror}", "a readable file",
                             "another path, or other permissions") from None
    with packed, _unpacked(packed, path) as file, told_damage(path):
        yield file, packed


def file_blocks(path: Path, told: Callable[[float], None] | None = None) -> Iterator[bytes]:
    """The text of a file in blocks that end with white space; a byte order mark at its beginning is left out.

    told: called before each block with the share of the file that has been read, 0 to 1.
    Raises GradproofError as `opened`, and for bytes that are not text in UTF-8 (with their line), and where no white
    space comes for `BLOCK_BYTES`.
    """
    place = _Place(path)
    with opened(path) as (file, packed), told_damage(path, place):
        size, rest = os.fstat(packed.fileno()).st_size, b""
        for block in _read_blocks(file):
            if told is not None and size and packed.seekable():
                told(min(1.0, packed.tell() / size))
            cut = max(map(block.rfind, WHITE_SPACE)) + 1
            if cut:
                yield from place.checked(rest + block[:cut])
                rest = block[cut:]
            else:
                rest += block
                place.expect_short(rest)
        if rest:
            yield from place.checked(rest + b"\n")


@contextmanager
def told_damage(path: Path, place: _Place | None = None) -> Iterator[None]:
    """Errors of unpacking and of reading, as GradproofError."""
    try:
        yield
    except _damages() as error:
        after = f" after line {place.lines}" if place is not None else ""
        raise GradproofError(f"{str(path)!r} is truncated or damaged{after} ({error})", "a whole gzip or zstd file",
                             "`gzip -t` or `zstd -t` on it, or a fresh copy") from None
    except OSError as error:
        raise GradproofError(f"cannot read {str(path)!r}: {error.strerror or error}", "a readable file",
                             "a fresh copy of it") from None


class _Place:
    """How far a file has been read, to say where something is wrong."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0  # whole ones before what is read next
        self.offset = 0  # bytes of its line before it

    def checked(self, block: bytes) -> Iterator[bytes]:
        """The block, as far as it is text: an error comes after the lines before it."""
        fault = _first_fault(block)
        if fault is not None:
            good = block[:block.rfind(b"\n", 0, fault) + 1]
            if good:
                yield good
            raise self._no_text(block, fault)
        self.lines += block.count(b"\n")
        last = block.rfind(b"\n")
        self.offset = len(block) - last - 1 if last >= 0 else self.offset + len(block)
        yield block

    def expect_short(self, word: bytes) -> None:
        """Raise GradproofError for a word longer than any text has, and for one that is no text."""
        if len(word) < BLOCK_BYTES:
            return
        fault = _first_fault(word)
        if fault is not None and fault < len(word) - 3:  # else the rest of a letter is still to come
            raise self._no_text(word, fault)
        raise GradproofError(f"{str(self.path)!r} line {self.lines + 1}: no white space in {len(word):,} bytes",
                             "words between white space", "splitting the text into words first; or this is no text")

    def _no_text(self, block: bytes, fault: int) -> GradproofError:
        begin = block.rfind(b"\n", 0, fault) + 1
        line = self.lines + block.count(b"\n", 0, fault) + 1
        position = fault - begin if begin else fault + self.offset
        return GradproofError(f"{str(self.path)!r} line {line}: byte 0x{block[fault]:02x} at position {position} of "
                              "the line", "text in UTF-8, plain, gzip or zstd",
                              "`iconv -t utf-8` on it, or another file: this one may not be text")


def _first_fault(block: bytes) -> int | None:
    """Where it stops to be text: a byte that UTF-8 has not, or a zero, which texts have not."""
    zero = block.find(b"\0")
    if not block.isascii():
        try:
            block.decode()
        except UnicodeDecodeError as error:
            return error.start if zero < 0 else min(zero, error.start)
    return zero if zero >= 0 else None


def _read_blocks(file: ByteFile) -> Iterator[bytes]:
    block = file.read(BLOCK_BYTES).removeprefix(BYTE_ORDER_MARK)
    while block:
        yield block
        block = file.read(BLOCK_BYTES)


def _nearby(path: Path) -> str:
    import difflib

    try:
        names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError:
        names = []
    close = difflib.get_close_matches(path.name, names, n=1)
    return repr(str(path.with_name(close[0]))) if close else "the full path"


# --- zstd: in the standard library from Python 3.14, and a package with the same interface before ---------------------


@cache
def _zstd() -> ModuleType | None:
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def _unpacked(packed: BufferedReader, path: Path) -> ByteFile:
    magic = packed.peek(4)[:4]
    if magic[:2] == GZIP_MAGIC:
        return gzip.GzipFile(fileobj=packed)
    if magic != ZSTD_MAGIC:
        return packed
    module = _zstd()
    if module is None:
        raise GradproofError(f"{str(path)!r} is packed by zstd, which this Python cannot unpack",
                             "plain text, gzip, or zstd with Python 3.14 or the package backports.zstd",
                             "`pip install 'gradproof[zst]'`, or `zstd -d` on the file")
    unpacked: ByteFile = module.open(packed, "rb")
    return unpacked


def _damages() -> tuple[type[Exception], ...]:
    module = _zstd()
    return (EOFError, gzip.BadGzipFile, zlib.error, *([] if module is None else [module.ZstdError]))
