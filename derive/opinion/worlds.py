"""One reading of every entry as a residue, and the rules that carry it from entries to whole expressions.

A world has sizes, a prime, a random residue per entry, and a world below it in which exponents (and whatever else an
atom is made of) are read. A derivative is never written down: `at` carries nilpotent seeds, one per differentiation,
and returns the coefficient of their product, which is a dual number's second half where there is one seed.

The same rules run over decimals, where the world below is the world itself and every function has its real value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation, Overflow
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

from derive.opinion.fields import generator
from derive.opinion.scalars import Key, Reader, Scalar, Spot
from derive.opinion.statement import Map

# A direction to differentiate in: whether it stays on one level (atoms are constants to it), the tensor, the entry.
Seed = tuple[bool, Key, tuple[int, ...]]


class Seeds:
    """Directions of one derivative, sorted. Equal ones are one object, so that they are quick to look up.

    local: whether all stay on one level; shares: every way to share them out in two; rooted: those of them in which the
    first direction is in the first part.
    """

    __slots__ = ("items", "local", "rooted", "shares")
    shares: tuple[tuple[Seeds, Seeds], ...]
    rooted: tuple[tuple[Seeds, Seeds], ...]

    def __init__(self, items: tuple[Seed, ...]) -> None:
        self.items, self.local = items, bool(items) and items[0][0]


NONE = Seeds(())


class Undefined(Exception):
    """No value at this point: a division by 0, the logarithm of a negative number."""


class Exhausted(Exception):
    """A point that takes too much work."""


LARGEST = 200_000


class World:
    """Residues modulo a prime, or decimals where prime is 0.

    sizes: axis -> size; positions: axis size as a factor, axis -> number; images: map -> its values; below: the world
    of exponents; exponents: every argument of an exponential that was read, with its positions and its value there.
    """

    def __init__(self, reader: Reader, sizes: dict[str, int], images: dict[Map, tuple[int, ...]], random: Random,
                 prime: int = 0, below: World | None = None, formal: bool = False) -> None:
        self.reader, self.sizes, self.images, self.random, self.prime = reader, sizes, images, random, prime
        self.below = below or self
        self.base = generator(below.prime, prime, random) if below else 0
        self.factors: dict[str, Any] = {a: random.randrange(prime) for a in sizes} if formal else dict(sizes)
        self.entries: dict[Any, Any] = {}
        self.atoms: dict[Any, Any] = {}
        self.exponents: dict[Any, tuple[Scalar, dict[int, int], int]] = {}
        self.positive = False  # whether decimals are drawn above 0
        # Decimals about 0, or all of them further out: what is bounded, 1 / (1/2 + e^x), shows its bounds there.
        self.centre = 0 if prime else random.choice((0, 0, -4, 4))
        self._memo: dict[Any, Any] = {}
        self._seeds: dict[tuple[Seed, ...], Seeds] = {}

    def at(self, node: Scalar, env: dict[int, int], seeds: Seeds = NONE) -> Any:
        """The value of a node at positions of its free slots, or its derivative in the directions of the seeds."""
        if seeds is not NONE:
            for local, name, _ in seeds.items:
                if name not in (node.local if local else node.deps):
                    return 0
        key = (node.id, node.at(env), seeds)
        found = self._memo.get(key)
        if found is None:
            found = _ROWS[node.op](self, node, env, seeds)
            if self.prime:
                found %= self.prime
            self._memo[key] = found
            if len(self._memo) > LARGEST:
                raise Exhausted("more values than a point is worth")
        return found

    @property
    def work(self) -> int:
        """How many values were computed, here and below."""
        return len(self._memo) + (self.below.work if self.below is not self else 0)

    def seeds(self, items: tuple[Seed, ...]) -> Seeds:
        """The seeds, and every way to share them out in two."""
        if not items:
            return NONE
        items = tuple(sorted(items))
        found = self._seeds.get(items)
        if found is None:
            found = self._seeds[items] = Seeds(items)
            chosen = [c for count in range(len(items), -1, -1) for c in combinations(range(len(items)), count)]
            found.shares = tuple(self._shared(found, c) for c in chosen)
            found.rooted = tuple(s for c, s in zip(chosen, found.shares, strict=True) if 0 in c)
        return found

    def _shared(self, seeds: Seeds, chosen: tuple[int, ...]) -> tuple[Seeds, Seeds]:
        mine = tuple(s for k, s in enumerate(seeds.items) if k in chosen)
        rest = tuple(s for k, s in enumerate(seeds.items) if k not in chosen)
        return self.seeds(mine) if rest else seeds, self.seeds(rest) if mine else seeds

    # --- what differs between residues and decimals ---

    def number(self, value: Fraction) -> Any:
        if not self.prime:
            return Decimal(value.numerator) / value.denominator
        return value.numerator * pow(value.denominator, -1, self.prime)

    def inverse(self, value: Any) -> Any:
        if not value or (not self.prime and abs(value) < _SMALL):
            raise Undefined("a division by 0")
        return pow(value, -1, self.prime) if self.prime else Decimal(1) / value

    def entry(self, key: Key, place: tuple[int, ...]) -> Any:
        found = self.entries.get((key, place))
        if found is None:
            found = self.random.randrange(self.prime) if self.prime else self._real()
            self.entries[key, place] = found
        return found

    def _real(self) -> Decimal:
        value = self.centre + Decimal(self.random.randint(-999, 999)) / 617
        return abs(value) + Decimal(50) / 617 if self.positive else value

    def atom(self, *key: Any) -> Any:
        """A value drawn once for each key: a function known by nothing but that it is one."""
        found = self.atoms.get(key)
        if found is None:
            found = self.random.randrange(self.prime) if self.prime else Decimal(self.random.randint(100, 999)) / 317
            self.atoms[key] = found
        return found

    def places(self, spots: tuple[Spot, ...], env: dict[int, int]) -> tuple[int, ...]:
        return tuple([self.place(spot, env) if spot[1] else env[spot[0]] for spot in spots])

    def place(self, spot: Spot, env: dict[int, int]) -> int:
        position = env[spot[0]]
        for mapping in spot[1]:
            position = self.images[mapping][position]
        return position


_SMALL = Decimal("1e-30")


def _number(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    return w.number(n.data)


def _size(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    return w.factors[n.data]


def _entry(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    key, spots = n.data
    if seeds is NONE:
        return w.entry(key, w.places(spots, env))
    return int(len(seeds.items) == 1 and seeds.items[0][2] == w.places(spots, env))


def _made(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    """A tensor that a hypothesis determines: a variable to a derivative, what it is made of to a level's own seeds."""
    if seeds is NONE or seeds.local:
        return w.at(n.args[0], env, seeds)
    return int(len(seeds.items) == 1 and seeds.items[0][2] == w.places(n.data[1], env))


