"""Stages and terms printed as nested loops in Python, for a just-in-time compiler.

The order of computation is that of the stages; what is chosen here is only how their loops are written:

- along the row axis, whose size is a constant of the source, numbers go `LANES` at a time: `load`, `fused` (a + x y),
  `summed` and `store` are what a vector register can do (see `generated`);
- in products, an axis of constant size is written out, at most `MOST_ROWS` rows at once, and an axis of varying size
  goes in tiles, so that a row that was loaded serves several products;
- a row that is added to stays in registers until all is added.

    >>> from derive.components import Axis, Entry, Index, Sum, TensorSymbol
    >>> B, C, D = Axis("B"), Axis("C"), Axis("D")
    >>> V, X = TensorSymbol("V", B, D), TensorSymbol("X", C, D)
    >>> b, c, d = Index("b", B), Index("c", C), Index("d", D)
    >>> from numeric.stages import Stages
    >>> stages = Stages(D)
    >>> terms = stages.terms(Sum(c, Sum(d, Entry(V, b, d) * Entry(X, c, d)) * Entry(X, c, d)), (b, d))
    >>> program = LoopProgram(("V", "X"), {V: terms}, (), stages.ordered(), {B: "n", C: 1, D: 16}, lanes=8)
    >>> print(print_step(program).rpartition("    while")[2])
     b + 1 <= n:
            t0 = at_V[b]
            a0_0 = spread(np.float32(0.0))
            a0_1 = spread(np.float32(0.0))
            for c in range(1):
                g0 = repeat(products, b, c)
                x = load(X, c, 0)
                a0_0 = fused(a0_0, g0, x)
                x = load(X, c, 8)
                a0_1 = fused(a0_1, g0, x)
            store(to_V, t0, 0, fused(load(to_V, t0, 0), spread(-rate_V), a0_0))
            store(to_V, t0, 8, fused(load(to_V, t0, 8), spread(-rate_V), a0_1))
            b += 1
    <BLANKLINE>
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from itertools import groupby, product
from math import ceil
from typing import TypeVar

from sympy import Add, Expr, Mul, Number, log
from sympy.printing.pycode import PythonCodePrinter

from derive.components import Axis, Entry, Index, Sigma, TensorSymbol, free_indices
from derive.errors import GradproofError
from numeric.stages import Labels, Stage, Term

MOST_ROWS = 6  # rows of a constant axis that meet a tile at once
ADDED_TILES = (2, 1)  # rows that the same rows are added to at once
KEPT_ROWS = 32  # rows of a long axis that are added to all others before the next ones: what the first cache holds
T = TypeVar("T")
Extent = int | str  # a constant of the source, or the name of an argument


@dataclass(frozen=True)
class LoopProgram:
    """What is printed.

    arguments: tensors in the order of the function's parameters; results: trained tensor -> the terms of its gradient;
    loss: the terms of the objective; stages: each after those it needs; extents: size of each axis, a number or the
    name of a parameter; whole: trained tensors that are their own destination (all rows, in place): they come last;
    in_place: trained tensors whose rows the step reads where they go, to_X[at_X[i]] for X[i], instead of from a copy:
    they come last too; short: lengths of a few rows, which a sum over them need not be cut for; lanes: numbers of a
    vector register.
    """

    arguments: tuple[str, ...]
    results: Mapping[TensorSymbol, tuple[Term, ...]]
    loss: tuple[Term, ...]
    stages: tuple[Stage, ...]
    extents: Mapping[Axis, Extent]
    whole: frozenset[str] = frozenset()
    in_place: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset()
    lanes: int = 8

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

    to_X[at_X[i]] -= rate_X * (the gradient of row i of X), for every trained X, all gradients from the arrays X as they
    were given. The last parameters are arrays for the stages, in their order.
    """
    writer = _Writer(program, program.in_place)
    places = [f"to_{t.name}, at_{t.name}" for t in program.results if t.name not in program.whole]
    rates = [f"rate_{t.name}" for t in program.results]
    writer.line(f"def step({', '.join([*program.lengths, *program.arguments, *places, *rates, *writer.names])}):")
    with writer.indented():
        writer.stages([t for terms in program.results.values() for t in terms])
        results = sorted(program.results.items(), key=lambda result: result[0].name in program.in_place)
        for number, (tensor, terms) in enumerate(results):
            _expect_unread(program, tensor, [term for _, others in results[number + 1:] for term in others])
            writer.result(tensor, terms)
    return writer.text()


