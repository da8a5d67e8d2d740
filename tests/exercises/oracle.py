"""A second reading of terms, for tests only: NumPy arrays, derivatives by complex steps, nothing shared with `derive`.

It reads the syntax tree (operation, arguments, axes), and neither components nor the normal form nor the refuter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.claims import Avoids, Claim, Distinct, Equation, Hypothesis, Injective, Same, Sign, hypothesis_terms
from derive.components import Axis, FunctionSymbol, Index, MapAt, MapSymbol, TensorSymbol
from derive.terms import Term

Array = NDArray[np.complex128]
STEP = 1e-30


@dataclass(frozen=True)
class Point:
    """Sizes, values, maps and positions of everything a claim speaks of."""

    sizes: dict[Axis, int]
    tensors: dict[TensorSymbol, Array] = field(default_factory=dict)
    maps: dict[MapSymbol, list[int]] = field(default_factory=dict)
    index: dict[Index, int] = field(default_factory=dict)
    opened: dict[TensorSymbol, Array] = field(default_factory=dict)

    def at(self, index: Index | MapAt) -> int:
        if isinstance(index, MapAt):
            return self.maps[index.args[0]][self.at(index.args[1])]
        return self.index[index]

    def shape(self, axes: tuple[Axis, ...]) -> tuple[int, ...]:
        return tuple(self.sizes[a] for a in axes)


def difference(claim: Claim, rng: np.random.Generator) -> float | None:
    """How far apart the sides are at one random point, relative to their size; None where no point was found."""
    point = draw(claim, rng)
    if point is None:
        return None
    with np.errstate(all="ignore"):
        left, right = value(claim.left, point), value(claim.right, point)
    apart = np.abs(left - right) if claim.relation == "==" else np.maximum((left - right).real, 0)
    scale = 1 + np.abs(left) + np.abs(right)
    defined = np.isfinite(apart)
    return float(np.max(np.where(defined, apart / scale, 0))) if defined.any() else None


def differs(claim: Claim, rng: np.random.Generator, draws: int = 40, tolerance: float = 1e-7) -> bool | None:
    """Whether the sides differ at some random point; None where no point was found at which both have a value."""
    met = None
    for _ in range(draws):
        apart = difference(claim, rng)
        if apart is None:
            continue
        if apart > tolerance:
            return True
        met = False
    return met


def draw(claim: Claim, rng: np.random.Generator, tries: int = 300) -> Point | None:
    """A random point at which every hypothesis holds."""
    for _ in range(tries):
        point = _filled(claim, rng)
        if point is not None and all(_true(h, point) for h in claim.hypotheses):
            return point
    return None


def _filled(claim: Claim, rng: np.random.Generator) -> Point | None:
    parts = list(_parts((claim.left, claim.right, claim.for_all, *(_spoken_of(h) for h in claim.hypotheses))))
    # A bound may fail only where some sizes are 1 and others large.
    largest = (4,) if claim.relation == "==" else (1, 2, 40)
    axes = dict.fromkeys(p for p in parts if isinstance(p, Axis))
    sizes = {axis: int(rng.integers(1, rng.choice(largest) + 1)) for axis in axes}
    for hypothesis in claim.hypotheses:
        if isinstance(hypothesis, Injective):
            source, target = hypothesis.mapping.axes
            sizes[target] = max(sizes[target], sizes[source] + 1)
    maps = {m: [int(v) for v in rng.integers(0, sizes[m.target], sizes[m.source])]
            for m in dict.fromkeys(p for p in parts if isinstance(p, MapSymbol))}
    for h in claim.hypotheses:
        if isinstance(h, Injective):
            maps[h.mapping] = [int(v) for v in rng.permutation(sizes[h.mapping.target])[: sizes[h.mapping.source]]]
    index = {i: int(rng.integers(sizes[i.axis])) for i in dict.fromkeys(p for p in parts if isinstance(p, Index))}
    for h in claim.hypotheses:
        if isinstance(h, Same) and isinstance(h.left, Index):
            index[h.left] = Point(sizes, {}, maps, index).at(h.right)
    tensors: dict[TensorSymbol, Array] = {}
    for symbol in dict.fromkeys(p for p in parts if isinstance(p, TensorSymbol)):
        tensors[symbol] = np.asarray(rng.normal(size=tuple(sizes[a] for a in symbol.axes)), dtype=complex)
    for h in claim.hypotheses:
        for symbol, sample in h.samples if isinstance(h, Equation) else ():
            tensors[symbol] = value(sample, Point(sizes, tensors, maps, index))
    return Point(sizes, tensors, maps, index)


def _spoken_of(hypothesis: Hypothesis) -> tuple[Any, ...]:
    match hypothesis:
        case Same(i, k) | Distinct(i, k):
            return i, k
        case Injective(mapping):
            return (mapping,)
        case Avoids(mapping, index):
            return mapping, index
        case Equation(left, right, samples):
            return left, right, samples
        case _:
            return hypothesis_terms(hypothesis)


def _parts(part: Any) -> Iterator[Any]:
    if isinstance(part, tuple):
        for p in part:
            yield from _parts(p)
    elif isinstance(part, Term):
        yield from _parts(part.args)
        yield from part.axes
    elif isinstance(part, MapAt):
        yield from _parts(part.args)
    elif isinstance(part, Index | MapSymbol | TensorSymbol | FunctionSymbol):
        yield part
        yield from part.axes
    elif isinstance(part, Axis):
        yield part


def _true(hypothesis: Hypothesis, p: Point) -> bool:
    match hypothesis:
        case Same(i, k):
            return p.at(i) == p.at(k)
        case Distinct(i, k):
            return p.at(i) != p.at(k)
        case Injective(mapping):
            return len(set(p.maps[mapping])) == len(p.maps[mapping])
        case Avoids(mapping, index):
            return p.at(index) not in p.maps[mapping]
        case Sign(term, relation):
            number = value(term, p).real
            return bool({">": number > 0, ">=": number >= 0, "<": number < 0}[relation])
        case Equation(left, right, _):
            return bool(np.allclose(value(left, p), value(right, p), atol=1e-9))
    raise TypeError(hypothesis)


def value(t: Term, p: Point) -> Array:
    """The whole tensor a term stands for at a point; shape by its axes."""
    return np.asarray(_VALUE[t.op](t, p), dtype=complex)


def _pair(t: Term, p: Point) -> tuple[Array, Array]:
    return value(t.args[0], p), value(t.args[1], p)


def _softmax(t: Term, p: Point) -> Array:
    e = np.exp(value(t.args[0], p))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _log(x: Array) -> Array:
    return np.where(x.real > 0, np.log(np.where(x.real > 0, x, 1)), np.nan)


def _root(x: Array) -> Array:
    return np.where(x.real >= 0, np.sqrt(x), np.nan)


def _sum(t: Term, p: Point) -> Array:
    index, body = t.args
    return np.asarray(sum(value(body, replace(p, index={**p.index, index: at})) for at in range(p.sizes[index.axis])))


def _grad(t: Term, p: Point) -> Array:
    body, base, fixed = t.args
    symbol, at = base.args[0], tuple(p.at(i) for i in fixed)
    here = p.tensors[symbol] if base.op == "tensor" else value(base, p)
    found = np.zeros((*p.shape(body.axes), *np.shape(here[at])), dtype=complex)
    for rest in np.ndindex(np.shape(here[at])):
        moved = np.array(here, dtype=complex)
        moved[at + rest] += STEP * 1j
        where = "tensors" if base.op == "tensor" else "opened"
        found[(..., *rest)] = value(body, replace(p, **{where: {**getattr(p, where), symbol: moved}})).imag / STEP
    return found


def _let(t: Term, p: Point) -> Array:
    symbol, definition = t.args
    return p.opened[symbol] if symbol in p.opened else value(definition, p)


def _function(t: Term, p: Point) -> Array:
    """A fixed smooth function: exp(a.x) + (b.x)^2 over all entries x of its tensors, a and b chosen by its indices."""
    symbol, arguments, slot = t.args
    arrays = [value(a, p) if isinstance(a, Term) else None for a in arguments]
    chosen = [p.at(a) for a in arguments if not isinstance(a, Term)]
    rng = np.random.default_rng([*map(ord, symbol.name), *chosen])
    weights = [(None, None) if x is None else (rng.normal(size=x.shape) / 4, rng.normal(size=x.shape)) for x in arrays]
    pairs = [(x, *w) for x, w in zip(arrays, weights, strict=True) if x is not None]
    grown, linear = np.exp(sum((a * x).sum() for x, a, _ in pairs)), sum((b * x).sum() for x, _, b in pairs)
    if slot is None:
        return np.asarray(grown + linear**2)
    a, b = weights[slot]
    return np.asarray(a * grown + 2 * b * linear)


def _parameters(t: Term, p: Point) -> Array:
    return np.asarray(sum(int(np.prod(p.shape(v.axes))) for v in t.args))


def _choose(condition: Array, above: Array, below: Array) -> Array:
    equal = np.where(np.abs(above - below) == 0, above, np.nan)
    return np.where(condition.real > 0, above, np.where(condition.real < 0, below, equal))


def _onehot(t: Term, p: Point) -> Array:
    return np.asarray(np.eye(p.sizes[t.axes[0]])[p.at(t.args[0])], dtype=complex)


def _elementwise(function: Callable[..., Any]) -> Callable[[Term, Point], Any]:
    return lambda t, p: function(*(value(a, p) for a in t.args))


_VALUE: dict[str, Callable[[Term, Point], Any]] = {
    "tensor": lambda t, p: p.tensors[t.args[0]],
    "let": _let,
    "number": lambda t, p: float(t.args[0]),
    "size": lambda t, p: p.sizes[t.args[0]],
    "delta": lambda t, p: float(p.at(t.args[0]) == p.at(t.args[1])),
    "onehot": _onehot,
    "ones": lambda t, p: np.ones(p.shape(t.axes)),
    "zeros": lambda t, p: np.zeros(p.shape(t.axes)),
    "identity": lambda t, p: np.eye(p.sizes[t.axes[0]]),
    "diag": _elementwise(np.diag),
    "along": lambda t, p: np.stack([value(t.args[0], p)] * p.sizes[t.axes[0]]),
    "transpose": _elementwise(np.transpose),
    "item": lambda t, p: value(t.args[0], p)[tuple(p.at(i) for i in t.args[1])],
    "add": _elementwise(np.add),
    "sub": _elementwise(np.subtract),
    "mul": _elementwise(np.multiply),
    "div": _elementwise(np.divide),
    "neg": _elementwise(np.negative),
    "pow": lambda t, p: value(t.args[0], p) ** float(t.args[1]),
    "exp": _elementwise(np.exp),
    "log": _elementwise(_log),
    "sigma": _elementwise(lambda x: 1 / (1 + np.exp(-x))),
    "sqrt": _elementwise(_root),
    "abs": _elementwise(lambda x: x * np.sign(x.real)),
    "sign": _elementwise(lambda x: x / (x * np.sign(x.real))),
    "maximum": _elementwise(lambda a, b: np.where(a.real >= b.real, a, b)),
    "where": _elementwise(_choose),
    "outer": _elementwise(lambda a, b: np.multiply.outer(a, b)),
    "matmul": _elementwise(lambda a, b: np.tensordot(a, b, axes=1)),
    "softmax": _softmax,
    "sum": _sum,
    "total": _elementwise(np.sum),
    "norm": _elementwise(lambda x: np.sqrt((x * x).sum())),
    "cross_entropy": lambda t, p: _cross_entropy(*_pair(t, p)),
    "parameters": _parameters,
    "grad": _grad,
    "function": _function,
}


def _cross_entropy(y: Array, prediction: Array) -> Array:
    return np.asarray(-(y * _log(prediction)).sum())
