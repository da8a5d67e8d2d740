"""From mathematics as written to what it can mean, in the world of an exercise.

A node gets every `Value` that its notation leaves open and its types allow, most natural first, a handful at most.
What does not type is dropped, and the reason kept: if nothing is left, that reason is the author's type error. A
generous elaboration also reads through lost marks (a transpose, an index, a hat); such a reading is `offered` and
never makes a step proved.

    >>> from derive.reading.parsing import parse
    >>> from derive.reading.settings.words import words_world
    >>> [value.term for value in Elaboration(words_world("naive")).read(parse(r"U^T(\\hat y - y)"))][0]
    U.T @ (softmax(theta) - onehot(o))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

from derive import terms
from derive.components import Axis, Index, IndexLike
from derive.reading.combining import (
    BEAM,
    Values,
    added_by,
    distinct,
    fraction,
    gradient_name,
    is_gradient_mark,
    one_of,
    or_none,
    pair_of,
    pairs,
    picked,
    scripted,
    shown,
    some,
    times_by,
    unbraced,
)
from derive.reading.functions import FUNCTIONS, SLOPES, argument_of, norm_of, plain
from derive.reading.indexing import Limits, indices, letter_of, limits, nested, run_axis
from derive.reading.losses import expect_arguments, is_parameters
from derive.reading.patterns import ROW_LETTER, Run, grid_of, items_of, run_of, summed_run
from derive.reading.piecewise import parted
from derive.reading.settings.world import World
from derive.reading.spelling import LOSSES, bare, base_name, loss_kind, spelled, split_transpose
from derive.reading.syntax import (
    Accent,
    Annotated,
    BigOp,
    Blank,
    Call,
    Cases,
    Derivative,
    Differential,
    Given,
    Group,
    Indicator,
    Infix,
    Listing,
    Matrix,
    Name,
    Node,
    Number,
    Prefix,
    Range,
    Relation,
    Root,
    Script,
    walk,
)
from derive.reading.syntax import (
    Fraction as Quotient,
)
from derive.reading.trees import renamed_apart, replaced, unaccented
from derive.reading.values import (
    COLUMN,
    MATRIX,
    ROW,
    SCALAR,
    Mistyped,
    Reading,
    Unknown,
    Unsupported,
    Value,
    added,
    constant,
    derivatives,
    described,
    divided,
    each_entry,
    names_in,
    negated,
    raised,
    transposed,
)
from derive.terms import Term, delta, onehot, ones, size, sum_over

LONGEST = 8
"""Most factors for which every way of bracketing a product is tried."""
_BRACKETS = frozenset({"(", "[", "{", "\\{"})
"""Brackets that only hold together."""
MAX_WORK = 20_000
"""Nodes elaborated for one side before giving up."""



@dataclass(frozen=True)
class Definition:
    """A function the document defines: its parameters as spelled, and its body."""

    parameters: tuple[str, ...]
    body: Node


@dataclass
class Elaboration:
    """Elaborates nodes in one world.

    names: what the document defines, over the world's names; functions: functions it defines; families: names with an
    index that it defines, as letter and body; generous: whether lost marks are read through; guess: whether unknown
    names may be scalars; touched: names looked up so far; unknown: those found nowhere; noted: how things were
    understood that one step may understand in one way only.
    """

    world: World
    names: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    functions: Mapping[str, Definition] = field(default_factory=dict)
    families: Mapping[str, tuple[str, Node]] = field(default_factory=dict)
    sizes: frozenset[str] = frozenset()
    generous: bool = False
    guess: bool = False
    touched: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    noted: dict[str, dict[str, None]] = field(default_factory=dict)
    _bound: dict[str, Axis | None] = field(default_factory=dict)
    _local: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    _centred: str = ""
    _work: int = 0

    def read(self, node: Node) -> Values:
        """Everything a node can mean, most natural first; never empty.

        Mistyped: it cannot mean anything. Unsupported: it is beyond what can be given a meaning.
        """
        self._work += 1
        if self._work > MAX_WORK:
            raise Unsupported("too many ways to read this side")
        rule = _RULES.get(type(node))
        if rule is None:
            raise Unsupported(f"{type(node).__name__.lower()} here")
        return distinct(rule(self, node))

    def indices(self, node: Node, axis: Axis, gathered: bool = False) -> list[IndexLike]:
        """What a subscript on an axis can mean; gathered: it picks a word's vector."""
        return indices(node, axis, self.world, self._bound, self._centred, gathered)

    def note(self, what: str, how: str) -> None:
        """Remember how something was understood that one step may understand in one way only."""
        self.noted.setdefault(what, {})[how] = None

    def note_size(self, axis: Axis, *written: Node, but: str = "") -> None:
        """Remember the letters that the size of an axis goes by: nothing says that two of them are equal."""
        names = {spelled(each) for node in written for each in walk(node) if isinstance(each, Name)} - {but}
        for name in names if not self.world.closed else ():
            if len(name) == 1 and self.world.ranges.get(name) == axis:
                self.note(f"the size of {axis}", "V" if axis.name == "V" and name == "W" else name)

    # --- names --------------------------------------------------------------------------------------------------------

    def lookup(self, key: str) -> Values:
        """The meanings of a spelled name; empty if it has none."""
        for known in (self._local, self.names, self.world.names):
            if known.get(key):
                self.touched.add(key)
                return list(known[key])
        return []

    def declared(self, node: Node) -> Values:
        """What the document itself makes of a name that is built in otherwise; nothing if it is a function there."""
        key = spelled(node)
        if key in self.functions or key in self.families:
            return []
        own = self._local.get(key) or self.names.get(key) or (self.world.names.get(key) if self.world.closed else None)
        return list(own or ())

    def name(self, node: Name) -> Values:
        key = spelled(node)
        if self.world.scalars and "bold" in node.style:
            self.unknown.add(key)
            raise Unknown(f"the bold {key} among real numbers")
        found = self.lookup(key)
        if found:
            return found
        if node.base.isdigit() and node.base != "1":
            return [constant(int(node.base))]
        if node.base == "1" and {"bold", "blackboard"} & set(node.style) and not self.world.scalars:
            return [Value(ones(axis), self.world.vectors) for axis in self.axes()]
        if node.base == "1" and node.style:
            return [constant(1)]
        if node.base == "e" and not node.accents:
            raise Unsupported("the number e")
        axis = None if node.style or loss_kind(node) is not None else self.world.ranges.get(key)
        if axis is not None and len(key) <= 3:
            self.note_size(axis, node)
            return [Value(size(axis), SCALAR)]
        if node.base == "I" and not node.accents:
            return [Value(terms.identity(axis), MATRIX) for axis in self.axes()]
        if entries := self._matrix_of_entries(key):
            return entries
        return self.missing(node)

    def _matrix_of_entries(self, key: str) -> Values:
        """E, where the document has defined all e_{ij}."""
        made = [v for v in self.names.get(key.lower(), ()) if len(key) == 1 and v.rank == 2 and v.term.op == "let"]
        return [v.noted(Reading(key, f"the matrix with the entries {key.lower()}")) for v in made]

    def missing(self, node: Node) -> Values:
        """A name without a meaning: guessed to be a scalar if that is allowed."""
        key = spelled(node)
        self.unknown.add(key)
        name = base_name(node)
        plain = name is not None and not name.style and not name.accents and not name.base[0].isupper()
        if not self.guess or len(key) > 12 or not plain:
            raise Unknown(f"the name {key}")
        value = Value(terms.tensor(key), SCALAR, assumed=frozenset({key}))
        return [value.noted(Reading(key, f"{key}, a real number"))]

    def axes(self) -> list[Axis]:
        """The axes of the world's tensors, each once."""
        found = {axis: None for values in self.world.names.values() for value in values for axis in value.term.axes}
        found |= {axis: None for matrix in self.world.gathers.values() for axis in matrix.axes}
        return list(found)

    def script(self, node: Script) -> Values:
        found = self.lookup(spelled(node))
        if found:
            return found
        sup, turned = split_transpose(node.sup)
        if turned and self.world.scalars:
            raise Unknown("a transpose among real numbers")
        if turned:
            return [transposed(v) for v in self.read(scripted(node.base, node.sub, sup, node.primes, node))]
        if node.sup is not None:
            return self.superscripted(node)
        if node.primes:
            return self._primed(node)
        if node.sub is None:
            return self.read(node.base)
        return self.subscripted(node.base, node.sub, node)

    def _primed(self, node: Script) -> Values:
        """`(\\log \\sigma(x))'`: the derivative by the one real variable that stands in it."""
        if not isinstance(node.base, Group | Call) or node.sub is not None or node.primes > 2:
            raise Unsupported(f"the prime of {spelled(node)}")
        try:
            values = self.read(node.base)
        except Mistyped as error:  # vectors have no prime: it was not this world that was meant
            raise Unsupported(f"the prime of {spelled(node.base)}: {error}") from None
        found: Values = []
        for value in values:
            names = names_in(value.term)
            variable = Value(terms.tensor(next(iter(names)).name), SCALAR) if len(names) == 1 else None
            if value.rank or variable is None or variable.term.args[0] not in names:
                raise Unsupported(f"the prime of {spelled(node)}, which is no function of one real number")
            first = derivatives(value, variable)
            found += first if node.primes == 1 else [d for each in first for d in derivatives(each, variable)]
        return found

    def superscripted(self, node: Script) -> Values:
        if node.sub is not None:
            layered = self.lookup(spelled(Script(node.base, None, node.sup)))
            if layered:
                return self.entries(layered, node.sub, node)
        if isinstance(node.base, Name) and node.base.base == "e" and node.sub is None and not node.base.accents and (
                not self.declared(node.base)):
            return [each_entry(terms.exp, v) for v in self.read(unbraced(node.sup)) if plain(v)]
        base = scripted(node.base, node.sub, None, node.primes, node)
        if rows := self._row_of(node):
            return rows
        exponent = self.number(node.sup)
        if exponent is None and (several := self._of_examples(node, base)):
            return several
        if exponent is None:
            raise Unknown(f"the superscript {spelled(node.sup)}")
        return some(lambda v: raised(v, exponent), self.read(base))

    def _row_of(self, node: Script) -> Values:
        """`x^{(i)}`, `x_d^{(i)}`: row i of the matrix whose rows are called x."""
        matrix = self.world.gathers.get(spelled(node.base))
        at = unbraced(node.sup) if node.sup is not None else None
        if matrix is None or not isinstance(at, Group) or at.left != "(":
            return []
        rows = self.subscripted(node.base, bare(at.body), node)
        return rows if node.sub is None else self.entries(rows, node.sub, node)

    def _of_examples(self, node: Script, base: Node) -> Values:
        """`\\delta^i` under a sum over i: what it is for example i, of which only the shape is known."""
        letter = letter_of(unbraced(node.sup))
        if letter is None and isinstance(bare(node.sup), Group):  # type: ignore[arg-type]
            letter = letter_of(bare(node.sup).body)  # type: ignore[arg-type, union-attr]
        if letter is None or letter not in self._bound:
            return []
        axis = self._bound[letter] or Axis("examples")
        key = f"{spelled(base)}^{letter}"
        return [Value(terms.tensor(key, axis, *v.term.axes)[Index(letter, axis)], v.lies, assumed=frozenset({key}))
                for v in self.read(base) if v.rank and not v.term.free]

    def number(self, node: Node | None) -> Fraction | None:
        """A rational number written as one."""
        node = unbraced(node) if node is not None else Blank()
        sign = 1
        while isinstance(node, Prefix) and node.operator == "-":
            node, sign = node.operand, -sign
        if isinstance(node, Quotient):
            above, below = self.number(node.numerator), self.number(node.denominator)
            return sign * above / below if above is not None and below else None
        if isinstance(node, Infix) and node.operators == ("/",):
            above, below = self.number(node.operands[0]), self.number(node.operands[1])
            return sign * above / below if above is not None and below else None
        if isinstance(node, Number):
            value = fraction(node.text)
            return sign * value if value is not None and abs(value) <= 12 else None
        return None

    def subscripted(self, base: Node, sub: Node, whole: Node) -> Values:
        name = base_name(base) if isinstance(base, Name | Annotated) else None
        if name is not None and spelled(name) in self.families:
            letter, body = self.families[spelled(name)]
            return self.read(replaced(body, letter, sub))
        if name is not None and name.base == "delta" and (pair := pair_of(sub)) and not any(
                v.rank == 2 for v in self.declared(name)):
            return self.equalities(*pair)
        if name is not None and name.base in ("e", "1") and not self.lookup(spelled(base)):
            return self.one_hots(sub)
        if name is not None:
            matrix = self.world.gathers.get(spelled(name))
            if matrix is not None and not name.accents and (pair := pair_of(sub)):
                return self.entries([Value(matrix, MATRIX)], sub, whole)
            if matrix is not None and not name.accents:
                rows = [Value(matrix[at], self.world.vectors) for at in self.indices(sub, matrix.axes[0], True)]
                self.touched.add(spelled(name))
                return rows
        if name is not None and spelled(name) in self.world.others and letter_of(sub) is not None:
            other = terms.tensor(f"{spelled(name)}_{spelled(sub)}", self.world.others[spelled(name)])
            return [Value(other, self.world.vectors)]
        if isinstance(base, Group) and base.left in ("|", "||"):
            return self.norm(base, spelled(sub))
        if isinstance(base, Matrix | Group) and isinstance(sub, Infix) and "\\times" in sub.operators:
            return self.read(base)
        known = self.lookup(spelled(name)) if name is not None else []
        if name is not None and not any(v.rank == 2 for v in known) and (pair := pair_of(sub)) and (
                layer := self.lookup(f"{spelled(name)}_{spelled(pair[0])}")):
            return self.entries(layer, pair[1], whole)
        if name is not None and not known and spelled(name) not in self.world.ranges:
            return self.missing(whole)
        return self.entries(self.read(base), sub, whole)

    def entries(self, values: Values, sub: Node, whole: Node) -> Values:
        """Entries picked by a subscript."""
        found: Values = []
        reasons: list[Exception] = []
        for value in values:
            try:
                found += self._entries(value, sub)
            except (Mistyped, Unsupported) as error:
                reasons.append(error)
        if not found:
            raise next((e for e in reasons if isinstance(e, Mistyped)), reasons[0]) if reasons else Unknown(
                f"the subscript of {spelled(whole)}")
        return found

    def _entries(self, value: Value, sub: Node) -> Values:
        if not value.rank:
            raise Unknown(f"a subscript {spelled(sub)} on {described(value)}")
        if value.rank == 1:
            return [picked(value, (at,), SCALAR) for at in self.indices(one_of(sub), value.term.axes[0])]
        if value.rank == 2 and (pair := pair_of(sub)):
            return [picked(value, (i, k), SCALAR) for i in self.indices(pair[0], value.term.axes[0])
                    for k in self.indices(pair[1], value.term.axes[1])]
        raise Unsupported(f"one subscript on {described(value)}")

    def one_hots(self, sub: Node) -> Values:
        found = [Value(onehot(at), self.world.vectors) for axis in self.axes()
                 for at in or_none(self.indices, sub, axis)]
        if not found:
            raise Unknown(f"e_{spelled(sub)}")
        return found

    def equalities(self, left: Node, right: Node) -> Values:
        """delta of two indices, on every axis that both can be on."""
        found = []
        for axis in self.axes():
            pairs = [(i, k) for i in or_none(self.indices, left, axis)
                     for k in or_none(self.indices, right, axis)]
            found += [Value(delta(i, k), SCALAR) for i, k in pairs]
        if not found:
            raise Unknown(f"{spelled(left)} = {spelled(right)}")
        return found

    # --- sums and products --------------------------------------------------------------------------------------------

    def prefix(self, node: Prefix) -> Values:
        if node.operator == "+":
            return self.read(node.operand)
        if node.operator != "-":
            raise Unsupported(f"the sign {node.operator}")
        return [negated(v) for v in self.read(node.operand)]

    def infix(self, node: Infix) -> Values:
        if node.additive:
            return self.sum(node)
        return self.product(node)

    def sum(self, node: Infix) -> Values:
        if not set(node.operators) <= {"+", "-"}:
            raise Unsupported(f"the sign {next(s for s in node.operators if s not in '+-')}")
        dotted = summed_run(node)
        if dotted is not None:
            return self._dotted_sum(*dotted)
        result = self.read(node.operands[0])
        for sign, operand in zip(node.operators, node.operands[1:], strict=True):
            others = self.read(operand)
            result = pairs(partial(added_by, sign), result, others)
        return result

    def _dotted_sum(self, around: Node, run: Run) -> Values:
        """a_1 + a_2 + ... + a_n, and what is added to it."""
        result = self._summed_run(run)
        if isinstance(around, Infix):
            for sign, operand in zip(around.operators, around.operands[1:], strict=True):
                result = pairs(partial(added_by, sign), result, self.read(operand))
        return result

    def _summed_run(self, run: Run) -> Values:
        axis = run_axis(run.last, self.world, self.sizes)
        with self._binding(run.letter, axis):
            bodies = self.read(run.entry)
            return [v for body in bodies for v in self._closed(body, Limits(run.letter, axis))]

    def listed(self, items: list[Node], lies: str) -> Values:
        """A row or column of entries, or of columns, written out with dots."""
        run = run_of(items, ROW_LETTER)
        if run is None:
            raise Unsupported("a list in brackets")
        return self._stacked(run, None, run.entry, lies)

    def matrix(self, node: Matrix) -> Values:
        grid = grid_of(node)
        if grid is None:
            raise Unsupported("a matrix written out")
        down, across, entry = grid
        if down is not None and across is not None:
            return self._stacked(down, across, entry, MATRIX)
        run = down or across
        return self._stacked(run, None, entry, COLUMN if down is not None else ROW)  # type: ignore[arg-type]

    def _stacked(self, first: Run, second: Run | None, entry: Node, lies: str) -> Values:
        """The tensor whose entries are written out: each entry times the place it stands at."""
        runs = [run for run in (first, second) if run is not None]
        before = dict(self._bound)
        for run in runs:
            self._bound = {**self._bound, run.letter: run_axis(run.last, self.world, self.sizes)}
        try:
            bodies = self.read(entry)
        finally:
            self._bound = before
        found = [v for body in bodies for v in or_none(self._placed, body, runs, lies)]
        if not found:
            raise Unsupported("a matrix written out, whose entries do not say where they stand")
        return found

    def _placed(self, body: Value, runs: list[Run], lies: str) -> Values:
        found = [i for run in runs for i in body.term.free if i.name == run.letter]
        if len(found) != len(runs):
            raise Unsupported("entries that do not say where they stand")
        term = body.term
        if len(found) == 2 and not body.rank:
            place = terms.outer(onehot(found[0]), onehot(found[1]))
            term = sum_over(found[0], sum_over(found[1], term * place))
        elif len(found) == 1 and not body.rank:
            term = sum_over(found[0], term * onehot(found[0]))
        elif len(found) == 1 and body.rank == 1 and body.lies == lies == ROW:
            raise Unsupported("rows beside each other")
        elif len(found) == 1 and body.rank == 1 and lies == ROW:
            term, lies = sum_over(found[0], terms.outer(term, onehot(found[0]))), MATRIX
        elif len(found) == 1 and body.rank == 1 and body.lies != COLUMN:
            term, lies = sum_over(found[0], terms.outer(onehot(found[0]), term)), MATRIX
        else:
            raise Unsupported("a matrix of matrices")
        said = Reading("entries with dots between them", "every entry in between follows the pattern")
        return [Value(term, lies, body.readings, body.needs, body.assumed).noted(said)]

    def product(self, node: Infix) -> Values:
        operators, operands = self._with_calls(node)
        if len(operands) == 1:
            return self.read(operands[0])
        factors = [self.read(operand) for operand in operands]
        reasons: list[str] = []
        found: Values = []
        for strategy in (self._leftwards, self._all_ways):
            try:
                found += strategy(factors, operators)
            except Mistyped as error:
                reasons.append(str(error))
            if found and sum(1 for f in factors if f[0].rank) < 3:
                break
        if self.generous and len(factors) <= 4:
            found += self._lost_transpose(factors, operators)
        if not found:
            raise Mistyped(reasons[0])
        return found

    def _with_calls(self, node: Infix) -> tuple[list[str], list[Node]]:
        """`f(x)` is an application where f is a function, or a loss with its arguments."""
        operands: list[Node] = [node.operands[0]]
        operators: list[str] = []
        for sign, operand in zip(node.operators, node.operands[1:], strict=True):
            before = operands[-1]
            if sign == "" and is_gradient_mark(before) and base_name(operand) is not None:
                operands[-1] = gradient_name(before, operand)
                continue
            if sign == "(" and self._is_function(before):
                group = operand.base if isinstance(operand, Script) else operand
                call: Node = Call(before, group, (before.span[0], group.span[1]))
                operands[-1] = Script(call, operand.sub, operand.sup, operand.primes, operand.span) if isinstance(
                    operand, Script) else call
            else:
                operators.append(sign)
                operands.append(operand)
        return operators, operands

    def _is_function(self, node: Node) -> bool:
        name = base_name(node)
        if name is None:
            return False
        key = spelled(name).lower()
        if isinstance(node, Name) and name.base not in LOSSES and self.declared(node):
            return False
        return (spelled(node) in self.functions or spelled(name) in self.functions or key in self.world.functions
                or name.base in LOSSES or key in FUNCTIONS or (isinstance(node, Script) and node.primes > 0))

    def _leftwards(self, factors: list[Values], operators: list[str]) -> Values:
        result = factors[0]
        for sign, others in zip(operators, factors[1:], strict=True):
            result = pairs(partial(times_by, sign), result, others)
        return result

    def _all_ways(self, factors: list[Values], operators: list[str]) -> Values:
        """Every way of bracketing, for products in which entries and matrices mix."""
        count = len(factors)
        if count > LONGEST or "/" in operators or count < 3:
            raise Mistyped("a product")
        table: dict[tuple[int, int], Values] = {(i, i): factors[i] for i in range(count)}
        for width in range(1, count):
            for i in range(count - width):
                cell: Values = []
                for cut in range(i, i + width):
                    left, right = table.get((i, cut), []), table.get((cut + 1, i + width), [])
                    try:
                        cell += pairs(partial(times_by, operators[cut]), left, right)
                    except Mistyped:
                        continue
                table[i, i + width] = distinct(cell)[:BEAM] if cell else []
        if not table[0, count - 1]:
            raise Mistyped("a product")
        return table[0, count - 1]

    def _lost_transpose(self, factors: list[Values], operators: list[str]) -> Values:
        """The product with one factor transposed, offered."""
        found: Values = []
        for at, values in enumerate(factors):
            turned = [transposed(v).noted(Reading(shown(v), f"{shown(v)}^T", True)) for v in values if 0 < v.rank < 3]
            for strategy in (self._leftwards, self._all_ways):
                try:
                    found += strategy([*factors[:at], turned, *factors[at + 1:]], operators)
                except Mistyped:
                    continue
        return found[:BEAM]

    def quotient(self, node: Quotient) -> Values:
        return pairs(lambda a, b: [divided(a, b)], self.read(node.numerator), self.read(node.denominator))

    # --- big operators ------------------------------------------------------------------------------------------------

    def big(self, node: BigOp) -> Values:
        if node.operator != "\\sum":
            raise Unsupported(f"{node.operator}")
        if (inner := nested(node)) is not None:
            return self.big(inner)
        around = limits(node.sub, node.sup, self.world)
        if around.axis is not None and not around.window:
            self.note_size(around.axis, *(each for each in (node.sub, node.sup) if each is not None), but=around.letter)
        inside, marked = unaccented(node.body, around.letter)
        if marked in self._bound:
            inside, marked = node.body, ""
        with self._binding(around.letter, around.axis):
            bodies = self.read(inside)
            if marked:
                said = Reading(marked, f"{around.letter}, which the sum runs over", True)
                bodies = [body.noted(said) for body in bodies]
            found = [v for body in bodies for v in or_none(self._closed, body, around)]
        if not found:
            raise Mistyped(f"the sum over {around.letter} of {described(bodies[0])} that does not depend on it so")
        if around.whole:
            found = self._with_centre(found, inside, around)
        return found

    @contextmanager
    def _binding(self, letter: str, axis: Axis | None) -> Iterator[None]:
        before, self._bound = self._bound, {**self._bound, letter: axis}
        local, self._local = self._local, {key: v for key, v in self._local.items() if key != letter}
        try:
            yield
        finally:
            self._bound, self._local = before, local

    def _closed(self, body: Value, around: Limits) -> Values:
        """The body summed over the index its letter became."""
        found = [i for i in body.term.free if i.name == around.letter]
        if around.axis is not None:
            right = [i for i in found if i.axis == around.axis]
            found = right if found else [Index(around.letter, around.axis)]
        if len(found) != 1:
            if not found and around.axis is None:
                raise Unsupported(f"what the sum over {around.letter} runs along")
            raise Mistyped(f"the sum over {around.letter}")
        term = body.term
        for first, second, same in around.conditions:
            term = self._condition(first, second, same, found[0]) * term
        return [Value(sum_over(found[0], term), body.lies, body.readings, body.needs, body.assumed)]

    def _condition(self, left: Node, right: Node, same: bool, index: Index) -> Term:
        """1 where two indices under a sum are the same, or differ."""
        targets = [index.axis, *(m.target for several in self.world.maps.values() for m in several)]
        for axis in targets:
            a = or_none(self.indices, left, axis)
            b = or_none(self.indices, right, axis)
            pairs = [(i, k) for i in a for k in b if index in terms.delta(i, k).free]
            if pairs:
                met = delta(*pairs[0])
                return met if same else 1 - met
        raise Unsupported(f"the condition {spelled(left)}, {spelled(right)} under a sum")

    def _with_centre(self, sums: Values, body: Node, around: Limits) -> Values:
        """A window that does not leave out its centre has one position more."""
        centred, self._centred = self._centred, around.letter
        try:
            middle = self.read(body)
        finally:
            self._centred = centred
        return pairs(lambda a, b: [added(a, b, "+")], sums, middle)

    # --- functions ----------------------------------------------------------------------------------------------------

    def call(self, node: Call) -> Values:
        function = node.function
        if isinstance(function, Derivative) and function.operand is not None:
            inside = Call(function.operand, node.argument, node.span)
            return self.derivative(Derivative(function.symbol, function.form, inside, function.variables,
                                              function.applied, function.order, function.damage, node.span))
        if isinstance(function, Name) and function.base not in LOSSES and isinstance(node.argument, Group) and (
                self.declared(function)):
            return self.product(Infix(("",), (function, node.argument), node.span))
        power = None
        if isinstance(function, Script) and function.sup is not None and spelled(function) not in self.functions:
            power = self.number(function.sup)
            if power is None or power < 0:
                raise Unsupported(f"the superscript of {spelled(function)}")
            function = scripted(function.base, function.sub, None, function.primes, function)
        found = self._applied(function, node)
        return found if power is None else some(lambda v: raised(v, power), found)

    def _applied(self, function: Node, node: Call) -> Values:
        primes = function.primes if isinstance(function, Script) else 0
        key = spelled(function).rstrip("'")
        if key in self.functions and not self._abstract(key, node):
            return self._defined(self.functions[key], node, primes)
        kind = loss_kind(function)
        if kind is not None:
            return self.loss(kind, node, spelled(function))
        name = base_name(function)
        word = spelled(name).lower() if name is not None else ""
        if word in ("p", "pr") and "p" in self.world.functions:
            return self.probability(node)
        if word in self.world.functions:
            return self._worldly(word, node, primes)
        rule = FUNCTIONS.get(word)
        if rule is None:
            self.unknown.add(key)
            raise Unknown(f"the function {key}")
        if isinstance(function, Script) and function.sub is not None:
            whole = Call(function.base, node.argument, node.span)
            return self.entries(self.call(whole), function.sub, node)
        if primes:
            return self._slope(word, node, primes)
        return rule(self, node)

    def _abstract(self, key: str, node: Call) -> bool:
        """Whether the exercise's f(w, v) is meant, where the document has an f(x) of its own."""
        return len(self.functions[key].parameters) == 1 < len(node.arguments) and key in self.world.functions

    def _defined(self, definition: Definition, node: Call, primes: int) -> Values:
        if len(definition.parameters) != len(node.arguments):
            raise Mistyped(f"{len(node.arguments)} arguments for {len(definition.parameters)} parameters")
        values = [self.read(argument) for argument in node.arguments]
        if primes:
            return self._derived(definition, values[0], primes)
        return self._substituted(definition, values)

    def _substituted(self, definition: Definition, values: list[Values]) -> Values:
        before = self._local
        self._local = {**before, **{p: tuple(v) for p, v in zip(definition.parameters, values, strict=True)}}
        functions, self.functions = self.functions, {
            key: d for key, d in self.functions.items() if d is not definition}
        taken = {index.name for several in values for value in several for index in value.term.free}
        try:
            return self.read(renamed_apart(definition.body, taken))
        finally:
            self._local, self.functions = before, functions

    def _derived(self, definition: Definition, values: Values, primes: int) -> Values:
        """f'(x) for a function the document defines."""
        found: Values = []
        for value in values:
            if primes > 1 or value.rank or value.term.op != "tensor":
                raise Unsupported("the prime of a function at anything but a scalar variable")
            for body in self._substituted(definition, [[value]]):
                found += derivatives(body, value)
        return found

    def _slope(self, word: str, node: Call, primes: int) -> Values:
        if primes > 1 or word not in SLOPES:
            raise Unsupported(f"the prime of {word}")
        return [each_entry(SLOPES[word], v) for v in self.read(argument_of(node)) if plain(v)]

    def _worldly(self, word: str, node: Call, primes: int) -> Values:
        function = self.world.functions[word]
        arguments = node.arguments
        if len(arguments) == 1:
            values = self.read(arguments[0])
            if not primes:
                return [r for v in values for r in function(v)]
            return [d for v in values for r in function(v) for d in derivatives(r, v)]
        if "w" not in self.world.maps:
            raise Unknown(f"the function {word} of {len(arguments)} arguments")
        return self.formal(function, arguments)

    def formal(self, function: Callable[..., Values], arguments: tuple[Node, ...]) -> Values:
        """An abstract loss F(w, v) or F(v, w, U): one argument is a word, one a vector."""
        found: Values = []
        axis = next(m.target for m in self.world.maps["w"])
        for word in arguments:
            for vector in arguments:
                if vector is word or not all(
                        is_parameters(each, self) for each in arguments if each not in (word, vector)):
                    continue
                ats = or_none(self._words, word, axis)
                vectors = [v for v in or_none(self.read, vector) if v.rank == 1]
                found += [r for at in ats for v in vectors for r in function(at, v)]
        if not found:
            raise Unknown(f"the arguments {', '.join(map(spelled, arguments))}")
        return found

    def _words(self, node: Node, axis: Axis) -> list[IndexLike]:
        name = base_name(node)
        if name is not None and spelled(name) in self.world.gathers:
            return []
        return self.indices(node, axis)

    def loss(self, kind: str, node: Call | None, said: str) -> Values:
        """A loss with its arguments, as far as the world knows it."""
        self.touched.add("J")
        arguments = node.arguments if node is not None else ()
        abstract = self.world.window is not None and kind not in ("skipgram", "cbow")
        if abstract and 2 <= len(arguments) <= 3 and not any(isinstance(a, Range) for a in arguments):
            return self.formal(self.world.functions["j_abstract"], arguments)
        found = self.lookup(said)
        if not found and self.world.loss is not None:
            found = self.world.loss(kind, arguments)
        if not found:
            raise Unknown(f"the loss {said}")
        expect_arguments(arguments, found, self, said)
        return found

    def probability(self, node: Call) -> Values:
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
        axis = next((axis for axis in self.axes() if axis.name == "V"), None)
        if axis is None:
            raise Unknown("a probability")
        return [v for at in self.indices(word, axis) for v in self.world.functions["p"](at)]

    # --- derivatives --------------------------------------------------------------------------------------------------

    def derivative(self, node: Derivative) -> Values:
        if node.operand is None or not node.variables:
            raise Unsupported("a derivative operator with nothing to apply to" if node.operand is None
                              else "a derivative by nothing")
        if self.guess:
            raise Unsupported("a derivative of something that nothing gives a meaning to")
        if len(node.variables) > 1 or (node.order is not None and spelled(node.order) not in ("", "1")):
            return self._repeated(node)
        variable = bare(node.variables[0])
        values = self._operand(node.operand)
        by = self.read(variable)
        if isinstance(variable, Script) and variable.sup is not None and all(v.term.free for v in by) and not any(
                v.term.op == "item" and v.term.args[0].op in ("tensor", "let") for v in by):
            raise Unsupported(f"a derivative by {spelled(variable)}, a result of one example")
        found = pairs(derivatives, values, by)
        return [v.noted(Reading("a derivative", f"{' and '.join(node.damage)}", True)) for v in found] if (
            node.damage) else found

    def _repeated(self, node: Derivative) -> Values:
        """`\\frac{\\partial^2 L}{\\partial a \\partial b}`, `\\frac{d^2 f}{dx^2}`: by one number, then another."""
        variables = [bare(each) for each in node.variables]
        order = self.number(node.order)
        last = variables[0]
        if order == 2 and len(variables) == 1 and isinstance(last, Script) and self.number(last.sup) == 2:
            variables = [scripted(last.base, last.sub, None, last.primes, last)] * 2
        if node.damage or order != len(variables) or node.operand is None:
            raise Unsupported("a higher derivative")
        found = self._operand(node.operand)
        for variable in reversed(variables):
            by = [value for value in self.read(variable) if not value.rank]
            if not by or any(value.rank for value in found):
                raise Unsupported("a higher derivative by something that is no real number")
            found = pairs(derivatives, found, by)
        return found

    def _operand(self, node: Node) -> Values:
        inner = bare(node)
        if loss_kind(inner) is not None and not self.lookup(spelled(inner)):
            return self.loss(loss_kind(inner) or "", None, spelled(inner))
        return self.read(node)

    # --- the rest -----------------------------------------------------------------------------------------------------

    def group(self, node: Group) -> Values:
        if node.left == "|":
            axis = self.world.ranges.get(spelled(node)) or self.world.ranges.get(spelled(node.body))
            if axis is not None and not self.lookup(spelled(node.body)):
                self.note_size(axis, node.body)
                return [Value(size(axis), SCALAR)]
            found = [v for v in self.read(node.body) if v.rank < 2]
            if not found:
                raise Unsupported("bars around a matrix")
            return [each_entry(terms.absolute, v) if not v.rank else norm_of(v) for v in found]
        if node.left == "||":
            return [norm_of(v) for v in self.read(node.body)]
        items = items_of(node)
        if items is not None and len(items) > 2:
            return self.listed(items, ROW)
        if isinstance(node.body, Listing | Range | Relation):
            raise Unsupported("a list in brackets")
        if node.left not in _BRACKETS:
            raise Unsupported("a value taken at a place" if node.left == "." else f"brackets {node.left}")
        return self.read(node.body)

    def norm(self, node: Group, which: str) -> Values:
        """A norm that says which it is: Euclid's of a vector, Frobenius's of a matrix, the sum of absolute values."""
        found = [v for v in self.read(node.body) if (v.rank == 2) == (which == "F") and v.rank < 3]
        if which not in ("1", "2", "F") or not found:
            raise Unsupported(f"a norm with the index {which}")
        if which == "1":
            return [Value(terms.total(terms.absolute(v.term)), SCALAR, v.readings, v.needs, v.assumed) for v in found]
        return [norm_of(v) for v in found]

    def annotated(self, node: Annotated) -> Values:
        circled = node.kind == "circled" and isinstance(node.body, Number | Name)
        if circled or node.kind in ("factorial", "quote", "not"):
            raise Unsupported(f"something {node.kind}")
        return self.read(node.body)

    def accent(self, node: Accent) -> Values:
        found = self.lookup(spelled(node))
        if found:
            return found
        if node.kind in ("vec", "bar"):
            return self.read(node.body)
        raise Unknown(f"{node.kind} over {spelled(node.body)}")

    def indicator(self, node: Indicator) -> Values:
        condition = bare(node.condition)
        if isinstance(condition, Group):
            condition = bare(condition.body)
        if not isinstance(condition, Relation) or len(condition.signs) != 1:
            raise Unsupported("this indicator")
        if condition.signs == (">",) and spelled(condition.operands[1]) == "0":
            return [each_entry(lambda t: terms.where_positive(t, 1, 0), v) for v in self.read(condition.operands[0])]
        found = self.equalities(*condition.operands)
        if condition.signs == ("=",):
            return found
        if condition.signs == ("\\ne",):
            return [Value(1 - v.term, SCALAR) for v in found]
        raise Unsupported(f"an indicator of {condition.signs[0]}")

    def root(self, node: Root) -> Values:
        if node.index is not None and spelled(node.index) != "2":
            raise Unsupported("a root other than the square root")
        return [each_entry(terms.sqrt, v) for v in self.read(node.body)]

    def differential(self, node: Differential) -> Values:
        """`dW` as the author's name for a gradient."""
        key = "d" + spelled(node.operand)
        found = self.lookup(key)
        return found or self.missing(Name(key, (), (), node.span))

    def literal(self, node: Number) -> Values:
        value = fraction(node.text)
        if value is None:
            raise Unsupported(f"the number {node.text[:20]}")
        return [constant(value)]


