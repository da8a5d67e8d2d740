"""Loops with the softmax over all words against their theorems, block by block, and around them the schedule."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from derive.exercises.catalogue import find
from derive.prover import prove
from numeric import windows
from numeric.array_training import Objective, proved_steps
from numeric.caches import CACHE_VARIABLE
from numeric.generated import imported, module_source
from numeric.loop_compiling import LoopSource, compile_loops
from numeric.loop_training import LOOP_SCHEDULES, _temporaries, aligned
from numeric.schedules import SCHEDULES
from numeric.settings import Settings

pytestmark = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra `fast` is not installed")
Array = NDArray[Any]
BLOCK, ROW, WORDS, WINDOW = 3, 16, 11, 2  # 11 words: tiles of 6, 4 and 1
both = pytest.mark.parametrize("model", ["skip-gram", "cbow"])


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


@cache
def source_of(model: str) -> LoopSource:
    schedule = LOOP_SCHEDULES[model, "naive-softmax"]
    theorems = {name: prove(find(id).build()) for name, id in SCHEDULES[model, "naive-softmax"].gradients.items()}
    extents: dict[str, int | str] = {"V": "n", "C": "m", "B": BLOCK, "D": ROW}
    return compile_loops(theorems, schedule.arguments, extents, schedule.whole)


@cache
def module_of(model: str) -> ModuleType:
    constants = {"ROW": ROW, "BLOCK": BLOCK, "MEAN": model == "cbow"}
    functions: list[Callable[..., Any]] = [windows.draw, windows.draw_below, windows.copy_row, windows.thin,
                                           windows.train_blocks]
    source = source_of(model)
    return imported(module_source(model, constants, [source.step, source.loss], functions))


@cache
def array_path(model: str) -> Objective:
    return proved_steps(Settings(model=model, loss="naive-softmax"))


def by_theorem(model: str, inputs: Array, outputs: Array, at_rows: Array, share: Array, targets: Array,
               rate: float) -> tuple[Array, Array, float]:
    """A block by the array path in float64: new inputs, new outputs, the loss before."""
    if model == "skip-gram":
        given = {"Vb": inputs[at_rows], "U": outputs, "T": targets}
    else:
        given = {"A": share, "Z": inputs[at_rows], "U": outputs, "T": targets}
    gradients = array_path(model).steps(**given)
    new_inputs = inputs.copy()
    np.add.at(new_inputs, at_rows, -rate * gradients["Vb" if model == "skip-gram" else "Z"])
    return new_inputs, outputs - rate * gradients["U"], float(np.sum(array_path(model).loss(**given)))


def vectors(rng: np.random.Generator) -> tuple[Array, Array]:
    inputs, outputs = aligned((WORDS, ROW)), aligned((WORDS, ROW))
    inputs[:], outputs[:] = rng.standard_normal((2, WORDS, ROW))
    return inputs, outputs


@both
def test_a_block_moves_as_the_theorems_say(model: str) -> None:
    rng = np.random.default_rng(5)
    inputs, outputs = vectors(rng)
    stages = _temporaries(source_of(model), {"n": WORDS, "m": 7})
    for _ in range(10):
        at_rows = rng.integers(0, WORDS, BLOCK if model == "skip-gram" else 7)  # words repeat among few
        share = rng.random((BLOCK, 7)).astype(np.float32)
        targets = rng.integers(0, 3, (BLOCK, WORDS)).astype(np.float32)
        *wanted, loss = by_theorem(model, *(a.astype(float) for a in (inputs, outputs)), at_rows,
                                   share.astype(float), targets.astype(float), 0.01)
        arguments = (WORDS, len(at_rows), inputs[at_rows], share, outputs, targets)
        assert module_of(model).loss(*arguments, *stages) == pytest.approx(loss, rel=1e-5)
        module_of(model).step(*arguments, inputs, at_rows, np.float32(0.01), np.float32(0.01), *stages)
        for matrix, expected in zip((inputs, outputs), wanted, strict=True):
            np.testing.assert_allclose(matrix, expected, atol=1e-5)


@both
def test_a_chunk_is_trained_as_its_blocks_one_by_one(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    inputs, outputs = vectors(rng)
    before, losses, most = (inputs.astype(float), outputs.astype(float)), list[float](), BLOCK + 2 * WINDOW

    def room() -> dict[str, Any]:
        return {"tokens": tokens, "keep": keep, "state": np.array([77], np.uint64), "window": WINDOW,
                "first_rate": 0.02, "last_rate": 0.01, "scale": 1.0, "every": 1,
                "lists": (np.empty(200, np.int32), np.empty(200, np.int32), np.zeros(most, np.int64)),
                "rows": aligned((most, ROW)), "weights": (aligned((BLOCK, most)), aligned((BLOCK, WORDS))),
                "stages": _temporaries(source_of(model), {"n": WORDS, "m": most})}

    def taken(n: int, m: int, rows: Array, share: Array, outputs: Array, targets: Array, inputs: Array,
              at_rows: Array, _input_rate: float, rate: float, *stages: Array) -> None:
        assert n == WORDS and share[:, m:].sum() == 0
        own = m if model == "cbow" else BLOCK
        found = by_theorem(model, inputs, outputs, at_rows[:own], share[:, :own].astype(float),
                           targets.astype(float), float(rate))
        if model == "cbow":  # every centre with a context is the mean of them
            assert set(np.round(share.sum(axis=1), 5)) <= {0.0, 1.0} and targets.sum(axis=1).max() <= 1
        inputs[:], outputs[:] = found[:2]
        losses.append(found[2])

    tokens = rng.integers(-1, WORDS, 200).astype(np.int32)
    keep = (np.linspace(0.5, 1, WORDS) * 2.0**31).astype(np.uint32)
    for name, value in {"ROW": ROW, "BLOCK": BLOCK, "MEAN": model == "cbow", "step": taken,
                        "loss": lambda *a: 0.0}.items():
        monkeypatch.setattr(windows, name, value)
    expected = windows.train_blocks(**room(), inputs=before[0], outputs=before[1])
    given = {**room(), "inputs": inputs, "outputs": outputs}
    names = windows.train_blocks.__code__.co_varnames[:windows.train_blocks.__code__.co_argcount]
    found = module_of(model).train_blocks(*(given[name] for name in names))
    assert found[:2] == expected[:2] and found[0] == found[1] > 100
    assert found[2] == pytest.approx(sum(losses), rel=1e-5)
    np.testing.assert_allclose(inputs, before[0], atol=1e-4)
    np.testing.assert_allclose(outputs, before[1], atol=1e-4)
    assert not any(matrix.any() for matrix in given["weights"])  # type: ignore[attr-defined]
