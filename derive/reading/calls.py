"""Functions applied: those known by name, those a document or an exercise defines, losses, probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.components import Axis, IndexLike
from derive.reading.arithmetic import read_product
from derive.reading.combining import Values, or_none, rational, scripted, some
from derive.reading.functions import FUNCTIONS, SLOPES, argument_of, plain
from derive.reading.losses import expect_arguments, is_parameters
from derive.reading.spelling import LOSSES, bare, base_name, loss_kind, spelled
from derive.reading.subscripts import pick_entries
from derive.reading.syntax import Call, Derivative, Given, Group, Infix, Name, Node, Range, Relation, Script
from derive.reading.trees import renamed_apart
from derive.reading.values import Mistyped, Unknown, Unsupported, derivatives, each_entry, raised

if TYPE_CHECKING:
    from derive.reading.elaboration import Definition, Elaboration


def read_call(reader: Elaboration, node: Call) -> Values:
    function = node.function
    if isinstance(function, Derivative) and function.operand is not None:
        inside = Call(function.operand, node.argument, node.span)
        return reader.read(Derivative(function.symbol, function.form, inside, function.variables,
                                          function.applied, function.order, function.damage, node.span))
    if isinstance(function, Name) and function.base not in LOSSES and isinstance(node.argument, Group) and (
            reader.declared(function)):
        return read_product(reader, Infix(("",), (function, node.argument), node.span))
    power = None
    if isinstance(function, Script) and function.sup is not None and spelled(function) not in reader.functions:
        power = rational(function.sup)
        if power is None or power < 0:
            raise Unsupported(f"the superscript of {spelled(function)}")
        function = scripted(function.base, function.sub, None, function.primes, function)
    found = _applied(reader, function, node)
    return found if power is None else some(lambda v: raised(v, power), found)


def _applied(reader: Elaboration, function: Node, node: Call) -> Values:
    primes = function.primes if isinstance(function, Script) else 0
    key = spelled(function).rstrip("'")
    if key in reader.functions and not _abstract(reader, key, node):
        return _defined(reader, reader.functions[key], node, primes)
    kind = loss_kind(function)
    if kind is not None:
        return read_loss(reader, kind, node, spelled(function))
    name = base_name(function)
    word = spelled(name).lower() if name is not None else ""
    if word in ("p", "pr") and "p" in reader.world.functions:
        return read_probability(reader, node)
    if word in reader.world.functions:
        return _worldly(reader, word, node, primes)
    rule = FUNCTIONS.get(word)
    if rule is None:
        reader.unknown.add(key)
        raise Unknown(f"the function {key}")
    if isinstance(function, Script) and function.sub is not None:
        whole = Call(function.base, node.argument, node.span)
        return pick_entries(reader, read_call(reader, whole), function.sub, node)
    if primes:
        return _slope(reader, word, node, primes)
    return rule(reader, node)


def _abstract(reader: Elaboration, key: str, node: Call) -> bool:
    """Whether the exercise's f(w, v) is meant, where the document has an f(x) of its own."""
    return len(reader.functions[key].parameters) == 1 < len(node.arguments) and key in reader.world.functions


def _defined(reader: Elaboration, definition: Definition, node: Call, primes: int) -> Values:
    if len(definition.parameters) != len(node.arguments):
        raise Mistyped(f"{len(node.arguments)} arguments for {len(definition.parameters)} parameters")
    values = [reader.read(argument) for argument in node.arguments]
    if primes:
        return _derived(reader, definition, values[0], primes)
    return _substituted(reader, definition, values)


def _substituted(reader: Elaboration, definition: Definition, values: list[Values]) -> Values:
    before = reader.local
    reader.local = {**before, **{p: tuple(v) for p, v in zip(definition.parameters, values, strict=True)}}
    functions, reader.functions = reader.functions, {
        key: d for key, d in reader.functions.items() if d is not definition}
    taken = {index.name for several in values for value in several for index in value.term.free}
    try:
        return reader.read(renamed_apart(definition.body, taken))
    finally:
        reader.local, reader.functions = before, functions


