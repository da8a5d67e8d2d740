"""Compiled steps beside losses written by hand, for large inputs, in batches; and what is refused."""

from __future__ import annotations

import ast
import pickle
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.claims import Claim, at_most, positive
from derive.components import Axis, Index
from derive.errors import AxisError, ForgedTheorem, GradproofError
from derive.exercises.catalogue import catalogue, find
from derive.kernel import Theorem
from derive.prover import prove
from derive.terms import (
    Function,
    absolute,
    exp,
    grad,
    identity,
    index_map,
    log,
    maximum,
    norm,
    number,
    ones,
    outer,
    sigma,
    size,
    softmax,
    sqrt,
    sum_over,
    tensor,
    total,
    where_positive,
    zeros,
)
from numeric import compiling
from numeric.compiling import (
    CompiledStep,
    can_check,
    check_step,
    compile_loss,
    compile_step,
    compile_steps,
    compile_value,
)
from numeric.namespaces import gather, scatter

Arrays = dict[str, Any]
CENTRAL, COMPLEX = 1e-5, 1e-30
BLOCK = ("Vb", "X", "Y", "M", "N")


@cache
def theorem(id: str) -> Theorem:
    return prove(find(id).build())


@cache
def step_of(id: str) -> CompiledStep:
    return compile_step(theorem(id))


@cache
def loss_of(id: str) -> CompiledStep:
    return compile_loss(theorem(id))


# --- losses by hand, in plain NumPy, right for complex numbers --------------------------------------------------------


def log_sum_exp(x: Any) -> Any:
    return np.log(np.sum(np.exp(x), axis=-1))


def log_sigma(x: Any) -> Any:
    return -np.log(1 + np.exp(-x))


def softmax_loss(U: Any, v_c: Any, o: int) -> Any:
    return log_sum_exp(np.array([row @ v_c for row in U])) - U[o] @ v_c


def softmax_loss_of_columns(U: Any, v_c: Any, o: int) -> Any:
    return softmax_loss(U.T, v_c, o)


def any_target_loss(U: Any, v_c: Any, y: Any) -> Any:
    return sum(y[k] * softmax_loss(U, v_c, k) for k in range(len(y)))


def sampling_loss(U: Any, v_c: Any, o: int, w: Any) -> Any:
    return -log_sigma(U[o] @ v_c) - sum(log_sigma(-(U[word] @ v_c)) for word in w)


def sampling_block_loss(Vb: Any, X: Any, Y: Any, M: Any, N: Any) -> Any:
    true = sum(M[b, c] * log_sigma(Vb[b] @ X[c]) for b in range(len(Vb)) for c in range(len(X)))
    return -true - sum(N[b, k] * log_sigma(-(Vb[b] @ Y[k])) for b in range(len(Vb)) for k in range(len(Y)))


def labelled_block_loss(Vb: Any, Z: Any, T: Any, W: Any) -> Any:
    pairs = [(T[b, c], W[b, c], Vb[b] @ Z[c]) for b in range(len(Vb)) for c in range(len(Z))]
    return -sum(true * log_sigma(score) + (all_ - true) * log_sigma(-score) for true, all_, score in pairs)


def cbow_own_loss(A: Any, Z: Any, R: Any, Y: Any, m: Any, N: Any) -> Any:
    means = A @ Z
    true = sum(m[b] * log_sigma(means[b] @ R[b]) for b in range(len(A)))
    return -true - sum(N[b, k] * log_sigma(-(means[b] @ Y[k])) for b in range(len(A)) for k in range(len(Y)))


def softmax_block_loss(Vb: Any, U: Any, T: Any) -> Any:
    return sum(T[b, k] * softmax_loss(U, Vb[b], k) for b in range(len(Vb)) for k in range(len(U)))


