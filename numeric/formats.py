"""The word2vec text and binary formats, as the C implementation of Mikolov 2013 writes them.

Text: a line "V D", then a line for each word with its D numbers, between spaces. Binary: the same first line, then for
each word its bytes, a space, D little-endian float32, and a line feed, which readers skip.

A file appears under its name only once it is whole: it is written aside, flushed to the disk and renamed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.streams import ByteFile, opened

Matrix = NDArray[np.float32]
SPACES = " \t\n\r\v\f\0"
LONGEST_WORD = 10_000  # bytes; a longer "word" means that what is read is no vector file
MOST_ENTRIES = 1_000_000  # of a vector; a corrupt header must not make us ask for more memory than there is


def save(path: Path, words: Sequence[str], rows: Matrix, binary: bool | None = None) -> None:
    """Write words and their vectors (V, D); binary: None for binary exactly if the name ends in .bin.

    Raises GradproofError: a word the format cannot say, or the file cannot be written; an old file of that name stays.
    """
    expect_plain_words(words)
    as_binary = path.suffix == ".bin" if binary is None else binary
    write_aside(path, lambda file: (_write_binary if as_binary else _write_text)(file, words, rows))


def expect_plain_words(words: Sequence[str]) -> None:
    """Raise GradproofError for a word that a text file with words between white space cannot say."""
    for word in words:
        if not word or word.encode(errors="replace") != word.encode(errors="ignore") or any(c in word for c in SPACES):
            plain = word.encode(errors="replace").decode()
            raise GradproofError(f"the word {word!r}", "words in Unicode without white space, which the format uses "
                                 "between them", f"{'_'.join(plain.split()) or 'a word'!r}")


def _write_text(file: IO[bytes], words: Sequence[str], rows: Matrix) -> None:
    file.write(f"{rows.shape[0]} {rows.shape[1]}\n".encode())
    line = "%s" + " %.9g" * rows.shape[1] + "\n"  # 9 digits give every float32 back
    for word, row in zip(words, rows, strict=True):
        file.write((line % (word, *row.tolist())).encode())


def _write_binary(file: IO[bytes], words: Sequence[str], rows: Matrix) -> None:
    file.write(f"{rows.shape[0]} {rows.shape[1]}\n".encode())
    for word, row in zip(words, rows.astype("<f4"), strict=True):
        file.write(word.encode() + b" " + row.tobytes() + b"\n")


def write_aside(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file in the same folder under another name, flush it to the disk, and give it its name.

    Raises GradproofError where that fails (a full disk, no such folder): nothing of it is left, the old file stays.
    """
    target = Path(os.path.realpath(path))  # through a link, to the file it names
    aside = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        try:
            with aside.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, target)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise GradproofError(f"cannot write {str(path)!r}: {error.strerror or error}",
                             "a folder that exists, may be written to and has room",
                             "another path; what was there before is unchanged") from None


def check_writable(path: Path) -> None:
    """Raise GradproofError now if a file of this name could not be written later; nothing is left behind."""
    if path.is_dir():
        raise GradproofError(f"{str(path)!r} is a folder", "the name of a file", f"{str(path / 'vectors.txt')!r}")
    target = Path(os.path.realpath(path))
    aside = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        aside.open("xb").close()
        aside.unlink()
    except OSError as error:
        raise GradproofError(f"cannot write {str(path)!r}: {error.strerror or error}",
                             "a folder that exists and may be written to", "another path") from None


# --- reading ----------------------------------------------------------------------------------------------------------


def load(path: Path, binary: bool | None = None) -> tuple[tuple[str, ...], Matrix]:
    """Words and vectors (V, D) of a file, plain or gzip; binary: None to find out from its first row.

    Raises GradproofError: no such file, no header, fewer or more rows than the header says, a row of another length,
    a number that is not finite, a damaged gzip. Memory follows what the file holds, not what its header says.
    """
    with opened(path) as (file, _):
        number, size = _header(file.readline(200), path)
        start = file.tell()
        if binary is None:
            binary = not _is_text_row(file.readline(LONGEST_WORD + 40 * size), size)
            file.seek(start)
        rows = _binary_rows(file, path, number, size) if binary else _text_rows(file, path, size)
        return _collected(rows, path, number, size)


