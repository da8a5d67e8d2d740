"""Why a step has no verdict, in a sentence: what was found, what was expected, one thing to try."""

from __future__ import annotations

from derive.errors import GradproofError
from derive.reading.values import Mistyped, Unknown


def in_words(error: Exception) -> str:
    """What an exception says to the author of a step.

    >>> in_words(Unknown("the name Q"))
    'the name Q means nothing here; expected what the text, front matter or an exercise introduces; try a definition'
    >>> in_words(Mistyped("a column over D + a scalar"))
    'a column over D + a scalar; expected parts that go together; try a transpose, an index or another order'
    """
    said = str(error)
    if isinstance(error, GradproofError) or "; expected" in said:
        return said
    if isinstance(error, Unknown):
        return (f"{said} means nothing here; expected what the text, front matter or an exercise introduces; "
                "try a definition")
    if isinstance(error, Mistyped):
        return f"{said}; expected parts that go together; try a transpose, an index or another order"
    return f"{said} is beyond what can be decided; expected sums, products and derivatives of names; try components"


__all__ = ["in_words"]
