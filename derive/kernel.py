"""The kernel: the only file that makes theorems.

A `Theorem` comes from one of three rules and from nowhere else:

    by_normal_form    both sides of an equation have the same normal form under the hypotheses
    by_cases          the claim holds where two indices meet, and where they differ
    by_bound          right - left is a polynomial in axis sizes that is nonnegative for all sizes >= 1

What it trusts: `components` and `terms` (what a term means entry by entry), `derivative` (the table of derivatives),
`atoms` and `normal_form` (the rewritings listed there), `claims` (what a hypothesis says), and of SymPy the node types
with their automatic simplification (x/x = 1, exp(log x) = x, sqrt(x^2) = |x|: identities wherever both sides are
defined), rational numbers, and factorisation of polynomials. It does not trust the prover, the refuter or any caller.

No `assert` (python -O removes them), no switch, no file, no clock. A Theorem records its rule and inputs; `recheck`
makes it again, and unpickling one proves it again.

    >>> from derive.components import Axis
    >>> from derive.terms import tensor, softmax, ones
    >>> n = Axis("n"); x, c = tensor("x", n), tensor("c")
    >>> by_normal_form(softmax(x + c * ones(n)) == softmax(x))
    |- softmax(x + c * ones(n)) == softmax(x)
    >>> by_normal_form(softmax(x + x) == softmax(x))
    Traceback (most recent call last):
    derive.errors.NotProved: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from typing import Any, NoReturn, final, get_args

from derive import rendering
from derive.atoms import Poly, accumulate, add, constant, poly_text
from derive.claims import Claim, Hypothesis, distinct, mentioned, same
from derive.components import (
    Axis,
    FunctionSymbol,
    Index,
    IndexLike,
    MapAt,
    MapSymbol,
    TensorSymbol,
    free_indices,
    fresh_index,
)
from derive.errors import ForgedTheorem, NotProved, OutsideTheory
from derive.normal_form import Normalizer
from derive.terms import Term, component

__all__ = ["Theorem", "by_bound", "by_cases", "by_normal_form", "require"]

_SEAL = object()


@final
class Theorem:
    """A proved claim.

    claim: what is proved; rule: name of the rule that made it; inputs: what the rule was given besides the claim;
    side_conditions: what must be nonzero for both sides to be defined, as text. Only the rules of this module can
    construct one; copies and pickles are proved again.
    """

    __slots__ = ("claim", "inputs", "rule", "side_conditions")
    claim: Claim
    rule: str
    inputs: tuple[IndexLike, ...]
    side_conditions: tuple[str, ...]

    def __new__(cls, seal: object = None, *args: object) -> Theorem:
        if seal is not _SEAL or len(args) != 4:
            raise ForgedTheorem("a Theorem constructed directly", "a theorem made by a rule of derive.kernel",
                                "derive.prover.prove(claim)")
        self = object.__new__(cls)
        for name, value in zip(("claim", "rule", "inputs", "side_conditions"), args, strict=True):
            object.__setattr__(self, name, value)
        return self

    def __init_subclass__(cls) -> NoReturn:
        raise ForgedTheorem(f"a subclass {cls.__name__} of Theorem", "no subclasses", "a class that holds a Theorem")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a Theorem is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a Theorem is immutable: {name} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.rule, self.claim, self.inputs)

    def __copy__(self) -> Theorem:
        return self.recheck()

    def __deepcopy__(self, memo: object) -> Theorem:
        return self.recheck()

    @property
    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """What the theorem rests on."""
        return self.claim.hypotheses

    def recheck(self) -> Theorem:
        """The same theorem, made again from its rule and inputs.

        ForgedTheorem: the rule does not give it.
        """
        try:
            again = _again(self.rule, self.claim, self.inputs)
        except ForgedTheorem:
            raise
        except Exception as failure:
            rule = getattr(self, "rule", None)
            claim = _told(getattr(self, "claim", None))
            raise ForgedTheorem(f"a Theorem of {claim}", f"what rule {rule} gives: {failure}",
                                "derive.prover.prove(claim)") from failure
        if again.side_conditions != self.side_conditions:
            raise ForgedTheorem(f"side conditions {self.side_conditions}", str(again.side_conditions),
                                "derive.prover.prove(claim)")
        return again

    def text(self, notation: str = "matrix") -> str:
        """The claim as text, in 'matrix' or 'component' notation."""
        return _notation(notation, rendering.claim_text, rendering.claim_component_text)(self.claim)

    def latex(self, notation: str = "matrix") -> str:
        """The claim in LaTeX, in 'matrix' or 'component' notation."""
        return _notation(notation, rendering.claim_latex, rendering.claim_component_latex)(self.claim)

    def __repr__(self) -> str:
        return f"|- {self.claim!r}"


def by_normal_form(claim: Claim) -> Theorem:
    """nf(left) = nf(right) under the hypotheses
       -----------------------------------------
       |- left == right given the hypotheses

    Refuses (NotProved) where the normal forms differ: that alone refutes nothing.
    """
    claim = _sound(claim, "==")
    normalizer, difference = _difference(claim)
    if difference:
        aside = f" (the hypotheses {', '.join(normalizer.unused)} could not be used)" if normalizer.unused else ""
        raise NotProved(f"left - right has the normal form {_shortened(poly_text(difference))}{aside}", "0",
                        "the refuter, for numbers at which the sides differ")
    return Theorem(_SEAL, claim, "by_normal_form", (), tuple(normalizer.side_conditions))


def by_cases(claim: Claim, left: IndexLike, right: IndexLike) -> Theorem:
    """|- claim given i = k        |- claim given i != k
       -------------------------------------------------
       |- claim

    i, k: indices that are free in the claim. Refuses where one of the cases is not proved by its normal form.
    """
    claim = _sound(claim, "==")
    free = claim.left.free | claim.right.free
    if not free_indices(left) | free_indices(right) <= free:
        raise NotProved(f"the cases {left} = {right} and {left} != {right}", "two indices that are free in the claim")
    first = by_normal_form(claim.given(same(left, right)))
    second = by_normal_form(claim.given(distinct(left, right)))
    conditions = dict.fromkeys(first.side_conditions + second.side_conditions)
    return Theorem(_SEAL, claim, "by_cases", (left, right), tuple(conditions))


def by_bound(claim: Claim) -> Theorem:
    """every coefficient of right - left, as a polynomial in size - 1, is >= 0
       ----------------------------------------------------------------------
       |- left <= right

    Refuses where a side holds anything but axis sizes and numbers, or has axes.
    """
    claim = _sound(claim, "<=")
    if claim.left.axes:
        raise NotProved("a bound between tensors", "scalars in axis sizes")
    normalizer = Normalizer(claim.hypotheses)
    # Not cleared of denominators: one that is negative would turn the relation round.
    difference = add(normalizer.poly(component(claim.left)), normalizer.poly(component(claim.right)), -1)
    shifted: Poly = {}
    for monomial, coefficient in difference.items():
        product = constant(-coefficient)
        for atom, exponent in monomial:
            if atom.kind != "size" or not isinstance(exponent, int) or exponent < 0:
                raise NotProved(f"{atom} in a bound", "axis sizes and numbers only")
            product = normalizer.product(product, normalizer.power({((atom, 1),): 1, (): 1}, exponent))
        accumulate(shifted, product)
    if any(coefficient < 0 for coefficient in shifted.values()):
        raise NotProved(f"right - left in sizes less one: {poly_text(shifted)}", "no negative coefficient")
    return Theorem(_SEAL, claim, "by_bound", (), tuple(normalizer.side_conditions))


def require(candidate: object) -> Theorem:
    """A genuine theorem, made again; for those who act on one.

    ForgedTheorem: the candidate is no Theorem, or its rule does not give it.
    """
    if type(candidate) is not Theorem:
        raise ForgedTheorem(f"{candidate!r} (type {type(candidate).__name__})", "a derive.kernel.Theorem",
                            "derive.prover.prove(claim) first")
    return candidate.recheck()


_RULES: dict[str, Callable[..., Theorem]] = {
    "by_normal_form": by_normal_form,
    "by_cases": by_cases,
    "by_bound": by_bound,
}


def _again(rule: str, claim: Claim, inputs: tuple[IndexLike, ...]) -> Theorem:
    if rule not in _RULES:
        raise ForgedTheorem(f"rule {rule!r}", f"one of {', '.join(_RULES)}")
    return _RULES[rule](claim, *inputs)


def _sound(claim: Claim, relation: str) -> Claim:
    if type(claim) is not Claim:
        raise NotProved(f"{claim!r} (type {type(claim).__name__})", "a Claim", "left == right between two Terms")
    if claim.relation != relation:
        raise NotProved(f"the relation {claim.relation}", relation, "the rule for that relation")
    for part, kinds in ((claim.left, (Term,)), (claim.right, (Term,)), *((h, get_args(Hypothesis))
                        for h in claim.hypotheses), *((i, (Index,)) for i in claim.for_all)):
        if type(part) not in kinds:
            raise _foreign(part)
    remade = _Remade()
    return Claim(remade(claim.left), remade(claim.right), tuple(remade(h) for h in claim.hypotheses),
                 remade(claim.for_all), remade(claim.relation)).checked()


class _Remade:
    """Copies of terms and hypotheses, made of our own classes exactly.

    A subclass could show one thing and mean another, and a term altered behind its back remembers what it was.
    """

    def __init__(self) -> None:
        self._known: dict[int, Any] = {}
        self._kept: list[Any] = []  # alive as long as their numbers are keys

    def __call__(self, part: Any) -> Any:
        known = self._known.get(id(part))
        if known is None:
            known = self._known[id(part)] = self._copy(part)
            self._kept.append(part)
        return known

    def _copy(self, part: Any) -> Any:
        if type(part) in (str, int, Fraction, type(None)):
            return part
        if type(part) is Term:
            return Term(self(part.op), self(part.args), self(part.axes))
        if type(part) is Axis:
            return Axis(self(part.name))
        if type(part) in (Index, TensorSymbol, MapSymbol):
            return type(part)(self(part.name), *self(part.axes))
        if type(part) is FunctionSymbol:
            return FunctionSymbol(self(part.name), *self(part.signature))
        if type(part) is tuple:
            return tuple(map(self, part))
        if type(part) is MapAt:
            return MapAt(*map(self, part.args))
        if type(part) in get_args(Hypothesis):
            return type(part)(**{f.name: getattr(part, f.name) if f.name == "samples" else self(getattr(part, f.name))
                                 for f in fields(part)})
        raise _foreign(part)


def _foreign(part: Any) -> NotProved:
    return NotProved(f"{type(part).__module__}.{type(part).__qualname__} in a claim", "the classes of derive",
                     "building the claim with the functions of derive.terms")


def _difference(claim: Claim) -> tuple[Normalizer, Poly]:
    """left - right for one entry, at indices that nothing in the claim mentions."""
    indices = _entry(claim)
    try:
        normalizer = Normalizer(claim.hypotheses)
        return normalizer, normalizer.difference(component(claim.left, indices), component(claim.right, indices))
    except RecursionError:
        raise OutsideTheory("an expression nested too deeply, or a hypothesis that leads back to itself",
                            "a step of ordinary size", "splitting the step into smaller ones") from None


def _entry(claim: Claim) -> tuple[Index, ...]:
    taken = claim.left.free | claim.right.free | frozenset(claim.for_all)
    taken = taken.union(*(mentioned(h) for h in claim.hypotheses))
    found: list[Index] = []
    for axis in claim.left.axes:
        found.append(fresh_index(Index("entry", axis), taken))
        taken |= {found[-1]}
    return tuple(found)


def _notation(name: str, matrix: Callable[[Claim], str], components: Callable[[Claim], str]) -> Callable[[Claim], str]:
    if name not in ("matrix", "component"):
        raise ValueError(f"notation {name!r}: expected 'matrix' or 'component'")
    return matrix if name == "matrix" else components


def _told(claim: object) -> str:
    """A claim as text, also where somebody altered it so that it has none."""
    try:
        return repr(claim)
    except Exception:
        return "something that cannot be shown"


def _shortened(shown: str) -> str:
    return shown if len(shown) <= 200 else shown[:197] + "..."