def network_loss(X: Any, W1: Any, b1: Any, W2: Any, b2: Any, Y: Any) -> Any:
    h = 1 / (1 + np.exp(-(X @ W1 + b1)))
    z2 = h @ W2 + b2
    return np.sum(Y * (log_sum_exp(z2)[:, None] - z2))


@dataclass(frozen=True)
class Case:
    """A theorem of the catalogue, the loss by hand, what it is differentiated by, and shapes by size."""

    id: str
    loss: Callable[..., Any]
    by: str
    draw: Callable[[np.random.Generator, int], Arrays]

    def __str__(self) -> str:
        return self.id


def words(rng: np.random.Generator, n: int) -> Arrays:
    return {"U": rng.normal(size=(n + 3, n)), "v_c": rng.normal(size=n), "o": int(rng.integers(n + 3))}


def words_by_column(rng: np.random.Generator, n: int) -> Arrays:
    return {**words(rng, n), "U": rng.normal(size=(n, n + 3))}


def with_target(rng: np.random.Generator, n: int) -> Arrays:
    y = rng.normal(size=n + 3)
    return {"U": rng.normal(size=(n + 3, n)), "v_c": rng.normal(size=n), "y": y - (y.sum() - 1) / (n + 3)}


def samples(rng: np.random.Generator, n: int) -> Arrays:
    """More negatives than words, so that some repeat, the true word too."""
    return {**words(rng, n), "w": rng.integers(n + 3, size=2 * n + 5)}


def sampling_block(rng: np.random.Generator, n: int) -> Arrays:
    return {"Vb": rng.normal(size=(n, n + 1)), "X": rng.normal(size=(n + 2, n + 1)), "M": rng.random((n, n + 2)),
            "Y": rng.normal(size=(n + 3, n + 1)), "N": rng.random((n, n + 3))}


def labelled_block(rng: np.random.Generator, n: int) -> Arrays:
    return {"Vb": rng.normal(size=(n, n + 1)), "Z": rng.normal(size=(n + 2, n + 1)), "T": rng.random((n, n + 2)),
            "W": 1 + rng.random((n, n + 2))}


def cbow_own_block(rng: np.random.Generator, n: int) -> Arrays:
    return {"A": rng.random((n, n + 3)), "Z": rng.normal(size=(n + 3, n + 1)), "R": rng.normal(size=(n, n + 1)),
            "Y": rng.normal(size=(n + 2, n + 1)), "m": rng.random(n), "N": rng.random((n, n + 2))}


def softmax_block(rng: np.random.Generator, n: int) -> Arrays:
    return {"Vb": rng.normal(size=(n, n + 1)), "U": rng.normal(size=(n + 3, n + 1)),
            "T": rng.integers(3, size=(n, n + 3)).astype(float)}


def batch(rng: np.random.Generator, n: int) -> Arrays:
    Y = np.eye(n + 1)[rng.integers(n + 1, size=n + 4)]
    return {"X": rng.normal(size=(n + 4, n + 2)), "W1": rng.normal(size=(n + 2, n + 3)), "b1": rng.normal(size=n + 3),
            "W2": rng.normal(size=(n + 3, n + 1)), "b2": rng.normal(size=n + 1), "Y": Y}


