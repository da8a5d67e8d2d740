"""What stands in the brackets of a loss: `J(v_c, o, U)`, `CE(y, \\hat y)`, `J_{CBOW}(w_{c-m}, \\dots, w_{c+m})`.

A loss of an exercise, or of a definition without parameters, is a function of what it is written in. Its arguments
are those and no others: `J(2 v_c)` is the value at another place, which nothing here works out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from derive.components import Index
from derive.reading.combining import or_none
from derive.reading.indexing import letter_of
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Dots, Name, Node, Number, Range, walk
from derive.reading.values import Unsupported, Value, names_in

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration

PARAMETERS = frozenset({"U", "V", "W", "u", "v", "mu", "nu"})
"""Names for all word vectors, of one kind or both."""
_TARGETS = {"y": "y", "yhat": "yhat", "ytilde": "yhat"}
"""Names of what a cross entropy compares, where an exercise has them."""
_WINDOW = frozenset({"w", "word", "c", "t", "i", "m"})
"""Names that the words of a window are written with."""


def expect_arguments(arguments: Sequence[Node], values: Sequence[Value], reader: Elaboration, said: str) -> None:
    """Refuse arguments that are not what a loss is written in.

    values: what the loss means; said: how it is called. Unsupported: the loss at another place, which is another thing.
    """
    seen = [_argument(bare(each), values, reader) for each in arguments]
    if None in seen or len(set(seen)) != len(seen):
        wrong = next(each for each, what in zip(arguments, seen, strict=True) if what is None or seen.count(what) > 1)
        raise Unsupported(f"the argument {spelled(wrong)[:40]} of {said}")
    variables = [what for what in seen if what is not None and what.startswith("variable")]
    if len(variables) > 1:
        _expect_target_first(variables, said)
        reader.note(f"the order of the arguments of {said}", ", ".join(variables))


def is_parameters(node: Node, reader: Elaboration) -> bool:
    """Whether a name stands for all word vectors, or for all parameters of an exercise."""
    node = bare(node)
    if reader.world.closed or not isinstance(node, Name) or node.accents:
        return False
    if spelled(node) in ("theta", "Theta"):
        return not reader.lookup(spelled(node))
    return bool(reader.world.gathers) and spelled(node) in PARAMETERS


def _argument(node: Node, values: Sequence[Value], reader: Elaboration) -> str | None:
    """What an argument is of a loss: one of its variables, its true word, its words; None if nothing of it."""
    if isinstance(node, Dots) or _is_window(node, reader):
        return f"window {spelled(node)}"
    own = reader.world.indices.get("V", {}).get(letter_of(node) or spelled(node))
    if isinstance(own, Index) and own.name == "o":
        return "the true word"
    if (said := _TARGETS.get(spelled(node))) and reader.lookup(spelled(node)) and spelled(node) not in reader.names:
        return f"variable {said}"
    known = {symbol.name for value in values for symbol in names_in(value.term)}
    for value in or_none(reader.read, node):
        base = value.term.args[0] if value.term.op == "item" else value.term
        whole = value.term.op != "item" or all(at == reader.world.centre for at in value.term.args[1])
        if whole and base.op in ("tensor", "let") and base.args[0].name in known:
            return f"variable {base.args[0].name}" + (" at the centre" if base is not value.term else "")
    return f"parameters {spelled(node)}" if is_parameters(node, reader) else None


def _is_window(node: Node, reader: Elaboration) -> bool:
    """`w_{c-m}, \\dots, w_{c+m}`, whole or a part between commas."""
    parts = list(walk(node))
    names = {spelled(each).lower() for each in parts if isinstance(each, Name)}
    numbers = {each.text for each in parts if isinstance(each, Number)}
    if reader.world.window is None or not names <= _WINDOW or not numbers <= {"1"}:
        return False
    return "m" in names or bool(numbers) or any(isinstance(each, Range | Dots) for each in parts)


def _expect_target_first(variables: Sequence[str], said: str) -> None:
    """A cross entropy is of the target and the prediction, in this order."""
    at = {what.removeprefix("variable "): place for place, what in enumerate(variables)}
    if said.lower() in ("ce", "crossentropy") and at.get("y", 0) > at.get("yhat", len(at)):
        raise Unsupported(f"the order of the arguments of {said}")


__all__ = ["PARAMETERS", "expect_arguments", "is_parameters"]