def _loss_name(self: Elaboration, node: Name | Script, read: Callable[[], Values]) -> Values:
    kind = loss_kind(node)
    if kind is None or self.lookup(spelled(node)):
        return read()
    try:
        return read()
    except Unknown:
        return self.loss(kind, None, spelled(node))


# One row per kind of node.
_RULES: dict[type, Callable[[Elaboration, Any], Values]] = {
    Number: lambda e, n: e.literal(n),
    Name: lambda e, n: _loss_name(e, n, lambda: e.name(n)),
    Script: lambda e, n: _loss_name(e, n, lambda: e.script(n)),
    Prefix: lambda e, n: e.prefix(n),
    Infix: lambda e, n: e.infix(n),
    Quotient: lambda e, n: e.quotient(n),
    Group: lambda e, n: e.group(n),
    Annotated: lambda e, n: e.annotated(n),
    Accent: lambda e, n: e.accent(n),
    BigOp: lambda e, n: e.big(n),
    Call: lambda e, n: e.call(n),
    Derivative: lambda e, n: e.derivative(n),
    Matrix: lambda e, n: e.matrix(n),
    Indicator: lambda e, n: e.indicator(n),
    Root: lambda e, n: e.root(n),
    Differential: lambda e, n: e.differential(n),
    Cases: lambda e, n: parted(n, e.read),
}


__all__ = ["COLUMN", "ROW", "Definition", "Elaboration", "letter_of"]
