"""Word vectors beside people's answers.

- `evaluate(words, units, path)`: a file of word pairs scored by people, or of analogies; which, its lines tell.

Pairs: two words and a number on each line, between tabs, commas or blanks (WordSim-353, SimLex-999, MEN, ...).
Analogies: four words on each line, and lines such as `: family` that begin a section (Mikolov 2013, questions-words).
Lines that begin with # say nothing, and neither does a first line without numbers. Capitals do not count: the most
frequent word that is the same without them is meant.

    >>> import numpy as np
    >>> units = np.array([[1, 0], [0.8, 0.6], [0, 1]])
    >>> pairs = [("King", "queen", 9), ("king", "man", 2), ("a", "b", 1)]
    >>> print(judge_pairs(("king", "queen", "man"), units, "pairs", pairs))
    pairs: Spearman 1.000 on 2 of 3 pairs (33.3% out of vocabulary)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.streams import file_blocks

Pair = tuple[str, str, float]
Questions = dict[str, list[tuple[str, ...]]]
Units = NDArray[Any]

MOST_FREQUENT = 30_000  # words that analogies ask for and are answered with, unless told
SCORES_AT_ONCE = 1 << 24  # cosines in memory
MOST_BYTES = 1 << 26  # of a file of questions; a larger one is something else


@dataclass(frozen=True)
class Similarity:
    """Cosines beside people's scores.

    spearman: their rank correlation over the pairs both of whose words are known, nan where fewer than two are or all
    are equal; pairs: in the file; known: of these.
    """

    path: str
    spearman: float
    pairs: int
    known: int

    @property
    def unknown_share(self) -> float:
        """Share of the pairs with a word that is out of the vocabulary."""
        return 1 - self.known / self.pairs

    def __str__(self) -> str:
        """One line.

        >>> print(Similarity("pairs.tsv", 0.61234, 353, 351))
        pairs.tsv: Spearman 0.612 on 351 of 353 pairs (0.6% out of vocabulary)
        """
        return (f"{self.path}: Spearman {self.spearman:.3f} on {self.known:,} of {self.pairs:,} pairs "
                f"({self.unknown_share:.1%} out of vocabulary)")


@dataclass(frozen=True)
class Analogies:
    """Questions "a is to b as c is to what?" and how many were answered with the expected word.

    sections: name, right answers, known questions of each; questions: in the file. A question is known if its four
    words are among the most frequent ones.
    """

    path: str
    sections: tuple[tuple[str, int, int], ...]
    questions: int

    @property
    def right(self) -> int:
        """Questions answered with the expected word."""
        return sum(right for _, right, _ in self.sections)

    @property
    def known(self) -> int:
        """Questions whose words are known."""
        return sum(known for _, _, known in self.sections)

    @property
    def accuracy(self) -> float:
        """Share of the known questions that were answered right; nan where none is known."""
        return self.right / self.known if self.known else float("nan")

    @property
    def unknown_share(self) -> float:
        """Share of the questions with a word that is not among the most frequent ones."""
        return 1 - self.known / self.questions

    def __str__(self) -> str:
        """One line.

        >>> print(Analogies("analogies.txt", (("family", 3, 4), ("plural", 0, 2)), 8))
        analogies.txt: accuracy 0.500 on 6 of 8 questions (25.0% out of vocabulary)
        """
        return (f"{self.path}: accuracy {self.accuracy:.3f} on {self.known:,} of {self.questions:,} questions "
                f"({self.unknown_share:.1%} out of vocabulary)")


def evaluate(words: Sequence[str], units: Units, path: Path,
             most: int | None = MOST_FREQUENT) -> Similarity | Analogies:
    """Judge vectors by a file of people's answers.

    words: most frequent first; units: (V, D) their vectors, of length 1; most: analogies are asked and answered among
    so many most frequent words only, None for all.
    Raises GradproofError: no such file, not text, a line that is neither a scored pair nor an analogy.
    """
    lines = list(_lines(path))
    if all(_asks(line) for _, line in lines[:2]):  # the first line of pairs may name four columns
        return judge_analogies(words, units, str(path), read_questions(path, lines), most)
    return judge_pairs(words, units, str(path), read_pairs(path, lines))


def check_answers(path: Path) -> None:
    """Raise GradproofError now if `evaluate` could not read a file later."""
    evaluate((), np.empty((0, 1)), path)


def judge_pairs(words: Sequence[str], units: Units, name: str, pairs: Sequence[Pair]) -> Similarity:
    """Spearman's rank correlation of cosines with people's scores."""
    number = _numbers(words)
    known = [pair for pair in pairs if pair[0].upper() in number and pair[1].upper() in number]
    first, second = (units[[number[str(pair[side]).upper()] for pair in known]].astype(np.float64) for side in (0, 1))
    cosines = np.einsum("nd,nd->n", first, second)
    return Similarity(name, _spearman(cosines, np.array([score for *_, score in known])), len(pairs), len(known))


def judge_analogies(words: Sequence[str], units: Units, name: str, questions: Questions,
                    most: int | None = MOST_FREQUENT) -> Analogies:
    """3CosAdd (Levy and Goldberg 2014 eq. 1): the word nearest to b - a + c, the three left out."""
    units = units[:most]
    number = _numbers(words[:most])
    sections = []
    for section, asked in questions.items():
        known = [[number[word.upper()] for word in question] for question in asked
                 if all(word.upper() in number for word in question)]
        answers = _answers(units, np.array(known, dtype=np.int64).reshape(-1, 4)[:, :3])
        right = sum(words[answer].upper() == words[expected].upper()
                    for answer, (*_, expected) in zip(answers, known, strict=True))
        sections.append((section, right, len(known)))
    return Analogies(name, tuple(sections), sum(map(len, questions.values())))


def read_pairs(path: Path, lines: Sequence[tuple[int, str]]) -> list[Pair]:
    """Two words and a score from each line; what stands between or after them is left out."""
    pairs = []
    for number, line in lines:
        first, second, *rest = [*_fields(line), "", ""]
        score = next((float(field) for field in rest if _is_number(field)), None)
        if score is not None and second and not _is_number(second):
            pairs.append((first, second, score))
        elif number != lines[0][0]:  # the first may name the columns
            raise _wrong_line(path, number, line, "two words and a number")
    if not pairs:
        raise GradproofError(f"{str(path)!r} has no scored pair of words", "two words and a number on each line",
                             "a file such as WordSim-353, or an analogy file that begins with ': section'")
    return pairs


def read_questions(path: Path, lines: Sequence[tuple[int, str]]) -> Questions:
    """Four words from each line, by the section they stand in."""
    questions: Questions = {}
    section = ""
    for number, line in lines:
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        words = tuple(_fields(line))
        if len(words) != 4:
            raise _wrong_line(path, number, line, "four words, or a section such as ': family'")
        questions.setdefault(section, []).append(words)
    if not questions:
        raise GradproofError(f"{str(path)!r} has sections without questions", "four words on a line",
                             "a file such as questions-words.txt")
    return questions


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    content = bytearray()
    for block in file_blocks(path):
        content += block
        if len(content) > MOST_BYTES:
            raise GradproofError(f"{str(path)!r} has more than {MOST_BYTES:,} bytes", "a file of pairs or analogies",
                                 "a file such as WordSim-353 or questions-words.txt")
    lines = [(number, line.strip()) for number, line in enumerate(content.decode().split("\n"), start=1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not lines:
        raise GradproofError(f"{str(path)!r} is empty", "a file of scored pairs or of analogies",
                             "a file such as WordSim-353 or questions-words.txt")
    yield from lines


def _asks(line: str) -> bool:
    return line.startswith(":") or (len(_fields(line)) == 4 and not any(map(_is_number, _fields(line))))


def _fields(line: str) -> list[str]:
    between = next((mark for mark in "\t," if mark in line), None)
    return [field.strip() for field in line.split(between)]


def _is_number(field: str) -> bool:
    try:
        return isfinite(float(field))
    except ValueError:
        return False


def _wrong_line(path: Path, number: int, line: str, expected: str) -> GradproofError:
    shown = line if len(line) <= 60 else line[:57] + "..."
    return GradproofError(f"{str(path)!r} line {number}: {shown!r}", expected, "mending that line, or # before it")


def _numbers(words: Sequence[str]) -> dict[str, int]:
    """By capitals, of the most frequent where several words have the same."""
    return {words[number].upper(): number for number in reversed(range(len(words)))}


def _spearman(some: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Pearson's correlation of the ranks, equal values sharing the mean of theirs (Spearman 1904)."""
    from scipy.stats import rankdata

    if len(some) < 2 or (some == some[0]).all() or (other == other[0]).all():
        return float("nan")
    return float(np.corrcoef(rankdata(some), rankdata(other))[0, 1])


def _answers(units: Units, asked: NDArray[np.int64]) -> list[int]:
    """asked: (Q, 3) numbers of a, b, c; the number of the answer to each."""
    answers: list[int] = []
    step = max(1, SCORES_AT_ONCE // max(1, len(units)))
    for start in range(0, len(asked), step):
        several = asked[start:start + step]
        a, b, c = units[several.T]
        cosines = (b - a + c) @ units.T  # up to the length of b - a + c, which changes no order
        cosines[np.arange(len(several))[:, None], several] = -np.inf
        answers += cosines.argmax(axis=1).tolist()
    return answers
