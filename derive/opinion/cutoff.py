"""How large the axes have to be tried: docs/second-opinion.md proves what is only computed here.

A node is cleared of denominators in thought: a numerator, and the denominators it stands over. `Clearing` counts, for
one axis, over how many tuples of positions the cleared numerator sums; or, with every axis settled, its degree and the
logarithm of the sum of its coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import log2
from typing import Any

from derive.opinion.scalars import ATOMS, Key, Scalar

Weight = tuple[float, float]


class Stuck(Exception):
    """An expression outside the argument, in words."""


@dataclass(frozen=True)
class Below:
    """A denominator: its power (below 0 for a factor that some other denominator may still cancel), its weight, the
    slots it depends on."""

    power: int
    weight: Weight
    slots: frozenset[int]


@dataclass(frozen=True)
class Cleared:
    """The weight of a numerator, and the denominators below it."""

    weight: Weight
    below: dict[Any, Below]


FREE = Cleared((0, 0), {})


class Clearing:
    """axis: the axis whose positions are counted, or None for (degree, log2 of coefficients); settled: axis -> largest
    size that has to be tried, for axes decided before; formal: whether an axis size as a factor is a variable; read:
    the atoms whose value, and not only their derivative, was met."""

    def __init__(self, axis: str | None, settled: dict[str, int], formal: bool = False) -> None:
        self.axis, self.settled, self.formal = axis, settled, formal
        self.read: dict[int, Scalar] = {}
        self._memo: dict[Any, Cleared | None] = {}

    def of(self, node: Scalar, seeds: tuple[Key, ...] = ()) -> Cleared | None:
        """The cleared form of a node, or of its derivative by entries of the given tensors; None where that is 0.

        Stuck: a denominator below a sum sums over the axis itself.
        """
        if any(s not in node.deps for s in seeds):
            return None
        key = (node.id, seeds)
        if key not in self._memo:
            self._memo[key] = self._of(node, seeds)
        return self._memo[key]

    def _of(self, n: Scalar, seeds: tuple[Key, ...]) -> Cleared | None:
        if n.op == "sum":
            (slot,), axis = n.data
            return self.summed(self.of(n.args[0], seeds), slot, axis, pinned(n.args[0], slot, seeds))
        if n.op == "add":
            return self.added([c for a in n.args if (c := self.of(a, seeds)) is not None])
        if n.op == "mul":
            return self.shared(seeds, n.args)
        if n.op == "grad":
            return self.of(n.args[0], tuple(sorted((n.data[0], *seeds))))
        if n.op in ("made", "let"):
            return self._named(n, seeds)
        if n.op == "inv":
            return self.chained(n.args[0], seeds, (n, n)) if seeds else self._inverse(n.args[0])
        if n.op in ATOMS:
            return self._atom(n, seeds)
        return None if len(seeds) > (n.op == "entry") else self._leaf(n, bool(seeds))

    def _leaf(self, n: Scalar, differentiated: bool) -> Cleared:
        if self.axis is not None:
            return Cleared((1, 0), {}) if n.op == "size" and n.data == self.axis and not self.formal else FREE
        if n.op == "size":
            return Cleared((0, log2(self.settled[n.data])), {})
        if n.op == "number":
            over, size = n.data.denominator, max(1, abs(n.data.numerator))
            below = {("number", over): Below(1, (0, log2(over)), frozenset())} if over > 1 else {}
            return Cleared((0, log2(size)), below)
        return Cleared((1, 0), {}) if n.op == "entry" and not differentiated else FREE

    def _named(self, n: Scalar, seeds: tuple[Key, ...]) -> Cleared | None:
        if n.data[0] not in seeds:
            return None if seeds and n.op == "made" else self.of(n.args[0], seeds)
        return FREE if len(seeds) == 1 else None

    def _atom(self, n: Scalar, seeds: tuple[Key, ...]) -> Cleared | None:
        if not seeds or n.op in ("cond", "max"):
            self.read[n.id] = n
            if self.axis is not None:
                return FREE
            # A power of an exponential, positive or negative; a drawn value.
            below = {("exp", n.id): Below(1, (1, 0), frozenset(n.free))} if n.op == "exp" else {}
            return Cleared((1, 0), below)
        if n.op == "function":
            return self._formal(n, seeds)
        u = n.args[0]
        outer = {"exp": (n,), "log": (u,), "root": (n,), "abs": (u, n), "power": (n, u)}[n.op]
        return self.chained(u, seeds, outer, inverted=n.op in ("log", "root", "abs", "power"))

    def _formal(self, n: Scalar, seeds: tuple[Key, ...]) -> Cleared | None:
        found = []
        for (_, slots, axes), body in zip(n.data[4], n.args, strict=True):
            for mine, rest in shares(seeds[1:]):
                inner = self.times(self.of(body, tuple(sorted((seeds[0], *mine)))), self.of(n, rest))
                for slot, axis in zip(slots, axes, strict=True):
                    inner = self.summed(inner, slot, axis)
                if inner is not None:
                    found.append(inner)
        return self.added(found)

    def chained(self, u: Scalar, seeds: tuple[Key, ...], outer: tuple[Scalar, ...], inverted: bool = False
                ) -> Cleared | None:
        """d f(u): what `outer` multiplies to is f'(u), the last of it inverted on request."""
        found = []
        for mine, rest in shares(seeds[1:]):
            first = self.of(u, tuple(sorted((seeds[0], *mine))))
            second = self._outer(rest, outer, inverted)
            product = self.times(first, second)
            if product is not None:
                found.append(product)
        return self.added(found)

    def _outer(self, seeds: tuple[Key, ...], outer: tuple[Scalar, ...], inverted: bool) -> Cleared | None:
        if not inverted:
            return self.shared(seeds, outer)
        found = []
        for mine, rest in shares(seeds):
            last = outer[-1]
            over = self._inverse(last) if not mine else self._inverse_by(last, mine)
            product = self.times(over, self.shared(rest, outer[:-1]) if outer[:-1] else None if rest else FREE)
            if product is not None:
                found.append(product)
        return self.added(found)

    def _inverse_by(self, u: Scalar, seeds: tuple[Key, ...]) -> Cleared | None:
        found = []
        for mine, rest in shares(seeds[1:]):
            first = self.of(u, tuple(sorted((seeds[0], *mine))))
            for one, two in shares(rest):
                parts = [self._inverse_by(u, s) if s else self._inverse(u) for s in (one, two)]
                product = self.times(self.times(first, parts[0]), parts[1])
                if product is not None:
                    found.append(product)
        return self.added(found)

    def _inverse(self, u: Scalar) -> Cleared:
        """1 / u: the denominators of u become factors, its numerator a denominator."""
        cleared = self.of(u)
        if cleared is None:
            raise Stuck("a division by 0")
        below = {k: Below(-d.power, d.weight, d.slots) for k, d in cleared.below.items()}
        if self.axis is None or cleared.weight[0]:
            below[u.id] = Below(1, cleared.weight, frozenset(u.free))
        return Cleared((0, 0), below)

    def shared(self, seeds: tuple[Key, ...], factors: tuple[Scalar, ...]) -> Cleared | None:
        """A product, or its derivative by Leibniz's rule."""
        if len(factors) == 1:
            return self.of(factors[0], seeds)
        found = []
        for mine, rest in shares(seeds):
            if mine or (last := self.shared(rest, factors[1:])) is not None:
                first = self.of(factors[0], mine)
                product = None if first is None else self.times(first, self.shared(rest, factors[1:]) if mine else last)
                found += [product] if product is not None else []
        return self.added(found)

    def times(self, a: Cleared | None, b: Cleared | None) -> Cleared | None:
        if a is None or b is None:
            return None
        below = dict(a.below)
        for key, d in b.below.items():
            below[key] = Below(d.power + (below[key].power if key in below else 0), d.weight, d.slots)
            if not below[key].power:
                del below[key]
        return Cleared(_plus(a.weight, b.weight), below)

    def added(self, parts: list[Cleared]) -> Cleared | None:
        """A sum over the least common denominator."""
        if len(parts) < 2:
            return parts[0] if parts else None
        every = {key: d for part in parts for key, d in part.below.items()}
        powers = {k: max(part.below[k].power if k in part.below else 0 for part in parts) for k in every}
        below = {k: Below(power, every[k].weight, every[k].slots) for k, power in powers.items() if power}
        weights = []
        for part in parts:
            lacking = [Below(powers[k] - (part.below[k].power if k in part.below else 0), d.weight, d.slots)
                       for k, d in every.items()]
            weights.append(_plus(part.weight, _total(lacking)))
        height = log2(len(parts)) if self.axis is None else 0
        return Cleared((max(w[0] for w in weights), max(w[1] for w in weights) + height), below)

    def summed(self, body: Cleared | None, slot: int, axis: str, pinned: bool = False) -> Cleared | None:
        """A sum over every position of a slot, or over the one it is pinned to; a denominator that depends on it is
        brought to a product of all."""
        if body is None:
            return None
        weight, below = body.weight, {}
        for key, d in body.below.items():
            if slot not in d.slots:
                below[key] = d
                continue
            if d.power < 0:
                weight = _plus(weight, (-d.power * d.weight[0], -d.power * d.weight[1]))
                continue
            size = self.settled.get(axis)
            if size is None:
                raise Stuck(f"a denominator that sums over {self.axis} below a sum over {axis}")
            copies = (d.weight[0] * size, d.weight[1] * size)
            below[key, slot] = Below(d.power, copies, d.slots - {slot})
            weight = _plus(weight, ((size - 1) * d.power * d.weight[0], (size - 1) * d.power * d.weight[1]))
        if self.axis is None:
            return Cleared((weight[0], weight[1] + log2(self.settled[axis])), below)
        return Cleared((weight[0] + (axis == self.axis and not pinned), 0), below)


