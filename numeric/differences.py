"""A compiled step beside differences of the loss it is the gradient of.

The left side of a theorem names derivatives; its right side is what was compiled. Here each derivative on the left is
computed from the compiled J alone, entry by entry, in two ways that share nothing with the derivation: central
differences, (J(x + h) - J(x - h)) / 2h, and the complex step, Im J(x + ih) / h (Squire and Trapp 1998), which has no
cancellation and agrees to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Basic, Expr

from derive import claims, refuter
from derive.claims import Claim, hypothesis_terms
from derive.components import (
    Axis,
    Entry,
    Formal,
    Grad,
    Index,
    IndexLike,
    Let,
    MapAt,
    MapSymbol,
    Size,
    Slot,
    TensorSymbol,
    free_indices,
    tensors_of,
)
from derive.derivative import without_gradients
from derive.errors import GradproofError
from derive.kernel import Theorem
from derive.rendering import hypothesis_text
from derive.terms import Term, component
from numeric import compiling
from numeric.compiling import CompiledStep, _entry_of, _Program, _program_of

Values = dict[str, NDArray[Any]]

CENTRAL_STEP, COMPLEX_STEP = 1e-5, 1e-30
# Of the largest entry, or of 1: what a right formula stays below and a factor wrong in the third decimal does not.
CENTRAL_TOLERANCE, COMPLEX_TOLERANCE, SINGLE_TOLERANCE = 1e-6, 1e-10, 1e-4
MOST_DRAWS = 400


@dataclass(frozen=True)
class CheckResult:
    """How far a compiled step is from the differences of its loss.

    max_abs_error_central, max_abs_error_complex: largest difference between an entry of the step and of the numeric
    derivative, in float64; where the theorem's left side has no derivative, between its two compiled sides.
    max_abs_error_single: between the step in float32 and in float64. scale: the largest entry met, at least 1, which
    errors are measured against. sizes: by axis name, one for each point tried. ok: every error is small beside scale,
    and float32 stays float32.
    """

    max_abs_error_central: float
    max_abs_error_complex: float
    max_abs_error_single: float
    scale: float
    sizes: tuple[Mapping[str, int], ...]
    ok: bool

    @property
    def max_relative_error(self) -> float:
        """The larger of the two errors in float64, against the scale."""
        return max(self.max_abs_error_central, self.max_abs_error_complex) / self.scale


def check_step(theorem: Theorem, *, sizes: Mapping[str, int] | Sequence[Mapping[str, int]] | None = None,
               seed: int = 0) -> CheckResult:
    """Compile a theorem's right side and compare it with differences of the compiled J of its left side.

    sizes: axis name -> size, or several such points; axes left out get small sizes that all differ. Values are drawn
    with the seed and satisfy the hypotheses.

    GradproofError: a side that cannot be compiled, or hypotheses of which no instance was found.
    """
    step = compiling.compile_step(theorem)
    left = _left(step.theorem.claim)
    wanted = [sizes] if isinstance(sizes, Mapping) else list(sizes or ({}, {}))
    points = [_instance(step, point, number, seed) for number, point in enumerate(wanted)]
    central = complex_step = single = 0.0
    scale, kept = 1.0, True
    for _, values in points:
        found = np.asarray(step(**_chosen(step.arguments, values)))
        narrow = np.asarray(step(**_chosen(step.arguments, _as_single(values))))
        scale = max(scale, float(np.max(np.abs(found), initial=0.0)))
        central = max(central, _distance(found, left.value(values, _central)))
        complex_step = max(complex_step, _distance(found, left.value(values, _complex_step)))
        single = max(single, _distance(found, narrow))
        kept = kept and (narrow.dtype == np.float32 or not any(a.is_tensor for a in step.arguments.values()))
    ok = (kept and central <= CENTRAL_TOLERANCE * scale and complex_step <= COMPLEX_TOLERANCE * scale
          and single <= SINGLE_TOLERANCE * scale)
    return CheckResult(central, complex_step, single, scale, tuple(point for point, _ in points), ok)


def can_check(theorem: Theorem) -> bool:
    """Whether both sides can be computed: the right side as it stands, the left side by differences."""
    claim = theorem.claim
    return compiling.can_compile(theorem) and not component(claim.left, _entry_of(claim.left)).has(Formal)


def _distance(one: NDArray[Any], two: NDArray[Any]) -> float:
    """The largest difference of two entries; infinite where one of them is no number."""
    difference = np.abs(np.asarray(one, np.float64) - np.asarray(two, np.float64))
    return float(np.max(difference, initial=0.0)) if np.all(np.isfinite(difference)) else float("inf")


def _as_single(values: Values) -> Values:
    return {name: a.astype(np.float32) if a.dtype.kind == "f" else a for name, a in values.items()}


def _chosen(arguments: Mapping[str, object], values: Values) -> Values:
    return {name: values[name] for name in arguments}


# --- numeric derivatives ----------------------------------------------------------------------------------------------

Function = Callable[[NDArray[Any]], NDArray[Any]]
Differentiate = Callable[[Function, NDArray[Any]], NDArray[Any]]


def _central(f: Function, x: NDArray[Any]) -> NDArray[Any]:
    """Axes of f(x), then of x."""
    return _by_entry(lambda step: (f(x + step) - f(x - step)) / (2 * CENTRAL_STEP), x, CENTRAL_STEP, float)


def _complex_step(f: Function, x: NDArray[Any]) -> NDArray[Any]:
    """Axes of f(x), then of x."""
    return _by_entry(lambda step: f(x + step).imag / COMPLEX_STEP, x, 1j * COMPLEX_STEP, complex)


def _by_entry(slope: Function, x: NDArray[Any], size: complex, kind: type) -> NDArray[Any]:
    columns = []
    for place in np.ndindex(x.shape):
        step: NDArray[Any] = np.zeros(x.shape, dtype=kind)
        step[place] = size
        columns.append(np.asarray(slope(step)))
    return np.stack(columns, axis=-1).reshape((*columns[0].shape, *x.shape))


# --- the left side, with its derivatives as numbers -------------------------------------------------------------------


@dataclass(frozen=True)
class _Derivative:
    """One derivative of the left side: of `value`, over the axes of its free `labels`, by every entry of `by`.

    placeholder: the tensor that stands for it; definition: what `by` is, where it is an intermediate result.
    """

    placeholder: TensorSymbol
    value: _Program
    by: TensorSymbol
    definition: _Program | None

    def numbers(self, values: Values, differentiate: Differentiate) -> NDArray[Any]:
        x = values[self.by.name] if self.definition is None else self.definition(values)
        if self.by.name not in self.value.arguments:
            return np.zeros((*self.value(values).shape, *x.shape))
        return differentiate(lambda t: self.value({**values, self.by.name: t}), np.asarray(x))


@dataclass(frozen=True)
class _Left:
    derivatives: tuple[_Derivative, ...]
    whole: _Program

    def value(self, values: Values, differentiate: Differentiate) -> NDArray[Any]:
        found = {d.placeholder.name: d.numbers(values, differentiate) for d in self.derivatives}
        return self.whole({**values, **found})


def _left(claim: Claim) -> _Left:
    indices = _entry_of(claim.left)
    free = claim.left.free
    derivatives: list[_Derivative] = []
    lenders = tuple(sorted(tensors_of(component(claim.left, indices)), key=str))

    def numbered(e: Basic, definition: Slot | None = None) -> Basic:
        if isinstance(e, Let):
            return numbered(e.args[2], e.args[1])
        if isinstance(e, Grad):
            return replaced(e, definition)
        return e.func(*(numbered(a, definition) for a in e.args)) if e.has(Grad) else e

    def replaced(e: Grad, definition: Slot | None) -> Expr:
        body, entry = without_gradients(e.args[0]), e.args[1]
        labels = tuple(sorted(free_indices(body) - free, key=str))
        axes = (*(i.axis for i in labels), *entry.tensor.axes)
        placeholder = TensorSymbol(f"derivative{len(derivatives)}", *axes)
        derivatives.append(_Derivative(
            placeholder, _program_of(body, labels, lenders), entry.tensor,
            None if definition is None else _program_of(definition.body, definition.indices, lenders)))
        return Entry(placeholder, *labels, *entry.indices)

    expression = numbered(component(claim.left, indices))
    return _Left(tuple(derivatives), _program_of(expression, indices, lenders))


# --- instances of the hypotheses --------------------------------------------------------------------------------------


def _instance(step: CompiledStep, sizes: Mapping[str, int], number: int, seed: int) -> tuple[Mapping[str, int], Values]:
    """Sizes by axis name, and values by argument name, that satisfy every hypothesis and at which the step has a value.

    After some draws in vain, as where a logarithm needs positive numbers, absolute values are tried too.
    """
    claim = step.theorem.claim
    if any(isinstance(h, claims.Equation) and not h.samples for h in claim.hypotheses):
        return _exact_instance(claim, seed + number)
    subject = _Subject.of(claim)
    chosen = subject.sizes(sizes, number)
    rng = np.random.default_rng((seed, number))
    for attempt in range(MOST_DRAWS):
        values = subject.draw(chosen, rng, positive=attempt > 4 and attempt % 2 == 0)
        if subject.admits(values) and _has_value(step, values):
            return {axis.name: size for axis, size in chosen.items()}, values
    given = ", ".join(hypothesis_text(h) for h in claim.hypotheses)
    raise GradproofError(f"no instance of {given or 'the claim'} in {MOST_DRAWS} draws at sizes {dict(sizes)}",
                         "hypotheses that hold together", "larger sizes")


def _has_value(step: CompiledStep, values: Values) -> bool:
    try:
        with np.errstate(all="raise", under="ignore"):
            return bool(np.all(np.isfinite(step(**_chosen(step.arguments, values)))))
    except FloatingPointError:
        return False


def _exact_instance(claim: Claim, seed: int) -> tuple[Mapping[str, int], Values]:
    """An instance of equations that name no construction, from the refuter."""
    sample = refuter.sample_instance(claim, seed)
    values: Values = {}
    for symbol, entries in sample.tensors.items():
        array = np.zeros(tuple(sample.sizes[a] for a in symbol.axes))
        for place, entry in entries.items():
            array[place] = float(entry)
        values[symbol.name] = array
    values |= {symbol.name: np.array(where) for symbol, where in sample.maps.items()}
    values |= {index.name: np.array(where) for index, where in sample.index.items()}
    return {axis.name: size for axis, size in sample.sizes.items()}, values


@dataclass(frozen=True)
class _Subject:
    """What the values of a claim are drawn for."""

    claim: Claim
    axes: tuple[Axis, ...]
    tensors: tuple[TensorSymbol, ...]
    maps: tuple[MapSymbol, ...]
    indices: tuple[Index, ...]
    made: tuple[tuple[TensorSymbol, _Program], ...]
    signs: tuple[tuple[str, _Program], ...]

    @staticmethod
    def of(claim: Claim) -> _Subject:
        terms = [claim.left, claim.right, *(t for h in claim.hypotheses for t in hypothesis_terms(h))]
        samples = [s for h in claim.hypotheses if isinstance(h, claims.Equation) for s in h.samples]
        everything = [component(t, _entry_of(t)) for t in (*terms, *(term for _, term in samples))]
        free = frozenset[Index]().union(claim.left.free, claim.right.free, claim.for_all,
                                        *(claims.mentioned(h) for h in claim.hypotheses))
        tensors = {t for e in everything for t in tensors_of(e)}
        maps = {m for e in everything for m in e.atoms(MapSymbol)}
        maps |= {h.mapping for h in claim.hypotheses if isinstance(h, claims.Injective | claims.Avoids)}
        lenders = tuple(sorted(tensors, key=str))
        axes = {a for symbol in (*tensors, *maps, *free) for a in symbol.axes}
        axes |= {size.axis for e in everything for size in e.atoms(Size)}
        return _Subject(claim, tuple(sorted(axes)), lenders, tuple(sorted(maps, key=str)), tuple(sorted(free, key=str)),
                        tuple((symbol, _of_term(term, lenders)) for symbol, term in samples),
                        tuple((h.relation, _of_term(h.term, lenders)) for h in claim.hypotheses
                              if isinstance(h, claims.Sign)))

    def sizes(self, wanted: Mapping[str, int], number: int) -> dict[Axis, int]:
        """The wanted sizes; for other axes small ones that all differ, other ones for each point."""
        unknown = wanted.keys() - {a.name for a in self.axes}
        if unknown:
            raise GradproofError(f"sizes for {', '.join(sorted(unknown))}",
                                 f"axes among {', '.join(map(str, self.axes))}", "the axes of the claim")
        sizes = {axis: wanted.get(axis.name, 2 + (place + number) % (len(self.axes) + 1) + number)
                 for place, axis in enumerate(self.axes)}
        for h in self.claim.hypotheses:
            if isinstance(h, claims.Injective | claims.Avoids) and h.mapping.target.name not in wanted:
                sizes[h.mapping.target] = max(sizes[h.mapping.target], sizes[h.mapping.source] + 2)
        return sizes

    def draw(self, sizes: Mapping[Axis, int], rng: np.random.Generator, positive: bool) -> Values:
        values: Values = {axis.name: np.asarray(size) for axis, size in sizes.items()}
        values |= {t.name: np.asarray(rng.normal(size=[sizes[a] for a in t.axes])) for t in self.tensors}
        if positive:
            values = {name: np.abs(value) for name, value in values.items()}
        values |= {m.name: rng.integers(sizes[m.target], size=sizes[m.source]) for m in self.maps}
        values |= {i.name: np.asarray(rng.integers(sizes[i.axis])) for i in self.indices}
        for h in self.claim.hypotheses:
            if isinstance(h, claims.Same) and isinstance(h.left, Index):
                values[h.left.name] = np.asarray(_position(h.right, values))
        for symbol, made in self.made:
            values[symbol.name] = made(values)
        return values

    def admits(self, values: Values) -> bool:
        return (all(_holds(h, values) for h in self.claim.hypotheses)
                and all(_has_sign(float(made(values)), relation)
                        for relation, made in self.signs))


def _of_term(term: Term, lenders: tuple[TensorSymbol, ...]) -> _Program:
    indices = _entry_of(term)
    return _program_of(component(term, indices), indices, lenders)


def _position(index: IndexLike, values: Values) -> int:
    if isinstance(index, MapAt):
        return int(values[index.args[0].name][_position(index.args[1], values)])
    return int(values[index.name])


def _holds(hypothesis: claims.Hypothesis, values: Values) -> bool:
    match hypothesis:
        case claims.Same(i, k):
            return _position(i, values) == _position(k, values)
        case claims.Distinct(i, k):
            return _position(i, values) != _position(k, values)
        case claims.Injective(mapping):
            return len(set(values[mapping.name].tolist())) == len(values[mapping.name])
        case claims.Avoids(mapping, index):
            return int(values[index.name]) not in values[mapping.name]
        case _:
            return True


def _has_sign(value: float, relation: str) -> bool:
    return {">": value > 0, ">=": value >= 0, "<": value < 0}[relation]
