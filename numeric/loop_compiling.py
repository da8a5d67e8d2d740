"""Nested loops out of theorems, and out of nothing else: the second path from a theorem to numbers.

The gate is that of `compiling`: every theorem is made again from its rule before a line of it is printed. The array
path lowers the same entries to whole arrays; both agree to rounding, which the tests demand window by window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from derive.components import Axis, TensorSymbol
from derive.errors import GradproofError
from derive.kernel import Theorem
from numeric.compiling import equation_of, loss_of, right_of
from numeric.generated import vector_width
from numeric.licences import LOG_NEGATIVE, LOG_POSITIVE, NEGATIVE, POSITIVE, SHIFT, licence
from numeric.loops import Extent, LoopProgram, print_loss, print_step
from numeric.stability import recognised
from numeric.stages import Stages


@dataclass(frozen=True)
class LoopSource:
    """Proved formulas as the source of two functions, `step` and `loss` (see `loops`).

    theorems: by the name of the trained tensor; stages: for each temporary its sizes, numbers or names of parameters;
    licences: the theorems that allowed stable forms.
    """

    theorems: Mapping[str, Theorem]
    step: str
    loss: str
    stages: tuple[tuple[Extent, ...], ...]
    licences: tuple[Theorem, ...]


def compile_loops(theorems: Mapping[str, Theorem], arguments: tuple[str, ...], extents: Mapping[str, Extent],
                  whole: frozenset[str] = frozenset(), in_place: frozenset[str] = frozenset(),
                  short: frozenset[str] = frozenset()) -> LoopSource:
    """Source of one step of steepest descent by theorems grad(J, tensor) == formula, and of their J.

    theorems: by the name of their tensor; arguments: the parameters of both functions, in order, names that no theorem
    speaks of included; extents: axis name -> its size, a number or the name of a parameter, in their order; whole:
    tensors all of whose rows move, in place; in_place: tensors whose rows are read where they go; short: parameters
    that are the length of a few rows. ForgedTheorem: anything else than a Theorem; GradproofError: a formula that loops
    do not cover.
    """
    proved = {name: equation_of(theorem) for name, theorem in theorems.items()}
    used = {POSITIVE, NEGATIVE, LOG_POSITIVE, LOG_NEGATIVE}
    parts = {name: right_of(theorem) for name, theorem in proved.items()}
    objective, own = loss_of(next(iter(proved.values())))
    row = next(iter(parts.values()))[1][-1].axis
    stages = Stages(row)
    results = {TensorSymbol(name, *(i.axis for i in indices)): stages.terms(_stable(e, used), indices)
               for name, (e, indices) in parts.items()}
    terms = stages.terms(_stable(objective, used), own)
    ordered = stages.ordered()
    if any(stage.along is not None for stage in ordered):
        used.add(SHIFT)
    _check_sizes(extents, ordered, results)
    program = LoopProgram(arguments, results, terms, ordered, {Axis(a): e for a, e in extents.items()}, whole,
                          in_place, short, vector_width())
    sizes = tuple(tuple(program.extents[i.axis] for i in stage.indices) for stage in ordered)
    return LoopSource(proved, print_step(program), print_loss(program), sizes,
                      tuple(licence(name) for name in sorted(used)))


def _stable(e: Expr, used: set[str]) -> Any:
    return recognised(e, used)


def _check_sizes(given: Mapping[str, Extent], stages: Any, results: Any) -> None:
    axes = {i.axis for stage in stages for i in (*stage.indices, *stage.summed)} | {a for t in results for a in t.axes}
    missing = sorted(axis.name for axis in axes if axis.name not in given)
    if missing:
        raise GradproofError(f"no size for {', '.join(missing)}", "a number or a name for each axis", "extents")
