"""The second opinion: it agrees with what is true, at sizes that settle every size, and refutes what is false."""

from __future__ import annotations

import runpy
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from pathlib import Path

import pytest

from derive import refuter, verdicts
from derive.claims import Claim, Equation, positive
from derive.components import Axis, Index
from derive.errors import InternalDisagreement
from derive.exercises.catalogue import catalogue
from derive.exercises.exercise import Exercise
from derive.kernel import by_normal_form
from derive.opinion import Disagreement, NoOpinion, Opinion, examine
from derive.opinion.fields import BASES, TOWERS, generator, proved_prime, tower
from derive.opinion.notation import digest, parse, text
from derive.prover import decide
from derive.statements import statement
from derive.terms import as_term, diag, exp, grad, log, onehot, outer, sigma, size, softmax, sqrt, sum_over, total
from tests.cases.letters import A, B, U, h, i, j, n, o, q, s, t, v, w, x, y, z

ROOT = Path(__file__).resolve().parent.parent.parent
CASES = ROOT / "tests" / "cases"


def opinion(claim: Claim) -> Opinion | Disagreement | NoOpinion:
    return examine(statement(claim))


def case(path: Path) -> Claim:
    found = runpy.run_path(str(path))["claim"]
    return found() if callable(found) else found  # type: ignore[no-any-return]


# --- on what is known -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", [e for e in catalogue() if e.expected != verdicts.ILL_TYPED], ids=lambda e: e.id)
def test_it_agrees_with_every_right_claim_of_the_catalogue_and_with_no_error(exercise: Exercise) -> None:
    found = opinion(exercise.build())
    assert isinstance(found, Opinion if exercise.expected == verdicts.PROVED else Disagreement), found


def test_most_of_the_catalogue_is_settled_for_every_size() -> None:
    found = [opinion(e.build()) for e in catalogue() if e.expected == verdicts.PROVED]
    settled = [f for f in found if isinstance(f, Opinion) and not f.weaker]
    assert len(settled) >= 0.85 * len(found)
    assert all(f.error_bound is not None and f.error_bound < 1e-12 for f in settled)


@pytest.mark.parametrize("path", sorted((CASES / "proved").glob("*.py")), ids=lambda p: p.stem)
def test_it_agrees_with_a_right_claim(path: Path) -> None:
    assert isinstance(opinion(case(path)), Opinion)


@pytest.mark.parametrize("path", sorted((CASES / "refuted").glob("*.py")), ids=lambda p: p.stem)
def test_it_disagrees_with_a_wrong_claim(path: Path) -> None:
    assert isinstance(opinion(case(path)), Disagreement)


# --- coincidences at some sizes ---------------------------------------------------------------------------------------

k = Index("k", n)
ROOM = size(n)


@pytest.mark.parametrize(("claim", "least"), [
    (sum_over(j, as_term(1)) == 3, 1), (sum_over(j, as_term(1)) == 1, 2), (ROOM * (ROOM - 1) == 0, 2),
    (ROOM * (ROOM - 1) * (ROOM - 2) == 0, 3), ((ROOM - 1) * (ROOM - 2) * total(exp(x)) == 0, 3),
    ((ROOM - 1) * (ROOM - 2) * (ROOM - 3) * x[i] == 0, 4), (total(x) ** 2 == total(x * x), 2),
    (sum_over(i, sum_over(j, sum_over(k, x[i] * x[j] * x[k]))) == total(x ** 3), 2),
    (sigma(x @ x) == sigma(total(x) ** 2), 2), (softmax(x) == softmax(y), 2),
    (sum_over(q, U[w(q)] @ v) == sum_over(q, U[w(q)] @ v) + 0 * s, 0),
], ids=str)
def test_a_coincidence_at_small_sizes_is_no_agreement(claim: Claim, least: int) -> None:
    found = opinion(claim)
    if not least:
        assert isinstance(found, Opinion)
        return
    assert isinstance(found, Disagreement)
    assert max(found.sizes.values()) >= least