def _expect_unread(program: LoopProgram, tensor: TensorSymbol, later: list[Term]) -> None:
    """What is in place is changed when no gradient needs it any more. GradproofError: one does."""
    if tensor.name in program.in_place and any(tensor in term.row.atoms(TensorSymbol) for term in later):
        raise GradproofError(f"{tensor} in place, which a gradient after its own reads", "one such tensor at most",
                             f"a copy of the rows of {tensor}")


def print_loss(program: LoopProgram) -> str:
    """The function that gives the objective at the same arguments, added up in float64."""
    writer = _Writer(program, frozenset())
    writer.line(f"def loss({', '.join([*program.lengths, *program.arguments, *writer.names])}):")
    with writer.indented():
        writer.stages(program.loss)
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

    def __init__(self, program: LoopProgram, in_place: frozenset[str]) -> None:
        self._program, self._in_place, self._lines, self._depth = program, in_place, list[str](), 0
        self._row, self._folded = _row_axis(program), dict[TensorSymbol, Stage]()
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

    def stages(self, wanted: Sequence[Term]) -> None:
        """Whatever some terms need."""
        stages = self._program.needed(wanted)
        self._folded = self._summands(stages, wanted)
        for _, level in groupby(stages, lambda stage: stage.level):
            products: dict[tuple[Entry, Index], list[tuple[Stage, Entry]]] = {}
            for stage in level:
                if stage.target in self._folded:
                    continue
                pair = self._dot(stage)
                if pair is None:
                    self._stage(stage)
                else:
                    products.setdefault((pair[0], stage.summed[0]), []).append((stage, pair[1]))
            for (tiled, _), others in products.items():
                self._products(tiled, others)

    def _summands(self, stages: list[Stage], wanted: Sequence[Term]) -> dict[TensorSymbol, Stage]:
        """Stages that are rows summed up and nothing but a summand of another stage's rows, which adds them itself."""
        sums = {stage.target: stage for stage in stages if stage.summed and self._has_rows(stage)}
        bodies = [stage.body for stage in stages] + [e for term in wanted for e in (term.coefficient, term.row)]
        uses = Counter(entry.tensor for body in bodies for entry in body.atoms(Entry))
        return {part.tensor: sums[part.tensor] for stage in stages if not stage.summed and self._has_rows(stage)
                for part in Add.make_args(stage.body)
                if isinstance(part, Entry) and part.tensor in sums and uses[part.tensor] == 1}

    def _as_term(self, part: Expr, stage: Stage) -> Term:
        """A part of a stage's body, or of one that the stage adds itself."""
        if isinstance(part, Entry) and part.tensor in self._folded:
            part, stage = self._folded[part.tensor].body, self._folded[part.tensor]
        return Term(*_split(part, self._row), stage.summed)

    def _has_rows(self, stage: Stage) -> bool:
        return any(i.axis == self._row for i in stage.indices)

    def _stage(self, stage: Stage) -> None:
        if stage.along is not None:
            self._softmax(stage, stage.along)
        elif self._has_rows(stage):
            self._new_rows(stage, [self._as_term(part, stage) for part in (
                [stage.body] if stage.summed else Add.make_args(stage.body))])
        else:
            self._elementwise(stage)

    def _new_rows(self, stage: Stage, terms: list[Term]) -> None:
        own, *_ = stage.indices
        if not any(self._is_long(i) for term in terms for i in term.summed):
            self._add(stage.target.name, own, terms, fresh=True)
            return
        place = self.scalar(Entry(stage.target, *stage.indices), {})
        with self.loops(stage.indices):
            self.line(f"{place} = np.float32(0.0)")
        self._add_rows(stage.target.name, own, terms)

    def _elementwise(self, stage: Stage) -> None:
        if self._flat(stage):
            numbers = " * ".join(str(self._program.extents[i.axis]) for i in stage.indices)
            with self.indented(f"for i in range(0, {numbers}, LANES):  # all entries lie in one run"):
                self.line(f"store({stage.target.name}, 0, i, {self._entries(stage.body)})")
            return
        place = self.scalar(Entry(stage.target, *stage.indices), {})
        with self.loops(stage.indices):
            if stage.summed:
                self.line("total = np.float32(0.0)")
                with self.loops(stage.summed):
                    self.line(f"total += {self.scalar(stage.body, {})}")
                self.line(f"{place} = total")
            else:
                self.line(f"{place} = {self.scalar(stage.body, {})}")

    def _flat(self, stage: Stage) -> bool:
        """Whether a stage goes entry by entry through arrays of one shape, of which the first axis alone varies."""
        return (not stage.summed and 1 <= len(stage.indices) <= 2 and not self._varies(stage.indices[-1])
                and all(e.indices == stage.indices for e in stage.body.atoms(Entry)))

    def _entries(self, e: Expr) -> str:
        """Some numbers of an expression that goes entry by entry."""
        match e:
            case Entry():
                return f"load({e.tensor.name}, 0, i)"
            case Sigma():
                return f"sigma({self._entries(e.args[0])})"
            case Number():
                return f"spread(np.float32({float(e)!r}))"
            case Add() | Mul():
                name = "added" if isinstance(e, Add) else "times"
                first, *others = (self._entries(a) for a in e.args)
                return reduce(lambda a, b: f"{name}({a}, {b})", others, first)
        raise GradproofError(f"{e} entry by entry", "sums, products and sigma", 'backend="arrays"')

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
        """Products of a tile of rows with the rows of constant axes, some at a time, or each with its own partner."""
        rows: list[tuple[Stage, Entry, int | None]] = []
        for stage, row in others:
            own = row.indices[0] == tiled.indices[0]
            rows += [(stage, row, number) for number in ([None] if own else range(self._constant(row.indices[0])))]
        for part in _parts(rows, MOST_ROWS):
            for tile in self._tiles(tiled.indices[0], _tile_sizes(self._program.lanes, len(part))):
                self._product_tile(tiled, tile, part)

    def _product_tile(self, tiled: Entry, tile: list[str], part: list[tuple[Stage, Entry, int | None]]) -> None:
        index = tiled.indices[0]
        pairs = list(product(range(len(tile)), range(len(part))))
        places = [self._place(tiled.tensor, place, f"r{t}") for t, place in enumerate(tile)]
        partners = [[self._place(other.tensor, place, f"q{p}_{t}")
                     for t, place in enumerate(tile if number is None else [str(number)])]
                    for p, (_, other, number) in enumerate(part)]
        for t, p in pairs:
            self.line(f"s{t}_{p} = spread(np.float32(0.0))")
        with self.indented(f"for d in range(0, {self._program.extents[self._row]}, LANES):"):
            for t, (matrix, row) in enumerate(places):
                self.line(f"x{t} = load({matrix}, {row}, d)")
            for p, ((_, _, number), rows) in enumerate(zip(part, partners, strict=True)):
                for t in range(len(tile)):
                    if t == 0 or number is None:
                        matrix, row = rows[t]
                        self.line(f"y = load({matrix}, {row}, d)")
                    self.line(f"s{t}_{p} = fused(s{t}_{p}, x{t}, y)")
        for t, p in pairs:
            stage, other, number = part[p]
            at = {index: tile[t]} if number is None else {index: tile[t], other.indices[0]: str(number)}
            target = self.scalar(Entry(stage.target, *stage.indices), at)
            self.line(f"{target} = summed(s{t}_{p})")

    def _tiles(self, index: Index, sizes: tuple[int, ...]) -> Iterator[list[str]]:
        """Written-out positions of a tile along an index, inside loops over the tiles."""
        name, extent = index.name, self._program.extents[index.axis]
        left = None if isinstance(extent, str) else extent
        if left is not None:
            sizes = next(((size,) for size in sizes if size > 1 and left % size == 0), sizes)
        self.line(f"{name} = 0")
        for size in sizes:
            if left is not None:
                if left < size:
                    continue
                left %= size
            with self.indented(f"while {name} + {size} <= {extent}:"):
                yield [f"{name} + {n}" if n else name for n in range(size)]
                self.line(f"{name} += {size}")

    def _place(self, tensor: TensorSymbol, row: str, name: str) -> tuple[str, str]:
        """The matrix and the row of it where a row lies; a row in place is looked up, and called by a name."""
        if tensor.name not in self._in_place:
            return tensor.name, row
        self.line(f"{name} = at_{tensor.name}[{row}]")
        return f"to_{tensor.name}", name

    def _places(self, e: Expr, own: Index, place: str, t: int) -> dict[Entry, tuple[str, str]]:
        """Those of all rows of an expression, at a place of its own index."""
        found = {}
        for n, entry in enumerate(sorted(e.atoms(Entry), key=str)):
            index = entry.indices[0]
            found[entry] = self._place(entry.tensor, place if index == own else index.name, f"q{t}_{n}")
        return found

    # --- sums of rows -------------------------------------------------------------------------------------------------

    def result(self, tensor: TensorSymbol, terms: tuple[Term, ...]) -> None:
        own = Index(tensor.axes[0].name.lower(), tensor.axes[0])
        target, at = (tensor.name, "") if tensor.name in self._program.whole else (
            f"to_{tensor.name}", f"at_{tensor.name}")
        self._add_rows(target, own, terms, at, f"-rate_{tensor.name}")

    def _add_rows(self, target: str, own: Index, terms: Iterable[Term], at: str = "", factor: str = "") -> None:
        """target[own] += factor * the sum of the terms: first those over short axes, in one pass over a row."""
        long = [t for t in terms if any(self._is_long(i) for i in t.summed)]
        together = [t for t in terms if t not in long]
        if together:
            self._add(target, own, together, at, factor)
        for term in long:
            (summed,) = term.summed
            start, end = f"{summed.name}_start", f"{summed.name}_end"
            extent = self._program.extents[summed.axis]
            with self.indented(f"for {start} in range(0, {extent}, {KEPT_ROWS}):"):
                self.line(f"{end} = min({start} + {KEPT_ROWS}, {extent})")
                self._add(target, own, [term], at, factor, f"{start}, {end}")

    def _add(self, target: str, own: Index, terms: list[Term], at: str = "", factor: str = "", part: str = "",
             fresh: bool = False) -> None:
        """Terms added to rows, a tile of them at a time. part: the range of a varying summed index; fresh: the rows
        are these terms alone."""
        for tile in self._tiles(own, ADDED_TILES):
            rows = [at and f"t{t}" for t in range(len(tile))]
            for t, place in enumerate(tile):
                if at:
                    self.line(f"t{t} = {at}[{place}]")
                else:
                    rows[t] = place
            size, lanes = self._constant_extent(self._row), self._program.lanes
            most = (_registers(lanes) - len(tile) - 1) // len(tile)  # sums, coefficients, one row
            for vectors in _parts(list(range(0, size, lanes)), most):
                self._add_part(target, rows, {own: tile}, terms, factor, part, fresh, vectors)

    def _add_part(self, target: str, rows: list[str], tile: Mapping[Index, list[str]], terms: list[Term], factor: str,
                  part: str, fresh: bool, vectors: list[int]) -> None:
        """Some vectors of a tile of rows: their sums stay in registers until all is added."""
        ((own, places),) = tile.items()
        sums = list(product(range(len(rows)), enumerate(vectors)))
        for t, (n, _) in sums:
            self.line(f"a{t}_{n} = spread(np.float32(0.0))")
        for term in terms:
            heads = [f"for {i.name} in range({part or self._extent(i, own)}):" for i in term.summed]
            with self.indented(*(heads or ["if True:"])):
                for t, place in enumerate(places):
                    self.line(f"g{t} = {self._everywhere(term.coefficient, {own: place})}")
                each = places if own in free_indices(term.row) else [own.name]  # other rows serve the whole tile
                found = [self._places(term.row, own, place, t) for t, place in enumerate(each)]
                for (n, first), t in product(enumerate(vectors), range(len(rows))):
                    if t < len(found):
                        self.line(f"x = {self._vector(term.row, found[t], first)}")
                    self.line(f"a{t}_{n} = fused(a{t}_{n}, g{t}, x)")
        for t, (n, first) in sums:
            row = f"load({target}, {rows[t]}, {first})"
            new = f"a{t}_{n}" if fresh else (
                f"fused({row}, spread({factor}), a{t}_{n})" if factor else f"added({row}, a{t}_{n})")
            self.line(f"store({target}, {rows[t]}, {first}, {new})")

    def _everywhere(self, e: Expr, at: Mapping[Index, str]) -> str:
        """A number in all places of a vector."""
        if isinstance(e, Entry) and len(e.indices) == 2:
            return f"repeat({e.tensor.name}, {', '.join(at.get(i, i.name) for i in e.indices)})"
        return f"spread({self.scalar(e, at)})"

    def _vector(self, e: Expr, rows: Mapping[Entry, tuple[str, str]], place: int) -> str:
        """Some numbers of a row, or of a sum of rows."""
        if isinstance(e, Entry):
            matrix, row = rows[e]
            return f"load({matrix}, {row}, {place})"
        if isinstance(e, Add):
            first, *others = (self._vector(a, rows, place) for a in e.args)
            return reduce(lambda a, b: f"added({a}, {b})", others, first)
        raise GradproofError(f"{e} as a row", "an entry or a sum of entries", 'backend="arrays"')

    def _extent(self, index: Index, own: Index) -> Extent:
        """Of a loop inside another. Two constant ones would be written out together, and the many coefficients that
        stand outside then would take registers from the sums."""
        if self._varies(index) or self._varies(own):
            return self._program.extents[index.axis]
        return f"hidden({self._constant(index)})"

    def _varies(self, index: Index) -> bool:
        return isinstance(self._program.extents[index.axis], str)

    def _is_long(self, index: Index) -> bool:
        return self._varies(index) and self._program.extents[index.axis] not in self._program.short

    def _constant(self, index: Index) -> int:
        return self._constant_extent(index.axis)

    def _constant_extent(self, axis: Axis) -> int:
        extent = self._program.extents[axis]
        if isinstance(extent, str):
            raise GradproofError(f"products along two axes of varying size, one of them {axis}",
                                 "one varying axis", 'backend="arrays"')
        return extent


def _registers(lanes: int) -> int:
    """Vector registers of that many numbers: 32 of AVX-512, else 16 (or twice as many, half as long)."""
    return 32 if lanes == 16 else 16


def _tile_sizes(lanes: int, rows: int) -> tuple[int, ...]:
    """How many rows of a tile meet so many others: their products, they themselves and one more stay in registers."""
    most = max(1, (_registers(lanes) - 1) // (rows + 1))
    return tuple(size for size in (4, 3, 2, 1) if size <= most)


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