def _derived(reader: Elaboration, definition: Definition, values: Values, primes: int) -> Values:
    """f'(x) for a function the document defines."""
    found: Values = []
    for value in values:
        if primes > 1 or value.rank or value.term.op != "tensor":
            raise Unsupported("the prime of a function at anything but a scalar variable")
        for body in _substituted(reader, definition, [[value]]):
            found += derivatives(body, value)
    return found


def _slope(reader: Elaboration, word: str, node: Call, primes: int) -> Values:
    if primes > 1 or word not in SLOPES:
        raise Unsupported(f"the prime of {word}")
    return [each_entry(SLOPES[word], v) for v in reader.read(argument_of(node)) if plain(v)]


def _worldly(reader: Elaboration, word: str, node: Call, primes: int) -> Values:
    function = reader.world.functions[word]
    arguments = node.arguments
    if len(arguments) == 1:
        values = reader.read(arguments[0])
        if not primes:
            return [r for v in values for r in function(v)]
        return [d for v in values for r in function(v) for d in derivatives(r, v)]
    if "w" not in reader.world.maps:
        raise Unknown(f"the function {word} of {len(arguments)} arguments")
    return apply_formally(reader, function, arguments)


def apply_formally(reader: Elaboration, function: Callable[..., Values], arguments: tuple[Node, ...]) -> Values:
    """An abstract loss F(w, v) or F(v, w, U): one argument is a word, one a vector."""
    found: Values = []
    axis = next(m.target for m in reader.world.maps["w"])
    for word in arguments:
        for vector in arguments:
            if vector is word or not all(
                    is_parameters(each, reader) for each in arguments if each not in (word, vector)):
                continue
            ats = or_none(_words, reader, word, axis)
            vectors = [v for v in or_none(reader.read, vector) if v.rank == 1]
            found += [r for at in ats for v in vectors for r in function(at, v)]
    if not found:
        raise Unknown(f"the arguments {', '.join(map(spelled, arguments))}")
    return found


def _words(reader: Elaboration, node: Node, axis: Axis) -> list[IndexLike]:
    name = base_name(node)
    if name is not None and spelled(name) in reader.world.gathers:
        return []
    return reader.indices(node, axis)


def read_loss(reader: Elaboration, kind: str, node: Call | None, said: str) -> Values:
    """A loss with its arguments, as far as the world knows it."""
    reader.touched.add("J")
    arguments = node.arguments if node is not None else ()
    abstract = reader.world.window is not None and kind not in ("skipgram", "cbow")
    if abstract and 2 <= len(arguments) <= 3 and not any(isinstance(a, Range) for a in arguments):
        return apply_formally(reader, reader.world.functions["j_abstract"], arguments)
    found = reader.lookup(said)
    if not found and reader.world.loss is not None:
        found = reader.world.loss(kind, arguments)
    if not found:
        raise Unknown(f"the loss {said}")
    expect_arguments(arguments, found, reader, said)
    return found


def read_probability(reader: Elaboration, node: Call) -> Values:
    """p(o | c): the probability of a word."""
    body = node.argument.body if isinstance(node.argument, Group) else node.argument
    word = bare(body)
    if isinstance(word, Given):
        word = bare(word.left)
    elif isinstance(word, Infix) and "/" in word.operators:
        word = word.operands[0]
    if isinstance(word, Relation):
        word = word.operands[-1]
    name = base_name(word)
    if isinstance(word, Script) and name is not None and name.base in ("u", "mu", "w") and word.sub is not None:
        word = word.sub
    axis = next((axis for axis in reader.axes() if axis.name == "V"), None)
    if axis is None:
        raise Unknown("a probability")
    return [v for at in reader.indices(word, axis) for v in reader.world.functions["p"](at)]


__all__ = ["apply_formally", "read_call", "read_loss", "read_probability"]