@pytest.mark.parametrize("claim", [
    grad(grad(exp(s * s), s), s) == (4 * s * s + 2) * exp(s * s), grad(grad(sigma(2 * s), s), s)
    == 4 * sigma(2 * s) * (1 - sigma(2 * s)) * (1 - 2 * sigma(2 * s)),
    grad(grad(log(total(exp(x))), x), x) == diag(softmax(x)) - outer(softmax(x), softmax(x)),
    grad(grad(total(h ** 3), h), h) == 6 * diag(h), exp(1 + s) == exp(as_term(1)) * exp(s),
    exp(s / 3) ** 3 == exp(s), sum_over(j, exp(x[j]) * exp(-x[j])) == size(n),
    sum_over(j, exp(x[j] - x[j])) == size(n), softmax(A @ sigma(A @ x)) @ x == x @ softmax(A @ sigma(A @ x)),
], ids=str)
def test_it_agrees_with_what_is_true(claim: Claim) -> None:
    assert isinstance(opinion(claim), Opinion)


@pytest.mark.parametrize("claim", [
    grad(grad(exp(s * s), s), s) == (4 * s * s + 1) * exp(s * s), exp(s ** 2) == exp(s) ** 2,
    exp(as_term(1)) == exp(as_term(2)), as_term(2**61 - 1) * s == 0, as_term(2**61 - 1) * exp(s) == 0,
    grad(total(h ** 2), h) == 3 * h, total(B) == total(B) + sum_over(j, as_term(0)) + 1, sqrt(s * s) == s,
    (sqrt(s * s) == -s).given(positive(s)), log(s * t) == log(s) - log(t), U[o] @ v == v @ v,
    x * (y / total(z)) == x * y, as_term(Fraction(1, 3)) * s == as_term(Fraction(1, 2)) * s,
], ids=str)
def test_it_disagrees_with_what_is_false(claim: Claim) -> None:
    assert isinstance(opinion(claim), Disagreement)


def test_a_weaker_check_is_named() -> None:
    found = opinion(log(exp(s) * exp(t)) == s + t)
    assert isinstance(found, Opinion) and "a logarithm: 50-digit decimals" in found.weaker
    assert found.error_bound is None
    verdict = decide(log(exp(s) * exp(t)) == s + t)
    assert "second opinion: a logarithm" in verdict.reason and verdict.second_opinion == found


def test_hypotheses_that_cannot_hold_are_no_agreement() -> None:
    assert isinstance(opinion((s == s).given(positive(-(s * s) - 1))), NoOpinion)


def test_no_proof_under_hypotheses_that_were_met_nowhere() -> None:
    """True, and the kernel proves it: but nothing was found that satisfies both equations, so nothing was compared."""
    diagonal, row = Equation(sum_over(i, onehot(i) * A[i, i]), x), Equation(A[j], y)
    true, false = ((left == right).given(diagonal, row) for left, right in ((x[i] * y[j], y[j] * x[i]), (y[i], x[j])))
    assert by_normal_form(true)
    for claim in (true, false):
        found, verdict = opinion(claim), decide(claim)
        assert isinstance(found, NoOpinion) and found.unmet
        assert verdict.kind == "undecided"
    assert "no second opinion: no point was found" in decide(true).reason


# --- in the prover ----------------------------------------------------------------------------------------------------


def test_a_disagreement_is_never_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    from derive import kernel, normal_form

    monkeypatch.setattr(normal_form.Normalizer, "_size", lambda self, axis: {(): 1})
    false = sum_over(j, s) == s
    kernel.by_normal_form(false)
    with pytest.raises(InternalDisagreement) as error:
        decide(false)
    said = str(error.value)
    assert digest(statement(false)) in said and text(statement(false)) in said and "left = " in said


def test_proved_claims_no_longer_need_floats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refuter, "agrees", lambda *args: pytest.fail("floats were asked"))
    verdict = decide(total(softmax(x)) == 1)
    assert verdict.kind == verdicts.PROVED and verdict.second_opinion is not None
    assert verdict.second_opinion.sizes == {"n": (1, 2)} and not verdict.second_opinion.weaker