def shares(seeds: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], tuple[Key, ...]]]:
    for count in range(len(seeds) + 1):
        for chosen in combinations(range(len(seeds)), count):
            yield (tuple(seeds[k] for k in chosen), tuple(s for k, s in enumerate(seeds) if k not in chosen))


def _plus(a: Weight, b: Weight) -> Weight:
    return a[0] + b[0], a[1] + b[1]


def _total(parts: Any) -> Weight:
    return (sum(d.power * d.weight[0] for d in parts), sum(d.power * d.weight[1] for d in parts))


def pinned(n: Scalar, slot: int, seeds: tuple[Key, ...]) -> bool:
    """Whether a node, or its derivative by entries of the given tensors, is 0 unless a slot stands at one position that
    slots free in the node, or the entry that is differentiated by, determine."""
    return _pinned(n, slot, seeds, frozenset(n.free) - {slot})


def _pinned(n: Scalar, slot: int, seeds: tuple[Key, ...], outside: frozenset[int]) -> bool:
    if seeds:
        return any(_meets(n, slot, seed) for seed in seeds) or (
            n.op == "mul" and any(not set(seeds) & a.deps and _pinned(a, slot, (), outside) for a in n.args))
    if n.op == "delta":
        (a, over_a), (b, over_b) = n.data
        return (a == slot and not over_a and b in outside) or (b == slot and not over_b and a in outside)
    rule: dict[str, Callable[[Any], bool]] = {"mul": any, "add": all, "sum": all}
    return n.op in rule and rule[n.op](_pinned(a, slot, (), outside) for a in n.args)


