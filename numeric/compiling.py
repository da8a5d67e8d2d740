"""Functions of arrays out of theorems, and out of nothing else.

    compile_step     the right side of a proved equation, as a function of arrays
    compile_steps    several at once, with what they share computed once
    compile_value    either side
    compile_loss     the J inside the grad of a theorem's left side
    check_step       a compiled step beside central and complex-step differences of its loss

Each takes a `derive.kernel.Theorem`, makes it again from its rule, and only then prints code. Arguments are keyword
arrays named as in the claim: tensors as arrays, index maps as integer arrays, free indices as integers. A step computes
with NumPy, or with the library whose arrays it is given: the `xp` of its source.

    >>> from derive.components import Axis, Index
    >>> from derive.prover import prove
    >>> from derive.terms import grad, log, onehot, softmax, tensor
    >>> V, D = Axis("V"), Axis("D")
    >>> U, v, o = tensor("U", V, D), tensor("v_c", D), Index("o", V)
    >>> J = -log(softmax(U @ v)[o])
    >>> step = compile_step(prove(grad(J, v) == U.T @ (softmax(U @ v) - onehot(o))))
    >>> print(step.source)
    def step(xp, U, o, v_c):
        scores = U @ v_c
        shifted = scores - xp.max(scores, axis=-1)
        e = xp.exp(shifted)
        total = xp.sum(e, axis=-1)
        softmax = e / total
        return softmax @ U - U[o, :]
    >>> step(U=np.eye(2), v_c=np.zeros(2), o=1)
    array([ 0.5, -0.5])
"""

from __future__ import annotations

import keyword
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy import Basic, Expr, Symbol, Tuple

from derive import kernel
from derive.components import (
    Axis,
    Formal,
    Grad,
    Index,
    Let,
    MapSymbol,
    Size,
    TensorSymbol,
    axes_text,
    free_indices,
    fresh_index,
    tensors_of,
)
from derive.errors import AxisError, GradproofError
from derive.kernel import Theorem
from derive.terms import Term, component
from numeric.arguments import Argument, Values, bound
from numeric.contraction import BATCH, Labels, Variable, carried
from numeric.licences import licence
from numeric.lowering import Lowering
from numeric.namespaces import gather, scatter
from numeric.printing import ArrayPrinter, NumberName, cse_by

if TYPE_CHECKING:
    from numeric.differences import CheckResult

@dataclass(frozen=True)
class CompiledStep:
    """A proved formula as a function of arrays.

    theorem: what it computes a side of; arguments: by name; axes: of the result; source: the generated code;
    licences: the theorems that allowed stable forms. Called with keyword arrays of NumPy or of another library of the
    array API, it gives an array of the same; float32 in, float32 out.

    AxisError: an array of another rank or size; GradproofError: a missing or unknown argument, a position out of range,
    arrays of two libraries.
    """

    theorem: Theorem
    arguments: Mapping[str, Argument]
    axes: tuple[Axis, ...]
    source: str
    licences: tuple[Theorem, ...]
    function: Callable[..., Any]

    def __call__(self, **arrays: Any) -> Any:
        return self.function(*bound(self.arguments, arrays))[0]


@dataclass(frozen=True)
class CompiledSteps:
    """Several proved formulas of shared arguments as one function of arrays: called, it gives a dict by name.

    theorems, axes: by the name of the result; everything else as in CompiledStep.
    """

    theorems: Mapping[str, Theorem]
    arguments: Mapping[str, Argument]
    axes: Mapping[str, tuple[Axis, ...]]
    source: str
    licences: tuple[Theorem, ...]
    function: Callable[..., Any]

    def __call__(self, **arrays: Any) -> dict[str, Any]:
        return dict(zip(self.axes, self.function(*bound(self.arguments, arrays)), strict=True))


