"""A second meaning of terms, in plain NumPy loops, that shares nothing with the product but the shape of its data.

Terms are evaluated whole (arrays with one dimension per axis), never entry by entry; gradients are complex steps, and
differences of fourth order where a gradient stands inside another. A value that does not exist is NaN.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from derive import claims
from derive.atoms import Atom, Poly
from derive.components import Axis, FunctionSymbol, Index, MapAt, MapSymbol, TensorSymbol
from derive.terms import Term
from derive.verdicts import Counterexample

Array = Any
NAN = complex("nan")
STEP = 1e-3  # of differences of fourth order: truncation about 1e-12, rounding about 1e-13


@dataclass(frozen=True)
class World:
    """Numbers for everything a term leaves open.

    sizes: axis name -> size; tensors: symbol -> array; maps: symbol -> positions; index: free index -> position;
    held: let -> array, where it is read as a variable.
    """

    sizes: Mapping[str, int]
    tensors: Mapping[TensorSymbol, Array]
    maps: Mapping[MapSymbol, tuple[int, ...]] = field(default_factory=dict)
    index: Mapping[Index, int] = field(default_factory=dict)
    held: Mapping[TensorSymbol, Array] = field(default_factory=dict)

    def at(self, index: Any) -> int:
        """The position of an index."""
        if isinstance(index, MapAt):
            return self.maps[index.args[0]][self.at(index.args[1])]
        return self.index[index]

    def shape(self, axes: tuple[Axis, ...]) -> tuple[int, ...]:
        return tuple(self.sizes[a.name] for a in axes)


def evaluate(t: Term, w: World) -> Array:
    """The value of a term: a complex array with one dimension per axis; imaginary parts carry derivatives."""
    with np.errstate(all="ignore"):
        return np.asarray(_VALUE[t.op](t, w), dtype=complex)


# --- one entry at a time, so that what does not exist is NaN and never a branch of a complex function -----------------


def _each(f: Callable[..., complex]) -> Callable[[Term, World], Array]:
    def value(t: Term, w: World) -> Array:
        args = np.broadcast_arrays(*(evaluate(a, w) for a in t.args))
        found = np.empty(args[0].shape, complex)
        for at in np.ndindex(*found.shape):
            found[at] = f(*(complex(a[at]) for a in args))
        return found
    return value


def _log(x: complex) -> complex:
    return complex(np.log(x)) if x.real > 0 else NAN


def _abs(x: complex) -> complex:
    return x if x.real > 0 else -x if x.real < 0 else (0j if x == 0 else NAN)


def _sqrt(x: complex) -> complex:
    return complex(np.sqrt(x)) if x.real > 0 else (0j if x == 0 else NAN)


def _sign(x: complex) -> complex:
    return 1 if x.real > 0 else -1 if x.real < 0 else NAN


def _power(x: complex, e: Fraction) -> complex:
    if e.denominator == 1:
        return NAN if x == 0 and e < 0 else complex(np.complex128(x) ** int(e))
    return complex(np.exp(_log(x) * float(e))) if x.real > 0 else (0j if x == 0 and e > 0 else NAN)


def _where(c: complex, a: complex, b: complex) -> complex:
    return a if c.real > 0 else b if c.real < 0 else (a if a == b and c == 0 else NAN)


def _maximum(a: complex, b: complex) -> complex:
    return a if a.real > b.real else b if b.real > a.real else (a if a == b else NAN)


def _divided(a: complex, b: complex) -> complex:
    return a / b if b != 0 else NAN


def _summed(t: Term, w: World) -> Array:
    index, body = t.args
    return sum((evaluate(body, replace(w, index={**w.index, index: at})) for at in range(w.sizes[index.axis.name])),
               np.zeros(w.shape(t.axes), complex))


def _softmax(t: Term, w: World) -> Array:
    e = np.exp(evaluate(t.args[0], w))
    return e / e.sum(axis=-1, keepdims=True)


def _onehot(t: Term, w: World) -> Array:
    return np.eye(*w.shape(t.axes))[w.at(t.args[0])]


def _let(t: Term, w: World) -> Array:
    symbol, definition = t.args
    return w.held[symbol] if symbol in w.held else evaluate(definition, w)


def _cross_entropy(t: Term, w: World) -> Array:
    y, p = (evaluate(a, w).ravel() for a in t.args)
    return -sum((y_i * _log(complex(p_i)) for y_i, p_i in zip(y, p, strict=True)), 0j)


def _function(t: Term, w: World) -> Array:
    symbol, arguments, slot = t.args
    values = [evaluate(a, w) if isinstance(a, Term) else w.at(a) for a in arguments]
    if slot is None:
        return smooth(symbol, values)
    return _complex_step(lambda x: smooth(symbol, [*values[:slot], x, *values[slot + 1:]]), values[slot])


def smooth(symbol: FunctionSymbol, values: list[Any]) -> complex:
    """An analytic function of tensors and positions that no identity of ours holds for by accident."""
    result = 0.3 + 0j
    for number, value in enumerate(values):
        flat = np.asarray(value, dtype=complex).ravel()
        weights = np.cos(1.3 * np.arange(flat.size) + number + len(symbol.name))
        inner = (weights * flat).sum()
        result = np.sin(result + inner) + 0.5 * result * inner + 0.2 * inner**2
    return complex(result)


def _gradient(t: Term, w: World) -> Array:
    value, base, fixed = t.args
    symbol = base.args[0]
    cut = tuple(w.at(i) for i in fixed)
    start = np.asarray(evaluate(base, w), dtype=complex)

    def moved(x: Array) -> Array:
        whole = start.copy()
        whole[cut] = x
        if base.op == "tensor":
            return evaluate(value, replace(w, tensors={**w.tensors, symbol: whole}))
        return evaluate(value, replace(w, held={**w.held, symbol: whole}))

    return (_differences if _has_derivative(value) else _complex_step)(moved, start[cut])


def _complex_step(f: Callable[[Array], Any], x: Array) -> Array:
    """Derivatives in trailing dimensions; h = 1e-30 costs no digit."""
    def step(at: tuple[int, ...]) -> Array:
        moved = np.array(x, dtype=complex)
        moved[at] += 1e-30j
        found = np.asarray(f(moved))
        return found.imag / 1e-30 + 0 * found.real  # a value that is NaN stays so
    return _along(step, np.shape(x))


def _differences(f: Callable[[Array], Any], x: Array) -> Array:
    here = 0 * np.asarray(f(np.array(x, dtype=complex))).real  # no value, no slope

    def step(at: tuple[int, ...]) -> Array:
        found = []
        for h in (STEP, -STEP, 2 * STEP, -2 * STEP):
            moved = np.array(x, dtype=complex)
            moved[at] += h
            found.append(np.asarray(f(moved)).real)
        return here + (8 * (found[0] - found[1]) - (found[2] - found[3])) / (12 * STEP)
    return _along(step, np.shape(x))


def _along(step: Callable[[tuple[int, ...]], Array], shape: tuple[int, ...]) -> Array:
    parts = [step(at) for at in np.ndindex(*shape)]
    stacked = np.stack(parts, axis=-1)
    return stacked.reshape((*stacked.shape[:-1], *shape))


def _has_derivative(part: Any) -> bool:
    if isinstance(part, Term):
        return part.op == "grad" or (part.op == "function" and part.args[2] is not None) or _has_derivative(part.args)
    return isinstance(part, tuple) and any(map(_has_derivative, part))


def _unary(f: Callable[[Array], Array]) -> Callable[[Term, World], Array]:
    return lambda t, w: f(evaluate(t.args[0], w))


_VALUE: dict[str, Callable[[Term, World], Array]] = {
    "tensor": lambda t, w: w.tensors[t.args[0]],
    "number": lambda t, w: complex(t.args[0]),
    "size": lambda t, w: w.sizes[t.args[0].name],
    "delta": lambda t, w: w.at(t.args[0]) == w.at(t.args[1]),
    "onehot": _onehot,
    "ones": lambda t, w: np.ones(w.shape(t.axes)),
    "zeros": lambda t, w: np.zeros(w.shape(t.axes)),
    "identity": lambda t, w: np.eye(w.shape(t.axes)[0]),
    "diag": _unary(np.diag),
    "along": lambda t, w: np.stack([evaluate(t.args[0], w)] * w.shape(t.axes)[0]),
    "transpose": _unary(np.transpose),
    "item": lambda t, w: evaluate(t.args[0], w)[tuple(w.at(i) for i in t.args[1])],
    "let": _let,
    "add": _each(lambda a, b: a + b),
    "sub": _each(lambda a, b: a - b),
    "mul": _each(lambda a, b: a * b),
    "div": _each(_divided),
    "neg": _each(lambda a: -a),
    "pow": lambda t, w: _each(lambda x: _power(x, Fraction(t.args[1])))(Term("pow", t.args[:1], t.axes), w),
    "exp": _unary(np.exp),
    "log": _each(_log),
    "sigma": _unary(lambda x: 1 / (1 + np.exp(-x))),
    "sqrt": _each(_sqrt),
    "abs": _each(_abs),
    "sign": _each(_sign),
    "maximum": _each(_maximum),
    "where": _each(_where),
    "outer": lambda t, w: np.multiply.outer(*(evaluate(a, w) for a in t.args)),
    "matmul": lambda t, w: np.tensordot(*(evaluate(a, w) for a in t.args), axes=1),
    "softmax": _softmax,
    "sum": _summed,
    "total": _unary(np.sum),
    "norm": lambda t, w: _sqrt(complex((evaluate(t.args[0], w) ** 2).sum())),
    "cross_entropy": _cross_entropy,
    "parameters": lambda t, w: sum(int(np.prod(w.shape(v.axes), dtype=int)) for v in t.args),
    "grad": _gradient,
    "function": _function,
}


# --- the normal form, evaluated ---------------------------------------------------------------------------------------


def evaluate_poly(p: Poly, w: World, env: Mapping[Any, int]) -> complex:
    """The value of a normal form; env: index keys (name, axis) -> position."""
    with np.errstate(all="ignore"):
        return sum((complex(c) * _monomial(m, w, env) for m, c in p.items()), 0j)


def _monomial(m: Any, w: World, env: Mapping[Any, int]) -> complex:
    result = 1 + 0j
    for atom, e in m:
        result *= _power(_atom(atom, w, env), Fraction(e))
    return result


def _atom(a: Atom, w: World, env: Mapping[Any, int]) -> complex:
    match a.kind:
        case "entry":
            return complex(w.tensors[a.data[0]][tuple(_place(i, w, env) for i in a.data[1:])])
        case "size":
            return complex(w.sizes[a.data[0]])
        case "delta":
            return complex(_place(a.data[0], w, env) == _place(a.data[1], w, env))
        case "exp":
            return complex(np.exp(_monomial(a.data[0], w, env)))
        case "sum":
            names, body = a.data
            return sum((_monomial(body, w, {**env, **dict(zip(names, at, strict=True))})
                        for at in product(*(range(w.sizes[i[1]]) for i in names))), 0j)
        case "formal":
            return _formal(a, w, env)
    inside = evaluate_poly(dict(a.data[0]), w, env)
    return {"log": _log, "root": _sqrt, "inverse": lambda x: _divided(1, x),
            "sign": _sign}[a.kind](complex(_tidy(inside)))


def _tidy(x: complex) -> complex:
    return complex(0 if abs(x.real) < 1e-13 else x.real)


def _formal(a: Atom, w: World, env: Mapping[Any, int]) -> complex:
    function, slots, marks = a.data
    values: list[Any] = []
    for slot, wanted in zip(slots, function.signature, strict=True):
        if isinstance(wanted, tuple):
            names, body = slot
            array = np.empty(w.shape(wanted), complex)
            for at in np.ndindex(*array.shape):
                array[at] = evaluate_poly(dict(body), w, {**env, **dict(zip(names, at, strict=True))})
            values.append(array)
        else:
            values.append(_place(slot, w, env))

    def partial(values: list[Any], left: tuple[Any, ...]) -> complex:
        if not left:
            return smooth(function, values)
        slot, *at = left[0]
        where = tuple(_place(i, w, env) for i in at)

        def moved(x: Array) -> complex:
            whole = values[slot].copy()
            whole[where] = x
            return partial([*values[:slot], whole, *values[slot + 1:]], left[1:])
        return complex((_differences if left[1:] else _complex_step)(moved, values[slot][where]))
    return partial(values, marks)


def _place(index: Any, w: World, env: Mapping[Any, int]) -> int:
    if len(index) == 3:
        name, axis, inner = index
        mapping = next(m for m in w.maps if (m.name, m.target.name, m.source.name) == (name, axis, inner[1]))
        return w.maps[mapping][_place(inner, w, env)]
    return env[index]


# --- worlds in which hypotheses hold ----------------------------------------------------------------------------------

SMALL = [Fraction(n, 4) for n in range(-9, 10)]


def worlds(claim: claims.Claim, rng: random.Random, count: int, tries: int = 30) -> Iterator[World]:
    """Up to `count` random worlds in which the hypotheses of a claim hold."""
    parts = [claim.left, claim.right, claim.for_all, *(_hypothesis_parts(h) for h in claim.hypotheses)]
    found = 0
    for _ in range(count * tries):
        w = random_world(parts, rng)
        for h in claim.hypotheses:
            for symbol, made in (h.samples if isinstance(h, claims.Equation) else ()):
                w = random_world([*parts, made], rng, w)
                w = replace(w, tensors={**w.tensors, symbol: np.broadcast_to(evaluate(made, w), w.shape(symbol.axes))})
        if all(holds(h, w) for h in claim.hypotheses):
            yield w
            found += 1
            if found == count:
                return


def random_world(parts: Any, rng: random.Random, known: World | None = None) -> World:
    """Random sizes from 1 to 3, small numbers, maps that repeat, positions of the free indices."""
    axes: dict[str, None] = {}
    tensors: dict[TensorSymbol, None] = {}
    maps: dict[MapSymbol, None] = {}
    indices: dict[Index, None] = {}
    _gather(parts, axes, tensors, maps, indices, set())
    known = known or World({}, {})
    sizes = {**{a: rng.randint(1, 3) for a in axes}, **known.sizes}
    shape = {t: tuple(sizes[a.name] for a in t.axes) for t in tensors}
    values = {t: np.array([float(rng.choice(SMALL)) for _ in range(int(np.prod(s, dtype=int)))], complex).reshape(s)
              for t, s in shape.items()}
    return World(sizes, {**values, **known.tensors},
                 {**{m: tuple(rng.randrange(sizes[m.target.name]) for _ in range(sizes[m.source.name]))
                     for m in maps}, **known.maps},
                 {**{i: rng.randrange(sizes[i.axis.name]) for i in indices}, **known.index})


def holds(h: claims.Hypothesis, w: World) -> bool:
    """Whether a hypothesis holds in a world."""
    match h:
        case claims.Same(i, k):
            return w.at(i) == w.at(k)
        case claims.Distinct(i, k):
            return w.at(i) != w.at(k)
        case claims.Injective(mapping):
            return len(set(w.maps[mapping])) == len(w.maps[mapping])
        case claims.Avoids(mapping, index):
            return w.at(index) not in w.maps[mapping]
        case claims.Sign(term, relation):
            value = complex(evaluate(term, w)).real
            return {">": value > 0, ">=": value >= 0, "<": value < 0}[relation]
        case claims.Equation(left, right, _):
            return bool(np.allclose(evaluate(left, w), evaluate(right, w), rtol=1e-12, atol=1e-12))
    raise TypeError(h)


def differs(claim: claims.Claim, w: World, margin: float = 1e-6) -> bool | None:
    """Whether the sides differ somewhere in a world; None where no entry has a value on both sides."""
    left, right = evaluate(claim.left, w).real, evaluate(claim.right, w).real
    both = np.isfinite(left) & np.isfinite(right)
    if not both.any():
        return None
    a, b = left[both], right[both]
    distance = a - b if claim.relation == "<=" else abs(a - b)
    return bool((distance > margin * (1 + abs(a) + abs(b))).any())


def refuted(claim: claims.Claim, rng: random.Random, count: int = 12) -> World | None:
    """A world in which the sides differ, if one of `count` does."""
    return next((w for w in worlds(claim, rng, count) if differs(claim, w)), None)


def _hypothesis_parts(h: claims.Hypothesis) -> Any:
    match h:
        case claims.Same(i, k) | claims.Distinct(i, k):
            return (i, k)
        case claims.Injective(mapping):
            return (mapping,)
        case claims.Avoids(mapping, index):
            return (mapping, index)
        case claims.Sign(term, _):
            return (term,)
        case claims.Equation(left, right, _):
            return (left, right)


def _gather(part: Any, axes: Any, tensors: Any, maps: Any, indices: Any, seen: set[int]) -> None:
    if isinstance(part, Term):
        if id(part) in seen:
            return
        seen.add(id(part))
        axes.update(dict.fromkeys(a.name for a in part.axes))
        for a in part.args:
            _gather(a, axes, tensors, maps, indices, seen)
        if part.op == "let":
            tensors.pop(part.args[0], None)
    elif isinstance(part, Index):
        axes[part.axis.name] = None
        indices[part] = None
    elif isinstance(part, MapAt):
        _gather(part.args, axes, tensors, maps, indices, seen)
    elif isinstance(part, TensorSymbol):
        tensors[part] = None
        axes.update(dict.fromkeys(a.name for a in part.axes))
    elif isinstance(part, MapSymbol):
        maps[part] = None
        axes.update(dict.fromkeys(a.name for a in part.axes))
    elif isinstance(part, Axis):
        axes[part.name] = None
    elif isinstance(part, tuple | list):
        for p in part:
            _gather(p, axes, tensors, maps, indices, seen)


# --- components, evaluated --------------------------------------------------------------------------------------------


def evaluate_component(e: Any, w: World, env: Mapping[Index, int]) -> complex:
    """The value of a component expression without gradients; env: where each free index stands."""
    with np.errstate(all="ignore"):
        return _component(e, w, dict(env))


def _component(e: Any, w: World, env: dict[Index, int]) -> complex:
    args = e.args
    match type(e).__name__:
        case "Entry":
            return complex(w.tensors[e.tensor][tuple(_stands(i, w, env) for i in e.indices)])
        case "Size":
            return complex(w.sizes[e.name])
        case "Delta":
            return complex(_stands(args[0], w, env) == _stands(args[1], w, env))
        case "Sum":
            return sum((_component(args[1], w, {**env, args[0]: at}) for at in range(w.sizes[args[0].axis.name])), 0j)
        case "Softmax":
            below = (_component(args[2], w, {**env, args[1]: at}) for at in range(w.sizes[args[1].axis.name]))
            return complex(np.exp(_component(args[0], w, env)) / sum(map(np.exp, below)))
        case "Formal":
            return _formal_component(e, w, env)
    if not args:
        return complex(e)
    values = [_component(a, w, env) for a in args]
    match type(e).__name__:
        case "Add":
            return sum(values, 0j)
        case "Mul":
            return complex(np.prod(values))
        case "Pow":
            return _power(values[0], Fraction(int(args[1].p), int(args[1].q)))
        case name:
            return complex(_NODES[name](*values))


_NODES: dict[str, Callable[..., complex]] = {
    "exp": np.exp, "log": _log, "Abs": _abs, "Absolute": _abs, "Root": _sqrt, "Maximum": _maximum, "IfPositive": _where,
    "Sigma": lambda x: 1 / (1 + np.exp(-x)),
}


def _stands(index: Any, w: World, env: Mapping[Index, int]) -> int:
    if isinstance(index, MapAt):
        return w.maps[index.args[0]][_stands(index.args[1], w, env)]
    return env[index]


def _formal_component(e: Any, w: World, env: dict[Index, int]) -> complex:
    function, arguments, partials = e.args
    values: list[Any] = []
    for a in arguments.args:
        if isinstance(a, Index | MapAt):
            values.append(_stands(a, w, env))
            continue
        values.append(np.empty(w.shape(tuple(i.axis for i in a.indices)), complex))
        for at in np.ndindex(*values[-1].shape):
            values[-1][at] = _component(a.body, w, {**env, **dict(zip(a.indices, at, strict=True))})
    marks = [(int(p.args[0]), tuple(_stands(i, w, env) for i in p.args[1:])) for p in partials.args]
    if not marks:
        return smooth(function, values)
    (slot, where), *more = marks
    if more:
        raise NotImplementedError("second partial derivatives")

    def moved(x: Array) -> complex:
        whole = values[slot].copy()
        whole[where] = x
        return smooth(function, [*values[:slot], whole, *values[slot + 1:]])
    return complex(_complex_step(moved, values[slot][where]))


# --- counterexamples, done again --------------------------------------------------------------------------------------


def replayed(claim: claims.Claim, found: Counterexample) -> tuple[float, float] | None:
    """Both sides in plain loops at the recorded numbers; None where names of different things collide in the record,
    or an abstract function stands in the claim."""
    parts = [claim.left, claim.right, claim.for_all, *(_hypothesis_parts(h) for h in claim.hypotheses)]
    axes: dict[str, None] = {}
    tensors: dict[TensorSymbol, None] = {}
    maps: dict[MapSymbol, None] = {}
    indices: dict[Index, None] = {}
    _gather(parts, axes, tensors, maps, indices, set())
    free = frozenset(claim.for_all) | claim.left.free | claim.right.free
    free = free.union(*(claims.mentioned(h) for h in claim.hypotheses))
    for named in (tensors, maps, free):
        if len({part.name for part in named}) != len(named):
            return None
    if not set(found.values) <= {t.name for t in tensors}:
        return None
    world = World(found.sizes, {}, {m: found.maps[m.name] for m in maps}, {i: found.index[i.name] for i in free})
    # Where only the shape of a tensor matters, the record leaves its values out.
    world = replace(world, tensors={t: np.array(_numbers(found.values[t.name])) if t.name in found.values
                                    else np.zeros(world.shape(t.axes)) for t in tensors})
    entry = tuple(found.index.values())[len(found.index) - len(claim.left.axes):]
    left, right = (complex(evaluate(side, world)[entry]).real for side in (claim.left, claim.right))
    return left, right


def _numbers(value: Any) -> Any:
    return float(Fraction(value)) if isinstance(value, str) else [_numbers(v) for v in value]
