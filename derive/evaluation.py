"""The value of a component expression at a sample: sizes, tensor entries, maps and free positions as numbers.

Independent of the symbolic derivative and of the normal form: a gradient is taken by dual numbers on the expression
as it stands. The same code runs on floats (fast, for screening) and on fractions and intervals (rigorous).

An expression is compiled once into closures. Subexpressions equal up to the names of their indices are one shape,
and the value of a shape at given positions is computed once per frame: exp(z_i) at the numerator of a softmax and
exp(z_j) in its denominator are the same numbers.

    >>> from derive.components import Axis, Entry, Grad, Index, Softmax, TensorSymbol
    >>> n = Axis("n"); x = TensorSymbol("x", n); i, j, k = (Index(name, n) for name in "ijk")
    >>> at_zero = Sample(sizes={n: 2}, tensors={x: entries((0, 0))}, index={i: 0, k: 1})
    >>> evaluate(Grad(Softmax(Entry(x, i), j, Entry(x, j)), Entry(x, k)), at_zero, exact=True)
    Fraction(-1, 4)

Positions count from 0 here and in every record; only `refuter.render` counts from 1.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import itemgetter
from typing import Any

import sympy
from sympy import Basic

from derive import components as c
from derive.errors import GradproofError, OutsideTheory
from derive.intervals import (
    Dual,
    Number,
    Undefined,
    absolute,
    chosen,
    divide,
    exp,
    larger,
    log,
    logistic,
    power,
    root,
    sign,
    slope,
)

Position = tuple[int, ...]
Entries = Mapping[Position, Number]


@dataclass(frozen=True)
class Sample:
    """One instance of everything a claim speaks of.

    sizes: size of every axis; tensors: entry by position, the empty position for a scalar; maps: value by position;
    index: position of every free index; seed: which concrete function stands for an abstract one.
    """

    sizes: Mapping[c.Axis, int]
    tensors: Mapping[c.TensorSymbol, Entries] = field(default_factory=dict)
    maps: Mapping[c.MapSymbol, Sequence[int]] = field(default_factory=dict)
    index: Mapping[c.Index, int] = field(default_factory=dict)
    seed: int = 0


def entries(array: Any) -> dict[Position, Fraction]:
    """Nested sequences (or an array with `tolist`, or a number) as entries by position.

    >>> entries(((1, 2), (3, 4)))[1, 0]
    Fraction(3, 1)
    """
    array = array.tolist() if hasattr(array, "tolist") else array
    if not isinstance(array, list | tuple):
        return {(): Fraction(array)}
    return {(k, *rest): value for k, row in enumerate(array) for rest, value in entries(row).items()}


def positions(axes: tuple[c.Axis, ...], sizes: Mapping[c.Axis, int]) -> Iterator[Position]:
    """Every position of a tensor with these axes, the last axis fastest."""
    return itertools.product(*(range(sizes[axis]) for axis in axes))


def evaluate(expression: Basic, sample: Sample, exact: bool = False) -> Number:
    """The value of a scalar expression: a float, or with `exact` a Fraction or an Interval.

    Undefined: it has no value there, or too wide an enclosure hides whether it has one.
    OutsideTheory: a node that is no part of the language.
    """
    machine = Machine(exact)
    return machine.compile(expression)(machine.start(sample), sample.index)


class Machine:
    """Compiles expressions that are evaluated together, so that they share their common shapes.

    exact: fractions and intervals, else floats.
    """

    def __init__(self, exact: bool = False) -> None:
        self.exact = exact
        self._shapes: dict[tuple[Any, ...], _Shape] = {}
        self._compiled: dict[Basic, _Located] = {}

    def number(self, value: Fraction | int) -> Number:
        """A rational number in this machine's arithmetic."""
        return Fraction(value) if self.exact else float(value)

    def start(self, sample: Sample) -> Frame:
        """The frame of a sample; it remembers every value computed in it."""
        return Frame(sample, self)

    def compile(self, expression: Basic) -> Callable[[Frame, Mapping[c.Index, int]], Number]:
        """The expression as a function of a frame and the positions of its free indices."""
        shape, free = self.locate(expression)

        def value(frame: Frame, index: Mapping[c.Index, int]) -> Number:
            return shape.run(frame, tuple(index[i] for i in free))

        return value

    def locate(self, node: Basic) -> _Located:
        """The shape of a node, and the free indices that stand in the shape's places."""
        found = self._compiled.get(node)
        if found is None:
            handler = _HANDLERS.get(type(node))
            if handler is None:
                handler = next((h for kind, h in _HANDLERS.items() if isinstance(node, kind)), _refuse)
            found = self._compiled[node] = handler(self, node)
        return found

    def shape(self, key: tuple[Any, ...], tensors: frozenset[c.TensorSymbol], make: Callable[[], _Run],
              remember: bool = True) -> _Shape:
        """The one shape with this key, made at its first use."""
        found = self._shapes.get(key)
        if found is None:
            run = make()
            number = len(self._shapes)
            run = _remembering(number, tensors, run) if remember else run
            found = self._shapes[key] = _Shape(number, tensors, run)
        return found


