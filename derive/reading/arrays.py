"""Vectors and matrices written out, with dots between their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive import terms
from derive.reading.combining import Values, or_none
from derive.reading.indexing import Limits, run_axis
from derive.reading.patterns import ROW_LETTER, Run, grid_of, run_of
from derive.reading.sums import close_sum
from derive.reading.syntax import Matrix, Node
from derive.reading.values import COLUMN, MATRIX, ROW, Reading, Unsupported, Value
from derive.terms import onehot, sum_over

if TYPE_CHECKING:
    from derive.reading.elaboration import Elaboration


def read_run(reader: Elaboration, run: Run) -> Values:
    axis = run_axis(run.last, reader.world, reader.sizes)
    with reader.binding(run.letter, axis):
        bodies = reader.read(run.entry)
        return [v for body in bodies for v in close_sum(reader, body, Limits(run.letter, axis))]


def read_list(reader: Elaboration, items: list[Node], lies: str) -> Values:
    """A row or column of entries, or of columns, written out with dots."""
    run = run_of(items, ROW_LETTER)
    if run is None:
        raise Unsupported("a list in brackets")
    return _stacked(reader, run, None, run.entry, lies)


def read_matrix(reader: Elaboration, node: Matrix) -> Values:
    grid = grid_of(node)
    if grid is None:
        raise Unsupported("a matrix written out")
    down, across, entry = grid
    if down is not None and across is not None:
        return _stacked(reader, down, across, entry, MATRIX)
    run = down or across
    return _stacked(reader, run, None, entry, COLUMN if down is not None else ROW)  # type: ignore[arg-type]


def _stacked(reader: Elaboration, first: Run, second: Run | None, entry: Node, lies: str) -> Values:
    """The tensor whose entries are written out: each entry times the place it stands at."""
    runs = [run for run in (first, second) if run is not None]
    before = dict(reader.bound)
    for run in runs:
        reader.bound = {**reader.bound, run.letter: run_axis(run.last, reader.world, reader.sizes)}
    try:
        bodies = reader.read(entry)
    finally:
        reader.bound = before
    found = [v for body in bodies for v in or_none(_placed, body, runs, lies)]
    if not found:
        raise Unsupported("a matrix written out, whose entries do not say where they stand")
    return found


def _placed(body: Value, runs: list[Run], lies: str) -> Values:
    found = [i for run in runs for i in body.term.free if i.name == run.letter]
    if len(found) != len(runs):
        raise Unsupported("entries that do not say where they stand")
    term = body.term
    if len(found) == 2 and not body.rank:
        place = terms.outer(onehot(found[0]), onehot(found[1]))
        term = sum_over(found[0], sum_over(found[1], term * place))
    elif len(found) == 1 and not body.rank:
        term = sum_over(found[0], term * onehot(found[0]))
    elif len(found) == 1 and body.rank == 1 and body.lies == lies == ROW:
        raise Unsupported("rows beside each other")
    elif len(found) == 1 and body.rank == 1 and lies == ROW:
        term, lies = sum_over(found[0], terms.outer(term, onehot(found[0]))), MATRIX
    elif len(found) == 1 and body.rank == 1 and body.lies != COLUMN:
        term, lies = sum_over(found[0], terms.outer(onehot(found[0]), term)), MATRIX
    else:
        raise Unsupported("a matrix of matrices")
    said = Reading("entries with dots between them", "every entry in between follows the pattern")
    return [Value(term, lies, body.readings, body.needs, body.assumed).noted(said)]


__all__ = ["read_list", "read_matrix", "read_run"]