CASES = (
    Case("word2vec/v_c-rows", softmax_loss, "v_c", words),
    Case("word2vec/v_c-columns", softmax_loss_of_columns, "v_c", words_by_column),
    Case("word2vec/v_c-nested-sums", softmax_loss, "v_c", words),
    Case("word2vec/v_c-any-target", any_target_loss, "v_c", with_target),
    Case("word2vec/U-rows", softmax_loss, "U", words),
    Case("word2vec/U-columns", softmax_loss_of_columns, "U", words_by_column),
    Case("word2vec/block-centres", softmax_block_loss, "Vb", softmax_block),
    Case("word2vec/block-outputs", softmax_block_loss, "U", softmax_block),
    Case("negative-sampling/v_c", sampling_loss, "v_c", samples),
    Case("negative-sampling/U", sampling_loss, "U", samples),
    Case("negative-sampling/block-centres", sampling_block_loss, "Vb", sampling_block),
    Case("negative-sampling/block-outputs", sampling_block_loss, "X", sampling_block),
    Case("negative-sampling/block-negatives", sampling_block_loss, "Y", sampling_block),
    Case("negative-sampling/labelled-centres", labelled_block_loss, "Vb", labelled_block),
    Case("negative-sampling/labelled-outputs", labelled_block_loss, "Z", labelled_block),
    Case("windows/cbow-own-contexts", cbow_own_loss, "Z", cbow_own_block),
    Case("windows/cbow-own-targets", cbow_own_loss, "R", cbow_own_block),
    Case("windows/cbow-own-negatives", cbow_own_loss, "Y", cbow_own_block),
    *(Case(f"network/batch-{by}", network_loss, by, batch) for by in ("W1", "b1", "W2", "b2")),
)


def derivative(loss: Callable[..., Any], arrays: Arrays, by: str, complex_step: bool) -> Any:
    x = arrays[by]
    found = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape, dtype=complex if complex_step else float)
        step[place] = 1j * COMPLEX if complex_step else CENTRAL
        above = loss(**{**arrays, by: x + step})
        found[place] = (above.imag / COMPLEX if complex_step
                        else (above - loss(**{**arrays, by: x - step})) / (2 * CENTRAL))
    return found


def chosen(step: Any, arrays: Arrays) -> Arrays:
    return {name: arrays[name] for name in step.arguments}


def single(arrays: Arrays) -> Arrays:
    return {name: a.astype(np.float32) if getattr(a, "dtype", None) == np.float64 else a for name, a in arrays.items()}


