"""A statement made ready: its difference as a node, what its hypotheses become, and where it has to be tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.opinion.cutoff import Clearing, Stuck, depth_inside, walk
from derive.opinion.points import Condition, Frame, largest, ordered
from derive.opinion.scalars import ATOMS, Key, Reader, Scalar, Spot, Unreadable
from derive.opinion.statement import Given, Map, Place, Statement, Tree, trees_of


@dataclass(frozen=True)
class Prepared:
    """difference: left - right at an entry; sides: the two; conditions: hypotheses on positions; checks: per equation
    its positions (slot, axis) and its difference; signs: scalar nodes and relations; narrowed: what a construction
    assumes beyond a hypothesis, in words; axes: all of them."""

    reader: Reader
    difference: Scalar
    sides: tuple[Scalar, Scalar]
    free: dict[int, str]
    maps: tuple[Map, ...]
    axes: frozenset[str]
    conditions: tuple[Condition, ...]
    checks: tuple[tuple[tuple[tuple[int, str], ...], Scalar], ...]
    signs: tuple[tuple[Scalar, str], ...]
    narrowed: str


def prepared(statement: Statement) -> Prepared:
    """The statement taken apart.

    Unreadable: an operation or a nesting outside what is read here.
    """
    made, narrowed = constructions(statement.hypotheses)
    reader = Reader(statement, made)
    names = sorted({(p.name, p.axis) for p in free_places(statement, tuple(made.values()))})
    slot = reader.top + 1
    entry: tuple[Spot, ...] = tuple((slot + k, ()) for k in range(len(statement.left.axes)))
    free = {slot + k: axis for k, axis in enumerate(statement.left.axes)}
    for name in names:
        reader.names[name] = slot + len(free)
        free[slot + len(free)] = name[1]
    sides = (reader.read(statement.left, entry, reader.names, reader.closed),
             reader.read(statement.right, entry, reader.names, reader.closed))
    conditions, checks, signs = [], [], []
    for given in statement.hypotheses:
        if given.kind in ("same", "distinct", "injective", "avoids"):
            conditions.append(_condition(reader, given))
        elif given.kind == "sign":
            signs.append((reader.read(given.parts[0], (), reader.names, reader.closed), given.parts[1]))
        else:
            checks.append(_check(reader, given, slot + len(free)))
    maps = tuple(sorted(set(_maps(statement)), key=str))
    return Prepared(reader, reader.add(sides[0], reader.neg(sides[1])), sides, free, maps,
                    frozenset((*_axes(statement, made), *free.values(), *(a for m in maps for a in
                                                                          (m.source, m.target)))),
                    tuple(conditions), tuple(checks), tuple(signs), narrowed)


def _condition(reader: Reader, given: Given) -> Condition:
    mapping = given.parts[0] if isinstance(given.parts[0], Map) else None
    return Condition(given.kind, mapping, tuple(reader.spot(p, reader.names) for p in given.parts
                                                if isinstance(p, Place)))


def _check(reader: Reader, given: Given, slot: int) -> tuple[tuple[tuple[int, str], ...], Scalar]:
    left, right = given.parts[0], given.parts[1]
    at = tuple((slot + k, ()) for k in range(len(left.axes)))
    sides = [reader.read(t, at, reader.names, reader.closed) for t in (left, right)]
    return tuple(zip((s for s, _ in at), left.axes, strict=True)), reader.add(sides[0], reader.neg(sides[1]))


def constructions(hypotheses: tuple[Given, ...]) -> tuple[dict[Key, Tree], str]:
    """For each tensor that an equation determines, the tree it is made by; and what that assumes beyond it."""
    made: dict[Key, Tree] = {}
    narrowed = ""
    for given in hypotheses:
        if given.kind != "equation":
            continue
        own = _normalised(given) or _equal(given) or _one_entry(given)
        if own is None:
            own = tuple(((name, axes), tree) for name, axes, tree in given.parts[2])
            narrowed = "an equation is tried only where its sample makes it hold"
        made.update(own)
    if any(_reaches(tree, key, made, 9) for key, tree in made.items()):
        raise Unreadable("hypotheses that determine each other")
    return made, narrowed


def _normalised(given: Given) -> tuple[tuple[Key, Tree], ...] | None:
    """y = z / sum z where the entries of y, or of every row of y, sum to 1: every such y is one, with complex z."""
    left, right = given.parts[0], given.parts[1]
    if left.op == "total" and left.args[0].op == "tensor" and right == Tree("number", (Fraction(1),), ()):
        y = left.args[0]
        z = Tree("tensor", (y.args[0] + " before its sum is 1", ), y.axes)
        return (((y.args[0], y.axes), Tree("div", (z, Tree("total", (z,), ())), y.axes)),)
    if left.op == "matmul" and right.op == "ones" and left.args[0].op == "tensor" and left.args[1].op == "ones":
        y, ones = left.args
        if len(y.axes) != 2:
            return None
        z = Tree("tensor", (y.args[0] + " before its rows sum to 1",), y.axes)
        sums = Tree("outer", (Tree("matmul", (z, ones), y.axes[:1]), ones), y.axes)
        return (((y.args[0], y.axes), Tree("div", (z, sums), y.axes)),)
    return None


def _equal(given: Given) -> tuple[tuple[Key, Tree], ...] | None:
    """The tensor itself on the left: it is what stands on the right."""
    left, right = given.parts[0], given.parts[1]
    if left.op != "tensor" or any(t.op == "tensor" and (t.args[0], t.axes) == (left.args[0], left.axes)
                                  for t in trees_of(right)):
        return None
    return (((left.args[0], left.axes), right),)


def _one_entry(given: Given) -> tuple[tuple[Key, Tree], ...] | None:
    """One entry x[i] of a vector on the left: x is free but for that entry."""
    left, right = given.parts[0], given.parts[1]
    if left.op != "item" or left.args[0].op != "tensor" or len(left.args[0].axes) != 1:
        return None
    (name,), axes = left.args[0].args, left.args[0].axes
    if any(t.op == "tensor" and (t.args[0], t.axes) == (name, axes) for t in trees_of(right)):
        return None
    free = Tree("tensor", (name + " but for one entry",), axes)
    change = Tree("sub", (right, Tree("item", (free, left.args[1]), ())), ())
    there = Tree("mul", (change, Tree("onehot", left.args[1], axes)), axes)
    return (((name, axes), Tree("add", (free, there), axes)),)


def _reaches(tree: Tree, key: Key, made: dict[Key, Tree], depth: int) -> bool:
    inside = {(t.args[0], t.axes) for t in trees_of(tree) if t.op == "tensor"}
    return depth == 0 or key in inside or any(_reaches(made[k], key, made, depth - 1) for k in inside if k in made)


def free_places(statement: Statement, more: tuple[Tree, ...]) -> Iterator[Place]:
    """The plain places of free indices."""
    seen: set[Any] = set()
    stated = (statement.left, statement.right, *(h.parts for h in statement.hypotheses), more)
    waiting: list[tuple[Any, frozenset[tuple[str, str]]]] = [(part, frozenset()) for part in stated]
    while waiting:
        part, bound = waiting.pop()
        if isinstance(part, Place):
            if (part.name, part.axis) not in bound:
                yield Place(part.name, part.axis)
        elif isinstance(part, tuple):
            waiting += [(p, bound) for p in part]
        elif isinstance(part, Tree) and (id(part), bound) not in seen:
            seen.add((id(part), bound))
            inner = bound | {(part.args[0].name, part.args[0].axis)} if part.op == "sum" else bound
            waiting += [(p, inner) for p in part.args]


def _maps(statement: Statement) -> Iterator[Map]:
    waiting: list[Any] = [h.parts for h in statement.hypotheses]
    waiting += [t.args for t in trees_of(statement.left, statement.right, statement.hypotheses)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Map):
            yield part
        elif isinstance(part, Place):
            yield from part.maps
        elif isinstance(part, tuple):
            waiting += part


def _axes(statement: Statement, made: dict[Key, Tree]) -> Iterator[str]:
    for t in trees_of(statement.left, statement.right, statement.hypotheses, tuple(made.values())):
        yield from t.axes
        if t.op == "size":
            yield t.args[0]
        for a in t.args:
            if isinstance(a, Place):
                yield a.axis


def framed(p: Prepared, empty_axes: bool = False) -> tuple[Frame, tuple[Scalar, ...]]:
    """Where the statement has to be tried so that agreement settles every size, and the atoms that are read there.

    empty_axes: whether to try axes at size 0, where nothing is divided by a sum over them.
    Stuck: it falls outside the argument.
    """
    axes = ordered(set(p.axes), p.maps)
    if axes is None:
        raise Stuck("maps that go round in a circle")
    bound = dict.fromkeys(axes, 0)
    settled: dict[str, int] = {}
    read: dict[int, Scalar] = {}
    empty = set[str]()
    while len(settled) < len(axes):
        failures = []
        for axis in axes:
            if axis in settled or any(m.source not in settled for m in p.maps if m.target == axis):
                continue
            clearing = Clearing(axis, settled)
            try:
                cleared = clearing.of(p.difference)
            except Stuck as failure:
                failures.append(failure)
                continue
            read = clearing.read
            bound[axis] = int(cleared.weight[0]) if cleared else 0
            if empty_axes and (cleared is None or not cleared.below):
                empty.add(axis)
            settled[axis] = max(1, largest(Frame(axes, p.free, p.maps, bound, (), frozenset(empty)))[axis])
            break
        else:
            raise failures[0]
    if not axes:
        (clearing := Clearing("", {})).of(p.difference)
        read = clearing.read
    return Frame(axes, p.free, p.maps, bound, p.conditions, frozenset(empty)), within(tuple(read.values()))


def within(read: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """The atoms, and those whose value stands inside one of them."""
    return tuple(n for n in walk(*read) if n.op in ATOMS)


def hidden_rooms(p: Prepared, frame: Frame, atoms: tuple[Scalar, ...], levels: int) -> list[dict[str, int]]:
    """The sizes of the worlds below the first, from the first of them on.

    Stuck: what an exponent is at one size does not tell what it is at every size.
    """
    depth = {axis: max((depth_inside(a, axis) for a in atoms), default=0) for axis in frame.axes}
    found, sizes = [], {axis: max(1, size) for axis, size in largest(frame).items()}
    for _ in range(levels):
        sizes = {axis: size + depth[axis] for axis, size in sizes.items()}
        for mapping in sorted(p.maps, key=lambda m: frame.axes.index(m.source)):
            sizes[mapping.target] += sizes[mapping.source] if depth[mapping.source] else 0
        found.append(sizes)
    return found
