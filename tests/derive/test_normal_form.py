"""The normal form: what it looks like, and that it means what the expression means.

Random terms come from tests/derive/random_terms.py and values from the loops of tests/derive/oracle.py. The long
campaign of the same kind is `benchmarks/soundness.py`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sympy import Expr

from derive.atoms import Atom, add, never_zero, nonnegative_atom, poly_text
from derive.claims import (
    Claim,
    Equation,
    Hypothesis,
    avoids,
    distinct,
    injective,
    negative,
    nonnegative,
    positive,
    same,
    sums_to_one,
)
from derive.components import Index, MapAt, Sum
from derive.derivative import with_indices, without_gradients
from derive.errors import AxisError, NotProved, OutsideTheory
from derive.kernel import by_cases, by_normal_form
from derive.normal_form import MAX_POWER, Normalizer, normal_form_text
from derive.rendering import claim_text
from derive.terms import (
    Term,
    absolute,
    as_term,
    component,
    delta,
    exp,
    identity,
    log,
    maximum,
    norm,
    ones,
    sigma,
    sign,
    size,
    softmax,
    sqrt,
    sum_over,
    total,
    where_positive,
)
from tests.cases.letters import A, U, c, i, j, n, o, q, q2, r, s, t, v, w, x, y
from tests.derive.oracle import differs, evaluate, evaluate_poly, worlds
from tests.derive.random_terms import MAPS, K, M, Maker, N, mutated

CUBE = Fraction(1, 3)
SHAPES: tuple[tuple[object, ...], ...] = ((), (), (), (N,), (M,), (K,), (N, N), (K, N))

# expression -> its normal form; each line is one rewriting, or one that must not happen
FORMS: list[tuple[Term, tuple[Hypothesis, ...], str]] = [
    (exp(s + t), (), "exp(s)*exp(t)"),
    (exp(s) * exp(-s), (), "1"),
    (exp(s * t), (), "exp(s*t)"),
    (total(softmax(x)), (), "1"),
    (sigma(s) + sigma(-s), (), "1"),
    (1 / (s + t) + 1 / (s + t), (), "2*1/(s + t)"),
    (1 / (s * s + 1), (), "1/(1 + s^2)"),
    (sum_over(i, s), (), "n*s"),
    (sum_over(i, sum_over(j, x[i] * y[j])), (), "Sum[n](x[n])*Sum[n](y[n])"),
    (sum_over(i, sum_over(j, A[i, j])), (), "Sum[n, n1](A[n, n1])"),
    (sum_over(i, A[i, i]), (), "Sum[n](A[n, n])"),
    (sum_over(j, delta(i, j) * x[j]), (), "x[i]"),
    (sum_over(i, delta(i, i)), (), "n"),
    (sum_over(q, delta(w(q), o) * c), (), "Sum[k]([o = w(k)])*c"),
    (sum_over(o, delta(w(q), o) * U[o] @ v), (), "Sum[d](U[w(q), d]*v_c[d])"),
    (delta(i, j) ** 3 * x[j], (), "[i = j]*x[i]"),
    (sqrt(delta(i, j)), (), "[i = j]"),
    (identity(n)[i, j] ** CUBE, (), "exp(log([i = j]))^1/3"),
    (absolute(s) ** 2, (), "s^2"),
    (absolute(s), (), "s*sign(s)"),
    (sign(s) ** 3, (), "sign(s)"),
    (absolute(-2 * s), (), "2*s*sign(s)"),
    (absolute(s * t) - absolute(s) * absolute(t), (), "0"),
    (absolute(exp(s) + 1), (), "1 + exp(s)"),
    (absolute(total(x * x)), (), "Sum[n](x[n]^2)"),
    (sqrt(s * s), (), "s*sign(s)"),
    (sqrt(s) * sqrt(t), (), "root(s)*root(t)"),
    (sqrt(s * t), (), "root(s*t)"),
    (sqrt(s) ** 3, (), "root(s)*s"),
    (sqrt(as_term(12)), (), "2*root(3)"),
    (sqrt(exp(s)), (), "exp(s)^1/2"),
    (log(s * t), (), "log(s*t)"),
    (log(s * s), (), "log(s^2)"),
    (log(s * exp(t)), (), "log(s) + t"),
    (log(exp(s) + 1), (), "log(1 + exp(s))"),
    (log(softmax(x)[i]), (), "-1*log(Sum[n](exp(x[n]))) + x[i]"),
    (log(s * t), (positive(s),), "log(s) + log(t)"),
    (log(s * t), (nonnegative(s), nonnegative(t)), "log(s*t)"),
    (maximum(s, t), (positive(s - t),), "s"),
    (maximum(s, t), (negative(s - t),), "t"),
    (maximum(s, t), (positive(s),), None),  # type: ignore[list-item]
    (where_positive(s, t, r), (negative(s),), "r"),
    (absolute(s), (nonnegative(s),), "s"),
    (absolute(s), (negative(s),), "-1*s"),
    (delta(i, j), (same(i, j),), "1"),
    (delta(i, j), (distinct(i, j),), "0"),
    (delta(w(q), w(q2)), (injective(w),), "[q = q2]"),
    (delta(w(q), w(q2)), (), "[w(q) = w(q2)]"),
    (delta(w(q), o), (avoids(w, o),), "0"),
    (sum_over(q, delta(w(q), o)), (avoids(w, o),), "0"),
    (total(y) * s, (sums_to_one(y),), "s"),
    (y[i] * y[j], (Equation(y, x * x),), "x[i]^2*x[j]^2"),
    (y[i], (Equation(y[j], as_term(1)),), "y[i]"),
    (s * t, (Equation(s, t**2),), "t^3"),
    (r, (Equation(s**CUBE * r, as_term(0)),), "r"),
    (size(n) * total(ones(n)), (), "n^2"),
    (norm(x) ** 2, (), "Sum[n](x[n]^2)"),
    (sum_over(i, sum_over(j, A[i, j] - A[j, i])), (), "0"),
]


def letters(shown: str) -> list[str]:
    """A normal form up to the order of its factors, which is that of their making."""
    return sorted(shown)


@pytest.mark.parametrize(("term", "given_", "shown"), FORMS, ids=[f"{row[0]!r} {len(row[1])}" for row in FORMS])
def test_the_normal_form_of(term: Term, given_: tuple[Hypothesis, ...], shown: str | None) -> None:
    found = normal_form_text(component(term), given_)
    if shown is None:
        assert "sign(" in found
    else:
        assert letters(found) == letters(shown), found


@pytest.mark.parametrize(("build", "message"), [
    (lambda: log(s - s), "without a value"),
    (lambda: log(-1 - total(x) * 0), "positive argument|complex|pi|without a value|sums, products"),
    (lambda: 1 / (sum_over(i, s) - size(n) * s), "division by an expression that is 0"),
    (lambda: where_positive(sum_over(i, s) - size(n) * s, s, t), "a condition that is not identically 0"),
    (lambda: (s + t) ** (MAX_POWER + 1), "a power too large to expand"),
    (lambda: s**20_000, "a power too large to expand"),
    (lambda: log(sum_over(i, s) - size(n) * s), "log of 0"),
])
def test_what_has_no_normal_form(build: Callable[[], Term], message: str) -> None:
    with pytest.raises(OutsideTheory, match=message):
        normal_form_text(component(build()))


def test_a_log_of_a_negative_number_has_no_normal_form() -> None:
    with pytest.raises(OutsideTheory):
        normal_form_text(component(log(-exp(s) / exp(s))))


# --- what a hypothesis may be divided by ------------------------------------------------------------------------------


@pytest.mark.parametrize(("factor", "given_", "safe"), [
    (exp(s), (), True), (1 / (s + t), (), True), (size(n), (), True), (s, (), False), (s, (positive(s),), True),
    (s, (nonnegative(s),), False), (s, (negative(s),), False), (sqrt(s), (), False), (delta(i, j), (), False),
    ((s * s) ** CUBE, (), False), (total(exp(x)), (), True), (total(x * x), (), False), (total(sqrt(x)), (), False),
    (sign(s), (), False), (log(s), (), False),
])
def test_never_zero(factor: Term, given_: tuple[Hypothesis, ...], safe: bool) -> None:
    poly = Normalizer(given_).poly(component(factor))
    assert all(never_zero(atom) for m in poly for atom, _ in m) is safe


def test_nonnegative_atoms() -> None:
    def atom(term: Term) -> Atom:
        ((monomial, _),) = Normalizer().poly(component(term)).items()
        ((found, _),) = monomial
        return found

    assert nonnegative_atom(atom(delta(i, j))) and nonnegative_atom(atom(total(x * x)))
    assert nonnegative_atom(atom(sqrt(s))) and nonnegative_atom(atom(exp(s))) and nonnegative_atom(atom(size(n)))
    assert not any(nonnegative_atom(atom(term)) for term in (s, total(x), sign(s), log(s), total(x * x * x)))


def test_side_conditions_and_hypotheses_left_aside_are_told() -> None:
    normalizer = Normalizer((Equation(s**CUBE * r, as_term(0)),))
    assert len(normalizer.unused) == 1 and normalizer.unused[0].endswith("* r == 0")
    normalizer.poly(component(1 / (s + t) + 1 / (total(exp(x)) + 1)))
    assert list(normalizer.side_conditions) == ["s + t != 0"]


# --- properties -------------------------------------------------------------------------------------------------------

SEEDS = st.integers(0, 10**6)


def random_claim(seed: int, depth: int = 3) -> tuple[Maker, Claim]:
    """A random term set equal to itself, under random hypotheses."""
    maker = Maker(random.Random(seed))
    term = maker.term(maker.rng.choice(SHAPES), depth)  # type: ignore[arg-type]
    return maker, Claim(term, term, maker.hypotheses())


def entry_of(term: Term) -> tuple[Index, ...]:
    return tuple(Index(f"e{number}", axis) for number, axis in enumerate(term.axes))


def normal_form(normalizer: Normalizer, e: Expr) -> object:
    """The normal form, or the kind of refusal."""
    try:
        return normalizer.poly(e)
    except (OutsideTheory, RecursionError) as error:
        return type(error)


def agree(normalizer: Normalizer, left: Expr, right: Expr) -> bool:
    """Whether two expressions are one to the normal form; a refusal of both is agreement."""
    first, second = normal_form(normalizer, left), normal_form(normalizer, right)
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first is second
    return not normalizer._cleared(add(first, second, -1))[0]


def sound(claim: Claim) -> bool:
    try:
        claim.checked()
    except AxisError:
        return False
    return True


def entry_at(term: Term, at: tuple[Index, ...]) -> Expr:
    """One entry of a random term; one that has no value anywhere, such as 1/(s - s), is another example."""
    try:
        return component(term, at)
    except OutsideTheory:
        reject()


@settings(max_examples=300)
@given(SEEDS)
def test_the_normal_form_has_the_value_of_the_term(seed: int) -> None:
    maker, claim = random_claim(seed)
    term, at = claim.left, entry_of(claim.left)
    if not sound(claim):
        return
    poly = normal_form(normalizer := Normalizer(claim.hypotheses), entry_at(term, at))
    if not isinstance(poly, dict):
        return
    assert normalizer.poly(entry_at(term, at)) == poly
    for world in worlds(claim, maker.rng, 3, tries=6):
        values = evaluate(term, world)
        for place in np.ndindex(*values.shape):
            env = {(index.name, index.axis.name): p for index, p in world.index.items()}
            env |= {(index.name, index.axis.name): p for index, p in zip(at, place, strict=True)}
            wanted, found = values[place].real, evaluate_poly(poly, world, env).real
            if np.isfinite(wanted) and np.isfinite(found):
                assert abs(wanted - found) <= 1e-6 * (1 + abs(wanted)), f"{claim_text(claim)}: {poly_text(poly)}"


@settings(max_examples=200)
@given(SEEDS)
def test_names_of_bound_indices_do_not_matter(seed: int) -> None:
    _, claim = random_claim(seed)
    e = entry_at(claim.left, entry_of(claim.left))
    assert agree(Normalizer(), e, with_other_binders(e))


@settings(max_examples=200)
@given(SEEDS)
def test_the_normal_form_commutes_with_substitution(seed: int) -> None:
    """Meeting indices included: i becomes j, or a map of j."""
    claim = random_claim(seed)[1]
    try:
        e = without_gradients(entry_at(claim.left, entry_of(claim.left)))
    except OutsideTheory:  # a gradient without a value
        reject()
    for old, new in ((Index("i", N), Index("j", N)), (Index("j", N), MapAt(MAPS[0], Index("i", K)))):
        try:
            moved = normal_form(normalizer := Normalizer(), with_indices(e, {old: new}))
        except OutsideTheory:  # the new index makes a denominator vanish
            continue
        start = normal_form(normalizer, e)
        if not isinstance(start, dict) or not isinstance(moved, dict):
            continue
        try:
            renamed = normalizer.renamed(start, {(old.name, old.axis.name): normalizer._index(new, {})})
        except OutsideTheory:
            continue
        assert not normalizer._cleared(add(renamed, moved, -1))[0], f"{e} with {old} -> {new}"


@settings(max_examples=200)
@given(SEEDS)
def test_the_order_of_sums_and_products_does_not_matter(seed: int) -> None:
    maker, claim = random_claim(seed)
    shuffled = reordered(claim.left, maker.rng)
    at = entry_of(claim.left)
    assert agree(Normalizer(), entry_at(claim.left, at), entry_at(shuffled, at))


@given(SEEDS)
def test_a_normal_form_does_not_depend_on_what_was_read_before(seed: int) -> None:
    _, first = random_claim(seed)
    _, second = random_claim(seed + 1)
    used, fresh = Normalizer(), Normalizer()
    normal_form(used, entry_at(second.left, entry_of(second.left)))
    e = entry_at(first.left, entry_of(first.left))
    left, right = normal_form(used, e), normal_form(fresh, e)
    if isinstance(left, dict) and isinstance(right, dict):
        assert letters(poly_text(left)) == letters(poly_text(right))


def with_other_binders(e: Expr) -> Expr:
    """The expression with every Sum's index renamed."""
    args = [with_other_binders(a) for a in e.args]
    if isinstance(e, Sum):
        index = Index(f"{e.args[0].name}z", e.args[0].axis)
        return Sum(index, with_indices(args[1], {e.args[0]: index}))
    return e.func(*args) if args else e


