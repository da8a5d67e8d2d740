"""Names with indices that a document introduces: `s_k = u_k^T v` for every k, then `s`; `e_{ij}`, then `E`."""

from __future__ import annotations

from collections.abc import Iterable

from derive.claims import Claim
from derive.components import Index
from derive.prover import prove
from derive.reading.combining import pair_of
from derive.reading.indexing import letter_of
from derive.reading.syntax import Name, Node, Script
from derive.reading.values import MATRIX, Value
from derive.terms import Term, let, onehot, outer, sum_over


def letters_of(node: Node) -> tuple[str, ...]:
    """The letters a name stands with, `("i", "j")` for `e_{ij}`; none if it does not stand with letters alone."""
    if not isinstance(node, Script) or node.sub is None or node.sup is not None or node.primes:
        return ()
    subs = (node.sub,) if isinstance(node.sub, Name) else pair_of(node.sub) or ()
    letters = tuple(letter_of(each) or "" for each in subs)
    return letters if all(letters) and len(set(letters)) == len(letters) else ()


def gathered(name: str, letters: tuple[str, ...], body: Value, vectors: str) -> Value | None:
    """The tensor of which a body is the entry, or the row, at the letters; None where the body leaves that open.

    vectors: how a vector of such entries lies.
    """
    free = {index.name: index for index in body.term.free}
    if set(free) != set(letters) or body.rank + len(letters) > 2:
        return None
    at = [free[letter] for letter in letters]
    term = let(name, placed(body.term, at))
    return Value(term, MATRIX if len(term.axes) == 2 else vectors, body.readings, body.needs, body.assumed)


def placed(body: Term, at: list[Index]) -> Term:
    """Each entry, or row, times the place it stands at."""
    first = at[0]
    if len(at) == 2:
        return sum_over(first, sum_over(at[1], body * outer(onehot(first), onehot(at[1]))))
    return sum_over(first, outer(onehot(first), body) if body.axes else body * onehot(first))


def known_as(value: Value, known: Iterable[Value]) -> Value:
    """The result of the exercise that a value is proved to be, `theta` for the document's own s; else the value."""
    for other in known:
        if other.term.op == "let" and other.term.axes == value.term.axes and other.lies == value.lies:
            try:
                prove(Claim(value.term, other.term))
            except Exception:  # whatever keeps it from being proved, it is not known to be the same
                continue
            return other
    return value


__all__ = ["gathered", "known_as", "letters_of", "placed"]