def compile_step(theorem: Theorem, *, side: str = "right", batched: Collection[str] = ()) -> CompiledStep:
    """One side of a proved equation as a function of keyword arrays.

    side: 'right' or 'left'; batched: arguments that carry one leading batch axis, all the same; the result then has
    it too. ForgedTheorem: not a Theorem; GradproofError: the side holds a derivative or an abstract function.
    """
    proved = _equation(theorem)
    return _single(proved, _Part(_side(proved, side), _shapes(proved)), batched)


def compile_value(theorem: Theorem, *, side: str = "left", batched: Collection[str] = ()) -> CompiledStep:
    """As `compile_step`, by default of the left side: the value that an identity or a definition speaks of."""
    return compile_step(theorem, side=side, batched=batched)


def compile_loss(theorem: Theorem, *, batched: Collection[str] = ()) -> CompiledStep:
    """The J of a theorem grad(J, ...) == ..., with the same care for large inputs.

    GradproofError: the left side differentiates nothing, or more than one thing.
    """
    proved = _equation(theorem)
    return _single(proved, _Part(_loss(proved), _shapes(proved)), batched)


def compile_steps(theorems: Mapping[str, Theorem], *, losses: Mapping[str, Theorem] | None = None,
                  batched: Collection[str] = ()) -> CompiledSteps:
    """The right sides of several theorems, and the losses of some, as one function that gives a dict.

    What they share is computed once. Arguments of one name must have the same axes in all of them.
    """
    parts: dict[str, _Part] = {}
    proved: dict[str, Theorem] = {}
    for name, theorem in theorems.items():
        proved[name] = _equation(theorem)
        parts[name] = _Part(_side(proved[name], "right"), _shapes(proved[name]))
    for name, theorem in (losses or {}).items():
        if name in parts:
            raise GradproofError(f"the name {name!r} for a step and for a loss", "different names", f"{name}_loss")
        proved[name] = _equation(theorem)
        parts[name] = _Part(_loss(proved[name]), _shapes(proved[name]))
    program = _compiled(parts, frozenset(batched))
    return CompiledSteps(proved, program.arguments, program.axes, program.source, program.licences, program.function)


def can_compile(theorem: Theorem) -> bool:
    """Whether the right side of a theorem can be computed: it holds no derivative and no abstract function."""
    claim = _equation(theorem, relations=("==", "<=")).claim
    if claim.relation != "==":
        return False
    return not component(claim.right, _entry_of(claim.right)).has(Grad, Let, Formal)


def check_step(theorem: Theorem, *, sizes: Mapping[str, int] | Sequence[Mapping[str, int]] | None = None,
               seed: int = 0) -> CheckResult:
    """A compiled step beside central and complex-step differences of the compiled J of its theorem's left side.

    sizes: axis name -> size, or several such points; axes left out get small sizes that all differ.

    GradproofError: a side that cannot be compiled, or hypotheses of which no instance was found.
    """
    from numeric import differences

    return differences.check_step(theorem, sizes=sizes, seed=seed)


def can_check(theorem: Theorem) -> bool:
    """Whether `check_step` applies: the right side can be computed, and the left side is no abstract function."""
    from numeric import differences

    return differences.can_check(theorem)


def equation_of(candidate: object) -> Theorem:
    """The candidate, proved again, for the other ways from a theorem to code.

    ForgedTheorem: not a Theorem; GradproofError: no equation.
    """
    return _equation(candidate)


def right_of(theorem: Theorem) -> tuple[Expr, Labels]:
    """The entry of a theorem's right side, and its free indices."""
    return _Part(_equation(theorem).claim.right).expression()


def loss_of(theorem: Theorem) -> tuple[Expr, Labels]:
    """The entry of the J of a theorem grad(J, ...) == ..., and its free indices."""
    return _Part(_loss(_equation(theorem))).expression()


# --- the gate ---------------------------------------------------------------------------------------------------------


def _equation(candidate: object, relations: tuple[str, ...] = ("==",)) -> Theorem:
    """The candidate, proved again. What follows trusts it and nothing before it does."""
    theorem = kernel.require(candidate)
    if theorem.claim.relation not in relations:
        raise GradproofError(f"the relation {theorem.claim.relation} of {theorem!r}", "an equation",
                             "a theorem left == right")
    return theorem


