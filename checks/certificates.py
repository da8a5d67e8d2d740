"""Certificates: one text file per proved claim, for somebody who trusts none of the prover.

A certificate holds the statement as data, what a person reads of it, the hypotheses, and the points at which the second
opinion evaluated both sides. Everything in it is made again from the statement when it is audited, so that no line of
it can say more than the statement does; the seal finds accidents.

    gradproof certificate 1
    title: softmax/sums-to-one
    claim: total(softmax(x[n])) == 1
    statement: {"given":[],"left":...}
    digest: 5d41...
    opinion: error at most 1.7e-18
    sizes: n=1,2
    point: n=1
    point: n=2
    seal: 9f86...

Standard library only, like all of `derive.opinion`: no SymPy, no NumPy, no Rich.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from checks.delivery import USAGE, Refused, write_aside
from derive.opinion import Disagreement, NoOpinion, Opinion, Statement, digest, examine, parse, text
from derive.opinion.points import Point
from derive.opinion.rendering import shown

HEAD = "gradproof certificate 1"
ENDING = ".certificate"
LONGEST = 4_000_000
"""Most characters of a certificate."""
_LEAST_TRIALS = 1


class Unfit(Exception):
    """A certificate that is refused: what was found, what was expected."""


@dataclass(frozen=True)
class Certified:
    """A certificate that holds. claim: for a person; opinion: what was found now."""

    title: str
    claim: str
    opinion: Opinion


def certificate(title: str, statement: Statement, opinion: Opinion) -> str:
    """The text of a certificate; title: a name for a person, which certifies nothing."""
    lines = [HEAD, f"title: {one_line(title)}", *_body(statement, opinion)]
    return "\n".join([*lines, f"seal: {_seal(lines)}", ""])


def file_name(title: str, statement: Statement) -> str:
    """A name that is good on every file system, and another for every statement.

    >>> from fractions import Fraction
    >>> from derive.opinion.statement import Tree
    >>> one = Tree("number", (Fraction(1),), ())
    >>> file_name("softmax/sums to one", Statement(one, one))[:20]
    'softmax-sums-to-one-'
    """
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', title).strip('-')[:80]}-{digest(statement)[:16]}{ENDING}"


def write(folder: Path, title: str, statement: Statement, opinion: Opinion) -> None:
    """Put a certificate into a folder. Raises Refused if it cannot be written."""
    write_aside(folder / file_name(title, statement), certificate(title, statement, opinion).encode())


def expect_folder(folder: Path) -> None:
    """Make the folder, or say at once that certificates cannot be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"--certificate {folder}: {error.strerror}; expected a folder, or a place for one; try another",
                      USAGE) from None


def audited(source: str) -> Certified:
    """What a certificate certifies, made again from its statement alone.

    Unfit: a byte is changed, it is no certificate, or its statement does not hold where it is tried.
    """
    if len(source) > LONGEST:
        raise Unfit(f"found {len(source)} characters; expected at most {LONGEST}")
    lines = source.split("\n")
    if lines[0] != HEAD:
        raise Unfit(f"found the first line {lines[0][:60]!r}; expected {HEAD!r}")
    if len(lines) < 5 or lines[-1] or lines[-2] != f"seal: {_seal(lines[:-2])}":
        raise Unfit("found a seal that is not of this text: something in it was changed; expected it as it was written")
    title, said = _after("title", lines[1]), _after("statement", lines[3])
    try:
        statement = parse(said)
    except ValueError as error:
        raise Unfit(f"the statement: {error}") from None
    opinion = _examined(statement)
    expected = _body(statement, opinion)
    for found, made in zip([*lines[2:-2], *[""] * len(expected)], expected, strict=False):
        if found != made:
            raise Unfit(f"found {found[:100]!r}; the statement gives {made[:100]!r}")
    if len(lines) - 4 != len(expected):
        raise Unfit(f"found {len(lines) - 4} lines; the statement gives {len(expected)}")
    return Certified(title, shown(statement), opinion)


def _examined(statement: Statement) -> Opinion:
    found = examine(statement, _LEAST_TRIALS)
    if isinstance(found, Disagreement):
        raise Unfit(f"the sides differ {found}")
    if isinstance(found, NoOpinion):
        raise Unfit(f"nothing could be tried: {found.reason}")
    return found


def _body(statement: Statement, opinion: Opinion) -> list[str]:
    """All lines that the statement alone decides."""
    bound = f"error at most {opinion.error_bound:.3g}" if opinion.error_bound is not None else "no bound on the error"
    weaker = f"; weaker check: {one_line(opinion.weaker)}" if opinion.weaker else ""
    sizes = " ".join(f"{axis}={','.join(map(str, tried))}" for axis, tried in sorted(opinion.sizes.items()))
    return [f"claim: {one_line(shown(statement))}", f"statement: {text(statement)}", f"digest: {digest(statement)}",
            f"opinion: {opinion.trials} trial at each of {opinion.points} points, {bound}{weaker}", f"sizes: {sizes}",
            *(f"point: {_point(point)}" for point in opinion.tried)]


def _point(point: Point) -> str:
    parts = [f"{axis}={size}" for axis, size in sorted(point.sizes.items())]
    parts += [f"position {slot}={at}" for slot, at in sorted(point.env.items())]
    parts += [f"{m.name}=({','.join(map(str, image))})" for m, image in sorted(point.images.items(),
                                                                            key=lambda each: each[0].name)]
    return " ".join(map(one_line, parts))


def _after(word: str, line: str) -> str:
    if not line.startswith(f"{word}: "):
        raise Unfit(f"found {line[:60]!r}; expected a line that begins with {word!r}")
    return line.removeprefix(f"{word}: ")


def _seal(lines: list[str]) -> str:
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def one_line(said: str) -> str:
    """Without line ends or anything else a terminal would act upon."""
    return "".join(letter if letter.isprintable() else "?" for letter in said)


__all__ = ["Certified", "Unfit", "audited", "certificate", "expect_folder", "file_name", "one_line", "write"]
