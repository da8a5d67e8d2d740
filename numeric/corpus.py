"""Text as a stream of sentences, each a list of words.

- `sentences(source)`: a file, or any iterable of tokenised sentences; checked, never held in memory.
- `default_corpus()`: prose that is already installed with the interpreter and our dependencies, about a million words.
- `words_of(prose)`: lower-case words of running text.

    >>> list(sentences([["the", "king"], ["the", "queen"]]))
    [['the', 'king'], ['the', 'queen']]
    >>> list(sentences(["the king"]))
    Traceback (most recent call last):
    derive.errors.GradproofError: sentence 1 is one text, 'the king'; expected a list of words; try ...
"""

from __future__ import annotations

import ast
import gc
import importlib.util
import os
import re
import sysconfig
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

from derive.errors import GradproofError
from numeric.streams import file_blocks

Source = str | Path | Iterable[Iterable[str]]

MOST_WORDS = 10_000  # of a sentence; some corpora are one line, and a list of all its words is ten times the file
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001  (both apostrophes occur in prose)
_WORD_OR_END = re.compile(_WORD.pattern + r"|\n")


def sentences(source: Source, prose: bool = False) -> Iterator[list[str]]:
    """The sentences of a text, one at a time.

    source: a path (one sentence a line, words between white space, UTF-8, plain, gzip or zstd) or an iterable of
    sentences, each an iterable of words; prose: of a path, take lower-case words and drop punctuation and digits.
    A line of more than `MOST_WORDS` words is several sentences, as for gensim's LineSentence.
    Raises GradproofError: no such file, not UTF-8, a truncated or damaged file, a sentence that is no list of words.
    """
    if isinstance(source, str | Path):
        return _file_sentences(Path(source), prose)
    return _checked_sentences(source)


def words_of(prose: str) -> list[str]:
    """The words of running text in lower case, without digits and punctuation.

    >>> words_of("The king's 2 horses -- and_men.")
    ['the', "king's", 'horses', 'and', 'men']
    """
    return _WORD.findall(prose.lower())


def words_of_block(block: bytes) -> bytes:
    """The words of running text in a block that ends with white space, with blanks between them and its line feeds."""
    return " ".join(_WORD_OR_END.findall(block.decode().lower())).encode() + b" "


def line_pieces(path: Path) -> Iterator[tuple[str, bool]]:
    """The lines of a file, long ones in pieces that end at white space: each, and whether its line ends with it.

    Raises GradproofError as `streams.file_blocks`.
    """
    for block in file_blocks(path):
        *whole, rest = block.decode().split("\n")
        for line in whole:
            yield line, True
        if rest:
            yield rest, False


def _file_sentences(path: Path, prose: bool) -> Iterator[list[str]]:
    split = words_of if prose else str.split
    waiting: list[str] = []
    for piece, ends in line_pieces(path):
        waiting += split(piece)
        while len(waiting) > MOST_WORDS:
            yield waiting[:MOST_WORDS]
            waiting = waiting[MOST_WORDS:]
        if ends and waiting:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _checked_sentences(source: Iterable[Iterable[str]]) -> Iterator[list[str]]:
    if not isinstance(source, Iterable):
        raise GradproofError(f"{source!r} (type {type(source).__name__}) as a text",
                             "a path or an iterable of sentences", "[['a', 'sentence'], ['another', 'one']]")
    return _word_lists(source)


def _word_lists(source: Iterable[Iterable[str]]) -> Iterator[list[str]]:
    for number, sentence in enumerate(source, start=1):
        if isinstance(sentence, str | bytes) or not isinstance(sentence, Iterable):
            kind = "one text" if isinstance(sentence, str | bytes) else f"a {type(sentence).__name__}"
            raise GradproofError(f"sentence {number} is {kind}, {_short(sentence)}", "a list of words",
                                 "sentence.split(), or a path if it names a file")
        words = list(sentence)
        if not all(map(str.__instancecheck__, words)):
            wrong = next(w for w in words if not isinstance(w, str))
            raise GradproofError(f"sentence {number} holds {_short(wrong)} (type {type(wrong).__name__})",
                                 "words as str", "str(word), or word.decode()")
        if words:
            yield words


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."


# --- the embedded default ---------------------------------------------------------------------------------------------

_NO_PROSE = {"test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages", "turtledemo", "__pycache__"}
_NO_WORDS = re.compile(r"\s*(>>>|\.\.\.)")


def default_corpus() -> Iterator[list[str]]:
    """Prose of the interpreter and of our dependencies, one paragraph a sentence; nothing is imported or downloaded.

    The language reference in `pydoc_data.topics`, then the docstrings of the standard library, NumPy and SymPy, read
    from their source in the order of their paths; doctest lines are left out.
    """
    seen: set[str] = set()
    for text in _default_texts():
        for paragraph in _paragraphs(text):
            if paragraph not in seen:  # inherited and copied docstrings would train the same windows again and again
                seen.add(paragraph)
                words = words_of(paragraph)
                if len(words) > 1:
                    yield words


def _default_texts() -> Iterator[str]:
    yield from _topics()
    for folder in (Path(sysconfig.get_paths()["stdlib"]), _package_folder("numpy"), _package_folder("sympy")):
        for path in _sources(folder):
            yield from docstrings(path.read_bytes())


def _sources(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - _NO_PROSE)  # os.walk goes on into what is left here
        yield from (Path(root, name) for name in sorted(files) if name.endswith(".py"))


def _topics() -> list[str]:
    try:
        from pydoc_data.topics import topics
    except ImportError:  # some distributions package it apart
        return []
    return [topics[name] for name in sorted(topics)]


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise GradproofError(f"the package {name} is not installed from source files", "its .py files",
                             "a corpus file of your own")
    return Path(spec.origin).parent


def _paragraphs(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() and not _NO_WORDS.match(line):
            lines.append(line.strip())
        elif lines:
            yield " ".join(lines)
            lines = []
    if lines:
        yield " ".join(lines)


def docstrings(source: bytes) -> list[str]:
    """The docstrings of a module's source, of its classes and functions too; none where it does not parse.

    >>> docstrings(b'"A module."' + bytes([10]) + b'def f(): "A function."')
    ['A module.', 'A function.']
    """
    if b'"""' not in source and b"'''" not in source and len(source) > 200:
        return []  # a data file: parsing it costs more than its few short docstrings are worth
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old escapes in other people's sources
            tree = _parsed(source)
    except (SyntaxError, ValueError):
        return []
    return list(_docstrings_in(tree))


def _parsed(source: bytes) -> ast.Module:
    """A tree has no cycles, and looking for some while it grows takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if was_enabled:
            gc.enable()


def _docstrings_in(node: ast.AST) -> Iterator[str]:
    """Statements only: a walk over every expression takes longer than the parse."""
    body = getattr(node, "body", [])
    if not isinstance(body, list):
        return
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
        match body[0]:
            case ast.Expr(ast.Constant(str(text))):
                yield text
    for child in body:
        yield from _docstrings_in(child)