def _side(theorem: Theorem, side: str) -> Term:
    if side not in ("left", "right"):
        raise GradproofError(f"side={side!r}", "'left' or 'right'", "side='right'")
    return theorem.claim.left if side == "left" else theorem.claim.right


def _loss(theorem: Theorem) -> Term:
    found: list[Term] = []
    for value in _differentiated(theorem.claim.left):
        if not any(value.same(other) for other in found):
            found.append(value)
    if len(found) != 1:
        raise GradproofError(f"{len(found)} differentiated terms in {theorem.claim.left!r}", "one grad(J, ...)",
                             "a theorem whose left side is one gradient")
    return found[0]


def _differentiated(term: Term) -> list[Term]:
    if term.op == "grad":
        return [term.args[0]]
    return [found for a in term.args if isinstance(a, Term) for found in _differentiated(a)]


# --- terms to code ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """One result: a term, or an expression with its free indices, and tensors that may lend it their shapes."""

    term: Term | tuple[Expr, Labels]
    lenders: tuple[TensorSymbol, ...] = ()

    def expression(self) -> tuple[Expr, Labels]:
        if not isinstance(self.term, Term):
            return self.term
        indices = _entry_of(self.term)
        return component(self.term, indices), indices


@dataclass(frozen=True)
class _Program:
    """Generated code, proved or not: `differences` and this module alone see it without a theorem."""

    arguments: dict[str, Argument]
    axes: dict[str, tuple[Axis, ...]]
    source: str
    licences: tuple[Theorem, ...]
    function: Callable[..., Any]

    def __call__(self, values: Mapping[str, Values]) -> Values:
        """The first result; values may hold more than the arguments."""
        return self.function(*bound(self.arguments, {name: values[name] for name in self.arguments}))[0]


def _single(theorem: Theorem, part: _Part, batched: Collection[str]) -> CompiledStep:
    program = _compiled({"step": part}, frozenset(batched))
    return CompiledStep(theorem, program.arguments, program.axes["step"], program.source, program.licences,
                        program.function)


def _program_of(e: Expr, indices: Labels, lenders: tuple[TensorSymbol, ...]) -> _Program:
    """An expression that nobody proved, for those who check a compiled step against it."""
    return _compiled({"value": _Part((e, indices), lenders)}, frozenset())


def _entry_of(term: Term) -> Labels:
    """Free indices for the entry of a term, that nothing in it mentions."""
    taken, found = term.free, []
    for axis in term.axes:
        index = fresh_index(Index(f"{axis.name.lower()}_entry", axis), taken)
        found.append(index)
        taken |= {index}
    return tuple(found)


def _shapes(theorem: Theorem) -> tuple[TensorSymbol, ...]:
    """Tensors of the left side: where the right side needs a size that none of its own arguments has."""
    return tuple(sorted(tensors_of(component(theorem.claim.left, _entry_of(theorem.claim.left))), key=str))


def _compiled(parts: Mapping[str, _Part], batched: frozenset[str]) -> _Program:
    expressions = {name: part.expression() for name, part in parts.items()}
    variables = _variables([*expressions.values()], [lender for part in parts.values() for lender in part.lenders])
    symbols = _symbols(variables)
    unknown = batched - {v.name for v in variables}
    if unknown:
        raise GradproofError(f"batched={sorted(unknown)}", f"names among {sorted(v.name for v in variables)}",
                             "the names of the arguments, as in the claim")
    lowering = Lowering(symbols, frozenset(v for v in variables if v.name in batched))
    nodes = [lowering.result(e, indices) for e, indices in expressions.values()]
    function, source = _generated(nodes, [*symbols.values()], lowering.names, "_".join(parts))
    lead = (BATCH.axis,) if batched else ()
    axes = {name: (*lead, *(i.axis for i in indices)) for name, (_, indices) in expressions.items()}
    arguments = {v.name: _argument(v, lead if v.name in batched else ()) for v in symbols}
    return _Program(arguments, axes, source, tuple(licence(name) for name in sorted(lowering.licences)), function)


