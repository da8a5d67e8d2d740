"""Dots: `a_1 + a_2 + \\dots + a_n`, rows, columns and matrices written out, as one entry with a running index.

The first entries say what changes from one to the next; the last one says where it ends. Nothing is guessed: if the
entries do not differ by one running number, there is no pattern.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from derive.reading.spelling import bare, spelled
from derive.reading.syntax import (
    Annotated,
    Blank,
    Dots,
    Group,
    Infix,
    Listing,
    Matrix,
    Name,
    Node,
    Number,
    Range,
    Script,
)
from derive.reading.trees import Path, mapped, put

ROW_LETTER, COLUMN_LETTER = "zeta", "xi"
"""Letters for running indices that no author is likely to use."""


@dataclass(frozen=True)
class Run:
    """Entries with a running index: the entry with a letter in its place, and the last value of the letter."""

    letter: str
    entry: Node
    last: Node


def run_of(items: list[Node], letter: str) -> Run | None:
    """The pattern of `first, second, ..., \\dots, last`."""
    at = next((n for n, item in enumerate(items) if isinstance(bare(item), Dots)), -1)
    if at < 1 or at != len(items) - 2:
        return None
    first, *others = (normalised(item) for item in (*items[:at], items[-1]))
    for number, second in enumerate(others):
        pairs = _differences(first, second)
        if pairs is None or not pairs:
            return None
        told = {(spelled(a), spelled(b)) for a, b, _ in pairs}
        if len(told) != 1 or next(iter(told))[0] != "1":
            return None
        value = pairs[0][1]
        if number < len(others) - 1 and spelled(value) != str(number + 2):
            return None
    entry = _with_letter(first, [path for _, _, path in _differences(first, others[-1]) or []], Name(letter))
    last = (_differences(first, others[-1]) or [])[0][1]
    return None if isinstance(bare(last), Number) else Run(letter, entry, last)


def summed_run(node: Infix) -> tuple[Infix | Node, Run] | None:
    """A sum with dots in it: what stands around the run, and the run."""
    at = next((n for n, item in enumerate(node.operands) if isinstance(bare(item), Dots)), -1)
    if at < 1 or at + 1 >= len(node.operands) or any(sign != "+" for sign in node.operators[: at + 1]):
        return None
    run = run_of([*node.operands[: at + 2]], ROW_LETTER)
    if run is None:
        return None
    rest = node.operands[at + 2:]
    if not rest:
        return Blank(), run
    signs = node.operators[at + 1:]
    return Infix(signs, (Blank(), *rest), node.span), run


def items_of(node: Node) -> list[Node] | None:
    """The entries of a list in brackets, dots among them."""
    node = bare(node)
    if isinstance(node, Group) and node.left in ("[", "("):
        node = node.body
    if isinstance(node, Listing):
        found = [part for item in node.items for part in (_range_items(item) if isinstance(item, Range) else [item])]
        return [item for item in found if not isinstance(item, Blank)]
    if isinstance(node, Range):
        return _range_items(node)
    return None


def _range_items(node: Range) -> list[Node]:
    found: list[Node] = []
    for number, part in enumerate(node.parts):
        if number:
            found.append(Dots())
        if isinstance(part, Infix) and set(part.operators) == {""}:
            found += part.operands
        elif not isinstance(part, Blank):
            found.append(part)
    return found


def grid_of(node: Matrix) -> tuple[Run | None, Run | None, Node] | None:
    """A matrix written out: the run of its rows, the run of its columns, and the entry."""
    rows = [list(row) for row in node.rows]
    if all(len(row) == 1 for row in rows):
        run = run_of([row[0] for row in rows], ROW_LETTER)
        return None if run is None else (run, None, run.entry)
    if len(rows) == 1:
        run = run_of(rows[0], COLUMN_LETTER)
        return None if run is None else (None, run, run.entry)
    entries: list[Node] = []
    across: Run | None = None
    for row in rows:
        if all(isinstance(bare(cell), Dots | Blank) for cell in row):
            entries.append(Dots())
            continue
        run = run_of(row, COLUMN_LETTER)
        if run is None or (across is not None and spelled(across.last) != spelled(run.last)):
            return None
        across = run
        entries.append(run.entry)
    down = run_of(entries, ROW_LETTER)
    return None if down is None or across is None else (down, across, down.entry)


def normalised(node: Node) -> Node:
    """Two digits in a subscript are two subscripts; marks that change nothing go."""
    if isinstance(node, Annotated) and node.kind != "circled":
        return normalised(node.body)
    if isinstance(node, Group) and node.left == "{":
        return normalised(node.body)
    digits = node.sub.text if isinstance(node, Script) and isinstance(node.sub, Number) else ""
    if isinstance(node, Script) and len(digits) == 2 and digits.isdigit():
        node = replace(node, sub=Infix(("",), (Number(digits[0]), Number(digits[1])), node.span))
    return mapped(node, normalised)


def _differences(first: Node, second: Node, path: Path = ()) -> list[tuple[Node, Node, Path]] | None:
    """Where two trees differ, as pairs; None where they differ in more than a running number."""
    if first == second:
        return []
    if isinstance(first, Number) and path:
        return [(first, second, path)]
    if type(first) is not type(second):
        return None
    found: list[tuple[Node, Node, Path]] = []
    for each in fields(first):
        if each.name == "span":
            continue
        a, b = getattr(first, each.name), getattr(second, each.name)
        if isinstance(a, Node) and isinstance(b, Node):
            inner = _differences(a, b, (*path, (each.name, -1)))
        elif isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
            inner = []
            for at, (x, y) in enumerate(zip(a, b, strict=True)):
                if isinstance(x, Node) and isinstance(y, Node):
                    part = _differences(x, y, (*path, (each.name, at)))
                    if part is None:
                        return None
                    inner += part
                elif x != y:
                    return None
        elif a == b:
            inner = []
        else:
            return None
        if inner is None:
            return None
        found += inner
    return found


def _with_letter(node: Node, paths: list[Path], letter: Name) -> Node:
    for path in paths:
        node = put(node, path, letter)
    return node


__all__ = ["COLUMN_LETTER", "ROW_LETTER", "Run", "grid_of", "items_of", "normalised", "run_of", "summed_run"]
