"""The second opinion on a statement: both sides evaluated modulo primes at the sizes that settle every size.

    >>> from fractions import Fraction
    >>> from derive.opinion.statement import Statement, Tree
    >>> x = Tree("tensor", ("x",), ("n",)); one = Tree("number", (Fraction(1),), ())
    >>> examine(Statement(Tree("total", (Tree("softmax", (x,), ("n",)),), ()), one)).weaker
    ''
    >>> examine(Statement(Tree("total", (Tree("ones", (), ("n",)),), ()), one)).sizes
    {'n': 2}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from itertools import islice
from random import Random
from typing import Any

from derive.opinion.cutoff import Clearing, Stuck
from derive.opinion.fields import HEIGHT, TOWERS, tower
from derive.opinion.independence import relations
from derive.opinion.notation import digest, text
from derive.opinion.points import Frame, Point, largest, ordered, points
from derive.opinion.preparation import Prepared, framed, hidden_rooms, prepared, within
from derive.opinion.scalars import Scalar, Unreadable
from derive.opinion.statement import Statement
from derive.opinion.worlds import Exhausted, Undefined, World

# Nodes that residues know by nothing but that they are functions: what fails for them may still be true.
FREE_ATOMS = {"log": "a logarithm", "root": "a square root", "abs": "an absolute value", "max": "a maximum",
              "cond": "a choice by sign", "power": "a power that is not whole"}
MOST_POINTS, MOST_WORK, MOST_DECIMAL, DECIMAL_POINTS, DECIMAL_TRIALS, DRAWS = 1500, 400_000, 300, 12, 16, 6
# Digits carried, and those of a second look at what seems to differ: cancellation goes away, a difference stays.
DIGITS, MORE_DIGITS, AGREEING = 60, 400, Decimal("1e-35")


@dataclass(frozen=True)
class Opinion:
    """Agreement. sizes: axis -> the sizes tried; trials: how often at each point; points: how many points; error_bound:
    the probability that a false statement agrees, or None where none is proved; weaker: "" where agreement settles
    every size, else which weaker check was made, in words; tried: the points themselves."""

    sizes: dict[str, tuple[int, ...]]
    trials: int
    points: int
    error_bound: float | None
    weaker: str = ""
    tried: tuple[Point, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Disagreement:
    """A point at which the sides differ. sizes, env and images say where; left, right: both values as text."""

    statement: str
    seed: str
    sizes: dict[str, int]
    positions: dict[str, int]
    images: dict[str, tuple[int, ...]]
    left: str
    right: str
    modulus: int

    def __str__(self) -> str:
        where = "decimals" if not self.modulus else f"residues modulo {self.modulus}"
        return (f"at sizes {self.sizes}, positions {self.positions}, maps {self.images}, seed {self.seed!r}: left = "
                f"{self.left}, right = {self.right} ({where}); statement {self.statement}")


@dataclass(frozen=True)
class NoOpinion:
    """Nothing could be tried, and why. unmet: points were looked for, and at none did the hypotheses hold."""

    reason: str
    unmet: bool = False


Finding = Opinion | Disagreement | NoOpinion


def examine(statement: Statement, trials: int = 1) -> Finding:
    """Whether both sides agree wherever that settles the statement, or a point at which they differ."""
    try:
        subject = _Subject(statement, prepared(statement), digest(statement), trials)
        return _bounded(subject) if statement.relation == "<=" else _equal(subject)
    except (Unreadable, Stuck) as failure:
        return NoOpinion(str(failure))


@dataclass(frozen=True, eq=False)
class _Subject:
    statement: Statement
    parts: Prepared
    name: str
    trials: int

    def disagreement(self, seed: str, point: Point, left: Any, right: Any, modulus: int) -> Disagreement:
        positions = {name: point.env[slot] for (name, _), slot in self.parts.reader.names.items()}
        named = set(self.parts.reader.names.values())
        entry = [v for s, v in sorted(point.env.items()) if s not in named]
        positions.update({f"entry {k}": v for k, v in enumerate(entry)})
        return Disagreement(text(self.statement), seed, point.sizes, positions,
                            {m.name: v for m, v in point.images.items()}, str(left), str(right), modulus)


@dataclass(frozen=True)
class _Run:
    """What residues gave: the points tried, the first point at which the sides differ, points without a value, the
    bound on the error of one trial, what could not be shown of it."""

    tried: list[Point]
    differs: Disagreement | None = None
    undefined: int = 0
    bound: float | None = None
    doubt: str = ""


def _equal(subject: _Subject) -> Finding:
    p, doubts = subject.parts, [subject.parts.narrowed] if subject.parts.narrowed else []
    levels = max((n.level for n in (p.difference, *(c for _, c in p.checks))), default=0)
    if quick := _quick(subject, levels):
        return quick
    frame, rooms, atoms = _frame(p), None, within((p.difference,))
    try:
        frame, atoms = framed(p)
        rooms = hidden_rooms(p, frame, atoms, levels)
    except Stuck as failure:
        frame = _widened(frame, 2) if frame else None
        doubts.append(f"{failure}: tried at these sizes only")
    if frame is None or levels > HEIGHT:
        return _decimal(subject, frame, "too deep or too entangled for residues")
    run = _residues(subject, frame, atoms, rooms, levels)
    if run.differs and rooms is not None:
        doubts.append("exponents tried at these sizes only")
        frame = _widened(frame, 2)
        run = _residues(subject, frame, atoms, None, levels)
    kinds = sorted({FREE_ATOMS[n.op] for n in atoms if n.op in FREE_ATOMS})
    if run.differs and (kinds or p.narrowed):
        return _decimal(subject, frame, ", ".join(kinds) or p.narrowed)
    if run.differs:
        return run.differs
    if run.undefined == len(run.tried):
        return _decimal(subject, frame, "no residues at which both sides have a value")
    if run.undefined:
        doubts.append(f"no value, or too much work, at {run.undefined} of {len(run.tried)} points")
    if run.doubt:
        doubts.append(run.doubt)
    if kinds or p.signs or p.narrowed:
        real = _decimal(subject, frame, "", trials=2)  # residues know no order: whether there is a real point at all
        if not isinstance(real, Opinion):
            return real
    bound = None if doubts or run.bound is None else run.bound**subject.trials
    return Opinion(_sizes(run.tried), subject.trials, len(run.tried), bound, "; ".join(doubts),
                   tuple(run.tried))


def _quick(subject: _Subject, levels: int) -> Opinion | None:
    """Agreement at fewer points, axes without positions among them: what fails there is looked at again."""
    p = subject.parts
    if p.narrowed or p.signs or levels > HEIGHT:
        return None
    try:
        frame, atoms = framed(p, empty_axes=True)
        rooms = hidden_rooms(p, frame, atoms, levels)
    except Stuck:
        return None
    if any(n.op in FREE_ATOMS for n in atoms):
        return None
    run = _residues(subject, frame, atoms, rooms, levels)
    if run.differs or run.undefined or run.doubt or run.bound is None or not run.tried:
        return None
    return Opinion(_sizes(run.tried), subject.trials, len(run.tried), run.bound**subject.trials, "", tuple(run.tried))


def _frame(p: Prepared) -> Frame | None:
    """Sizes to try where the argument gives none: one and two beyond what is free."""
    axes = ordered(set(p.axes), p.maps)
    return None if axes is None else Frame(axes, p.free, p.maps, dict.fromkeys(axes, 2), p.conditions)


def _sizes(tried: list[Point]) -> dict[str, tuple[int, ...]]:
    axes = tried[0].sizes if tried else {}
    return {a: tuple(sorted({q.sizes[a] for q in tried})) for a in axes}


# --- residues ---------------------------------------------------------------------------------------------------------


def _residues(subject: _Subject, frame: Frame, atoms: tuple[Scalar, ...], rooms: list[dict[str, int]] | None,
              levels: int) -> _Run:
    p = subject.parts
    most = {axis: max(1, size) for axis, size in largest(frame).items()}
    degree, bits = _degree(p.difference, most)
    below = [_degree(a, rooms[-1] if rooms else most) for n in atoms for a in n.args]
    primes = tower(int(max(bits, *(b for _, b in below)) if below else bits) + 1)
    doubt = "" if primes else "coefficients that may exceed the primes"
    primes = primes or TOWERS[-1]
    tried: list[Point] = []
    undefined, weight, count, work = 0, 1, 1, 0
    for number, point in enumerate(islice(points(frame), MOST_POINTS + 1)):
        if number == MOST_POINTS or work > MOST_WORK:
            doubt = doubt or f"the first {number} points only"
            break
        tried.append(point)
        for trial in range(subject.trials):
            seed = f"{subject.name}/{number}/{trial}"
            found = _at(subject, point, rooms, levels, primes, seed)
            if found is None:
                undefined += 1
                break
            world, left, right = found
            work += world.work
            if left != right:
                return _Run(tried, subject.disagreement(seed, point, left, right, world.prime))
            if point.maximal and not trial and levels and not doubt:
                again = _tower(p, point, rooms, levels, primes, Random(seed + "/again"))
                heavier, doubt = relations(world, again)
                weight, count = max(weight, heavier), max(count, len(world.exponents))
    lower = max((d for d, _ in below), default=0) * count * count
    return _Run(tried, None, undefined, 2.0 * (degree * weight + lower) / primes[0] if not doubt else None, doubt)


def _degree(node: Scalar, sizes: dict[str, int]) -> tuple[float, float]:
    """The degree of the cleared numerator and denominators, and the binary logarithm of the sum of coefficients."""
    cleared = Clearing(None, sizes).of(node)
    if cleared is None:
        return 0, 0
    weights = [cleared.weight, *((d.power * d.weight[0], d.power * d.weight[1]) for d in cleared.below.values())]
    return sum(w[0] for w in weights), max(w[1] for w in weights)


def _tower(p: Prepared, point: Point, rooms: list[dict[str, int]] | None, levels: int, primes: tuple[int, ...],
           random: Random) -> World:
    """The world of a point, and under it those of exponents, each with residues of its own."""
    world: World | None = None
    for level in range(levels, -1, -1):
        sizes = rooms[level - 1] if rooms and level else point.sizes
        images = _extended(p, point, sizes) if rooms and level else point.images
        world = World(p.reader, sizes, images, random, primes[levels - level], world, bool(rooms and level))
    if world is None:
        raise Undefined("no world")
    return world


def _extended(p: Prepared, point: Point, sizes: dict[str, int]) -> dict[Any, tuple[int, ...]]:
    """Maps on more positions than the point has: what is new is gathered from places of its own."""
    found, used = {}, dict(point.sizes)
    for mapping in p.maps:
        more = sizes[mapping.source] - point.sizes[mapping.source]
        start = used[mapping.target]
        used[mapping.target] = start + more
        found[mapping] = (*point.images[mapping], *range(start, start + more))
    return found


def _at(subject: _Subject, point: Point, rooms: list[dict[str, int]] | None, levels: int, primes: tuple[int, ...],
        seed: str) -> tuple[World, int, int] | None:
    """Both sides at a point, drawn again where something divides by 0."""
    for draw in range(DRAWS):
        world = _tower(subject.parts, point, rooms, levels, primes, Random(f"{seed}/{draw}"))
        try:
            if subject.parts.narrowed and not _satisfied(subject.parts, world, point.env):
                continue
            left, right = (world.at(side, point.env) for side in subject.parts.sides)
            return world, left, right
        except Undefined:
            continue
        except Exhausted:
            return None
    return None


def _satisfied(p: Prepared, world: World, env: dict[int, int]) -> bool:
    return all(_close(world.at(node, {**env, **at}), 0, world.prime)
               for slots, node in p.checks for at in _everywhere(slots, world.sizes))


def _everywhere(slots: tuple[tuple[int, str], ...], sizes: dict[str, int]) -> Iterator[dict[int, int]]:
    if not slots:
        yield {}
        return
    for position in range(sizes[slots[0][1]]):
        for rest in _everywhere(slots[1:], sizes):
            yield {slots[0][0]: position, **rest}


def _close(left: Any, right: Any, prime: int) -> bool:
    if prime:
        return (left - right) % prime == 0
    return abs(left - right) <= AGREEING * max(1, abs(left), abs(right))


# --- decimals ---------------------------------------------------------------------------------------------------------


def _decimal(subject: _Subject, frame: Frame | None, why: str, trials: int = 0) -> Finding:
    """Both sides in decimals of 50 digits, at real points of moderate sizes: two beyond what is free, at least."""
    if frame is None:
        return NoOpinion("maps that go round in a circle")
    with localcontext() as context:
        context.prec = DIGITS
        tried: list[Point] = []
        few = _spread(_widened(frame, 2))
        every = few * -(-DECIMAL_TRIALS // max(1, len(few)))
        for number, point in enumerate(every):
            found = _decimal_at(subject, point, f"{subject.name}/decimals/{number}")
            if trials and len(tried) >= trials:
                break
            if isinstance(found, Disagreement):
                return found
            tried += [point] if found else []
    if not tried:
        return NoOpinion("no point was found at which both sides are defined and the hypotheses hold", unmet=True)
    return Opinion(_sizes(tried), 1, len(tried), None, f"{why}: 50-digit decimals at {len(tried)} points",
                   tuple(tried))


def _widened(frame: Frame, least: int) -> Frame:
    return replace(frame, bound={axis: max(count, least) for axis, count in frame.bound.items()})


def _spread(frame: Frame) -> list[Point]:
    """A few points, from the smallest to the largest."""
    every = list(islice(points(frame), MOST_DECIMAL))
    step = max(1, (len(every) - 1) // (DECIMAL_POINTS - 1)) if len(every) > 1 else 1
    return [*every[::step][:DECIMAL_POINTS - 1], every[-1]] if every else []


def _decimal_at(subject: _Subject, point: Point, seed: str) -> Disagreement | bool:
    """Whether there was a value; both agree then."""
    p = subject.parts
    for draw in range(40):
        try:
            values = _real_sides(p, point, f"{seed}/{draw}", draw % 2 == 1)
            if values is None:
                continue
            if not _close(*values, 0):
                with localcontext() as context:
                    context.prec = MORE_DIGITS
                    values = _real_sides(p, point, f"{seed}/{draw}", draw % 2 == 1) or values
        except Undefined:
            continue
        except Exhausted:
            return False
        return True if _close(*values, 0) else subject.disagreement(f"{seed}/{draw}", point, *values, 0)
    return False


def _real_sides(p: Prepared, point: Point, seed: str, positive: bool) -> tuple[Decimal, Decimal] | None:
    """Both sides at a real point, or None where a hypothesis fails there."""
    world = World(p.reader, point.sizes, point.images, Random(seed), 0)
    world.positive = positive
    if not _satisfied(p, world, point.env) or not _signed(p, world, point.env):
        return None
    return world.at(p.sides[0], point.env), world.at(p.sides[1], point.env)


def _signed(p: Prepared, world: World, env: dict[int, int]) -> bool:
    for node, relation in p.signs:
        value = world.at(node, env)
        if not (value > 0 if relation == ">" else value >= 0 if relation == ">=" else value < 0):
            return False
    return True


# --- bounds -----------------------------------------------------------------------------------------------------------


def _bounded(subject: _Subject) -> Finding:
    """left <= right at every size up to 5, in whole numbers where the sides are such."""
    p = subject.parts
    frame = _frame(p)
    if frame is None or p.free:
        return NoOpinion("a bound between tensors")
    tried: list[Point] = []
    for point in islice(points(Frame(frame.axes, {}, (), dict.fromkeys(frame.axes, 5), ())), MOST_POINTS):
        world = World(p.reader, point.sizes, {}, Random(0), 0)
        try:
            left, right = (world.at(side, {}) for side in p.sides)
        except Undefined:
            continue
        if left > right:
            return subject.disagreement("bound", point, left, right, 0)
        tried.append(point)
    if not tried:
        return NoOpinion("no sizes at which both sides have a value")
    return Opinion(_sizes(tried), 1, len(tried), None, f"a bound: tried at {len(tried)} choices of sizes up to 5",
                   tuple(tried))