def _variables(expressions: list[tuple[Expr, Labels]], lenders: list[TensorSymbol]) -> list[Variable]:
    """What the expressions speak of, by name, and for each axis whose size none of it has a lender, or the size."""
    found: set[Variable] = set()
    needed: set[Axis] = set()
    for e, indices in expressions:
        found |= tensors_of(e) | e.atoms(MapSymbol) | (free_indices(e) - frozenset(indices))
        needed |= {atom.axis for atom in (*indices, *e.atoms(Index, Size)) if atom not in free_indices(e) - {*indices}}
    known = {axis for v in found for axis in carried(v)}
    for lender in lenders:
        if set(lender.axes) & (needed - known):
            found.add(lender)
            known |= set(lender.axes)
    found |= {axis.size for axis in needed - known}
    variables = sorted(found, key=lambda v: (v.name, len(v.axes), str(v.axes)))
    for one, two in pairwise(variables):
        if one.name == two.name:
            raise AxisError(f"two arguments called {one.name}: {_described(one)} and {_described(two)}",
                            "one meaning for one name", "another name in one of the claims")
    return variables


def _described(variable: Variable) -> str:
    return f"{_KINDS[type(variable)]} {axes_text(variable.axes)}"


_KINDS: dict[type, str] = {Index: "an index of", MapSymbol: "a map of", TensorSymbol: "a tensor of",
                           Size: "the size of"}
_RESERVED = {"xp", "np", "gather", "scatter", "float", "range", "builtins"}
_XP = Symbol("xp")


def _symbols(variables: list[Variable]) -> dict[Variable, Symbol]:
    """A Python name for each argument: its own where that is a plain name."""
    plain = {v.name for v in variables}
    found: dict[Variable, Symbol] = {}
    for number, v in enumerate(variables):
        usable = v.name.isascii() and v.name.isidentifier() and not keyword.iskeyword(v.name)
        name = v.name if usable and v.name not in _RESERVED and not v.name.startswith("__") else f"argument{number}"
        while name != v.name and name in plain:
            name += "_"
        found[v] = (NumberName if isinstance(v, Size) else Symbol)(name)
    return found


def _argument(variable: Variable, lead: tuple[Axis, ...]) -> Argument:
    whole = variable.axis if isinstance(variable, Index) else None
    whole = variable.target if isinstance(variable, MapSymbol) else whole
    return Argument(variable.name, (*lead, *carried(variable)), whole, isinstance(variable, Size))


def _generated(nodes: list[Basic], arguments: list[Symbol], names: Mapping[Basic, str],
               name: str) -> tuple[Callable[..., Any], str]:
    """The function and its source. The one place in the project that turns an expression into code."""
    sources: list[str] = []
    sharing = cse_by(names, [*(a.name for a in arguments), *_RESERVED])

    def cse(expressions: Any) -> Any:
        assignments, results = sharing(expressions)
        sources.append(_source(name, arguments, assignments, results))
        return assignments, list(results)

    function = sympy.lambdify([_XP, *arguments], Tuple(*nodes), use_imps=False, printer=ArrayPrinter(), cse=cse,
                              modules=[{"np": np, "gather": gather, "scatter": scatter}], docstring_limit=0)
    return function, sources[0]


def _source(name: str, arguments: list[Symbol], assignments: list[tuple[Symbol, Basic]],
            results: tuple[Basic, ...]) -> str:
    """The code as a person reads it; a single result without the list around it."""
    shown = ArrayPrinter().doprint
    lines = [f"{target} = {shown(value)}" for target, value in assignments]
    lines.append("return " + ", ".join(shown(r) for r in results))
    usable = name if name.isidentifier() else "steps"
    return f"def {usable}({', '.join(map(str, [_XP, *arguments]))}):\n" + textwrap.indent("\n".join(lines), "    ")