@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_step_is_the_derivative_of_a_loss_written_by_hand(case: Case, n: int) -> None:
    arrays = case.draw(np.random.default_rng(n), n)
    step = step_of(case.id)
    found = step(**chosen(step, arrays))
    np.testing.assert_allclose(found, derivative(case.loss, arrays, case.by, complex_step=True), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(found, derivative(case.loss, arrays, case.by, complex_step=False), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_compiled_loss_is_the_loss_written_by_hand_also_for_complex_numbers(case: Case) -> None:
    arrays = case.draw(np.random.default_rng(2), 3)
    loss = loss_of(case.id)
    np.testing.assert_allclose(loss(**chosen(loss, arrays)), case.loss(**arrays), rtol=1e-13)
    shifted = {**arrays, case.by: arrays[case.by] + 1e-3j}
    np.testing.assert_allclose(loss(**chosen(loss, shifted)), case.loss(**shifted), rtol=1e-12)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_single_numbers_stay_single(case: Case) -> None:
    arrays = case.draw(np.random.default_rng(3), 5)
    for compiled in (step_of(case.id), loss_of(case.id)):
        narrow = compiled(**chosen(compiled, single(arrays)))
        assert narrow.dtype == np.float32
        np.testing.assert_allclose(narrow, compiled(**chosen(compiled, arrays)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [1e3, 50.0, 1e-6])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_large_numbers_neither_overflow_nor_give_nan(case: Case, size: float, dtype: type) -> None:
    arrays = case.draw(np.random.default_rng(4), 3)
    scaled = {name: (np.sign(a) * size).astype(dtype) if name not in ("T", "Y", "y", "M", "N") and
              getattr(a, "dtype", None) == np.float64 else a for name, a in arrays.items()}
    for compiled in (step_of(case.id), loss_of(case.id)):
        with np.errstate(all="raise", under="ignore"):
            assert np.all(np.isfinite(compiled(**chosen(compiled, scaled))))


def test_scalar_functions_of_large_numbers_are_right() -> None:
    x = tensor("x")
    value = compile_value(prove(log(sigma(x)) == x + log(sigma(-x))))
    growing = compile_step(prove(grad(log(1 + exp(x)), x) == exp(x) / (exp(x) + 1)))
    tail = compile_step(theorem("sigmoid/log-derivative"))
    squared = compile_step(prove(grad(sigma(x), x) == exp(-x) / (1 + exp(-x)) ** 2))
    with np.errstate(all="raise", under="ignore"):
        assert [float(value(x=a)) for a in (-1000.0, 0.0, 1000.0)] == [-1000.0, -np.log(2), 0.0]
        assert [float(growing(x=a)) for a in (-1000.0, 0.0, 1000.0)] == [0.0, 0.5, 1.0]
        np.testing.assert_allclose(tail(x=40.0), np.exp(-40.0), rtol=1e-12)  # 1 - sigma(40) by subtraction is 0
        np.testing.assert_allclose(squared(x=np.array(-700.0)), np.exp(-700.0), rtol=1e-12)


def test_every_step_of_the_catalogue_agrees_with_differences_of_its_loss() -> None:
    theorems = {e.id: theorem(e.id) for e in catalogue() if e.expected == "proved" and e.topic in
                ("softmax", "word2vec", "negative-sampling")}
    checked = {id: check_step(t) for id, t in theorems.items() if can_check(t)}
    assert len(checked) > 60
    assert [id for id, result in checked.items() if not result.ok] == []


@pytest.mark.parametrize("id", ["network/batch-h", "network/h-by-z1", "sigmoid/leaky-relu-derivative",
                                "windows/cbow-mean-softmax-U", "word2vec/unit-sign"])
def test_intermediate_results_cases_and_norms_are_checked_too(id: str) -> None:
    result = check_step(theorem(id), seed=5)
    assert result.ok
    assert result.max_abs_error_complex <= 1e-12 * result.scale


def test_check_step_takes_sizes() -> None:
    result = check_step(theorem("word2vec/v_c-rows"), sizes=[{"V": 7, "D": 2}, {"V": 1, "D": 1}])
    assert result.ok
    assert result.sizes == ({"D": 2, "V": 7}, {"D": 1, "V": 1})
    with pytest.raises(GradproofError, match=r"sizes for W; expected axes among D, V"):
        check_step(theorem("word2vec/v_c-rows"), sizes={"W": 3})


@pytest.mark.parametrize("spoiled", [lambda g: g * 1.001, lambda g: -g, lambda g: g + 0.002, lambda g: g * np.nan])
def test_the_checker_finds_a_step_that_is_wrong_in_the_third_decimal(
        monkeypatch: pytest.MonkeyPatch, spoiled: Callable[[Any], Any]) -> None:
    right = compile_step(theorem("word2vec/U-rows"))
    wrong = replace(right, function=lambda *a: [spoiled(right.function(*a)[0])])
    monkeypatch.setattr(compiling, "compile_step", lambda *_: wrong)
    monkeypatch.setattr("numeric.differences._has_value", lambda *_: True)
    assert not check_step(theorem("word2vec/U-rows")).ok


# --- a theorem and nothing else ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("candidate", [
    find("word2vec/v_c-rows").build(), find("word2vec/error-v_c-transpose-square").build(), "U.T @ (yhat - y)", None,
    tensor("x", Axis("n")),
], ids=["claim", "wrong claim", "text", "none", "term"])
@pytest.mark.parametrize("compiler", [compile_step, compile_value, compile_loss, check_step])
def test_only_a_theorem_is_compiled(compiler: Callable[..., Any], candidate: object) -> None:
    with pytest.raises(ForgedTheorem, match=r"expected a derive\.kernel\.Theorem; try derive\.prover\.prove"):
        compiler(candidate)
    with pytest.raises(ForgedTheorem):
        compile_steps({"step": candidate})  # type: ignore[dict-item]


def test_a_theorem_whose_claim_was_exchanged_is_not_compiled() -> None:
    forged = prove(find("word2vec/v_c-rows").build())
    object.__setattr__(forged, "claim", find("word2vec/error-equal-hats").build())
    with pytest.raises(ForgedTheorem):
        compile_step(forged)


def test_steps_are_compiled_from_what_a_pickle_gives_back() -> None:
    again = pickle.loads(pickle.dumps(theorem("word2vec/v_c-rows")))
    assert compile_step(again).source == compile_step(theorem("word2vec/v_c-rows")).source


def test_a_step_names_its_theorem_and_its_licences() -> None:
    step = step_of("word2vec/v_c-rows")
    assert repr(step.theorem.claim) == repr(find("word2vec/v_c-rows").build())
    assert [repr(t) for t in step.licences] == ["|- softmax(x - m.along(n)) == softmax(x)"]
    assert all(isinstance(t, Theorem) for t in step.licences)
    reflected = compile_step(theorem("sigmoid/log-derivative"))
    assert {repr(t) for t in reflected.licences} >= {"|- sigma(-x) == 1 - sigma(x)"}


def test_without_its_licence_no_stable_form_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> Theorem:
        raise GradproofError(f"{name} is not proved")

    monkeypatch.setattr(compiling, "licence", refuse)
    with pytest.raises(GradproofError, match="softmax/stable-shift is not proved"):
        compile_step(theorem("word2vec/v_c-rows"))


def test_derivatives_and_abstract_functions_cannot_be_compiled() -> None:
    D = Axis("D")
    v = tensor("v", D)
    F = Function("F", (D,))
    with pytest.raises(GradproofError, match="a derivative in an expression"):
        compile_step(theorem("word2vec/v_c-rows"), side="left")
    with pytest.raises(GradproofError, match="the abstract function F"):
        compile_step(prove(grad(F(v), v) == F.partial(0)(v)))
    with pytest.raises(GradproofError, match=r"side='middle'; expected 'left' or 'right'"):
        compile_step(theorem("word2vec/v_c-rows"), side="middle")
    with pytest.raises(GradproofError, match="0 differentiated terms"):
        compile_loss(theorem("softmax/sums-to-one"))
    with pytest.raises(GradproofError, match="the relation <="):
        compile_step(prove(at_most(size(D), 2 * size(D))))


def test_only_one_file_calls_lambdify_and_none_evaluates() -> None:
    source = ast.parse(Path(compiling.__file__).read_text(encoding="utf-8"))
    called = [n.func.attr for n in ast.walk(source) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    assert called.count("lambdify") == 1


# --- what is written --------------------------------------------------------------------------------------------------


def test_matrix_products_are_printed_as_matrix_products() -> None:
    step = compile_step(theorem("negative-sampling/block-centres"))
    assert "einsum" not in step.source
    assert step.source.splitlines()[-1] == "    return (N * sigma) @ Y - (M * sigma2) @ X"
    assert {name: a.axes for name, a in step.arguments.items()}["M"] == (Axis("B"), Axis("C"))
    assert step.axes == (Axis("B"), Axis("D"))


def test_the_source_is_the_code_that_runs() -> None:
    step = compile_step(theorem("word2vec/block-outputs"))
    scope: dict[str, Any] = {"np": np, "gather": gather, "scatter": scatter}
    exec(step.source, scope)
    arrays = softmax_block(np.random.default_rng(0), 3)
    np.testing.assert_array_equal(scope["step"](np, **arrays), step(**arrays))


def test_steps_compiled_together_compute_shared_parts_once() -> None:
    parts = {"Vb": theorem("negative-sampling/block-centres"), "X": theorem("negative-sampling/block-outputs"),
             "Y": theorem("negative-sampling/block-negatives")}
    together = compile_steps(parts, losses={"J": parts["Vb"]})
    arrays = sampling_block(np.random.default_rng(1), 4)
    found = together(**arrays)
    assert list(found) == ["Vb", "X", "Y", "J"] == list(together.axes)
    assert together.source.count("xp.exp") == 2
    assert together.source.count("Vb @ ") == 2
    for name, part in parts.items():
        step = compile_step(part)
        np.testing.assert_allclose(found[name], step(**chosen(step, arrays)), rtol=1e-13)
    np.testing.assert_allclose(found["J"], sampling_block_loss(**arrays), rtol=1e-12)
    with pytest.raises(GradproofError, match="the name 'X' for a step and for a loss"):
        compile_steps(parts, losses={"X": parts["X"]})


@pytest.mark.parametrize(("id", "carried"), [
    ("word2vec/v_c-rows", ("v_c", "o")), ("word2vec/v_c-rows", ("U", "v_c", "o")), ("word2vec/U-rows", ("v_c", "o")),
    ("word2vec/u_w", ("w", "o")), ("negative-sampling/v_c", ("v_c", "o", "w")), ("negative-sampling/v_c", ("w",)),
    ("negative-sampling/U", ("v_c", "o", "w")), ("negative-sampling/U", ("U",)), ("windows/skipgram-softmax-U", ("w",)),
    ("negative-sampling/block-centres", BLOCK), ("negative-sampling/block-outputs", ("Vb", "X", "M")),
    ("softmax/jacobian", ("x",)), ("network/W2", ("x", "y")), ("softmax/log-gradient", ("i",)),
])
def test_a_batch_is_the_examples_one_by_one(id: str, carried: tuple[str, ...]) -> None:
    rng = np.random.default_rng(7)
    one, many = step_of(id), compile_step(theorem(id), batched=carried)
    sizes = {axis: n for n, axis in enumerate(sorted({a for arg in one.arguments.values() for a in
                                                      (*arg.axes, *([arg.whole] if arg.whole else []))}), start=3)}

    def drawn(name: str, lead: tuple[int, ...]) -> Any:
        argument = one.arguments[name]
        shape = (*lead, *(sizes[a] for a in argument.axes))
        return rng.normal(size=shape) if argument.whole is None else rng.integers(sizes[argument.whole], size=shape)

    arrays = {name: drawn(name, (5,) if name in carried else ()) for name in one.arguments}
    found = many(**arrays)
    single_results = [one(**{name: a[b] if name in carried else a for name, a in arrays.items()}) for b in range(5)]
    np.testing.assert_allclose(found, np.stack(single_results), rtol=1e-12, atol=1e-14)
    assert many.axes[1:] == one.axes


def test_batched_must_name_arguments() -> None:
    with pytest.raises(GradproofError, match=r"batched=\['q'\]; expected names among \['U', 'o', 'v_c'\]"):
        compile_step(theorem("word2vec/v_c-rows"), batched=("q",))


def test_rows_scattered_at_repeated_places_add_up() -> None:
    values, places = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32), np.array([2, 0, 2])
    found = scatter(np, values, 4, places)
    assert found.dtype == np.float32
    assert found.tolist() == [[3, 4], [0, 0], [6, 8], [0, 0]]
    assert scatter(np, 1j * values, 4, places)[2].tolist() == [6j, 8j]


# --- nodes of every kind, beside NumPy --------------------------------------------------------------------------------

n, m, K = Axis("n"), Axis("m"), Axis("K")
x, A, B, C = tensor("x", n), tensor("A", n, m), tensor("B", m, n), tensor("C", n, n)
i, j, k = Index("i", n), Index("j", n), Index("k", K)
w = index_map("w", K, n)

VALUES: tuple[tuple[Claim, Callable[..., Any]], ...] = (
    (A @ B == A @ B, lambda A, B: A @ B),
    ((A @ B).T == (A @ B).T, lambda A, B: (A @ B).T),
    (A.T @ x == A.T @ x, lambda A, x: A.T @ x),
    (total(A * B.T) == total(A * B.T), lambda A, B: np.trace(A @ B)),
    (outer(x, x) @ A == outer(x, x) @ A, lambda x, A: np.outer(x, x) @ A),
    (sum_over(i, C[i, i] * x[i]) == sum_over(i, C[i, i] * x[i]), lambda C, x: np.diag(C) @ x),
    (x * ones(n) + zeros(n) == x * ones(n), lambda x: x),
    (identity(n) @ A == identity(n) @ A, lambda A: A),
    (number(3) * ones(n) == number(3) * ones(n), lambda n: np.full(n, 3.0)),
    (norm(A) == norm(A), lambda A: np.linalg.norm(A)),
    (absolute(x) == absolute(x), lambda x: np.abs(x)),
    (maximum(x, 0) == maximum(x, 0), lambda x: np.maximum(x, 0)),
    (where_positive(x, x, exp(x)) == where_positive(x, x, exp(x)), lambda x: np.where(x > 0, x, np.exp(x))),
    (sqrt(x * x + 1) / (1 + x**2) == sqrt(x * x + 1) / (1 + x**2), lambda x: np.sqrt(x * x + 1) / (1 + x**2)),
    (exp(number(1)) * x == exp(number(1)) * x, lambda x: np.e * x),
    (x[i] * C[i] == x[i] * C[i], lambda x, C, i: x[i] * C[i]),
    (sum_over(k, C[w(k)] * x[w(k)]) == sum_over(k, C[w(k)] * x[w(k)]), lambda C, x, w: x[w] @ C[w]),
    (sum_over(k, C[w(k), w(k)]) == sum_over(k, C[w(k), w(k)]), lambda C, w: np.diag(C)[w].sum()),
    (C[i, j] + total(C) * size(n) == C[i, j] + total(C) * size(n), lambda C, i, j: C[i, j] + C.sum() * len(C)),
    (softmax(C) @ x == softmax(C) @ x, lambda C, x: np.exp(C) / np.exp(C).sum(1, keepdims=True) @ x),
    (log(total(exp(x))) - log(sum_over(j, exp(C[i, j]))) == log(total(exp(x))) - log(sum_over(j, exp(C[i, j]))),
     lambda x, C, i: np.log(np.exp(x).sum()) - np.log(np.exp(C[i]).sum())),
    (exp(x[i] + x[j]) / total(exp(x)) ** 2 == exp(x[i] + x[j]) / total(exp(x)) ** 2,
     lambda x, i, j: np.exp(x[i] + x[j]) / np.exp(x).sum() ** 2),
    (exp(2 * x[i]) / total(exp(x)) ** 2 == exp(2 * x[i]) / total(exp(x)) ** 2,
     lambda x, i: np.exp(2 * x[i]) / np.exp(x).sum() ** 2),
    (1 / total(exp(x)) == 1 / total(exp(x)), lambda x: 1 / np.exp(x).sum()),
    (sum_over(i, outer(x, C[i]) * x[i]) == sum_over(i, outer(x, C[i]) * x[i]), lambda x, C: np.outer(x, x @ C)),
    (total(x) - total(x * x) == total(x) - total(x * x), lambda x: x.sum() - (x * x).sum()),
    (sum_over(i, x[i] * ones(n) + C[i] - x) == sum_over(i, x[i] * ones(n) + C[i] - x),
     lambda x, C: x.sum() + C.sum(0) - 4 * x),
)


@pytest.mark.parametrize(("claim", "by_hand"), VALUES, ids=[repr(c.left) for c, _ in VALUES])
def test_every_kind_of_node_is_what_numpy_says(claim: Claim, by_hand: Callable[..., Any]) -> None:
    rng = np.random.default_rng(11)
    step = compile_step(prove(claim))
    arrays: Arrays = {"x": rng.normal(size=4), "A": rng.normal(size=(4, 3)), "B": rng.normal(size=(3, 4)), "n": 4,
                      "C": rng.normal(size=(4, 4)), "i": 2, "j": 3, "w": np.array([3, 0, 3, 1, 3])}
    found = step(**chosen(step, arrays))
    wanted = by_hand(**{name: arrays[name] for name in by_hand.__code__.co_varnames})
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert found.shape == np.shape(wanted)
    narrow = single(arrays)
    narrow_result = step(**chosen(step, narrow))
    assert narrow_result.dtype == np.float32 or not any(a.is_tensor for a in step.arguments.values())


def test_a_result_never_shares_memory_with_an_argument() -> None:
    for claim in (x == x, C.T == C.T, C[i] == C[i], A @ ones(m) == A @ ones(m)):
        step = compile_step(prove(claim))
        arrays = chosen(step, {"x": np.ones(3), "C": np.ones((3, 3)), "A": np.ones((3, 2)), "i": np.array(1)})
        assert not any(np.shares_memory(step(**arrays), a) for a in arrays.values())


# --- bad input --------------------------------------------------------------------------------------------------------

GOOD: Arrays = {"U": np.ones((3, 2)), "v_c": np.ones(2), "o": 1}


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"v_c": np.ones(3)}, AxisError, r"axis D of size 2 in U and 3 in v_c; expected one size"),
    ({"v_c": np.ones((1, 2))}, AxisError, r"v_c with shape \(1, 2\); expected axes \(D\)"),
    ({"o": 3}, GradproofError, r"o with positions 3 to 3; expected 0 to 2 along axis V"),
    ({"o": -1}, GradproofError, r"o with positions -1 to -1"),
    ({"o": 1.0}, GradproofError, r"o with entries of type float64; expected whole numbers"),
    ({"v_c": np.array(["a", "b"])}, GradproofError, r"v_c with entries of type <U1; expected numbers"),
    ({"q": 1}, GradproofError, r"unknown q; expected the arguments U \(V, D\), o scalar, v_c \(D\)"),
])
def test_wrong_arrays_are_clear_errors(change: Arrays, error: type[Exception], message: str) -> None:
    step = step_of("word2vec/v_c-rows")
    assert step(**GOOD).shape == (2,)
    with pytest.raises(error, match=message):
        step(**{**GOOD, **change})


