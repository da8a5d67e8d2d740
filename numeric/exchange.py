"""Vectors for other tools: gensim's KeyedVectors, and the files of TensorBoard's projector.

- `to_keyed`, `from_keyed`: gensim's object, which its `save` and `load` keep; gensim is an optional package.
- `save_projector`, `load_projector`: a folder that `tensorboard --logdir` shows, and projector.tensorflow.org loads.

A projector folder holds tensors.tsv, a row of numbers between tabs for each word; metadata.tsv, the words, a line each;
projector_config.pbtxt, which names the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.formats import expect_plain_words, write_aside
from numeric.streams import opened

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

Matrix = NDArray[np.float32]

TENSORS, METADATA, CONFIG = "tensors.tsv", "metadata.tsv", "projector_config.pbtxt"
_CONFIG_TEXT = f"""embeddings {{
  tensor_name: "vectors"
  tensor_path: "{TENSORS}"
  metadata_path: "{METADATA}"
}}
"""


def to_keyed(words: Sequence[str], rows: Matrix) -> KeyedVectors:
    """gensim's KeyedVectors of words and rows (V, D). Raises GradproofError: gensim is not installed."""
    try:
        from gensim.models import KeyedVectors
    except ImportError:
        raise GradproofError("gensim is not installed", "gensim, whose object is asked for",
                             "`pip install 'gradproof[bench]'`, or save() and its load_word2vec_format") from None
    keyed = KeyedVectors(rows.shape[1], dtype=np.float32)
    keyed.add_vectors(list(words), rows)
    return keyed


def from_keyed(keyed: Any) -> tuple[tuple[str, ...], Matrix]:
    """Words and rows (V, D) of gensim's KeyedVectors, or of a model that has them as `wv`.

    Raises GradproofError: it is neither, or its keys are not all words.
    """
    keyed = getattr(keyed, "wv", keyed)
    try:
        words, rows = tuple(keyed.index_to_key), np.asarray(keyed.vectors, dtype=np.float32)
    except (AttributeError, TypeError, ValueError):
        raise GradproofError(f"a {type(keyed).__name__}", "gensim's KeyedVectors, or a model with them",
                             "KeyedVectors.load(path) of gensim 4") from None
    wrong = next((key for key in words if not isinstance(key, str)), None)
    if wrong is not None:
        raise GradproofError(f"the key {wrong!r} (type {type(wrong).__name__})", "words as str",
                             "vectors with words for keys")
    return words, rows


def save_projector(folder: Path, words: Sequence[str], rows: Matrix) -> None:
    """Write a projector folder, which is made where it is missing; the file that names the others comes last.

    Raises GradproofError: a word with white space, a folder that may not be written to.
    """
    expect_plain_words(words)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GradproofError(f"cannot make the folder {str(folder)!r}: {error.strerror or error}",
                             "a folder that may be written to", "another path") from None
    line = "\t".join(["%.9g"] * rows.shape[1]) + "\n"  # 9 digits give every float32 back
    write_aside(folder / TENSORS, lambda file: file.writelines((line % tuple(row.tolist())).encode() for row in rows))
    write_aside(folder / METADATA, lambda file: file.writelines(f"{word}\n".encode() for word in words))
    write_aside(folder / CONFIG, lambda file: file.writelines([_CONFIG_TEXT.encode()]))


def load_projector(folder: Path) -> tuple[tuple[str, ...], Matrix]:
    """Words and rows (V, D) of a projector folder; of metadata with several columns, the first.

    Raises GradproofError: no such files, rows of different lengths, a number that is not finite, other many words than
    rows.
    """
    rows = list(_rows(folder / TENSORS))
    lines = [text for _, text in _text_lines(folder / METADATA)]
    columns = lines and "\t" in lines[0]  # then the first line names them
    words = tuple(line.split("\t")[0] for line in (lines[1:] if columns else lines))
    if not rows or len(words) != len(rows):
        raise GradproofError(f"{str(folder)!r}: {len(words):,} words and {len(rows):,} vectors",
                             "as many words as vectors, and at least one", "the two files of one export")
    return words, np.stack(rows)


def _rows(path: Path) -> Iterator[Matrix]:
    size = None
    for number, text in _text_lines(path):
        try:
            with np.errstate(over="ignore"):  # becomes inf, which is refused
                row = np.array([float(field) for field in text.split("\t")], dtype=np.float32)
        except ValueError as error:
            raise _wrong_row(path, number, str(error), "numbers between tabs") from None
        size = len(row) if size is None else size
        if len(row) != size:
            raise _wrong_row(path, number, f"{len(row)} numbers", f"{size}, as in the first line")
        if not np.isfinite(row).all():
            raise _wrong_row(path, number, f"{row[~np.isfinite(row)][0]}", "finite numbers")
        yield row


def _wrong_row(path: Path, number: int, found: str, expected: str) -> GradproofError:
    return GradproofError(f"{str(path)!r} line {number}: {found}", expected, "a fresh copy, or the tool that wrote it")


def _text_lines(path: Path) -> Iterator[tuple[int, str]]:
    with opened(path) as (file, _):
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode().rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise _wrong_row(path, number, f"byte 0x{line[error.start]:02x}", "text in UTF-8") from None
            if text:
                yield number, text
