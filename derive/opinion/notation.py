"""A statement as one line of JSON, and back, strictly.

An unknown operation, axes that do not fit or a text that would be printed otherwise is refused with what was expected.

    >>> x = Tree("tensor", ("x",), ("n",))
    >>> claim = Statement(Tree("total", (Tree("softmax", (x,), ("n",)),), ()), Tree("number", (Fraction(1),), ()))
    >>> parse(text(claim)) == claim
    True
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from derive.opinion.statement import Given, Map, Place, Statement, Tree


def text(statement: Statement) -> str:
    """One line of JSON, the same for equal statements."""
    return json.dumps({"left": _coded(statement.left), "right": _coded(statement.right), "relation": statement.relation,
                       "given": [[g.kind, *map(_coded, g.parts)] for g in statement.hypotheses]},
                      separators=(",", ":"), sort_keys=True)


def digest(statement: Statement) -> str:
    """SHA-256 of the text."""
    return hashlib.sha256(text(statement).encode()).hexdigest()


def parse(source: str) -> Statement:
    """The statement that a text is.

    ValueError: the text is no statement; it says what was found and what was expected.
    """
    if len(source) > LONGEST or _nesting(source) > DEEPEST:
        raise ValueError(f"a text of {len(source)} characters or nested too deeply: expected at most {LONGEST}, and "
                         f"{DEEPEST} brackets inside each other")
    try:
        found = json.loads(source)
    except ValueError as error:
        raise ValueError(f"{error}: expected one line of JSON") from None
    _expect(isinstance(found, dict) and set(found) == {"left", "right", "relation", "given"}, found,
            "the fields left, right, relation, given")
    _expect(found["relation"] in ("==", "<="), found["relation"], "== or <=")
    left, right = _tree(found["left"]), _tree(found["right"])
    _expect(left.axes == right.axes, (left.axes, right.axes), "the same axes on both sides")
    _expect(isinstance(found["given"], list), found["given"], "a list of hypotheses")
    statement = Statement(left, right, tuple(_hypothesis(g) for g in found["given"]), found["relation"])
    _expect(text(statement) == source, source, "the text as it would be printed")
    return statement


LONGEST, DEEPEST = 1_000_000, 400


def _nesting(source: str) -> int:
    depth = most = 0
    for letter in source:
        depth += (letter in "[{") - (letter in "]}")
        most = max(most, depth)
    return most


def _expect(holds: bool, found: Any, expected: str) -> None:
    if not holds:
        raise ValueError(f"{str(found)[:200]}: expected {expected}")


def _name(found: Any) -> str:
    _expect(isinstance(found, str) and 0 < len(found) <= 200, found, "a name")
    return str(found)


def _axes_of(found: Any) -> tuple[str, ...]:
    _expect(isinstance(found, list), found, "a list of axes")
    return tuple(_name(a) for a in found)


def _map(found: Any) -> Map:
    _expect(isinstance(found, dict) and set(found) == {"map", "source", "target"}, found, "a map")
    return Map(_name(found["map"]), _name(found["source"]), _name(found["target"]))


def _place(found: Any) -> Place:
    _expect(isinstance(found, dict) and set(found) == {"index", "axis", "maps"} and isinstance(found["maps"], list),
            found, "an index")
    place = Place(_name(found["index"]), _name(found["axis"]), tuple(_map(m) for m in found["maps"]))
    runs = place.axis
    for mapping in place.maps:
        _expect(mapping.source == runs, mapping, f"a map from {runs}")
        runs = mapping.target
    return place


def _number(found: Any) -> Fraction:
    shown = found.get("number") if isinstance(found, dict) and set(found) == {"number"} else None
    _expect(isinstance(shown, str) and len(shown) <= 2000 and shown.isascii(), found, "a number")
    try:
        return Fraction(str(shown))
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{str(shown)[:200]}: expected a whole number or a fraction") from None


def _tree(found: Any) -> Tree:
    _expect(isinstance(found, dict) and set(found) == {"op", "axes", "args"} and isinstance(found["args"], list),
            found, "an operation with axes and arguments")
    op, axes, args = found["op"], _axes_of(found["axes"]), found["args"]
    kinds = _ARGUMENTS.get(op) if isinstance(op, str) else None
    _expect(kinds is not None, op, f"one of {', '.join(_ARGUMENTS)}")
    if op == "parameters":
        kinds = "t" * len(args)
    _expect(kinds is not None and len(args) == len(kinds), args, f"the arguments of {op}")
    tree = Tree(op, tuple(_argument(kind, a) for kind, a in zip(kinds or "", args, strict=True)), axes)
    _expect(_fits(tree), (op, axes), f"axes that fit the arguments of {op}")
    return tree


def _argument(kind: str, found: Any) -> Any:
    if kind == "p":
        _expect(isinstance(found, list), found, "a list of indices")
        return tuple(_place(p) for p in found)
    if kind == "g":
        _expect(isinstance(found, list), found, "the slots of a function")
        return tuple(_axes_of(s) if isinstance(s, list) else _name(s) for s in found)
    if kind == "f":
        _expect(isinstance(found, list), found, "the arguments of a function")
        return tuple(_tree(a) if isinstance(a, dict) and "op" in a else _place(a) for a in found)
    if kind == "s":
        _expect(found is None or (isinstance(found, int) and not isinstance(found, bool)), found, "a slot number")
        return found
    return {"t": _tree, "i": _place, "n": _name, "q": _number}[kind](found)


# Per operation the kinds of its arguments: t tree, i index, p indices, n name, q number, g, f, s parts of a function.
_ARGUMENTS = {
    "tensor": "n", "number": "q", "size": "n", "delta": "ii", "onehot": "i", "ones": "", "zeros": "", "identity": "",
    "diag": "t", "along": "t", "transpose": "t", "item": "tp", "let": "nt", "add": "tt", "sub": "tt", "mul": "tt",
    "div": "tt", "neg": "t", "pow": "tq", "exp": "t", "log": "t", "sigma": "t", "sqrt": "t", "abs": "t", "sign": "t",
    "maximum": "tt", "where": "ttt", "outer": "tt", "matmul": "tt", "softmax": "t", "sum": "it", "total": "t",
    "norm": "t", "cross_entropy": "tt", "parameters": "", "grad": "ttp", "function": "ngfs",
}
_ELEMENTWISE = ("add", "sub", "mul", "div", "neg", "pow", "exp", "log", "sigma", "sqrt", "abs", "sign", "maximum",
                "where", "let")


def _fits(t: Tree) -> bool:
    """Whether the axes of a tree are those its arguments give it."""
    inner = [a.axes for a in t.args if isinstance(a, Tree)]
    first, last = (inner[0], inner[-1]) if inner else ((), ())
    if t.op in _ELEMENTWISE:
        return all(axes in ((), t.axes) for axes in inner) and (not t.axes or t.axes in inner)
    if t.op == "grad":
        base, fixed = t.args[1], tuple(p.runs for p in t.args[2])
        return (base.op in ("tensor", "let") and base.axes[:len(fixed)] == fixed
                and t.axes == first + base.axes[len(fixed):])
    if t.op == "item":
        fixed = tuple(p.runs for p in t.args[1])
        return bool(first[:len(fixed)] == fixed and t.axes == first[len(fixed):])
    if t.op == "function":
        return _function_fits(t)
    if t.op == "delta":
        return bool(t.axes == () and t.args[0].runs == t.args[1].runs)
    if t.op == "matmul":
        return bool(first and last and first[-1] == last[0] and t.axes == first[:-1] + last[1:])
    if t.op in ("total", "norm", "cross_entropy", "number", "size", "parameters"):
        return t.axes == () and (t.op != "cross_entropy" or first == last)
    if t.op == "sum":
        return t.axes == first and not t.args[0].maps
    wanted: dict[str, Callable[[], tuple[str, ...]]] = {
        "onehot": lambda: (t.args[0].runs,), "identity": lambda: t.axes[:1] * 2, "diag": lambda: first * 2,
        "along": lambda: t.axes[:1] + first, "transpose": lambda: first[::-1], "outer": lambda: first + last,
        "softmax": lambda: first, "tensor": lambda: t.axes, "ones": lambda: t.axes, "zeros": lambda: t.axes,
    }
    return bool(wanted[t.op]() == t.axes and (t.op not in ("identity", "diag") or len(t.axes) == 2)
                and (t.op != "softmax" or t.axes) and (t.op != "along" or t.axes))


def _function_fits(t: Tree) -> bool:
    _, signature, arguments, slot = t.args
    found = tuple(a.axes if isinstance(a, Tree) else a.runs for a in arguments)
    if found != signature:
        return False
    if slot is None:
        return t.axes == ()
    return 0 <= slot < len(signature) and isinstance(signature[slot], tuple) and t.axes == signature[slot]


_PARTS = {"same": "ii", "distinct": "ii", "injective": "m", "avoids": "mi", "sign": "tr", "equation": "tte"}


def _hypothesis(found: Any) -> Given:
    _expect(isinstance(found, list) and bool(found) and isinstance(found[0], str) and found[0] in _PARTS, found,
            f"a hypothesis, one of {', '.join(_PARTS)}")
    kinds = _PARTS[found[0]]
    _expect(len(found) == len(kinds) + 1, found, f"the parts of {found[0]}")
    return Given(found[0], tuple(_part(kind, p) for kind, p in zip(kinds, found[1:], strict=True)))


def _part(kind: str, found: Any) -> Any:
    if kind == "r":
        _expect(found in (">", ">=", "<"), found, "a sign")
        return found
    if kind == "e":
        _expect(isinstance(found, list) and all(isinstance(s, list) and len(s) == 3 for s in found), found, "samples")
        return tuple((_name(s[0]), _axes_of(s[1]), _tree(s[2])) for s in found)
    return {"i": _place, "m": _map, "t": _tree}[kind](found)


def _coded(part: Any) -> Any:
    if isinstance(part, Tree):
        return {"op": part.op, "axes": list(part.axes), "args": [_coded(a) for a in part.args]}
    if isinstance(part, Place):
        return {"index": part.name, "axis": part.axis, "maps": [_coded(m) for m in part.maps]}
    if isinstance(part, Map):
        return {"map": part.name, "source": part.source, "target": part.target}
    if isinstance(part, Fraction):
        return {"number": str(part)}
    return [_coded(p) for p in part] if isinstance(part, tuple) else part