def _meets(n: Scalar, slot: int, seed: Key) -> bool:
    """Whether every entry of a tensor inside a node has the slot itself among its indices."""
    if seed not in n.deps:
        return True
    if n.op in ("entry", "made", "let") and n.data[0] == seed:
        return any(s == slot and not maps for s, maps in n.data[1]) and not any(seed in a.deps for a in n.args
                                                                                if n.op == "let")
    return n.op not in ("grad", "let") and all(_meets(a, slot, seed) for a in n.args)


# --- what stands in exponents -----------------------------------------------------------------------------------------


def walk(*nodes: Scalar, into_atoms: bool = True) -> Iterator[Scalar]:
    """The nodes and every node inside them, each once; on request without what atoms are made of."""
    waiting, seen = list(nodes), set[int]()
    while waiting:
        node = waiting.pop()
        if node.id not in seen:
            seen.add(node.id)
            yield node
            if into_atoms or node.op not in ATOMS:
                waiting.extend(node.args)


def depth_inside(atom: Scalar, axis: str) -> int:
    """Over how many positions of the axis the arguments of an atom sum, at most.

    Stuck: a sum in one does not vanish with the entries at its position, or repetition in a map matters to it, so that
    its value at one size says too little of its value at others.
    """
    own = max((axes.count(axis) for _, _, axes in atom.data[4]), default=0) if atom.op == "function" else 0
    return own + max((_depth(a, axis) for a in atom.args), default=0)


def _depth(node: Scalar, axis: str) -> int:
    for part in walk(node, into_atoms=False):
        if part.op == "sum" and not vanishes(part.args[0], part.data[0][0], frozenset(node.free)):
            raise Stuck("a sum inside an exponent that does not vanish with its entries")
        if part.op == "grad" or (part.op == "delta" and any(m and s not in node.free for s, m in part.data)):
            raise Stuck(f"a {part.op} inside an exponent")
    cleared = Clearing(axis, {}, formal=True).of(node)
    if cleared is None:
        return 0
    if any(d.weight[0] for d in cleared.below.values()):
        raise Stuck(f"a denominator inside an exponent that sums over {axis}")
    return int(cleared.weight[0])


def vanishes(n: Scalar, slot: int, outside: frozenset[int]) -> bool:
    """Whether a node is 0 where every entry with this slot among its indices is 0."""
    if n.op == "entry":
        return any(s == slot for s, _ in n.data[1])
    if n.op == "delta":
        (a, over_a), (b, over_b) = n.data
        return not over_a and not over_b and ((a == slot and b in outside) or (b == slot and a in outside))
    rule: dict[str, Callable[[Any], bool]] = {"mul": any, "add": all, "sum": all}
    return n.op in rule and rule[n.op](vanishes(a, slot, outside) for a in n.args)