def _header(line: bytes, path: Path) -> tuple[int, int]:
    parts = line.split()
    if not line.endswith(b"\n") or len(parts) != 2 or not all(p.isdigit() for p in parts):
        raise _corrupt(path, f"begins with {_short(line)}", "a first line with two numbers, how many words and how "
                       "many entries each")
    number, size = map(int, parts)
    if not number or not 0 < size <= MOST_ENTRIES:
        raise _corrupt(path, f"says it holds {number:,} words with {size:,} entries each",
                       f"at least one word, and 1 to {MOST_ENTRIES:,} entries")
    return number, size


def _is_text_row(line: bytes, size: int) -> bool:
    try:
        parts = line.decode().rstrip().split(" ")
        return len(parts) > 1 and bool([float(p) for p in parts[1:]])
    except ValueError:
        return False


def _text_rows(file: ByteFile, path: Path, size: int) -> Iterator[tuple[str, Matrix]]:
    longest = LONGEST_WORD + 40 * size  # of any line that can be a row, so that a bomb is not unpacked into memory
    for number, line in enumerate(iter(lambda: file.readline(longest), b""), start=2):
        where = f"line {number}"
        if len(line) == longest:
            raise _corrupt(path, f"{where} has more than {longest:,} bytes", f"a word and {size} numbers")
        parts = _text(line, path, where).rstrip("\n\r ").split(" ")
        if parts == [""]:
            continue
        if len(parts) != size + 1:
            raise _corrupt(path, f"{where} ({_short(parts[0])}) has {len(parts) - 1} numbers",
                           f"{size}, as the first line says")
        try:
            with np.errstate(over="ignore"):  # becomes inf, which is refused
                yield parts[0], np.array([float(p) for p in parts[1:]], dtype=np.float32)
        except ValueError as error:
            raise _corrupt(path, f"{where} ({_short(parts[0])}): {error}", f"{size} numbers") from None


def _binary_rows(file: ByteFile, path: Path, number: int, size: int) -> Iterator[tuple[str, Matrix]]:
    for row in range(number):
        where = f"word {row + 1} of {number:,}"
        word = _word(file, path, where)
        if word is None:
            return
        data = file.read(4 * size)
        if len(data) < 4 * size:
            raise _corrupt(path, f"ends inside {where}", f"{4 * size} bytes for each vector")
        yield word, np.frombuffer(data, dtype="<f4")
    if file.read(2).strip(b"\n"):
        raise _corrupt(path, f"goes on after {number:,} words", "as many words as the first line says")


def _word(file: ByteFile, path: Path, where: str) -> str | None:
    """The bytes up to the next space; None at the end of the file."""
    letters = bytearray()
    while (letter := file.read(1)) != b" ":
        if not letter and not letters.strip(b"\n"):
            return None
        if not letter or len(letters) > LONGEST_WORD:
            raise _corrupt(path, f"has no space after {where}", "a word, a space, and its vector")
        letters += letter
    return _text(bytes(letters.lstrip(b"\n")), path, where)


def _text(data: bytes, path: Path, where: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise _corrupt(path, f"{where}: byte 0x{data[error.start]:02x} in a word", "words in UTF-8") from None


def _collected(rows: Iterator[tuple[str, Matrix]], path: Path, number: int,
               size: int) -> tuple[tuple[str, ...], Matrix]:
    words, vectors, seen = [], [], set()
    for word, vector in rows:
        if not np.isfinite(vector).all():
            raise _corrupt(path, f"the vector of {_short(word)} holds {vector[~np.isfinite(vector)][0]}",
                           "finite numbers")
        if word in seen:
            raise _corrupt(path, f"the word {_short(word)} comes twice", "distinct words")
        seen.add(word)
        words.append(word)
        vectors.append(vector)
    if len(words) != number:
        raise _corrupt(path, f"holds {len(words):,} words", f"{number:,}, as the first line says")
    return tuple(words), np.stack(vectors)


def _corrupt(path: Path, found: str, expected: str) -> GradproofError:
    return GradproofError(f"{str(path)!r} {found}", expected, "a fresh copy, or the tool that wrote it")


def _short(value: str | bytes) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."