def reordered(term: Term, rng: random.Random) -> Term:
    """Sums and products with their two sides swapped at random, sums exchanged with sums."""
    args = tuple(reordered(a, rng) if isinstance(a, Term) else a for a in term.args)
    if term.op in ("let", "grad"):
        return term
    if term.op in ("add", "mul", "maximum") and rng.random() < 0.7:
        args = args[::-1]
    if term.op == "sum" and isinstance(args[1], Term) and args[1].op == "sum" and args[0] != args[1].args[0]:
        inner = Term("sum", (args[0], args[1].args[1]), term.axes)
        return Term("sum", (args[1].args[0], inner), term.axes)
    return Term(term.op, args, term.axes)


# --- a small campaign -------------------------------------------------------------------------------------------------

PAIRS, CHUNK = 2000, 250


def pair(seed: int) -> Iterator[Claim]:
    """A random term beside a mutant of it."""
    maker, claim = random_claim(seed)
    other = claim.left
    for _ in range(maker.rng.choice([1, 1, 2, 3])):
        other = mutated(other, maker)
    yield Claim(claim.left, other, claim.hypotheses, tuple(other.free))


def proved(claim: Claim) -> bool:
    try:
        by_normal_form(claim)
        return True
    except (NotProved, OutsideTheory, AxisError, RecursionError):
        pass
    free = sorted((index for index in claim.left.free | claim.right.free if index.axis == N), key=str)
    try:
        return len(free) > 1 and bool(by_cases(claim, *free[:2]))
    except (NotProved, OutsideTheory, AxisError, RecursionError):
        return False


@pytest.mark.parametrize("start", range(0, PAIRS, CHUNK))
def test_no_proved_pair_differs_in_value(start: int) -> None:
    found = 0
    for seed in range(start, start + CHUNK):
        for claim in pair(seed):
            if proved(claim):
                found += 1
                for world in worlds(claim, random.Random(seed), 4, tries=6):
                    assert not differs(claim, world), f"seed {seed}: {claim_text(claim)}"
    assert found > CHUNK // 20, "a campaign that proves nothing tests nothing"


def test_the_campaign_would_find_a_wrong_rule() -> None:
    wrong = Claim(sqrt(s * s), s)
    assert any(differs(wrong, world) for world in worlds(wrong, random.Random(1), 12))
    assert not proved(wrong)