class Frame:
    """Where tensors get their entries: a sample, a frame with one entry perturbed, or one with a name defined.

    level: number of derivatives around, and the highest dual tag in use; changed: the tensor that differs from the
    parent frame, None at the start. Values that do not depend on it are kept by the parent.
    """

    __slots__ = ("changed", "children", "entry", "functions", "level", "maps", "memory", "number", "parent", "seed",
                 "sizes")

    def __init__(self, sample: Sample, machine: Machine) -> None:
        self.parent: Frame = self
        self.changed: c.TensorSymbol | None = None
        self.level = 0
        self.memory: dict[Any, Number] = {}
        self.children: dict[Any, Frame] = {}
        self.sizes, self.maps, self.seed = sample.sizes, sample.maps, sample.seed
        self.number = machine.number
        self.functions: dict[tuple[c.FunctionSymbol, Position], _Coefficients] = {}
        tensors: Mapping[c.TensorSymbol, Entries] = sample.tensors
        if not machine.exact:
            tensors = {t: {p: float(v) for p, v in values.items()} for t, values in tensors.items()}
        self.entry: Callable[[c.TensorSymbol, Position], Number] = _reader(tensors)

    def perturbed(self, tensor: c.TensorSymbol, at: Position) -> Frame:
        """The frame in which one entry of a tensor carries slope 1, in a direction of its own."""
        found = self.children.get((tensor, at))
        if found is None:
            # First what may have no value, then what is remembered.
            outer, seed = self.entry, Dual(self.level + 1, self.entry(tensor, at), self.number(1))
            found = self.children[tensor, at] = self._child(tensor, self.level + 1)
            found.entry = lambda t, p: seed if p == at and t == tensor else outer(t, p)
        return found

    def defining(self, tensor: c.TensorSymbol, key: object, definition: Callable[[Position], Number]) -> Frame:
        """The frame in which a tensor's entries are given by a definition. key: tells definitions apart."""
        found = self.children.get((tensor, key))
        if found is None:
            found = self.children[tensor, key] = self._child(tensor, self.level)
            outer = self.entry
            found.entry = lambda t, p: definition(p) if t == tensor else outer(t, p)
        return found

    def _child(self, changed: c.TensorSymbol, level: int) -> Frame:
        child = object.__new__(Frame)
        child.parent, child.changed, child.level = self, changed, level
        child.memory, child.children = {}, {}
        child.sizes, child.maps, child.seed = self.sizes, self.maps, self.seed
        child.number, child.functions = self.number, self.functions
        return child


def _reader(tensors: Mapping[c.TensorSymbol, Entries]) -> Callable[[c.TensorSymbol, Position], Number]:
    def entry(tensor: c.TensorSymbol, at: Position) -> Number:
        try:
            return tensors[tensor][at]
        except KeyError:
            raise GradproofError(f"{tensor}{list(at)}, counted from 0", "an entry the sample holds",
                                 f"a value for {tensor} with axes {c.axes_text(tensor.axes)}") from None

    return entry


# --- shapes -----------------------------------------------------------------------------------------------------------

_Run = Callable[[Frame, Position], Number]
_Pick = Callable[[Position], Position]


class _Shape:
    """A compiled subexpression, free of index names: a function of a frame and one position per place."""

    __slots__ = ("number", "run", "tensors")

    def __init__(self, number: int, tensors: frozenset[c.TensorSymbol], run: _Run) -> None:
        self.number, self.tensors, self.run = number, tensors, run


_Located = tuple[_Shape, tuple[c.Index, ...]]