def test_a_missing_array_is_a_clear_error() -> None:
    step = step_of("word2vec/v_c-rows")
    with pytest.raises(GradproofError, match=r"^no o, v_c; expected the arguments"):
        step(U=np.ones((3, 2)))


def test_a_size_is_asked_for_where_no_array_has_the_axis() -> None:
    step = compile_step(prove(2 * size(n) == size(n) + size(n)))
    assert step(n=3) == 6
    with pytest.raises(GradproofError, match=r"n=0 for the size of axis n; expected a whole number of at least 1"):
        step(n=0)


def test_one_name_for_two_things_is_refused() -> None:
    with pytest.raises(AxisError, match=r"two arguments called x: a tensor of \(n\) and a tensor of \(n, m\)"):
        compile_steps({"a": prove(x == x), "b": prove(tensor("x", n, m) == tensor("x", n, m))})


@pytest.mark.parametrize("name", ["lambda", "np", "xp", "__import__('os')", "x'", "scatter", "gather", "argument0",
                                  "float"])
def test_names_that_are_not_plain_are_only_names(name: str) -> None:
    named, other = tensor(name, n), tensor("argument1", n)
    step = compile_step(prove(named + other == named + other))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert step(**{name: np.ones(2), "argument1": np.ones(2)}).tolist() == [2, 2]
    assert "os" not in step.source


def test_python_numbers_and_whole_numbers_take_the_type_of_the_arrays_beside_them() -> None:
    alpha = tensor("alpha")
    step = compile_step(prove((alpha * x == x * alpha).given(positive(alpha))))
    assert step(alpha=0.5, x=np.ones(2, np.float32)).dtype == np.float32
    assert step(alpha=2, x=[1, 2]).tolist() == [2.0, 4.0]
    assert step(alpha=np.float32(2), x=np.ones(2, np.int64)).dtype == np.float32
