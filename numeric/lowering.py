"""From the expression of one entry to an expression of whole arrays.

A component expression has free indices (the axes of the result), bound indices and arguments. Every subexpression
becomes an `Array`: a node of `printing` with one label, an index, per axis. Sums of products are contracted two by two
as matrix products; deltas contract, or become gathered rows, scattered rows or one-hot rows.

A batch is one more label, in front of every argument that carries it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sympy
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Rational, Symbol

from derive import components as c
from derive.components import Delta, Entry, Index, IndexLike, MapAt, TensorSymbol, free_indices
from derive.derivative import renamed_away, with_indices
from derive.errors import GradproofError
from numeric import licences
from numeric.contraction import BATCH, Array, Arrays, Labels, Variable, scaled
from numeric.printing import (
    EVERY,
    ONE,
    ZERO,
    Along,
    Axes,
    Call,
    Cast,
    Compare,
    Dtype,
    Fresh,
    Full,
    Gather,
    Item,
    Minus,
    Over,
    Plus,
    Raised,
    Range,
    Scatter,
    Spread,
    Take,
    is_number,
)
from numeric.stability import exponential_sum, one_plus_exp, positions, recognised

Loops = frozenset[Index]


class Lowering:
    """The lowering of a group of expressions that share their arguments.

    symbols: variable -> its name in the code; batched: variables with a leading batch axis; names: node -> what its
    line in the code is called; licences: names of the licences used.
    """

    def __init__(self, symbols: dict[Variable, Symbol], batched: frozenset[Variable]) -> None:
        self.symbols, self.batched = symbols, batched
        self.names: dict[Basic, str] = {}
        self.licences: set[str] = set()
        self._arrays = Arrays(symbols, batched)

    def result(self, e: Expr, indices: Labels) -> Basic:
        """The array of e over the given free indices; in front the batch, where any variable is batched."""
        array = self.lower(recognised(e, self.licences), frozenset(indices))
        wanted = (BATCH, *indices) if self.batched else indices
        missing = [label for label in wanted if label not in array.labels]
        node = self._arrays.aligned(array, wanted)
        lengths = [self._arrays.length(label) for label in wanted]
        if is_number(array.node):
            return Full(node, self._dtype(), *lengths)
        if missing:
            return Spread(node, *lengths)
        bare = node
        while isinstance(bare, Axes | Item):  # views, in some libraries
            bare = bare.args[0]
        return Fresh(node) if isinstance(bare, Symbol) else node

    def lower(self, e: Basic, loops: Loops) -> Array:
        """The array of a subexpression; loops: the indices that are labels and not arguments."""
        row = _TABLE.get(type(e))
        if row is not None:
            return row(self, e, loops)
        if isinstance(e, Rational):
            return Array(e)
        if e == sympy.E:
            return Array(Call("exp", ONE))
        raise _not_compilable(e)

    # --- leaves -------------------------------------------------------------------------------------------------------

    def _entry(self, e: Entry, loops: Loops) -> Array:
        lead = (BATCH,) if e.tensor in self.batched else ()
        return self._item(self.symbols[e.tensor], (*lead, *e.indices), loops | {BATCH})

    def _item(self, node: Basic, indices: Sequence[IndexLike], loops: Loops) -> Array:
        """node[indices]: slices for distinct labels, gathering by position for everything else."""
        single = {n: self.symbols[i] for n, i in enumerate(indices) if i not in loops and self._is_single(i)}
        if single:
            node = Item(node, *(single.get(n, EVERY) for n in range(len(indices))))
            return self._item(node, [i for n, i in enumerate(indices) if n not in single], loops)
        places = {n: self._positions(i, loops) for n, i in enumerate(indices) if i not in loops}
        inside = {label for p in places.values() for label in p.labels}
        for n, index in enumerate(indices):
            if index in loops and (index in inside or list(indices).count(index) > 1):
                places[n] = self._positions(index, loops)
                inside.add(index)
        if not places:
            return Array(node, tuple(indices))
        spread = next(iter(places.values())).labels if len(places) == 1 else self._arrays.ordered(inside)
        arguments = [self._arrays.aligned(places[n], spread) if n in places else EVERY for n in range(len(indices))]
        first = min(places)
        if len(places) == len(spread) == 1:
            return Array(Take(node, arguments[first], first), (*indices[:first], *spread, *indices[first + 1:]))
        if spread and len(places) == len(indices):
            return Array(Item(node, *arguments), spread)
        front = 0 if max(places) - first >= len(places) else first
        kept = [i for n, i in enumerate(indices) if n not in places]
        return Array(Gather(node, *arguments), (*kept[:front], *spread, *kept[front:]))

    def _is_single(self, index: IndexLike) -> bool:
        """Whether an index is one number that the step is called with."""
        return isinstance(index, Index) and index not in self.batched

    def _positions(self, index: IndexLike, loops: Loops) -> Array:
        """The positions an index takes, as whole numbers."""
        if isinstance(index, MapAt):
            mapping, position = index.args
            lead = (BATCH,) if mapping in self.batched else ()
            return self._item(self.symbols[mapping], (*lead, position), loops | {BATCH})
        if index in loops:
            return Array(Range(self._arrays.length(index)), (index,))
        return Array(self.symbols[index], (BATCH,) if index in self.batched else ())

    def _delta(self, e: Delta, loops: Loops) -> Array:
        """1 where two positions agree: one-hot rows."""
        left, right = sorted((self._positions(i, loops) for i in e.args), key=lambda p: isinstance(p.node, Range))
        labels = (*left.labels, *(i for i in right.labels if i not in left.labels))
        same = Compare("==", self._arrays.aligned(left, labels), self._arrays.aligned(right, labels))
        return Array(self._named(Cast(same, self._dtype()), "onehot"), labels)

    def _size(self, e: c.Size, loops: Loops) -> Array:
        return Array(self._arrays.length(Index("any", e.axis)))

    # --- entry by entry -----------------------------------------------------------------------------------------------

    def _add(self, e: Add, loops: Loops) -> Array:
        return self._arrays.total([self.lower(term, loops) for term in e.args])

    def _mul(self, e: Mul, loops: Loops) -> Array:
        return self._contraction(e, (), loops)

    def _pow(self, e: Pow, loops: Loops) -> Array:
        base, exponent = e.args
        if not isinstance(exponent, Rational):
            raise _not_compilable(e)
        if exponential_sum(base) and exponent < 0:
            log_total = self._log_sum_exp(base, loops)
            return Array(Call("exp", scaled(exponent, log_total).node), log_total.labels)
        array = self.lower(base, loops)
        if exponent == -1:
            return Array(Over(ONE, array.node), array.labels)
        if exponent == Rational(1, 2):
            return Array(Call("sqrt", array.node), array.labels)
        if exponent < 0:
            return Array(Over(ONE, Raised(array.node, -exponent)), array.labels)
        return Array(Raised(array.node, exponent), array.labels)

    def _exp(self, e: Expr, loops: Loops) -> Array:
        array = self.lower(e.args[0], loops)
        return Array(Call("exp", array.node), array.labels)

    def _root(self, e: c.Root, loops: Loops) -> Array:
        array = self.lower(e.args[0], loops)
        return Array(Call("sqrt", array.node), array.labels)

    def _absolute(self, e: Expr, loops: Loops) -> Array:
        """The larger of x and -x: also right for the complex numbers of complex-step differentiation."""
        array = self.lower(e.args[0], loops)
        return Array(Call("maximum", array.node, Minus(array.node)), array.labels)

    def _maximum(self, e: c.Maximum, loops: Loops) -> Array:
        return self._joined(lambda a, b: Call("maximum", a, b), e.args, loops)

    def _if_positive(self, e: c.IfPositive, loops: Loops) -> Array:
        def chosen(x: Basic, a: Basic, b: Basic) -> Basic:
            if is_number(a) and is_number(b) and not is_number(x):
                a = Full(a, self._dtype())  # of two numbers, a library would choose the type
            return Call("where", Compare(">", x, ZERO), a, b)

        return self._joined(chosen, e.args, loops)

    def _joined(self, build: Callable[..., Basic], parts: Iterable[Basic], loops: Loops) -> Array:
        arrays = [self.lower(p, loops) for p in parts]
        labels = self._arrays.union(arrays)
        return Array(build(*(self._arrays.aligned(a, labels) for a in arrays)), labels)

    # --- sigma, softmax and their logarithms, for inputs of any size --------------------------------------------------

    def _decay(self, e: Expr, loops: Loops) -> tuple[Array, bool]:
        """x with its leading minus sign taken off, and whether it had one: sigma(-x) and sigma(x) share e^-|x|."""
        negative = bool(e.could_extract_minus_sign())
        return self.lower(-e if negative else e, loops), negative

    def _sigma(self, e: c.Sigma, loops: Loops) -> Array:
        """1 / (1 + t) for x >= 0, t / (1 + t) for x < 0, with t = e^-|x|.

        What is above is written max(t, [x >= 0]), a third of the time of a choice.
        """
        self.licences |= {licences.POSITIVE, licences.NEGATIVE}
        x, negative = self._decay(e.args[0], loops)
        node = self._named(x.node, "scores")
        t = self._shrinking(node)
        one_where = Cast(Compare("<" if negative else ">=", node, ZERO), self._dtype())
        value = Over(Call("maximum", t, one_where), Plus(t, ONE))
        return Array(self._named(value, "sigma"), x.labels)

    def _log_sigma(self, e: Expr, loops: Loops) -> Array:
        """min(x, 0) - log(1 + e^-|x|)."""
        self.licences |= {licences.LOG_POSITIVE, licences.LOG_NEGATIVE}
        x, negative = self._decay(e, loops)
        node = self._named(x.node, "scores")
        small = Call("minimum", Minus(node) if negative else node, ZERO)
        return Array(Plus(small, Minus(Call("log1p", self._shrinking(node)))), x.labels)

    def _shrinking(self, node: Basic) -> Basic:
        return self._named(Call("exp", Call("minimum", node, Minus(node))), "t")

    def _shifted(self, index: Index, body: Expr, loops: Loops) -> tuple[Array, Array, Array]:
        """body - m, m and sum_index e^(body - m), with m the largest body along the index."""
        self._arrays.last.add(index)
        scores = self.lower(body, loops | {index})
        self._arrays.last.discard(index)
        labels = tuple(i for i in scores.labels if i != index)
        if index not in scores.labels:
            return Array(ZERO), scores, Array(self._arrays.length(index))
        place = scores.labels.index(index)
        place = -1 if place == len(labels) else place
        node = self._named(scores.node, "scores")
        largest = Array(Along("max", node, place), labels)
        difference = Plus(node, Minus(self._arrays.aligned(largest, scores.labels)))
        shifted = Array(self._named(difference, "shifted"), scores.labels)
        summed = Along("sum", self._named(Call("exp", shifted.node), "e"), place)
        return shifted, largest, Array(self._named(summed, "total"), labels)

    def _softmax(self, e: c.Softmax, loops: Loops) -> Array:
        at, index, body = self._renamed(e, loops)
        where = _instance(at, index, body)
        if where is None:
            log_total = sympy.log(c.Sum(index, sympy.exp(body)))
            array = self._arrays.total([self.lower(at, loops), self.lower(-log_total, loops)])
            return Array(Call("exp", array.node), array.labels)
        self.licences.add(licences.SHIFT)
        shifted, _, summed = self._shifted(index, body, loops)
        if index not in shifted.labels:
            return Array(Over(ONE, summed.node))
        value = Over(Call("exp", shifted.node), self._arrays.aligned(summed, shifted.labels))
        return self._at(Array(self._named(value, "softmax"), shifted.labels), index, where, loops)

    def _log_softmax(self, e: c.Softmax, loops: Loops) -> Array:
        at, index, body = self._renamed(e, loops)
        where = _instance(at, index, body)
        if where is None:
            return self.lower(at - sympy.log(c.Sum(index, sympy.exp(body))), loops)
        self.licences.add(licences.LOG_SHIFT)
        shifted, _, summed = self._shifted(index, body, loops)
        chosen = self._at(shifted, index, where, loops) if index in shifted.labels else shifted
        log_total = Array(Call("log", summed.node), summed.labels)
        labels = self._arrays.union([chosen, log_total])
        return Array(Plus(self._arrays.aligned(chosen, labels), Minus(self._arrays.aligned(log_total, labels))), labels)

    def _log_sum_exp(self, e: c.Sum, loops: Loops) -> Array:
        self.licences.add(licences.LOG_SUM_SHIFT)
        (index,), body = renamed_away(e.args[:1], e.args[1], *loops)
        _, largest, summed = self._shifted(index, body.args[0], loops)
        labels = self._arrays.union([largest, summed])
        log_total = Call("log", self._arrays.aligned(summed, labels))
        return Array(Plus(self._arrays.aligned(largest, labels), log_total), labels)

    def _renamed(self, e: c.Softmax, loops: Loops) -> tuple[Expr, Index, Expr]:
        (index,), body = renamed_away((e.args[1],), e.args[2], e.args[0], *loops)
        return e.args[0], index, body

    def _at(self, array: Array, index: Index, where: IndexLike, loops: Loops) -> Array:
        """The array at another position along one label."""
        indices = [where if label == index else label for label in array.labels]
        return self._item(array.node, indices, loops | {BATCH})

    def _log(self, e: Expr, loops: Loops) -> Array:
        inside = e.args[0]
        if isinstance(inside, c.Sigma):
            return self._log_sigma(inside.args[0], loops)
        if isinstance(inside, c.Softmax):
            return self._log_softmax(inside, loops)
        if exponential_sum(inside):
            return self._log_sum_exp(inside, loops)
        exponent = one_plus_exp(inside)
        if exponent is not None:
            return self.lower(-sympy.log(c.Sigma(-exponent), evaluate=False), loops)
        if isinstance(inside, Mul | Pow) and all(_surely_positive(f) for f in Mul.make_args(inside)):
            powers = [f.as_base_exp() for f in Mul.make_args(inside)]
            return self.lower(Add(*(power * sympy.log(base) for base, power in powers)), loops)
        array = self.lower(inside, loops)
        return Array(Call("log", array.node), array.labels)

    # --- sums of products ---------------------------------------------------------------------------------------------

    def _sum(self, e: c.Sum, loops: Loops) -> Array:
        summed: list[Index] = []
        body: Expr = e
        while isinstance(body, c.Sum):
            (index,), body = renamed_away(body.args[:1], body.args[1], *loops, *summed)
            summed.append(index)
        return self._summed(tuple(summed), body, loops)

    def _summed(self, summed: Labels, body: Expr, loops: Loops) -> Array:
        factors = Mul.make_args(body)
        for factor in factors:
            if isinstance(factor, Delta):
                found = _meeting(factor, summed)
                if found:
                    index, other = found
                    rest = with_indices(Mul(*(f for f in factors if f is not factor)), {index: other})
                    return self._summed(tuple(i for i in summed if i != index), rest, loops)
        for factor in factors:
            parts = _contractible(factor, summed)
            if parts:
                others = Mul(*(f for f in factors if f is not factor))
                return self._arrays.total([self._summed(summed, others * part, loops) for part in parts])
        if isinstance(body, Add) and any(_is_product(term, loops | set(summed)) for term in body.args):
            return self._arrays.total([self._summed(summed, term, loops) for term in body.args])
        scattered = self._scattered(summed, factors, loops)
        return scattered or self._contraction(body, summed, loops)

    def _scattered(self, summed: Labels, factors: tuple[Expr, ...], loops: Loops) -> Array | None:
        """sum_k delta(x, w(k)) f(k) for a free x: rows f(k) added at w(k)."""
        for factor in factors:
            target = _scatter(factor, summed, loops)
            if target is None:
                continue
            x, position = target
            places = self._positions(position, loops | set(summed))
            if not set(places.labels) <= set(summed):
                return None
            rest = with_indices(Mul(*(f for f in factors if f is not factor)), {x: position})
            moved = [f for f in Mul.make_args(rest) if free_indices(f) & set(places.labels)]
            left = Mul(*(f for f in Mul.make_args(rest) if f not in moved))
            kept = tuple(i for i in summed if i not in places.labels)
            if any(set(kept) & free_indices(f) for f in moved):
                moved, left = [rest], Integer(1)
            values = self._contraction(Mul(*moved), tuple(i for i in kept if left == 1), loops | set(places.labels))
            if not set(places.labels) <= set(values.labels) or x in values.labels:
                return None
            others = tuple(i for i in values.labels if i not in places.labels)
            rows = Scatter(self._arrays.aligned(values, (*places.labels, *others)), self._arrays.length(x), places.node)
            scattered = Array(rows, (x, *others))
            return scattered if left == 1 else self._arrays.times(
                [scattered, self._summed(kept, left, loops)])
        return None

    def _contraction(self, e: Expr, summed: Labels, loops: Loops) -> Array:
        """A product, summed over some labels."""
        number, product = e.as_coeff_Mul()
        inside = loops | set(summed)
        above: list[Expr] = []
        below: list[Expr] = []
        for factor in Mul.make_args(product):
            base, exponent = factor.as_base_exp()
            divides = (isinstance(exponent, Rational) and exponent < 0 and not isinstance(factor, sympy.exp)
                       and not exponential_sum(base))
            (below if divides else above).append(Pow(base, -exponent) if divides else factor)
        arrays = [self.lower(f, inside) for f in above if f != 1]
        divisors = [self.lower(f, inside) for f in below]
        arrays += [Array(Over(ONE, d.node), d.labels) for d in divisors if set(d.labels) & set(summed)]
        divisors = [d for d in divisors if not set(d.labels) & set(summed)]
        array = self._arrays.contracted(arrays, summed)
        if divisors:
            array = self._arrays.quotient(array, self._arrays.times(divisors))
        return scaled(number, array)

    def _named(self, node: Basic, name: str) -> Basic:
        if not isinstance(node, Symbol | Axes | Minus):
            self.names.setdefault(node, name)
        return node

    def _dtype(self) -> Basic:
        tensors = [s for v, s in self.symbols.items() if isinstance(v, TensorSymbol)]
        return Dtype(*tensors)


def _meeting(factor: Delta, summed: Labels) -> tuple[Index, IndexLike] | None:
    for index, other in (factor.args, factor.args[::-1]):
        if index in summed and index not in free_indices(other):
            return index, other
    return None


def _contractible(factor: Expr, summed: Labels) -> list[Expr]:
    """A sum split into its terms with a delta that contracts, and the rest; empty where there is none."""
    if not isinstance(factor, Add):
        return []
    meeting = [t for t in factor.args if any(isinstance(f, Delta) and _meeting(f, summed) for f in Mul.make_args(t))]
    rest = [t for t in factor.args if t not in meeting]
    return [*([Add(*rest)] if rest else []), *meeting] if meeting else []


def _scatter(factor: Expr, summed: Labels, loops: Loops) -> tuple[Index, MapAt] | None:
    if isinstance(factor, Delta):
        for x, position in (factor.args, factor.args[::-1]):
            if x in loops and isinstance(position, MapAt) and free_indices(position) & set(summed):
                return x, position
    return None


def _is_product(term: Expr, loops: Loops) -> bool:
    """Whether a term multiplies arrays with other axes, so that its sum is cheaper than its entries."""
    spread = [free_indices(f) & loops for f in Mul.make_args(term) if free_indices(f) & loops]
    union = frozenset().union(*spread) if spread else frozenset()
    return len(spread) > 1 and all(s != union for s in spread)


def _surely_positive(e: Expr) -> bool:
    base, exponent = e.as_base_exp()
    return (isinstance(base, c.Sigma | c.Softmax) or exponential_sum(base) or one_plus_exp(base) is not None
            or isinstance(e, sympy.exp)) and isinstance(exponent, Expr)


def _instance(at: Expr, index: Index, body: Expr) -> IndexLike | None:
    """The position p with body at index = p being `at`."""
    wanted = _canonical(at)
    for candidate in positions(at, index.axis):
        if _canonical(with_indices(body, {index: candidate})) == wanted:
            return candidate
    return None


def _canonical(e: Basic, depth: int = 0) -> Basic:
    """The expression with bound indices numbered by depth: equal for what differs in bound names only."""
    if isinstance(e, c.Sum):
        index = Index(f"%{depth}", e.args[0].axis)
        return c.Sum(index, _canonical(with_indices(e.args[1], {e.args[0]: index}), depth + 1))
    if isinstance(e, c.Softmax):
        index = Index(f"%{depth}", e.args[1].axis)
        inside = with_indices(e.args[2], {e.args[1]: index})
        return c.Softmax(_canonical(e.args[0], depth), index, _canonical(inside, depth + 1))
    return e.func(*(_canonical(a, depth) for a in e.args)) if e.args else e


def _not_compilable(e: Basic) -> GradproofError:
    what, hint = {
        "Grad": ("a derivative", "the side of the claim that has none"),
        "Let": ("a derivative by an intermediate result", "the side of the claim that has none"),
        "Formal": (f"the abstract function {e.args[0] if e.args else e}", "the claim with a concrete loss"),
    }.get(type(e).__name__, (f"{e} (type {type(e).__name__})", "a claim without it"))
    return GradproofError(f"{what} in an expression to be compiled", "sums, products, powers, exp, log, sigma, "
                          "softmax, max and entries of tensors", hint)


# One row per node: how it becomes an array.
_TABLE: dict[type, Callable[[Lowering, Any, Loops], Array]] = {
    Entry:        Lowering._entry,
    Delta:        Lowering._delta,
    c.Size:       Lowering._size,
    Add:          Lowering._add,
    Mul:          Lowering._mul,
    Pow:          Lowering._pow,
    sympy.exp:    Lowering._exp,
    sympy.log:    Lowering._log,
    c.Root:       Lowering._root,
    c.Absolute:   Lowering._absolute,
    sympy.Abs:    Lowering._absolute,
    c.Maximum:    Lowering._maximum,
    c.IfPositive: Lowering._if_positive,
    c.Sigma:      Lowering._sigma,
    c.Softmax:    Lowering._softmax,
    c.Sum:        Lowering._sum,
}