def _remembering(number: int, tensors: frozenset[c.TensorSymbol], run: _Run) -> _Run:
    def remembered(frame: Frame, at: Position) -> Number:
        while frame.changed is not None and frame.changed not in tensors:
            frame = frame.parent
        key = (number, at)
        memory = frame.memory
        value = memory.get(key)
        if value is None:
            value = memory[key] = run(frame, at)
        return value

    return remembered


def _merged(free: Iterator[tuple[c.Index, ...]]) -> tuple[c.Index, ...]:
    return tuple(dict.fromkeys(itertools.chain.from_iterable(free)))


def _places(free: tuple[c.Index, ...], among: tuple[c.Index, ...]) -> Position:
    return tuple(among.index(i) for i in free)


def _picking(places: Position, among: int) -> _Pick:
    if places == tuple(range(among)):
        return lambda at: at
    if len(places) == 1:
        (only,) = places
        return lambda at: (at[only],)
    return itemgetter(*places) if places else lambda at: ()


def _node(machine: Machine, head: tuple[Any, ...], nodes: Sequence[Basic],
          make: Callable[[list[_Run]], _Run]) -> _Located:
    """A shape whose parts all see the same positions. make: the parts' runs to the whole's."""
    return _assembled(machine, head, [machine.locate(node) for node in nodes], make)


def _assembled(machine: Machine, head: tuple[Any, ...], parts: Sequence[_Located],
               make: Callable[[list[_Run]], _Run]) -> _Located:
    free = _merged(f for _, f in parts)
    places = [_places(f, free) for _, f in parts]
    key = (*head, *((shape.number, p) for (shape, _), p in zip(parts, places, strict=True)))

    def made() -> _Run:
        return make([_moved(shape.run, p, len(free)) for (shape, _), p in zip(parts, places, strict=True)])

    return machine.shape(key, frozenset().union(*(shape.tensors for shape, _ in parts)), made), free


def _moved(run: _Run, places: Position, among: int) -> _Run:
    if places == tuple(range(among)):
        return run
    pick = _picking(places, among)
    return lambda frame, at: run(frame, pick(at))


# --- numbers and indices ----------------------------------------------------------------------------------------------


def _constant(machine: Machine, node: Any) -> _Located:
    value = machine.number(Fraction(int(node.p), int(node.q)))
    return machine.shape(("number", value), frozenset(), lambda: lambda frame, at: value, remember=False), ()


def _size(machine: Machine, node: c.Size) -> _Located:
    axis = node.axis
    return machine.shape(("size", axis), frozenset(),
                         lambda: lambda frame, at: frame.number(frame.sizes[axis]), remember=False), ()


def _base_of_logarithms(machine: Machine, node: Basic) -> _Located:
    return machine.shape(("e",), frozenset(), lambda: lambda frame, at: exp(frame.number(1))), ()


def _no_value(machine: Machine, node: Basic) -> _Located:
    def run(frame: Frame, at: Position) -> Number:
        raise Undefined(f"{node} is no real number")

    return machine.shape(("undefined", node), frozenset(), lambda: run, remember=False), ()


def _refuse(machine: Machine, node: Basic) -> _Located:
    raise OutsideTheory(f"{node} ({type(node).__name__}) in the place of a number", "a component expression",
                        "the functions of derive.terms to build it")


def _index_free(index: Any) -> tuple[c.Index, ...]:
    while isinstance(index, c.MapAt):
        index = index.args[1]
    return (index,)


def _index_key(index: Any, among: tuple[c.Index, ...]) -> Any:
    if isinstance(index, c.MapAt):
        return index.args[0], _index_key(index.args[1], among)
    return among.index(index)


def _index_reader(index: Any, among: tuple[c.Index, ...]) -> Callable[[Frame, Position], int]:
    if isinstance(index, c.MapAt):
        mapping, inner = index.args[0], _index_reader(index.args[1], among)
        return lambda frame, at: frame.maps[mapping][inner(frame, at)]
    place = among.index(index)
    return lambda frame, at: at[place]


def _position_reader(indices: Sequence[Any], among: tuple[c.Index, ...]) -> Callable[[Frame, Position], Position]:
    if all(isinstance(i, c.Index) for i in indices):
        pick = _picking(tuple(among.index(i) for i in indices), len(among))
        return lambda frame, at: pick(at)
    readers = [_index_reader(i, among) for i in indices]
    return lambda frame, at: tuple(read(frame, at) for read in readers)


