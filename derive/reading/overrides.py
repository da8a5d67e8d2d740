"""A document's own definitions of results that a setting brings along: `a_2 = \\sigma(z_2)` where it has a softmax.

The name is the document's, so what it says counts: the setting is built again upon it, its loss included. Names the
exercise itself uses (`\\hat y`, `h`) are not the document's to define; what contradicts those is wrong.
"""

from __future__ import annotations

from functools import lru_cache

from derive.reading.elaboration import Elaboration
from derive.reading.settings.network import ORDER, network_world
from derive.reading.settings.world import World
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Derivative, Name, Node, Script, walk
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


__all__ = ["Layers", "layer_of", "network_of"]
