"""Compiled steps on the arrays of other libraries: the same numbers as NumPy, of that library's type, on its device.

`array_api_strict` has the functions of the standard and no other, so what runs on it leans on no library. PyTorch and
JAX run where they are installed; their automatic differentiation of a compiled loss is one more opinion on gradients.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import array_api_strict
import numpy as np
import pytest

from derive.claims import Claim
from derive.components import Axis, Index
from derive.errors import AxisError, GradproofError
from derive.exercises.catalogue import catalogue, find
from derive.kernel import Theorem
from derive.prover import prove
from derive.terms import index_map, log, ones, outer, size, sum_over, tensor, total, variables, where_positive
from numeric.compiling import (
    CompiledStep,
    can_check,
    can_compile,
    compile_loss,
    compile_step,
    compile_steps,
)
from numeric.differences import _instance
from numeric.namespaces import NUMPY, Namespace, gather, library_of, namespace_of, scatter

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Library:
    """How arrays go to a library and come back; kind: of its arrays."""

    name: str
    kind: type
    array: Callable[[Any], Any]
    back: Callable[[Any], Any] = np.asarray

    def __str__(self) -> str:
        return self.name


def strict() -> Library:
    return Library("array_api_strict", type(array_api_strict.asarray(0)), array_api_strict.asarray)


def torch() -> Library:
    module = pytest.importorskip("torch")
    pytest.importorskip("array_api_compat")
    return Library("torch", module.Tensor, module.asarray, lambda t: t.detach().cpu().numpy())


def jax() -> Library:
    module = pytest.importorskip("jax")
    module.config.update("jax_enable_x64", True)
    return Library("jax", module.Array, module.numpy.asarray)


def cupy() -> Library:
    module = pytest.importorskip("cupy")
    pytest.importorskip("array_api_compat")
    return Library("cupy", module.ndarray, module.asarray, module.asnumpy)


LIBRARIES = pytest.mark.parametrize("library", [strict, torch, jax, cupy], ids=["strict", "torch", "jax", "cupy"])
AUTODIFF = pytest.mark.parametrize("library", [torch, jax], ids=["torch", "jax"])


@cache
def theorem(id: str) -> Theorem:
    return prove(find(id).build())


@cache
def compilable() -> dict[str, CompiledStep]:
    proved = {e.id: theorem(e.id) for e in catalogue() if e.expected == "proved"}
    return {id: compile_step(t) for id, t in proved.items()
            if t.claim.relation in ("==", "<=") and can_compile(t) and can_check(t)}


@cache
def arguments_of(id: str) -> Arrays:
    step = compilable()[id]
    values = _instance(step, {}, 1, 0)[1]
    return {name: values[name] for name in step.arguments}


def moved(library: Library, arrays: Arrays) -> Arrays:
    return {name: library.array(np.asarray(a)) for name, a in arrays.items()}


def check(found: Any, wanted: Any, library: Library, rtol: float = 1e-12) -> None:
    assert isinstance(found, library.kind)
    host = library.back(found)
    assert host.shape == np.shape(wanted)
    assert host.dtype == np.asarray(wanted).dtype
    np.testing.assert_allclose(host, wanted, rtol=rtol, atol=rtol)


def single(arrays: Arrays) -> Arrays:
    return {name: a.astype(np.float32) if getattr(a, "dtype", None) == np.float64 else a for name, a in arrays.items()}


# --- every step of the catalogue --------------------------------------------------------------------------------------


@LIBRARIES
def test_every_step_of_the_catalogue_computes_with_the_library_of_its_arrays(library: Callable[[], Library]) -> None:
    chosen, checked = library(), 0
    for id, step in compilable().items():
        arrays = arguments_of(id)
        if any(argument.is_tensor for argument in step.arguments.values()):
            check(step(**moved(chosen, arrays)), step(**arrays), chosen)
            narrow = single(arrays)
            check(step(**moved(chosen, narrow)), step(**narrow), chosen, 1e-4)
            checked += 1
    assert checked > 150


@cache
def losses() -> dict[str, CompiledStep]:
    """The losses of the catalogue, where they are called with what their steps are called with."""
    found = {}
    for id in compilable():
        try:
            loss = compile_loss(theorem(id))
        except GradproofError:  # no gradient on the left, or two, or an abstract function
            continue
        if loss.arguments.keys() <= arguments_of(id).keys() and any(a.is_tensor for a in loss.arguments.values()):
            found[id] = loss
    return found


@LIBRARIES
def test_every_loss_of_the_catalogue_does_too(library: Callable[[], Library]) -> None:
    chosen = library()
    assert len(losses()) > 80
    for id, loss in losses().items():
        held = {name: arguments_of(id)[name] for name in loss.arguments}
        check(loss(**moved(chosen, held)), loss(**held), chosen)


@cache
def batches() -> tuple[tuple[CompiledStep, Arrays], ...]:
    """Every step with all of its arguments in batches of 3, each its own instance of the hypotheses."""
    found = []
    for id, step in compilable().items():
        names = [name for name, argument in step.arguments.items() if not argument.length]
        if any(step.arguments[name].is_tensor for name in names):
            instances = [_instance(step, {}, 1, seed)[1] for seed in range(3)]
            if len({instance[name].shape for instance in instances for name in names[:1]}) > 1:
                instances = instances[:1] * 3
            found.append((compile_step(theorem(id), batched=names), {
                name: np.stack([i[name] for i in instances]) if name in names else instances[0][name]
                for name in step.arguments}))
    return tuple(found)


@LIBRARIES
def test_every_step_in_a_batch_does_too(library: Callable[[], Library]) -> None:
    chosen = library()
    assert len(batches()) > 150
    for step, arrays in batches():
        check(step(**moved(chosen, arrays)), step(**arrays), chosen)


BLOCK = {"Vb": (4, 3), "X": (5, 3), "Y": (6, 3), "M": (4, 5), "N": (4, 6)}


@LIBRARIES
def test_the_step_of_training_runs_on_blocks(library: Callable[[], Library]) -> None:
    chosen = library()
    rng = np.random.default_rng(0)
    parts = {"Vb": "negative-sampling/block-centres", "X": "negative-sampling/block-outputs",
             "Y": "negative-sampling/block-negatives"}
    proved = {name: theorem(id) for name, id in parts.items()}
    steps = compile_steps(proved, losses={"J": proved["Vb"]}, batched=tuple(BLOCK))
    arrays = {name: rng.normal(size=(7, *shape)).astype(np.float32) for name, shape in BLOCK.items()}
    found = steps(**moved(chosen, arrays))
    for name, wanted in steps(**arrays).items():
        check(found[name], wanted, chosen, 1e-4)


# --- what no claim of the catalogue needs -----------------------------------------------------------------------------

n, m, k, p = Axis("n"), Axis("m"), Axis("k"), Axis("p")
x, A, C, Q = tensor("x", n), tensor("A", n, m), tensor("C", n, n), tensor("Q", m, k)
S, T, R = tensor("S", m, k, n), tensor("T", m, k, n), tensor("R", m, k, p)
i, j, r = Index("i", n), Index("j", m), Index("r", k)
w = index_map("w", k, n)
SIZES = {n: 4, m: 3, k: 5, p: 2}

SUMS: tuple[tuple[Claim, str], ...] = (
    (total(S * T) == total(S * T), "mkn,mkn->"),
    (sum_over(j, sum_over(r, T[j, r] * Q[j, r])) == sum_over(j, sum_over(r, T[j, r] * Q[j, r])), "mkn,mk->n"),
    (sum_over(j, sum_over(r, outer(T[j, r], R[j, r]))) == sum_over(j, sum_over(r, outer(T[j, r], R[j, r]))),
     "mkn,mkp->np"),
    (sum_over(j, outer(T[j, r], R[j, r])) == sum_over(j, outer(T[j, r], R[j, r])), "mn,mp->np"),
    (sum_over(j, T[j] @ x * Q[j]) == sum_over(j, T[j] @ x * Q[j]), "mkn,n,mk->k"),
)


@LIBRARIES
@pytest.mark.parametrize("batched", [1, 2, 0])
@pytest.mark.parametrize(("claim", "pattern"), SUMS, ids=[pattern for _, pattern in SUMS])
def test_sums_over_several_indices_are_what_einsum_says(library: Callable[[], Library], claim: Claim, pattern: str,
                                                        batched: int) -> None:
    chosen = library()
    order = {"mkn,mkn->": "ST", "mkn,mk->n": "TQ", "mkn,mkp->np": "TR", "mn,mp->np": "TR",
             "mkn,n,mk->k": "TxQ"}[pattern]
    carried = order[:batched]
    step = compile_step(prove(claim), batched=carried)
    rng = np.random.default_rng(batched)
    arrays = {name: rng.normal(size=(*((6,) if name in carried else ()), *(SIZES[a] for a in argument.axes[
        name in carried:]))) for name, argument in step.arguments.items() if argument.is_tensor}
    inputs, output = pattern.split("->")
    letters = ["z" * (name in carried) + part for name, part in zip(order, inputs.split(","), strict=True)]
    given: Arrays = {**arrays, "r": 2} if "r" in step.arguments else arrays
    used = [arrays[name] if "k" in part or name in "xS" else arrays[name][..., 2, :]
            for name, part in zip(order, letters, strict=True)]
    wanted = np.einsum(",".join(letters) + "->" + "z" * bool(carried) + output, *used)
    np.testing.assert_allclose(step(**given), wanted, rtol=1e-12)
    check(step(**moved(chosen, given)), np.asarray(wanted), chosen)


OTHERS: tuple[Claim, ...] = (
    x == x, C.T == C.T, C[i] == C[i], A @ ones(m) == A @ ones(m), x[i] == x[i],
    where_positive(x, 1, 0) * x == x * where_positive(x, 1, 0),
    log(size(n)) * x == x * log(size(n)),
    size(k) * x + log(size(k)) * ones(n) == log(size(k)) * ones(n) + size(k) * x,
    sum_over(r, C[w(r)]) == sum_over(r, C[w(r)]),
    sum_over(r, C[i, w(r)]) == sum_over(r, C[i, w(r)]),
    C[w(r)] == C[w(r)],
    C[w(r), i] + x[w(r)] == x[w(r)] + C[w(r), i],
    2 * size(n) == size(n) + size(n),
    3 * ones(n) * total(x) == total(x) * 3 * ones(n),
)


def given_to(step: CompiledStep) -> Arrays:
    rng = np.random.default_rng(5)
    arrays: Arrays = {"x": rng.normal(size=4), "A": rng.normal(size=(4, 3)), "C": rng.normal(size=(4, 4)),
                      "w": np.array([3, 0, 3, 1, 3]), "i": 2, "r": 4, "n": 4, "k": 5}
    return {name: arrays[name] for name in step.arguments}


@LIBRARIES
@pytest.mark.parametrize("claim", OTHERS, ids=[repr(c.left) for c in OTHERS])
def test_positions_sizes_and_copies(library: Callable[[], Library], claim: Claim) -> None:
    chosen, step = library(), compile_step(prove(claim))
    arrays = given_to(step)
    wanted = step(**arrays)
    if not any(argument.axes for argument in step.arguments.values()):
        assert isinstance(wanted, np.ndarray)
        return
    arrays = {name: np.asarray(a) if step.arguments[name].axes else a for name, a in arrays.items()}
    there = {name: chosen.array(a) if step.arguments[name].axes else a for name, a in arrays.items()}
    found = step(**there)
    check(found, wanted, chosen)
    check(step(**moved(chosen, arrays)), wanted, chosen)  # single positions as arrays too
    narrow = single(arrays)
    check(step(**moved(chosen, narrow)), step(**narrow), chosen, 1e-5)
    if chosen.name == "torch":
        assert found.data_ptr() not in {a.data_ptr() for a in there.values() if isinstance(a, chosen.kind)}


PLACES: tuple[tuple[Any, ...], ...] = (
    (np.array([1, 0, 1]),), (np.array(1),), (None, np.array([[2, 0], [1, 1]])),
    (np.array([0, 1]), np.array([2, 0])), (np.array([[0], [1]]), np.array([2, 0, 1])),
    (np.array([0, 1]), None, np.array([3, 2])), (None, np.array([1, 2]), np.array([3, 2])),
    (None, None, np.array([1, 3, 0])), (np.array([0, 1]), np.array([2, 0]), np.array([3, 3])),
    (np.array([[0, 1]]), None, np.array([[3], [2]])), (np.array([], dtype=np.int64),),
)


@LIBRARIES
@pytest.mark.parametrize("places", PLACES, ids=repr)
def test_entries_are_gathered_as_numpy_indexes(library: Callable[[], Library], places: tuple[Any, ...]) -> None:
    chosen = library()
    values = np.random.default_rng(2).normal(size=(2, 3, 4))
    index = tuple(slice(None) if place is None else place for place in places)
    there = chosen.array(values)
    xp = namespace_of({"x": there})
    found = gather(xp, there, *(None if place is None else chosen.array(place) for place in places))
    check(found, values[index], chosen)
    np.testing.assert_array_equal(gather(NUMPY, values, *places), values[index])


@LIBRARIES
@pytest.mark.parametrize("places", [np.array([2, 0, 2]), np.array([[1, 1], [3, 1], [0, 0]])], ids=["row", "table"])
@pytest.mark.parametrize("rest", [(), (2,), (2, 3)], ids=str)
def test_rows_are_scattered_at_repeated_places(library: Callable[[], Library], places: Any,
                                               rest: tuple[int, ...]) -> None:
    chosen = library()
    values = np.random.default_rng(2).normal(size=(*places.shape, *rest))
    wanted = np.zeros((4, *rest))
    np.add.at(wanted, places, values)
    there = chosen.array(values)
    check(scatter(namespace_of({"x": there}), there, 4, chosen.array(places)), wanted, chosen)
    np.testing.assert_allclose(scatter(NUMPY, values, 4, places), wanted, rtol=1e-13)


# --- a second opinion on the gradients --------------------------------------------------------------------------------


def gradients_by_a_tensor() -> list[str]:
    """Theorems grad(J, x) == formula where x is a tensor the loss is called with."""
    lefts = {id: theorem(id).claim.left for id in losses()}
    return [id for id, left in lefts.items() if left.op == "grad" and left.args[1].op == "tensor" and not left.args[2]]


def by_what(id: str) -> str:
    (symbol,) = variables(theorem(id).claim.left.args[1])
    return symbol.name


@AUTODIFF
def test_automatic_differentiation_of_a_loss_agrees_with_its_theorem(library: Callable[[], Library]) -> None:
    chosen, ids = library(), gradients_by_a_tensor()
    assert len(ids) > 60
    for id in ids:
        loss, by = losses()[id], by_what(id)
        arrays = arguments_of(id)
        held = moved(chosen, {name: arrays[name] for name in loss.arguments})

        def value(x: Any, loss: CompiledStep = loss, by: str = by, held: Arrays = held) -> Any:
            return loss(**{**held, by: x})

        if chosen.name == "torch":
            found = sys.modules["torch"].autograd.functional.jacobian(value, held[by])
        else:
            found = sys.modules["jax"].jacobian(value)(held[by])
        np.testing.assert_allclose(chosen.back(found), compilable()[id](**arrays), rtol=1e-10, atol=1e-12, err_msg=id)


@pytest.mark.parametrize("id", ["word2vec/v_c-rows", "word2vec/U-rows", "negative-sampling/U", "negative-sampling/v_c",
                                "softmax/jacobian", "network/batch-W1"])
def test_jax_compiles_a_step(id: str) -> None:
    chosen = jax()
    step, arrays = compilable()[id], arguments_of(id)
    compiled = sys.modules["jax"].jit(lambda given: step(**given))
    check(compiled(moved(chosen, arrays)), step(**arrays), chosen)


# --- what is refused --------------------------------------------------------------------------------------------------

GOOD: Arrays = {"U": np.ones((3, 2)), "v_c": np.ones(2), "o": 1}


@LIBRARIES
@pytest.mark.parametrize(("change", "error", "message"), [
    ({"v_c": np.ones(3)}, AxisError, r"axis D of size 2 in U and 3 in v_c; expected one size"),
    ({"v_c": np.ones((1, 2))}, AxisError, r"v_c with shape \(1, 2\); expected axes \(D\)"),
    ({"o": np.array(3)}, GradproofError, r"o with positions 3 to 3; expected 0 to 2 along axis V"),
    ({"o": np.array(-1)}, GradproofError, r"o with positions -1 to -1"),
    ({"o": np.array(1.0)}, GradproofError, r"o with entries of type .*float64; expected whole numbers"),
    ({"o": np.array([1])}, AxisError, r"o with shape \(1,\); expected axes scalar"),
    ({"v_c": 1j * np.ones(2)}, GradproofError, r"v_c with entries of type .*complex128; expected numbers"),
])
def test_wrong_arrays_are_clear_errors(library: Callable[[], Library], change: Arrays, error: type[Exception],
                                       message: str) -> None:
    chosen, step = library(), compilable()["word2vec/v_c-rows"]
    assert step(**moved(chosen, GOOD)).shape == (2,)
    with pytest.raises(error, match=message):
        step(**moved(chosen, {**GOOD, **change}))


@LIBRARIES
def test_positions_out_of_range_are_found_in_maps(library: Callable[[], Library]) -> None:
    chosen, step = library(), compilable()["negative-sampling/U"]
    arrays = arguments_of("negative-sampling/U")
    with pytest.raises(GradproofError, match=r"w with positions 0 to 99; expected 0 to"):
        step(**moved(chosen, {**arrays, "w": np.array([0, 99])}))


@LIBRARIES
def test_numbers_and_lists_go_with_any_library(library: Callable[[], Library]) -> None:
    chosen, step = library(), compilable()["negative-sampling/v_c"]
    U = np.arange(6, dtype=np.float32).reshape(3, 2) / 7
    wanted = step(U=U, v_c=[0.5, 0.25], o=1, w=[2, 0, 2])
    found = step(U=chosen.array(U), v_c=[0.5, 0.25], o=1, w=[2, 0, 2])
    check(found, wanted, chosen, 1e-6)
    small = chosen.array(np.array([2, 0, 2], np.uint8))  # PyTorch indexes by such as by masks
    check(step(U=chosen.array(U), v_c=[0.5, 0.25], o=np.int64(1), w=small), wanted, chosen, 1e-6)
    whole = step(U=chosen.array(U), v_c=chosen.array(np.array([1, 2])), o=1, w=[2])
    check(whole, step(U=U, v_c=np.array([1, 2]), o=1, w=[2]), chosen, 1e-6)


@LIBRARIES
def test_arrays_of_two_libraries_are_refused(library: Callable[[], Library]) -> None:
    chosen, step = library(), compilable()["word2vec/v_c-rows"]
    for name in ("U", "v_c"):
        mixed = {**moved(chosen, GOOD), name: GOOD[name]}
        with pytest.raises(GradproofError, match=rf"of {chosen} and {name} of numpy; expected arrays of one library; "
                                                 rf"try {name} as an array of {chosen}"):
            step(**mixed)


def test_arrays_on_two_devices_are_refused_and_one_device_is_kept() -> None:
    elsewhere = array_api_strict.Device("device1")
    step = compilable()["word2vec/U-rows"]  # makes positions of its own
    arrays = arguments_of("word2vec/U-rows")
    there = {n: array_api_strict.asarray(np.asarray(a), device=elsewhere) for n, a in arrays.items()}
    assert step(**there).device == elsewhere
    with pytest.raises(GradproofError, match=r"U on .*device1.* and v_c on .*CPU.*; expected arrays on one device"):
        step(**{**there, "v_c": array_api_strict.asarray(arrays["v_c"])})


def test_every_step_stays_on_the_device_of_its_arrays() -> None:
    """Where no device is the library's own choice: arrays of two devices do not meet in it."""
    elsewhere = array_api_strict.Device("device1")
    for step, arrays in (*((s, arguments_of(id)) for id, s in compilable().items()), *batches()):
        if step.arguments:
            there = {n: array_api_strict.asarray(np.asarray(a), device=elsewhere) for n, a in arrays.items()}
            assert step(**there).device == elsewhere


def test_without_the_extra_a_library_that_names_its_namespace_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "array_api_compat", None)
    step = compilable()["word2vec/v_c-rows"]
    check(step(**moved(strict(), GOOD)), step(**GOOD), strict())

    class Tensor:
        pass

    Tensor.__module__ = "torch"
    with pytest.raises(GradproofError, match=r"an array of torch, and no array-api-compat; .* 'gradproof\[arrays\]'"):
        step(U=Tensor(), v_c=[1.0, 2.0], o=1)


def test_numpy_computes_with_itself() -> None:
    assert namespace_of({"x": np.ones(2), "o": 1, "w": [1, 2]}) is NUMPY
    assert library_of(np.float32(1)) is None
    assert isinstance(namespace_of({"x": array_api_strict.asarray(1)}), Namespace)