def _entry(machine: Machine, node: c.Entry) -> _Located:
    tensor, indices = node.tensor, node.indices
    free = _merged(_index_free(i) for i in indices)

    def made() -> _Run:
        if indices == free:
            return lambda frame, at: frame.entry(tensor, at)
        read = _position_reader(indices, free)
        return lambda frame, at: frame.entry(tensor, read(frame, at))

    key = ("entry", tensor, tuple(_index_key(i, free) for i in indices))
    return machine.shape(key, frozenset((tensor,)), made, remember=False), free


def _delta(machine: Machine, node: c.Delta) -> _Located:
    free = _merged(_index_free(i) for i in node.args)

    def made() -> _Run:
        left, right = (_index_reader(i, free) for i in node.args)
        one, zero = machine.number(1), machine.number(0)
        return lambda frame, at: one if left(frame, at) == right(frame, at) else zero

    return machine.shape(("delta", *(_index_key(i, free) for i in node.args)), frozenset(), made, remember=False), free


# --- arithmetic -------------------------------------------------------------------------------------------------------


def _add(machine: Machine, node: Basic) -> _Located:
    def make(parts: list[_Run]) -> _Run:
        first, *rest = parts

        def run(frame: Frame, at: Position) -> Number:
            value = first(frame, at)
            for part in rest:
                value = value + part(frame, at)
            return value

        return run

    return _node(machine, ("add",), node.args, make)


def _mul(machine: Machine, node: Basic) -> _Located:
    def make(parts: list[_Run]) -> _Run:
        first, *rest = parts

        def run(frame: Frame, at: Position) -> Number:
            value = first(frame, at)
            for part in rest:
                value = value * part(frame, at)
            return value

        return run

    return _node(machine, ("mul",), node.args, make)


def _pow(machine: Machine, node: Any) -> _Located:
    base, exponent = node.args
    if base is sympy.E:
        return _node(machine, ("exp",), (exponent,), _unary(exp))
    if isinstance(exponent, sympy.Rational):
        rational = int(exponent.p) if exponent.q == 1 else Fraction(int(exponent.p), int(exponent.q))
        return _node(machine, ("pow", rational), (base,), _unary(lambda x: power(x, rational)))
    return _node(machine, ("general power",), (base, exponent), _binary(lambda x, y: exp(log(x) * y)))


def _unary(function: Callable[[Number], Number]) -> Callable[[list[_Run]], _Run]:
    def make(parts: list[_Run]) -> _Run:
        (part,) = parts
        return lambda frame, at: function(part(frame, at))

    return make


def _binary(function: Callable[[Number, Number], Number]) -> Callable[[list[_Run]], _Run]:
    def make(parts: list[_Run]) -> _Run:
        left, right = parts
        return lambda frame, at: function(left(frame, at), right(frame, at))

    return make


def _applying(name: str, function: Callable[[Number], Number]) -> Callable[[Machine, Any], _Located]:
    return lambda machine, node: _node(machine, (name,), node.args, _unary(function))


def _direction(x: Number) -> Number:
    return divide(x, absolute(x))


def _if_positive(machine: Machine, node: c.IfPositive) -> _Located:
    def make(parts: list[_Run]) -> _Run:
        condition, above, below = parts

        def run(frame: Frame, at: Position) -> Number:
            value = condition(frame, at)
            found = sign(value)
            if found:
                return (above if found > 0 else below)(frame, at)
            return chosen(value, above(frame, at), below(frame, at))

        return run

    return _node(machine, ("if positive",), node.args, make)


# --- binders ----------------------------------------------------------------------------------------------------------


def _sum(machine: Machine, node: Any) -> _Located:
    index, body = node.args
    return _summed(machine, index, machine.locate(body))


def _summed(machine: Machine, index: c.Index, body: _Located) -> _Located:
    shape, inside = body
    free = tuple(i for i in inside if i != index)
    place = inside.index(index) if index in inside else None

    def made() -> _Run:
        return _summing(shape.run, index.axis, place)

    return machine.shape(("sum", index.axis, shape.number, place), shape.tensors, made), free


