"""A document's own definitions of results that a setting brings along: `a_2 = \\sigma(z_2)` where it has a softmax.

The name is the document's, so what it says counts: the setting is built again upon it, its loss included. Names the
exercise itself uses (`\\hat y`, `h`) are not the document's to define; what contradicts those is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from derive.reading.elaboration import Definition, Elaboration
from derive.reading.parsing import Chain
from derive.reading.settings.network import ORDER, network_world
from derive.reading.settings.world import World
from derive.reading.spelling import bare, base_name, spelled
from derive.reading.steps import Scope, judge_step, reader
from derive.reading.syntax import Call, Derivative, Group, Infix, Name, Node, Script, walk
from derive.reading.values import names_in
from derive.terms import Term, tensor

Layers = tuple[tuple[str, Node], ...]
"""The results a document defined, in order: which, and the side that defines it."""


@lru_cache(maxsize=64)
def network_of(vectors: str, hidden: str, layers: Layers) -> World:
    """The network with results as the document defines them. One that cannot be read with vectors lying so is a
    variable of its own, never what the setting says."""
    world, given = network_world(vectors, hidden), dict[str, Term]()
    for layer, body in layers:
        term = _meant(layer, body, world)
        axes = _result(world, layer).axes
        given[layer] = term if term is not None else tensor(f"{layer} of the document", *axes)
        world = network_world(vectors, hidden, given)
    return world


def layer_of(left: Node, right: Node, world: World) -> str | None:
    """The result of the setting that an equation defines in a way of its own; None if it defines none."""
    layer = world.layers.get(spelled(bare(left))) if isinstance(bare(left), Name | Script) else None
    if layer is None or _meant(layer, right, world) is None:
        return None
    return layer


@dataclass(frozen=True)
class OwnFunctions:
    """Functions a setting has, `f`, that the document defines in a way of its own, wherever in it.

    meant: what they are; defining: the sides that introduce them; torn: why what is said of a function cannot be
    decided, since it is defined in several ways, or in one that cannot be read.
    """

    meant: Mapping[str, Definition] = field(default_factory=dict)
    defining: tuple[Node, ...] = ()
    torn: Mapping[str, str] = field(default_factory=dict)

    def introduces(self, left: Node) -> bool:
        """Whether this very side introduces a function."""
        return any(each is left for each in self.defining)

    def torn_in(self, *sides: Node) -> str:
        """Why nothing can be said of these sides; empty if it can."""
        if not self.torn:
            return ""
        used = {spelled(each) for side in sides for each in walk(side) if isinstance(each, Name)}
        used |= {spelled(base_name(each.function)) for side in sides for each in walk(side) if isinstance(each, Call)}
        return next((why for key, why in self.torn.items() if key in used), "")


def own_functions(several: Sequence[Chain], worlds: Sequence[World], scope: Scope) -> OwnFunctions:
    """The functions of one letter that the document defines otherwise than the worlds do."""
    meant, torn, defining = dict[str, Definition](), dict[str, str](), list[Node]()
    for key, said in _said_of_functions(several, worlds, scope).items():
        world = next(w for w in worlds if key in w.functions)
        if all(_agrees(left, body, world, scope) for left, _, body in said):
            continue
        left, parameter, body = said[0]
        made = Definition((parameter,), body)
        own = replace(scope, functions={**scope.functions, key: made})
        if not _readable(left, world, own):
            torn[key] = f"the document's own {key} could not be read"
        elif not all(_agrees(again, other, world, own) for again, _, other in said[1:]):
            torn[key] = f"the document defines {key} in several ways"
        else:
            meant[key] = made
            defining.append(left)
    return OwnFunctions(meant, tuple(defining), torn)


def _said_of_functions(several: Sequence[Chain], worlds: Sequence[World], scope: Scope
                       ) -> dict[str, list[tuple[Node, str, Node]]]:
    """By function, what the first equations of chains say it is: the side, its letter, and the other side."""
    found: dict[str, list[tuple[Node, str, Node]]] = {}
    for chain in several:
        first = next(iter(chain.steps()), None)
        if first is None or first[0].statement.conditions or first[2].statement.conditions:
            continue
        left, body = first[0].operand, first[2].operand
        function, parameters = application(bare(left))
        key = spelled(function) if function is not None else ""
        about = any(isinstance(each, Derivative) or spelled(each) == key for each in walk(body)
                    if isinstance(each, Derivative | Name | Script))
        if (first[1].text in ("=", ":=", "\\equiv") and len(parameters) == 1 and len(key) == 1 and not about
                and key not in scope.functions and any(key in w.functions for w in worlds)):
            found.setdefault(key, []).append((left, spelled(parameters[0]), body))
    return found


def _agrees(left: Node, right: Node, world: World, scope: Scope) -> bool:
    return judge_step(left, right, world, scope).proved


def _readable(node: Node, world: World, scope: Scope) -> bool:
    try:
        return bool(reader(world, scope).read(node))
    except Exception:  # what cannot be read is no meaning
        return False


def application(node: Node) -> tuple[Node | None, tuple[Node, ...]]:
    """`f(x)` with letters as arguments: the function and its parameters."""
    if isinstance(node, Infix) and node.operators == ("(",) and isinstance(node.operands[1], Group):
        node = Call(node.operands[0], node.operands[1], node.span)
    if not isinstance(node, Call) or base_name(node.function) is None:
        return None, ()
    if isinstance(node.function, Script) and (node.function.primes or node.function.sup is not None):
        return None, ()
    if not all(isinstance(bare(a), Name | Script) for a in node.arguments):
        return None, ()
    return node.function, tuple(bare(a) for a in node.arguments)


def _meant(layer: str, body: Node, world: World) -> Term | None:
    """What a side says of a result, if it is of the right shape and made of what stands before it."""
    if any(isinstance(each, Derivative) or (isinstance(each, Script) and each.primes) for each in walk(body)):
        return None
    try:
        values = Elaboration(world).read(body)
    except Exception:  # what cannot be read defines nothing
        return None
    later = set(ORDER[ORDER.index(layer):])
    for value in values:
        usable = value.term.axes == _result(world, layer).axes and not value.term.free and not value.offered
        if usable and not later & {symbol.name for symbol in names_in(value.term)}:
            return value.term
    return None


def _result(world: World, layer: str) -> Term:
    name = next(spelled for spelled, each in world.layers.items() if each == layer)
    return world.names[name][0].term


__all__ = ["Layers", "OwnFunctions", "application", "layer_of", "network_of", "own_functions"]