def _let(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    """A let read as a variable: its value, and any other derivative, is its definition's."""
    key, spots = n.data
    own = [s for s in seeds.items if not s[0] and s[1] == key]
    if not own:
        return w.at(n.args[0], env, seeds)
    return int(len(seeds.items) == 1 and own[0][2] == w.places(spots, env))


def _delta(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    a, b = n.data
    return int(w.place(a, env) == w.place(b, env))


def _sum(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    (slot,), axis = n.data
    body, inner = n.args[0], dict(env)
    found: Any = 0
    for position in range(w.sizes[axis]):
        inner[slot] = position
        found += w.at(body, inner, seeds)
    return found


def _add(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    found: Any = 0
    for a in n.args:
        found += w.at(a, env, seeds)
    return found


def _mul(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    if seeds is NONE:
        return _mul_values(w, env, n.args)
    return _product(w, env, seeds, n.args)


def _mul_values(w: World, env: dict[int, int], factors: tuple[Scalar, ...]) -> Any:
    found: Any = 1
    for a in factors:
        found *= w.at(a, env)
    return found


def _product(w: World, env: dict[int, int], seeds: Seeds, factors: tuple[Scalar, ...]) -> Any:
    """Leibniz's rule: every way to share the seeds out among the factors."""
    if len(factors) == 1:
        return w.at(factors[0], env, seeds)
    if seeds is NONE:
        return _mul_values(w, env, factors)
    found: Any = 0
    for mine, rest in seeds.shares:
        if mine is not NONE:
            first = w.at(factors[0], env, mine)
            found += first * _product(w, env, rest, factors[1:]) if first else 0
        elif last := _product(w, env, rest, factors[1:]):
            found += last * w.at(factors[0], env)
    return found % w.prime if w.prime else found


def _chain(w: World, u: Scalar, env: dict[int, int], seeds: Seeds, outer: tuple[Scalar, ...], factor: Any = 1) -> Any:
    """The derivative of f(u), where the factors of `outer` multiply to f'(u)."""
    found: Any = 0
    for mine, rest in seeds.rooted:
        if inner := w.at(u, env, mine):
            found += inner * _product(w, env, rest, outer)
    return factor * found


def _inv(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    if seeds is NONE:
        return w.inverse(w.at(n.args[0], env))
    return _chain(w, n.args[0], env, seeds, (n, n), -1)


def _exp(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    u = n.args[0]
    if seeds is not NONE:
        return 0 if seeds.local else _chain(w, u, env, seeds, (n,))
    exponent = w.below.at(u, env)
    if not w.prime:
        return _real(lambda: Decimal(exponent).exp())
    w.exponents.setdefault((u.id, u.at(env)), (u, {s: env[s] for s in u.free}, exponent))
    return pow(w.base, exponent, w.prime)


def _log(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    u = n.args[0]
    if seeds is not NONE:
        return 0 if seeds.local else _chain(w, u, env, seeds, (w.reader.inv(u),))
    value = w.below.at(u, env)
    return w.atom("log", value) if w.prime else _real(lambda: _positive(value).ln())


def _root(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    u = n.args[0]
    if seeds is not NONE:
        return 0 if seeds.local else _chain(w, u, env, seeds, (w.reader.number(Fraction(1, 2)), w.reader.inv(n)))
    value = w.below.at(u, env)
    return w.atom("root", value) if w.prime else _real(lambda: Decimal(value).sqrt())


def _abs(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    u = n.args[0]
    if seeds is not NONE:
        return 0 if seeds.local else _chain(w, u, env, seeds, (u, w.reader.inv(n)))
    value = w.below.at(u, env)
    return w.atom("abs", value) if w.prime else abs(value)


def _power(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    u = n.args[0]
    if seeds is not NONE:
        return 0 if seeds.local else _chain(w, u, env, seeds, (w.reader.number(n.data), n, w.reader.inv(u)))
    value = w.below.at(u, env)
    if w.prime:
        return w.atom("power", n.data, value)
    if not value:
        return _zero_to_a_power(n.data)
    return _real(lambda: (_positive(value).ln() * n.data.numerator / n.data.denominator).exp())


def _zero_to_a_power(exponent: Fraction) -> Any:
    if exponent <= 0:
        raise Undefined("a power of 0")
    return 0


def _max(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    a, b = n.args
    if seeds is not NONE:
        return _choice(w, w.reader.add(a, w.reader.neg(b)), a, b, env, seeds)
    values = w.below.at(a, env), w.below.at(b, env)
    return w.atom("max", *values) if w.prime else max(values)


def _cond(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    c, a, b = n.args
    return _choice(w, c, a, b, env, seeds)


def _choice(w: World, c: Scalar, a: Scalar, b: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    if seeds is not NONE and seeds.items[-1][0]:
        return 0
    condition, above, below = w.below.at(c, env), w.below.at(a, env, seeds), w.below.at(b, env, seeds)
    if w.prime:
        return w.atom("cond", condition, above, below)
    if not condition:
        raise Undefined("a choice by the sign of 0")
    return above if condition > 0 else below


def _grad(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    key, spots = n.data
    return w.at(n.args[0], env, w.seeds(((False, key, w.places(spots, env)), *seeds.items)))


def _function(w: World, n: Scalar, env: dict[int, int], seeds: Seeds) -> Any:
    """An abstract function: a value drawn for each list of arguments, and one for each of its partial derivatives."""
    _, name, signature, indices, _, partials = n.data
    if seeds.local:
        return 0
    at = tuple((number, w.place(spot, env)) for number, spot in indices)
    first = tuple((number, w.places(spots, env)) for number, spots in partials)
    return _formal(w, n, env, seeds, (name, signature, at), first)


def _formal(w: World, n: Scalar, env: dict[int, int], seeds: Seeds, key: Any, partials: tuple[Any, ...]) -> Any:
    if seeds is NONE:
        return w.atom(key, _arguments(w, n, env), tuple(sorted(partials)))
    found: Any = 0
    for (number, slots, axes), body in zip(n.data[4], n.args, strict=True):
        for position in _positions(axes, w.sizes):
            inner = {**env, **dict(zip(slots, position, strict=True))}
            for mine, rest in seeds.rooted:
                if factor := w.at(body, inner, mine):
                    found += factor * _formal(w, n, env, rest, key, (*partials, (number, position)))
    return found


def _arguments(w: World, n: Scalar, env: dict[int, int]) -> tuple[Any, ...]:
    """Every entry of every tensor argument, read in the world below."""
    key = ("arguments", n.args, n.at(env))
    found = w.below.atoms.get(key)
    if found is None:
        below = w.below
        values = [below.at(body, {**env, **dict(zip(slots, position, strict=True))})
                  for (_, slots, axes), body in zip(n.data[4], n.args, strict=True)
                  for position in _positions(axes, below.sizes)]
        found = below.atoms[key] = tuple(v if below.prime else round(Decimal(v), 35) for v in values)
    return tuple(found)


def _positions(axes: tuple[str, ...], sizes: dict[str, int]) -> Iterator[tuple[int, ...]]:
    if not axes:
        yield ()
        return
    for first in range(sizes[axes[0]]):
        for rest in _positions(axes[1:], sizes):
            yield (first, *rest)


def _positive(value: Any) -> Decimal:
    if value <= 0:
        raise Undefined("the logarithm of a number that is not positive")
    return Decimal(value)


def _real(compute: Callable[[], Decimal]) -> Decimal:
    try:
        return compute()
    except (InvalidOperation, Overflow) as error:
        raise Undefined("no real value of ordinary size") from error


# One row per node: (world, node, positions, seeds) -> the value, or the coefficient of the seeds' product.
_ROWS: dict[str, Callable[[World, Scalar, dict[int, int], Seeds], Any]] = {
    "number": _number, "size": _size, "entry": _entry, "made": _made, "let": _let, "delta": _delta, "sum": _sum,
    "add": _add, "mul": _mul, "inv": _inv, "exp": _exp, "log": _log, "root": _root, "abs": _abs, "power": _power,
    "max": _max, "cond": _cond, "grad": _grad, "function": _function,
}