def _summing(run: _Run, axis: c.Axis, place: int | None) -> _Run:
    if place is None:
        return lambda frame, at: run(frame, at) * frame.number(frame.sizes[axis])

    def summed(frame: Frame, at: Position) -> Number:
        before, after = at[:place], at[place:]
        value = run(frame, (*before, 0, *after))
        for k in range(1, frame.sizes[axis]):
            value = value + run(frame, (*before, k, *after))
        return value

    return summed


def _softmax(machine: Machine, node: Any) -> _Located:
    at, index, body = node.args
    top = _assembled(machine, ("exp",), [machine.locate(at)], _unary(exp))
    each = _assembled(machine, ("exp",), [machine.locate(body)], _unary(exp))
    return _assembled(machine, ("quotient",), [top, _summed(machine, index, each)], _binary(divide))


def _grad(machine: Machine, node: Any) -> _Located:
    body, entry = node.args
    shape, inside = machine.locate(body)
    free = _merged(iter((inside, *map(_index_free, entry.indices))))
    places, tensor = _places(inside, free), entry.tensor

    def made() -> _Run:
        run, read = _moved(shape.run, places, len(free)), _position_reader(entry.indices, free)

        def derived(frame: Frame, at: Position) -> Number:
            inner = frame.perturbed(tensor, read(frame, at))
            return slope(run(inner, at), inner.level)

        return derived

    key = ("grad", shape.number, places, tensor, tuple(_index_key(i, free) for i in entry.indices))
    return machine.shape(key, shape.tensors | {tensor}, made), free


def _slot(machine: Machine, slot: c.Slot) -> _Located:
    """The body of a slot as a shape; its own indices are moved to the end of the places."""
    shape, inside = machine.locate(slot.body)
    outside = tuple(i for i in inside if i not in slot.indices)
    among = outside + slot.indices
    places = _places(inside, among)

    def made() -> _Run:
        return _moved(shape.run, places, len(among))

    return machine.shape(("slot", shape.number, places, len(among)), shape.tensors, made, remember=False), outside


def _let(machine: Machine, node: Any) -> _Located:
    tensor, definition, value = node.args
    defined, defined_free = _slot(machine, definition)
    shape, value_free = machine.locate(value)
    free = _merged(iter((defined_free, value_free)))
    defined_places, value_places = _places(defined_free, free), _places(value_free, free)

    def made() -> _Run:
        run = _moved(shape.run, value_places, len(free))
        pick = _picking(defined_places, len(free))

        def valued(frame: Frame, at: Position) -> Number:
            fixed = pick(at)
            inner = frame.defining(tensor, (defined.number, fixed), lambda p: defined.run(frame, fixed + p))
            return run(inner, at)

        return valued

    key = ("let", tensor, defined.number, defined_places, shape.number, value_places)
    return machine.shape(key, (shape.tensors - {tensor}) | defined.tensors, made), free


# --- abstract functions -----------------------------------------------------------------------------------------------

_Slots = list[dict[Position, Number]]


class _Coefficients:
    """A concrete smooth function for an abstract one, at given values of its index slots: A + B C + B C^2.

    A, B, C are linear in the entries of the tensor slots, with small whole coefficients drawn from the seed, the
    function's name and the index slots, so no symmetry between slots, entries or indices is left, and rational
    arguments give rational values.
    """

    __slots__ = ("drawn", "source")

    def __init__(self, seed: int, symbol: c.FunctionSymbol, at: Position) -> None:
        self.source = random.Random(f"{seed} {symbol.name} {at}")
        self.drawn: dict[tuple[int, Position], tuple[int, int, int]] = {}

    def of(self, slot: int, position: Position) -> tuple[int, int, int]:
        """The coefficients of one entry in A, B and C."""
        key = (slot, position)
        if key not in self.drawn:
            first, second, third = (self.source.choice((-2, -1, 1, 2, 3)) for _ in range(3))
            self.drawn[key] = (first, second, third)
        return self.drawn[key]

    def value(self, slots: _Slots, zero: Number) -> Number:
        """The function at the given tensors."""
        parts = [zero, zero, zero]
        for number, slot in enumerate(slots):
            for position, entry in slot.items():
                for which, coefficient in enumerate(self.of(number, position)):
                    parts[which] = parts[which] + entry * coefficient
        first, second, third = parts
        return first + second * third + second * third * third

    def description(self) -> str:
        """The function as text; s2[1,3] is the entry (1, 3) of its second tensor slot, counting from 1."""
        names = {k: f"s{k[0] + 1}[{','.join(str(p + 1) for p in k[1])}]" for k in self.drawn}
        linear = (" ".join(f"{cs[which]:+d}*{names[k]}" for k, cs in self.drawn.items()) for which in range(3))
        return "A + B*C + B*C^2 with " + ", ".join(f"{name} = {sum_}" for name, sum_ in zip("ABC", linear, strict=True))


