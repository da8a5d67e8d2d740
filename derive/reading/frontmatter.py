r"""Front matter: what an author declares, so that any derivation can be checked.

It stands between two lines `---` at the top of a document, in a small part of YAML: `key: value`, one level of
indented `key: value` lines, and `- item` lines; `#` starts a comment. Nothing in it is evaluated; formulas are LaTeX.

Logistic regression over N examples (rows of X) with D features:

    ---
    axes: N, D
    tensors:
      X: N x D
      w: D                       # a column; write `D row` for a row
      y: N
    scalars:
      b:
      lambda: > 0
    rows:
      x: X                       # x_n is row n of X, as a column
    definitions:
      z: X w + b
      p: \sigma(z)
      L: -\sum_{n=1}^N (y_n \log p_n + (1 - y_n) \log(1 - p_n))
    ---
    $$\frac{\partial L}{\partial w} = X^T (p - y)$$

The Jacobian of the softmax, over n entries:

    ---
    axes: n
    tensors:
      x: n
    definitions:
      p: \operatorname{softmax}(x)
    ---
    $$\frac{\partial p_i}{\partial x_j} = p_i (\delta_{ij} - p_j)$$

Sections:

- `setting`: one of the built-in settings, used for what the front matter leaves open; `none` for none.
- `axes`: names of axes; each name also stands for the size.
- `tensors`: name, its axes with `x` between them, and `row` or `column` for a vector.
- `scalars`: real numbers, with a range `> 0`, `>= 0`, `< 0`, `<= 0` or `in (0, 1]` if they have one.
- `rows`: a letter whose subscript `x_n`, or superscript `x^{(n)}`, picks a row of a matrix.
- `functions`: `f(x): \max(x, \alpha x)`.
- `definitions`: names for formulas, in order; each may use those before it, and can be differentiated by.
- `hypotheses`: a list: `- \sum_i y_i = 1`, `- x > 0`, `- i \ne j`.
- `conventions`: `vectors: rows` or `vectors: columns`; `layout of U: rows` or `columns`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derive.claims import Equation, Hypothesis, Sign, sums_to_one
from derive.components import Axis, Index
from derive.errors import GradproofError
from derive.reading.conditions import hypotheses
from derive.reading.elaboration import Definition, Elaboration
from derive.reading.families import placed
from derive.reading.parsing import parse
from derive.reading.positions import ReadingError
from derive.reading.settings.world import World
from derive.reading.spelling import bare, spelled
from derive.reading.syntax import Call, Condition, Group, Infix, Name, Node, Relation, Script
from derive.reading.values import COLUMN, MATRIX, ROW, SCALAR, Mistyped, Unsupported, Value, lying
from derive.terms import Term, as_term, let, size, tensor

Section = dict[str, str]
SECTIONS = ("axes", "tensors", "scalars", "rows", "functions", "definitions", "hypotheses", "conventions", "setting")
MAX_LINES = 400


@dataclass(frozen=True)
class FrontMatter:
    """What a document declares. world: None if it declares no names; pinned: conventions the author fixed.

    unread: what it assumes that could not be used, so that nothing is refuted without it.
    """

    setting: str = ""
    world: World | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    functions: dict[str, Definition] = field(default_factory=dict)
    families: dict[str, tuple[str, Node]] = field(default_factory=dict)
    pinned: dict[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def declared(text: str) -> FrontMatter:
    """What the lines of a front matter declare; what cannot be used is a finding, never an error."""
    findings: list[str] = []
    sections = _sections(text, findings)
    setting = sections.get("setting", {}).get("", "")
    pinned = {key: value for key, value in sections.get("conventions", {}).items() if key}
    if not any(sections.get(name) for name in ("axes", "tensors", "scalars", "definitions", "functions")):
        return FrontMatter(setting, pinned=pinned, findings=tuple(findings))
    made = _World(sections, pinned, findings)
    return FrontMatter(setting, made.world, tuple(made.assumed), made.functions, made.families, pinned,
                       tuple(findings), tuple(made.unread))


def _sections(text: str, findings: list[str]) -> dict[str, Section]:
    """Lines to sections; a value on the line of its section has the key "", items have numbers."""
    found: dict[str, Section] = {}
    current = ""
    for number, raw in enumerate(text.splitlines()[:MAX_LINES], 1):
        line = re.sub(r"(^|\s)#\s.*$", "", raw).rstrip()
        if not line.strip() or line.strip() in ("---", "+++"):
            continue
        top = not line[0].isspace() and not line.startswith("-")
        body = line.strip()
        if body.startswith("- "):
            found.setdefault(current, {})[str(len(found.get(current, {})))] = _unquoted(body[2:])
            continue
        key, colon, value = body.partition(":")
        if not colon:
            findings.append(f"front matter, line {number}: found {body[:40]!r}, expected `key: value`")
            continue
        if top:
            current = key.strip().lower()
            if current not in SECTIONS and value.strip() and current not in ("title", "author", "date"):
                findings.append(f"front matter: found the section {current!r}, expected one of {', '.join(SECTIONS)}")
            found.setdefault(current, {})
            if value.strip():
                found[current][""] = _unquoted(value)
        else:
            found.setdefault(current, {})[_unquoted(key)] = _unquoted(value)
    return found


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text.strip("$ ")


class _World:
    """Builds the world of a front matter, section by section."""

    def __init__(self, sections: dict[str, Section], pinned: dict[str, str], findings: list[str]) -> None:
        self.findings = findings
        self.unread: list[str] = []
        self.vectors = ROW if pinned.get("vectors", "").startswith("row") else COLUMN
        self.names: dict[str, tuple[Value, ...]] = {}
        self.gathers: dict[str, Term] = {}
        self.functions: dict[str, Definition] = {}
        self.families: dict[str, tuple[str, Node]] = {}
        self.assumed: list[Hypothesis] = []
        self.axes = {name: Axis(_plain(name)) for name in _list(sections.get("axes", {}))}
        for name, said in sections.get("tensors", {}).items():
            self._safely(name, lambda name=name, said=said: self.tensor(name, said))
        for name, said in sections.get("scalars", {}).items():
            for each in _list({"": said}) if not name else [name]:
                self._safely(each, lambda each=each, said=said if name else "": self.scalar(each, said))
        for name, axis in self.axes.items():
            self.names.setdefault(_key(name), (Value(size(axis), SCALAR),))
        for name, said in sections.get("rows", {}).items():
            self._safely(name, lambda name=name, said=said: self.row(name, said))
        for name, said in {**sections.get("functions", {}), **sections.get("definitions", {})}.items():
            self._safely(name, lambda name=name, said=said: self.definition(name, said))
        for said in sections.get("hypotheses", {}).values():
            before = len(findings)
            self._safely(said, lambda said=said: self.hypothesis(said))
            self.unread += [said] if len(findings) > before else []

    @property
    def world(self) -> World:
        """The world as far as it has been built."""
        ranges = {spelling: axis for name, axis in self.axes.items()
                  for spelling in (name, _key(name), f"|{name}|", f"dim({name})")}
        return World("the front matter", self.vectors, dict(self.names), dict(self.gathers), {}, ranges, closed=True)

    def _safely(self, what: str, build: object) -> None:
        try:
            build()  # type: ignore[operator]
        except ReadingError as error:
            self.findings.append(f"front matter, {what}: {error.message}")
        except (Mistyped, Unsupported, GradproofError, RecursionError, KeyError, ValueError) as error:
            self.findings.append(f"front matter, {what}: {error}")

    def reader(self) -> Elaboration:
        made = Elaboration(self.world, functions=self.functions)
        made.families = self.families
        return made

    def tensor(self, name: str, said: str) -> None:
        words = said.replace("\\times", " x ").replace("×", " x ").replace(",", " x ").split()
        lies = next((w for w in words if w in (ROW, COLUMN, "rows", "columns")), "")
        axes = [self.axis(w) for w in words if w not in ("x", "by", ROW, COLUMN, "rows", "columns", "vector", "matrix")]
        term = tensor(_plain(name), *axes)
        vector = {"row": ROW, "rows": ROW, "column": COLUMN, "columns": COLUMN}.get(lies, self.vectors)
        self.names[_key(name)] = (lying(term, vector),)

    def axis(self, name: str) -> Axis:
        if name not in self.axes:
            self.axes[name] = Axis(_plain(name))
        return self.axes[name]

    def scalar(self, name: str, said: str) -> None:
        term = tensor(_plain(name))
        self.names[_key(name)] = (Value(term, SCALAR),)
        found = _range(said)
        if found is None:
            self.unread.append(name)
            self.findings.append(f"front matter, {name}: found the range {said!r}, expected > 0, >= 0, < 0, <= 0 or "
                                 "in (a, b); try `in (0, 1]`")
        for sign, bound in found or ():
            difference = term - as_term(bound) if bound else term
            self.assumed.append(Sign(-difference, ">=") if sign == "<=" else Sign(difference, sign))

    def row(self, name: str, said: str) -> None:
        matrix = self.names[_key(said)][0].term
        if len(matrix.axes) != 2:
            raise ValueError(f"{said} is no matrix")
        self.gathers[_key(name)] = matrix

    def definition(self, name: str, said: str) -> None:
        node, body = bare(parse(name)), parse(said)
        function = _application(node)
        if function is not None:
            self.functions[spelled(function[0])] = Definition(function[1], body)
            return
        if isinstance(node, Script) and isinstance(node.sub, Name) and not self._reads(body):
            self.families[spelled(node.base)] = (spelled(node.sub), body)
            return
        values = self.reader().read(body)
        if values[0].term.free and isinstance(node, Script) and isinstance(node.sub, Name):
            self.families[spelled(node.base)] = (spelled(node.sub), body)
            return
        self.names[_key(name)] = tuple(
            replace(v, term=let(_plain(name), v.term)) if not v.term.free else v for v in values[:1])

    def _reads(self, body: Node) -> bool:
        try:
            return bool(self.reader().read(body))
        except (Mistyped, Unsupported, GradproofError):
            return False

    def hypothesis(self, said: str) -> None:
        node = bare(parse(said))
        if not isinstance(node, Relation) or len(node.signs) != 1:
            raise ValueError(f"found {said!r}, expected one comparison")
        if node.signs == ("=",):
            self.equation(*node.operands)
        else:
            self.assumed += hypotheses([Condition("if", node)], self.reader(), ())

    def equation(self, left: Node, right: Node) -> None:
        reader = self.reader()
        a, b = reader.read(left)[0], reader.read(right)[0]
        summed = _summed_tensor(a.term)
        if summed is not None and b.literal == 1:
            self.assumed.append(sums_to_one(summed))
        elif a.term.op == "tensor":
            self.assumed.append(Equation(a.term, b.term, ((a.term.args[0], b.term),)))
        elif a.term.free or b.term.free:
            whole, meant = _of_every_index(a.term, b.term)
            self.assumed.append(Equation(whole, meant, ((whole.args[0], meant),)))
        else:
            self.assumed.append(Equation(a.term, b.term))


def _of_every_index(entry: Term, body: Term) -> tuple[Term, Term]:
    """`x_i = y_i`, said of every i: the tensor x, and what it is."""
    whole, at = entry.args if entry.op == "item" else (entry, ())
    letters = [index for index in at if isinstance(index, Index)]
    if whole.op != "tensor" or body.axes or not len(whole.axes) == len(at) == len(letters) == len(set(letters)) < 3 or (
            not body.free <= set(letters)):
        raise Unsupported("found an equation between entries at some index; expected the tensor alone on its left")
    return whole, placed(body, letters)


def _summed_tensor(term: Term) -> Term | None:
    """y, where the term is the sum of all its entries."""
    found: Term | None = None
    if term.op == "total" and term.args[0].op == "tensor":
        found = term.args[0]
    elif term.op == "sum":
        index, body = term.args
        if body.op == "item" and body.args[0].op == "tensor" and body.args[1] == (index,):
            found = body.args[0]
    elif term.op == "matmul" and {a.op for a in term.args} == {"ones", "tensor"}:
        found = next(a for a in term.args if a.op == "tensor")
    return found


def _application(node: Node) -> tuple[Node, tuple[str, ...]] | None:
    if isinstance(node, Infix) and node.operators == ("(",) and isinstance(node.operands[1], Group):
        node = Call(node.operands[0], node.operands[1], node.span)
    if isinstance(node, Call):
        return node.function, tuple(spelled(a) for a in node.arguments)
    return None


def _list(section: Section) -> list[str]:
    found = [section[""]] if section.get("") else []
    found += [value or key for key, value in section.items() if key]
    return [name.strip("[] ") for several in found for name in re.split(r"[,;]", several) if name.strip("[] ")]


_BOUND = r"([-+]?\\?[\w.]+(?:/\d+)?)"
_INTERVAL = re.compile(rf"(?:in\s*)?([(\[])\s*{_BOUND}\s*,\s*{_BOUND}\s*([)\]])")
_ONE_SIDED = re.compile(rf"(>=|<=|>|<)\s*{_BOUND}")
_SAID = {"": (), "real": (), "number": (), "positive": ((">", Fraction(0)),), "nonnegative": ((">=", Fraction(0)),),
         "negative": (("<", Fraction(0)),)}


def _range(said: str) -> tuple[tuple[str, Fraction], ...] | None:
    """What a range says of a number, as comparisons; None if nothing that is known.

    >>> _range("in (0, 1/2]")
    (('>', Fraction(0, 1)), ('<=', Fraction(1, 2)))
    >>> _range("> 0"), _range("large")
    ((('>', Fraction(0, 1)),), None)
    """
    said = said.strip()
    if said in _SAID:
        return _SAID[said]
    found: list[tuple[str, str]] = []
    if interval := _INTERVAL.fullmatch(said):
        opens, low, high, closes = interval.groups()
        found = [(">" if opens == "(" else ">=", low), ("<" if closes == ")" else "<=", high)]
    elif one := _ONE_SIDED.fullmatch(said):
        found = [(one[1], one[2])]
    bounds = [(sign, bound) for sign, bound in found if bound.lstrip("+-\\") not in ("infty", "inf", "infinity")]
    try:
        return tuple((sign, Fraction(bound)) for sign, bound in bounds) if found else None
    except (ValueError, ZeroDivisionError):
        return None


def _key(name: str) -> str:
    """The spelling under which a declared name is found: `\\hat y` is `yhat`."""
    try:
        return spelled(bare(parse(name)))
    except ReadingError:
        return name


def _plain(name: str) -> str:
    """A name for the symbol: letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9_]", "", _key(name)) or "x"


__all__ = ["COLUMN", "MATRIX", "FrontMatter", "declared"]