def test_it_is_the_same_every_time() -> None:
    claim = grad(log(total(exp(x))), x) == softmax(x)
    assert opinion(claim) == opinion(claim)
    false = total(x) == x @ x
    assert str(opinion(false)) == str(opinion(false))


# --- on the standard library alone ------------------------------------------------------------------------------------


def test_it_runs_on_the_standard_library_alone() -> None:
    source = text(statement(total(softmax(x)) == 1))
    program = (
        "import sys\n"
        "class Refuse:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('sympy', 'numpy', 'scipy', 'mpmath', 'rich'):\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Refuse())\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from derive.opinion import examine\n"
        "from derive.opinion.notation import parse\n"
        f"print(examine(parse({source!r})).weaker == '')\n"
        "print(sorted(m for m in sys.modules if m.startswith('derive')))\n"
    )
    done = subprocess.run([sys.executable, "-S", "-I", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("True"), done.stderr
    assert all(name in ("derive", "derive.opinion") or name.startswith("derive.opinion.")
               for name in done.stdout.splitlines()[1].strip("[]").replace("'", "").split(", "))


def test_statements_print_and_parse() -> None:
    for exercise in catalogue():
        if exercise.expected != verdicts.ILL_TYPED:
            known = statement(exercise.build())
            assert parse(text(known)) == known


@pytest.mark.parametrize(("old", "new", "expected"), [
    ('"op":"total"', '"op":"import"', "one of tensor"), ('"n"', '"m"', "axes that fit"), ("}", "", "JSON"),
    ('"relation":"=="', '"relation":">"', "== or <="), ('"number":"1"', '"number":"1/0"', "a fraction"),
    ('"number":"1"', '"number":"02"', "as it would be printed"), ("{", "[" * 500 + "{", "inside each other"),
], ids=str)
def test_a_text_that_is_no_statement_is_refused(old: str, new: str, expected: str) -> None:
    source = text(statement(total(softmax(x)) == 1))
    assert old in source
    with pytest.raises(ValueError, match="expected") as error:
        parse(source.replace(old, new, 1))
    assert expected in str(error.value)


# --- primes -----------------------------------------------------------------------------------------------------------


def test_the_primes_are_prime_and_stand_on_each_other() -> None:
    assert BASES[0] == 2**61 - 1 and isqrt(BASES[0]) > 2**30
    assert all(proved_prime(below, prime) for below, prime in pairwise(BASES))
    for base, primes in zip(BASES, TOWERS, strict=True):
        assert primes[0] == base
        assert all(proved_prime(below, prime) for below, prime in pairwise(primes))
    assert not proved_prime(3, 15) and not proved_prime(7, 57)


def test_a_mersenne_prime_passes_the_test_of_lucas_and_lehmer() -> None:
    residue = 4
    for _ in range(59):
        residue = (residue * residue - 2) % (2**61 - 1)
    assert residue == 0


def test_powers_of_a_generator_are_an_exponential() -> None:
    import random

    primes = tower(60)
    assert primes is not None and tower(10_000) is None
    for below, prime in pairwise(primes):
        g = generator(below, prime, random.Random(1))
        assert g != 1 and pow(g, below, prime) == 1
        a, b = 3**30 % below, 5**20 % below
        assert pow(g, (a + b) % below, prime) == pow(g, a, prime) * pow(g, b, prime) % prime
    assert Axis("n").name == "n"


def test_an_axis_size_is_divided_by_in_decimals_too() -> None:
    """1 / n of a whole number n was a float, which no decimal may be multiplied by."""
    found = opinion(size(n)**-1 * sqrt(1 + exp(s))**2 == (1 + exp(s)) / size(n))
    assert isinstance(found, Opinion) and found.weaker


def test_a_division_by_what_is_0_everywhere_gets_no_opinion() -> None:
    assert isinstance(opinion(grad(s, t)**2 / grad(s, t) == grad(s, t)), NoOpinion)