def _formal(machine: Machine, node: Any) -> _Located:
    symbol, arguments, partials = node.args
    slots = [_slot(machine, a) if isinstance(a, c.Slot) else None for a in arguments.args]
    chosen_indices = [a for a in arguments.args if not isinstance(a, c.Slot)]
    by = [(int(p.args[0]), p.args[1:]) for p in partials.args]
    free = _merged(iter((*(s[1] for s in slots if s), *(_index_free(i) for i in chosen_indices),
                         *(_index_free(i) for _, indices in by for i in indices))))

    def made() -> _Run:
        tensors = [(shape.run, _picking(_places(inside, free), len(free)), axes)
                   for (shape, inside), axes in _tensor_slots(slots, symbol)]
        numbers = {slot: place for place, slot in enumerate(k for k, s in enumerate(slots) if s)}
        read = _position_reader(chosen_indices, free)
        seeds = [(numbers[slot], _position_reader(indices, free)) for slot, indices in by]

        def run(frame: Frame, at: Position) -> Number:
            filled = [{p: body(frame, pick(at) + p) for p in positions(axes, frame.sizes)}
                      for body, pick, axes in tensors]
            instance = function_instance(frame, symbol, read(frame, at))
            for depth, (slot, where) in enumerate(seeds, 1):
                position = where(frame, at)
                filled[slot][position] = Dual(frame.level + depth, filled[slot][position], frame.number(1))
            value = instance.value(filled, frame.number(0))
            for depth in range(len(seeds), 0, -1):
                value = slope(value, frame.level + depth)
            return value

        return run

    key = ("formal", symbol, tuple((s[0].number, _places(s[1], free)) if s else None for s in slots),
           tuple(_index_key(i, free) for i in chosen_indices),
           tuple((slot, tuple(_index_key(i, free) for i in indices)) for slot, indices in by), len(free))
    tensors_in = frozenset().union(*(s[0].tensors for s in slots if s))
    return machine.shape(key, tensors_in, made), free


def function_instance(frame: Frame, symbol: c.FunctionSymbol, at: Position) -> _Coefficients:
    """The concrete function that stands for an abstract one, at values of its index slots."""
    found = frame.functions.get((symbol, at))
    if found is None:
        found = frame.functions[symbol, at] = _Coefficients(frame.seed, symbol, at)
    return found


def _tensor_slots(slots: list[_Located | None], symbol: c.FunctionSymbol
                  ) -> list[tuple[_Located, tuple[c.Axis, ...]]]:
    return [(s, axes) for s, axes in zip(slots, symbol.signature, strict=True) if s and isinstance(axes, tuple)]


# One row per node: how it is compiled. Subclasses follow the first row that fits.
_HANDLERS: dict[type, Callable[[Machine, Any], _Located]] = {
    c.Entry:             _entry,
    c.Size:              _size,
    c.Sum:               _sum,
    c.Delta:             _delta,
    c.Sigma:             _applying("sigma", logistic),
    c.Softmax:           _softmax,
    c.Root:              _applying("root", root),
    c.Absolute:          _applying("absolute", absolute),
    c.Maximum:           lambda machine, node: _node(machine, ("maximum",), node.args, _binary(larger)),
    c.IfPositive:        _if_positive,
    c.Grad:              _grad,
    c.Let:               _let,
    c.Formal:            _formal,
    sympy.Add:           _add,
    sympy.Mul:           _mul,
    sympy.Pow:           _pow,
    sympy.exp:           _applying("exp", exp),
    sympy.log:           _applying("log", log),
    sympy.Abs:           _applying("absolute", absolute),
    sympy.sign:          _applying("sign", _direction),
    sympy.Rational:      _constant,
    type(sympy.E):       _base_of_logarithms,
    type(sympy.nan):     _no_value,
    type(sympy.zoo):     _no_value,
    type(sympy.oo):      _no_value,
    type(-sympy.oo):     _no_value,
    type(sympy.I):       _no_value,
    type(sympy.pi):      _no_value,
}
