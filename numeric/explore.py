"""Ask word vectors for neighbours and analogies.

    python -m numeric.explore vectors.txt

A word gives its neighbours; three words a b c what c is to as a is to b; words with + and - between them what is
nearest to their sum. It asks until the end of the input, so questions can come from a pipe as well.

Exit status: 0 done; 1 the vectors could not be read, or the answers not written; 2 wrong usage; 130 interrupted while
the vectors were read.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from derive.errors import GradproofError
from numeric.vectors import Vectors

Answer = list[tuple[str, float]]

HELP = """king                    the words nearest to it
man king woman          man is to king as woman is to what?
king - man + woman      the words nearest to the sum
king queen              how near two words are
:count 20               show so many
:help   :quit"""
FIRST_COUNT = 10
PROMPT = "> "


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status. Wrong usage leaves through SystemExit(2), as argparse does."""
    given = _parser().parse_args(arguments)
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a letter that the terminal has not is no reason to stop
    console = Console(highlight=False)
    try:
        if given.count < 1:
            raise GradproofError(f"--count {given.count}", "1 or more", f"--count {FIRST_COUNT}")
        vectors = Vectors.load(given.vectors, binary=None if given.format is None else given.format == "binary")
    except GradproofError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    asks = sys.stdin.isatty()
    if asks:
        console.print(f"{len(vectors):,} words x {vectors.vector_size}; :help for help, :quit or Ctrl-D to leave")
    converse(vectors, console, _reader(asks), given.count)
    return 0


def converse(vectors: Vectors, console: Console, read: Callable[[], str], count: int = FIRST_COUNT) -> None:
    """Answer questions until there are none, or `:quit`, or Ctrl-C.

    read: the next question; EOFError where there is none.
    """
    while True:
        try:
            question = read().strip()
            if question in (":quit", ":q", ":exit"):
                return
            if question.partition(" ")[0] == ":count":
                count = _new_count(question, count, console)
            elif question:
                answer(vectors, question, count, console)
        except (EOFError, KeyboardInterrupt):
            if console.is_terminal:
                console.print()
            return


def answer(vectors: Vectors, question: str, count: int, console: Console) -> None:
    """Print the answer to one question, or what is wrong with it."""
    if question.startswith(":"):
        if question not in (":help", ":h"):
            console.print(Text(f"no command {question!r}"))
        console.print(Text(HELP))
        return
    try:
        console.print(_shown(vectors, question, count))
    except GradproofError as error:
        console.print(Text(str(error)), soft_wrap=True)


def _shown(vectors: Vectors, question: str, count: int) -> Table | Text:
    terms = parse_sum(question)
    words = [word for _, word in terms]
    if any(sign == "-" for sign, _ in terms) or "+" in question.split():
        return _table(nearest_to_sum(vectors, terms, count))
    match words:
        case [word]:
            return _table(vectors.most_similar(_known(vectors, word), count))
        case [first, second]:
            first, second = _known(vectors, first), _known(vectors, second)
            return Text(f"{vectors.similarity(first, second):.3f}  {first}  {second}")
        case [a, b, c]:
            return _table(vectors.analogy(_known(vectors, a), _known(vectors, b), _known(vectors, c), count))
    raise GradproofError(f"{len(words)} words", "one word, two, three, or a sum", "king, or man king woman")


def parse_sum(question: str) -> list[tuple[str, str]]:
    """Words with the sign before each, + where there is none. Signs stand apart, so that words may have hyphens.

    >>> parse_sum("king - man + woman")
    [('+', 'king'), ('-', 'man'), ('+', 'woman')]
    >>> parse_sum("x-ray")
    [('+', 'x-ray')]
    """
    terms, sign = [], ""
    for part in question.split():
        if part in ("+", "-"):
            if sign:
                raise GradproofError(f"{sign!r} before {part!r}", "a word after each sign", "king - man + woman")
            sign = part
        else:
            terms.append((sign or "+", part))
            sign = ""
    if sign or not terms:
        raise GradproofError(f"{question!r} ends with {sign!r}", "a word after each sign", "king - man + woman")
    return terms


def nearest_to_sum(vectors: Vectors, terms: Sequence[tuple[str, str]], count: int) -> Answer:
    """The words nearest to a sum of unit vectors, the words of the sum left out."""
    known = [(1.0 if sign == "+" else -1.0, _known(vectors, word)) for sign, word in terms]
    total = np.sum([sign * vectors[word] / (np.linalg.norm(vectors[word]) or 1.0) for sign, word in known], axis=0)
    own = {word for _, word in known}
    return [found for found in vectors.most_similar(total, count + len(own)) if found[0] not in own][:count]


def _known(vectors: Vectors, word: str) -> str:
    """The word as the vocabulary writes it: as it stands, else in small letters."""
    return word if word in vectors or word.lower() not in vectors else word.lower()


def _table(found: Answer) -> Table:
    table = Table.grid(padding=(0, 2))
    for word, cosine in found:
        table.add_row(f"{cosine:.3f}", Text(word, overflow="fold"))
    return table


def _new_count(question: str, count: int, console: Console) -> int:
    match = re.fullmatch(r":count\s+([1-9]\d{0,5})", question)
    if match:
        return int(match[1])
    console.print(Text(f"{question!r}; expected a number of 1 or more; try :count 20"))
    return count


def _reader(asks: bool) -> Callable[[], str]:
    if not asks:
        return input
    with suppress(ImportError):
        import readline  # noqa: F401  (arrow keys and a history, where the system has them)
    return lambda: input(PROMPT)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m numeric.explore", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Ask word vectors for neighbours and analogies. Questions are such as\n\n" + HELP)
    parser.add_argument("vectors", type=Path, metavar="VECTORS", help="a word2vec file, plain, .gz or .zst")
    parser.add_argument("--count", type=int, default=FIRST_COUNT, metavar="N", help="neighbours to show (default 10)")
    parser.add_argument("--format", choices=("text", "binary"), help="without it, found out from the file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
