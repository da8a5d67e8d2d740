"""Stages and terms printed as nested loops in Python, for a just-in-time compiler.

The order of computation is that of the stages; what is chosen here is only how their loops are written:

- along the row axis, whose size is a constant of the source, loops are innermost, so that a compiler vectorises them;
- an axis of constant size is written out, at most `MOST_ROWS` rows at once: as many sums as registers hold;
- an axis of varying size goes in tiles, so that a row that was loaded serves several products.

    >>> from derive.components import Axis, Entry, Index, Sum, TensorSymbol
    >>> B, C, D = Axis("B"), Axis("C"), Axis("D")
    >>> V, X = TensorSymbol("V", B, D), TensorSymbol("X", C, D)
    >>> b, c, d = Index("b", B), Index("c", C), Index("d", D)
    >>> from numeric.stages import Stages
    >>> stages = Stages(D)
    >>> terms = stages.terms(Sum(c, Sum(d, Entry(V, b, d) * Entry(X, c, d)) * Entry(X, c, d)), (b, d))
    >>> program = LoopProgram(("V", "X"), {V: terms}, (), stages.ordered(), {B: "n", C: 1, D: 16})
    >>> print(print_step(program).partition("    while")[0])
    def step(n, V, X, to_V, at_V, rate, products):
        b = 0
    <BLANKLINE>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, product
from math import ceil
from typing import TypeVar

from sympy import Add, Expr, Mul, Number, log
from sympy.printing.pycode import PythonCodePrinter

from derive.components import Axis, Entry, Index, Sigma, TensorSymbol, free_indices
from derive.errors import GradproofError
from numeric.stages import Labels, Stage, Term

MOST_ROWS = 6  # rows of a constant axis that meet a tile at once
PRODUCT_TILES = (4, 2, 1)  # 4 x 6 sums, 4 rows and one more number: what 32 vector registers hold
SUM_TILES = (6, 4, 2, 1)  # rows added to another row in one pass over it; most windows have an even number
T = TypeVar("T")
Extent = int | str  # a constant of the source, or the name of an argument


@dataclass(frozen=True)
class LoopProgram:
    """What is printed.

    arguments: tensors in the order of the function's parameters; results: trained tensor -> the terms of its gradient;
    loss: the terms of the objective; stages: each after those it needs; extents: size of each axis, a number or the
    name of a parameter; whole: trained tensors that are their own destination (all rows, in place): they come last.
    """

    arguments: tuple[str, ...]
    results: Mapping[TensorSymbol, tuple[Term, ...]]
    loss: tuple[Term, ...]
    stages: tuple[Stage, ...]
    extents: Mapping[Axis, Extent]
    whole: frozenset[str] = frozenset()

    @property
    def lengths(self) -> tuple[str, ...]:
        """The sizes that are parameters."""
        return tuple(dict.fromkeys(e for e in self.extents.values() if isinstance(e, str)))

    def needed(self, terms: Iterable[Term]) -> list[Stage]:
        """The stages behind some terms."""
        tensors = {t for term in terms for e in (term.coefficient, term.row) for t in e.atoms(TensorSymbol)}
        needed: list[Stage] = []
        for stage in reversed(self.stages):
            if stage.target in tensors:
                needed.insert(0, stage)
                tensors |= stage.body.atoms(TensorSymbol)
        return needed


def print_step(program: LoopProgram) -> str:
    """The function that takes one step of steepest descent.

    to_X[at_X[i]] -= rate * (the gradient of row i of X), for every trained X, all gradients from the arrays X as they
    were given. The last parameters are arrays for the stages, in their order.
    """
    writer = _Writer(program)
    places = [f"to_{t.name}, at_{t.name}" for t in program.results if t.name not in program.whole]
    writer.line(f"def step({', '.join([*program.lengths, *program.arguments, *places, 'rate', *writer.names])}):")
    with writer.indented():
        writer.stages(program.needed(t for terms in program.results.values() for t in terms))
        for tensor, terms in program.results.items():
            writer.result(tensor, terms)
    return writer.text()


def print_loss(program: LoopProgram) -> str:
    """The function that gives the objective at the same arguments, added up in float64."""
    writer = _Writer(program)
    writer.line(f"def loss({', '.join([*program.lengths, *program.arguments, *writer.names])}):")
    with writer.indented():
        writer.stages(program.needed(program.loss))
        writer.line("total = 0.0")
        for term in program.loss:
            with writer.loops(term.summed):
                writer.line(f"total += {writer.scalar(term.coefficient * term.row, {})}")
        writer.line("return total")
    return writer.text()


class _ScalarPrinter(PythonCodePrinter):
    """Scalar coefficients by SymPy's printer; entries, sigma and numbers by ours.

    at: what an index is written as, where not by its name.
    """

    def __init__(self, at: Mapping[Index, str]) -> None:
        super().__init__({"fully_qualified_modules": True})
        self._at = at

    def _print_Entry(self, e: Entry) -> str:
        return f"{e.tensor.name}[{', '.join(self._at.get(i, i.name) for i in e.indices)}]"

    def _print_Sigma(self, e: Sigma) -> str:
        return f"sigma({self._print(e.args[0])})"

    def _print_log(self, e: log) -> str:
        inside = e.args[0]
        if isinstance(inside, Sigma):
            return f"log_sigma({self._print(inside.args[0])})"
        return str(super()._print_log(e))

    def _print_Number(self, e: Number) -> str:
        return f"np.float32({float(e)!r})"  # a Python number would widen the arithmetic to float64

    _print_Integer = _print_Rational = _print_Float = _print_One = _print_NegativeOne = _print_Half = _print_Number


class _Writer:
    """Lines of source with their indentation."""

    def __init__(self, program: LoopProgram) -> None:
        self._program, self._lines, self._depth = program, list[str](), 0
        self._row = _row_axis(program)
        self.names = tuple(stage.target.name for stage in program.stages)

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def indented(self, *heads: str) -> Iterator[None]:
        for head in heads:
            self.line(head)
            self._depth += 1
        self._depth += not heads
        yield
        self._depth -= max(1, len(heads))

    @contextmanager
    def loops(self, indices: Labels) -> Iterator[None]:
        heads = [f"for {i.name} in range({self._program.extents[i.axis]}):" for i in indices]
        with self.indented(*(heads or ["if True:"])):
            yield

    def scalar(self, e: Expr, at: Mapping[Index, str]) -> str:
        return str(_ScalarPrinter(at).doprint(e))

    # --- stages -------------------------------------------------------------------------------------------------------

    def stages(self, stages: list[Stage]) -> None:
        for _, level in groupby(stages, lambda stage: stage.level):
            products: dict[tuple[Entry, Index], list[tuple[Stage, Entry]]] = {}
            for stage in level:
                pair = self._dot(stage)
                if pair is None:
                    self._stage(stage)
                else:
                    products.setdefault((pair[0], stage.summed[0]), []).append((stage, pair[1]))
            for (tiled, _), others in products.items():
                self._products(tiled, others)

    def _stage(self, stage: Stage) -> None:
        if stage.along is not None:
            self._softmax(stage, stage.along)
        elif any(i.axis == self._row for i in stage.indices):
            place = self.scalar(Entry(stage.target, *stage.indices), {})
            with self.loops(stage.indices):
                self.line(f"{place} = np.float32(0.0)")
            coefficient, row = _split(stage.body, self._row)
            self._add_rows(Term(coefficient, row, stage.summed), stage.indices[0], Entry(stage.target, *stage.indices))
        else:
            self._elementwise(stage)

    def _elementwise(self, stage: Stage) -> None:
        place = self.scalar(Entry(stage.target, *stage.indices), {})
        with self.loops(stage.indices):
            if stage.summed:
                self.line("total = np.float32(0.0)")
                with self.loops(stage.summed):
                    self.line(f"total += {self.scalar(stage.body, {})}")
                self.line(f"{place} = total")
            else:
                self.line(f"{place} = {self.scalar(stage.body, {})}")

    def _softmax(self, stage: Stage, along: Index) -> None:
        """Shifted by the largest score, the denominator once for the whole axis."""
        others = tuple(i for i in stage.indices if i != along)
        score, place = self.scalar(stage.body, {}), self.scalar(Entry(stage.target, *stage.indices), {})
        with self.loops(others):
            self.line("largest = np.float32(-np.inf)")
            with self.loops((along,)):
                self.line(f"largest = max(largest, {score})")
            self.line("total = np.float32(0.0)")
            with self.loops((along,)):
                self.line(f"{place} = math.exp({score} - largest)")
                self.line(f"total += {place}")
            with self.loops((along,)):
                self.line(f"{place} = {score} - largest - math.log(total)" if stage.logarithm
                          else f"{place} /= total")

    # --- products of rows ---------------------------------------------------------------------------------------------

    def _dot(self, stage: Stage) -> tuple[Entry, Entry] | None:
        """The two rows of a sum over the row axis of their product; first the one that goes in tiles."""
        factors = Mul.make_args(stage.body)
        if len(factors) != 2 or [i.axis for i in stage.summed] != [self._row]:
            return None
        if not all(isinstance(f, Entry) and len(f.indices) == 2 and f.indices[1] == stage.summed[0] for f in factors):
            return None
        first, second = sorted(factors, key=lambda f: (not self._varies(f.indices[0]), f.tensor.name not in
                                                       {s.target.name for s in self._program.stages}, str(f)))
        return (first, second) if not self._varies(second.indices[0]) else None

    def _products(self, tiled: Entry, others: list[tuple[Stage, Entry]]) -> None:
        """Products of a tile of rows with the rows of constant axes, some at a time."""
        rows = [(stage, row, number) for stage, row in others for number in range(self._constant(row.indices[0]))]
        for part in _parts(rows, MOST_ROWS):
            for tile in self._tiles(tiled.indices[0], PRODUCT_TILES):
                self._product_tile(tiled, tile, part)

    def _product_tile(self, tiled: Entry, tile: list[str], part: list[tuple[Stage, Entry, int]]) -> None:
        index, along = tiled.indices
        pairs = list(product(range(len(tile)), range(len(part))))
        for t, p in pairs:
            self.line(f"s{t}_{p} = np.float32(0.0)")
        with self.loops((along,)):
            for t, place in enumerate(tile):
                self.line(f"x{t} = {self.scalar(tiled, {index: place})}")
            for p, (_, row, number) in enumerate(part):
                self.line(f"y = {self.scalar(row, {row.indices[0]: str(number)})}")
                for t in range(len(tile)):
                    self.line(f"s{t}_{p} += x{t} * y")
        for t, p in pairs:
            stage, row, number = part[p]
            target = self.scalar(Entry(stage.target, *stage.indices), {index: tile[t], row.indices[0]: str(number)})
            self.line(f"{target} = s{t}_{p}")

    def _tiles(self, index: Index, sizes: tuple[int, ...]) -> Iterator[list[str]]:
        """Written-out positions along an index; a varying one inside loops over its tiles."""
        if not self._varies(index):
            for start in range(0, self._constant(index), sizes[0]):
                yield [str(n) for n in range(start, min(start + sizes[0], self._constant(index)))]
            return
        name = index.name
        self.line(f"{name} = 0")
        for size in sizes:
            with self.indented(f"while {name} + {size} <= {self._program.extents[index.axis]}:"):
                yield [f"{name} + {n}" if n else name for n in range(size)]
                self.line(f"{name} += {size}")

    # --- sums of rows -------------------------------------------------------------------------------------------------

    def result(self, tensor: TensorSymbol, terms: tuple[Term, ...]) -> None:
        own, along = (Index(axis.name.lower(), axis) for axis in tensor.axes)
        whole = tensor.name in self._program.whole
        target = TensorSymbol(tensor.name if whole else f"to_{tensor.name}", *tensor.axes)
        at = {} if whole else {own: f"at_{tensor.name}[{own.name}]"}
        together = [t for t in terms if not any(self._varies(i) for i in t.summed)]
        if together:
            self._add_constant(together, own, Entry(target, own, along), at)
        for term in terms:
            if term not in together:
                self._add_rows(term, own, Entry(target, own, along), at, "-rate * ")

    def _add_rows(self, term: Term, own: Index, target: Entry, at: Mapping[Index, str] | None = None,
                  factor: str = "") -> None:
        """target[own] += factor * sum of the term, a tile of its summed rows at a time."""
        if not any(self._varies(i) for i in term.summed):
            self._add_constant([term], own, target, at or {}, factor)
            return
        (summed,) = term.summed
        for tile in self._tiles(summed, SUM_TILES):
            with self.loops((own,)):
                self._add([(term, {summed: place}) for place in tile], own, target, at or {}, factor)

    def _add_constant(self, terms: list[Term], own: Index, target: Entry, at: Mapping[Index, str],
                      factor: str = "-rate * ") -> None:
        summands = [(term, dict(zip(term.summed, map(str, places), strict=True))) for term in terms
                    for places in product(*(range(self._constant(i)) for i in term.summed))]
        for part in _parts(summands, 2 * MOST_ROWS):
            with self.loops((own,)):
                self._add(part, own, target, at, factor)

    def _add(self, summands: list[tuple[Term, dict[Index, str]]], own: Index, target: Entry, at: Mapping[Index, str],
             factor: str) -> None:
        """One pass over a row: coefficients in registers, then the sum of the rows times them."""
        place = dict(at)
        if own in place:
            self.line(f"r = {place[own]}")
            place[own] = "r"
        for number, (term, where) in enumerate(summands):
            self.line(f"g{number} = {factor}{self.scalar(term.coefficient, where)}")
        total = " + ".join(f"g{n} * ({self.scalar(term.row, where)})" if isinstance(term.row, Add)
                           else f"g{n} * {self.scalar(term.row, where)}" for n, (term, where) in enumerate(summands))
        with self.loops(target.indices[1:]):
            self.line(f"{self.scalar(target, place)} += {total}")

    def _varies(self, index: Index) -> bool:
        return isinstance(self._program.extents[index.axis], str)

    def _constant(self, index: Index) -> int:
        extent = self._program.extents[index.axis]
        if isinstance(extent, str):
            raise GradproofError(f"products along two axes of varying size, one of them {index.axis}",
                                 "one varying axis", 'backend="arrays"')
        return extent


def _row_axis(program: LoopProgram) -> Axis:
    found = {tensor.axes[-1] for tensor in program.results}
    if len(found) != 1 or any(len(tensor.axes) != 2 for tensor in program.results):
        raise GradproofError(f"trained tensors {', '.join(map(str, program.results))}",
                             "matrices whose rows lie along one axis", 'backend="arrays"')
    return found.pop()


def _split(body: Expr, row: Axis) -> tuple[Expr, Expr]:
    rows = [f for f in Mul.make_args(body) if any(i.axis == row for i in free_indices(f))]
    return Mul(*(f for f in Mul.make_args(body) if f not in rows)), Mul(*rows)


def _parts(items: list[T], most: int) -> Iterator[list[T]]:
    """Cut into as few parts of about one size as there may be."""
    number = ceil(len(items) / most) or 1
    size = ceil(len(items) / number)
    for start in range(0, len(items), size or 1):
        yield items[start:start + size]
