"""Generated loops, window by window, against the theorems they were printed from: in float64, and on the array path."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from derive.errors import ForgedTheorem, GradproofError, NotProved
from derive.exercises.catalogue import find
from derive.kernel import Theorem
from derive.prover import prove
from derive.terms import as_term, grad, sigma, tensor
from numeric import generated, loop_training, windows
from numeric.array_training import Objective, compiled
from numeric.caches import CACHE_VARIABLE
from numeric.loop_training import LOOP_SCHEDULES, compiled_windows, padded_size, printed_loops, proved_loops
from numeric.settings import Settings
from numeric.vocabulary import alias_table

Array = NDArray[Any]
MODELS = ("skip-gram", "cbow")
needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra `fast` is not installed")
SMALL = {"vector_size": 13, "window": 3, "negative": 4}  # 13: rows are padded


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


class Windows:
    """Random windows over a few words, so that words repeat and negatives meet the centre; vectors of some size."""

    def __init__(self, model: str, seed: int) -> None:
        self.settings = Settings(model=model, **SMALL)  # type: ignore[arg-type]
        rng = np.random.default_rng(seed)
        self.words, wide = 6, padded_size(self.settings.vector_size)
        self.inputs, self.outputs = (loop_training.aligned((self.words, wide)) for _ in "io")
        for matrix in (self.inputs, self.outputs):
            matrix[:, :13] = rng.standard_normal((self.words, 13))
        self.room = loop_training._Room(self.settings, proved_loops(self.settings), self.words)
        self.rng = rng

    def draw(self) -> tuple[Array, int, Array]:
        around = self.rng.integers(0, self.words, self.rng.integers(1, 7))
        return around, int(self.rng.integers(0, self.words)), self.rng.integers(0, self.words, 4)

    def arguments(self, around: Array, centre: int, negatives: Array) -> list[Any]:
        """What the schedule hands to a step for one window."""
        rows, (pairs, weights, share) = self.room.rows, self.room.weights
        rows[0][:len(around)] = self.inputs[around]
        rows[1][:], rows[2][:] = self.outputs[centre], self.outputs[negatives]
        weights[:] = negatives != centre
        share[:] = 1 / len(around)
        return [len(around), *rows, pairs, weights, share]

    def step(self, module: ModuleType, around: Array, centre: int, negatives: Array, rate: float) -> None:
        places = (self.inputs, around, self.outputs, np.array([centre]), self.outputs, negatives)
        module.step(*self.arguments(around, centre, negatives), *places, np.float32(rate), *self.room.stages)


@cache
def array_path(model: str) -> Objective:
    """The theorems of the loops, compiled to arrays."""
    schedule = LOOP_SCHEDULES[model, "negative-sampling"]
    return compiled({name: prove(find(id).build()) for name, id in schedule.gradients.items()},
                    ("Vb", "X", "Y", "M", "N") if model == "skip-gram" else ("A", "Z", "X", "Y", "M", "N"))


def by_theorem(model: str, inputs: Array, outputs: Array, around: Array, centre: int, negatives: Array,
               rate: float) -> tuple[Array, Array, float]:
    """The same window by the array path in float64: new inputs, new outputs, and the loss before."""
    objective = array_path(model)
    own, words, drawn = outputs[[centre]], inputs[around], outputs[negatives]
    weights = (negatives != centre).astype(float)
    if model == "skip-gram":
        n = len(around)
        given = {"Vb": words, "X": own, "Y": drawn, "M": np.ones((n, 1)), "N": np.tile(weights, (n, 1))}
    else:
        given = {"A": np.full((1, len(around)), 1 / len(around)), "Z": words, "X": own, "Y": drawn,
                 "M": np.ones((1, 1)), "N": weights[None]}
    batch = {name: value[None] for name, value in given.items()}
    gradients = {name: value[0] for name, value in objective.steps(**batch).items()}
    new_inputs, new_outputs = inputs.copy(), outputs.copy()
    np.add.at(new_inputs, around, -rate * gradients["Vb" if model == "skip-gram" else "Z"])
    np.add.at(new_outputs, [centre], -rate * gradients["X"])
    np.add.at(new_outputs, negatives, -rate * gradients["Y"])
    return new_inputs, new_outputs, float(np.sum(objective.loss(**batch)))


@needs_numba
@pytest.mark.parametrize("model", MODELS)
def test_a_window_moves_as_the_theorems_say(model: str) -> None:
    """Repeated words, negatives that repeat, negatives that are the centre: all of them occur among 60 windows."""
    case, met = Windows(model, 3), {"repeated": 0, "own negative": 0, "twice drawn": 0}
    exact = compiled_windows(case.settings, exact=True)
    for _ in range(60):
        around, centre, negatives = case.draw()
        met["repeated"] += len(set(around.tolist())) < len(around)
        met["own negative"] += centre in negatives
        met["twice drawn"] += len(set(negatives.tolist())) < len(negatives)
        before = case.inputs.astype(float), case.outputs.astype(float)
        *wanted, loss = by_theorem(model, *before, around, centre, negatives, 0.3)
        found = exact.loss(*case.arguments(around, centre, negatives), *case.room.stages)
        assert found == pytest.approx(loss, rel=1e-6)
        case.step(exact, around, centre, negatives, 0.3)
        for matrix, expected in zip((case.inputs, case.outputs), wanted, strict=True):
            np.testing.assert_allclose(matrix, expected, atol=2e-6)
    assert min(met.values()) > 10
    assert not case.inputs[:, 13:].any() and not case.outputs[:, 13:].any()  # the padding never moves


@needs_numba
def test_the_table_of_sigmas_moves_a_window_almost_as_far() -> None:
    case, table = Windows("skip-gram", 4), compiled_windows(Settings(**SMALL))  # type: ignore[arg-type]
    for _ in range(20):
        around, centre, negatives = case.draw()
        before = case.inputs.astype(float), case.outputs.astype(float)
        *wanted, _ = by_theorem("skip-gram", *before, around, centre, negatives, 0.3)
        case.step(table, around, centre, negatives, 0.3)
        most = 0.3 * 2**-10 * 6 * 5 * max(np.abs(m).max() for m in before)
        for matrix, expected in zip((case.inputs, case.outputs), wanted, strict=True):
            assert np.abs(matrix - expected).max() <= most


@needs_numba
def test_the_table_is_within_its_bound_and_nan_stays_inside() -> None:
    from numba import njit

    module = compiled_windows(Settings(**SMALL))  # type: ignore[arg-type]
    inner = module.sigma
    every = njit(lambda xs: np.array([inner(x) for x in xs]))
    xs = np.concatenate([np.linspace(-12, 12, 200_001), np.arange(-8, 8, 1 / 128), [-1e30, 1e30]]).astype(np.float32)
    off = np.abs(every(xs) - 1 / (1 + np.exp(-xs.astype(float).clip(-700, 700))))
    assert 2**-11 < off.max() <= 2**-10 + 1e-7
    assert np.isfinite(every(np.array([np.nan, np.inf, -np.inf], np.float32))).all()


def test_the_bound_of_the_table_is_proved() -> None:
    """sigma' = 1/4 - (sigma - 1/2)^2, so it is at most 1/4, and half a cell is 2^-8."""
    x = tensor("x")
    half = as_term(1) / 2
    assert type(prove(grad(sigma(x), x) == half * half - (sigma(x) - half) ** 2)) is Theorem
    with pytest.raises(NotProved):
        prove(grad(sigma(x), x) == half - (sigma(x) - half) ** 2)
    assert 2 * generated.REACH / generated.SIGMAS / 2 == 2**-8


# --- the schedule around the step -------------------------------------------------------------------------------------


def walked(model: str, inputs: Array, outputs: Array, chunk: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
           ) -> tuple[int, int, float]:
    """The plain Python schedule, with the array path in float64 in the place of the printed step."""
    losses: list[float] = []

    def taken(n: int, *arguments: Any) -> None:
        at_around, at_centre, at_negatives = (arguments[i] for i in (7, 9, 11))
        found = by_theorem(model, inputs, outputs, at_around[:n].copy(), int(at_centre[0]), at_negatives.copy(),
                           float(arguments[12]))
        inputs[:], outputs[:] = found[0], found[1]
        losses.append(found[2])

    for name, value in {"ROW": 16, "NEGATIVE": 4, "MEAN": model == "cbow", "step": taken,
                        "loss": lambda *a: 0.0}.items():
        monkeypatch.setattr(windows, name, value)
    pairs, measured, _ = windows.train_windows(**chunk, inputs=inputs, outputs=outputs)
    return pairs, measured, sum(losses)


@needs_numba
@pytest.mark.parametrize("model", MODELS)
def test_a_chunk_is_trained_as_its_windows_one_by_one(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Windows(model, 7)
    tokens = case.rng.integers(-1, case.words, 400).astype(np.int32)
    limits, others = alias_table(np.full(case.words, 1 / case.words))
    chunk = {"tokens": tokens, "keep": np.linspace(0.3, 1, case.words).astype(np.float32), "limits": limits,
             "others": others, "window": 3, "first_rate": 0.05, "last_rate": 0.01, "every": 1, "lists": case.room.lists,
             "rows": case.room.rows, "weights": case.room.weights, "stages": case.room.stages}
    inputs, outputs = case.inputs.astype(float), case.outputs.astype(float)
    expected = walked(model, inputs, outputs, {**chunk, "state": np.array([12345], np.uint64)}, monkeypatch)
    module = compiled_windows(case.settings, exact=True)
    given = {**chunk, "state": np.array([12345], np.uint64), "inputs": case.inputs, "outputs": case.outputs}
    names = windows.train_windows.__code__.co_varnames[:windows.train_windows.__code__.co_argcount]
    found = module.train_windows(*(given[name] for name in names))
    assert found[:2] == expected[:2] and found[0] == found[1] > 100
    assert found[2] == pytest.approx(expected[2], rel=1e-5)
    np.testing.assert_allclose(case.inputs, inputs, atol=1e-4)
    np.testing.assert_allclose(case.outputs, outputs, atol=1e-4)


def test_an_alias_table_gives_each_word_its_share() -> None:
    shares = np.array([0.5, 0.3, 0.15, 0.05])
    limits, others = alias_table(shares.copy())
    given = limits / 4 + np.bincount(others, (1 - limits) / 4, minlength=4)
    np.testing.assert_allclose(given, shares, atol=1e-7)
    drawn = np.zeros(40_000, np.int32)
    windows.draw_words(limits, others, np.array([99], np.uint64), drawn, len(drawn))
    np.testing.assert_allclose(np.bincount(drawn) / len(drawn), shares, atol=0.01)


def test_thinning_keeps_each_word_with_its_probability() -> None:
    tokens = np.tile(np.array([0, 1, 2, -1], np.int32), 5000)
    kept, sentence = np.empty(len(tokens), np.int32), np.empty(len(tokens), np.int32)
    keep = np.array([1.0, 0.5, 0.1], np.float32)
    count = windows.thin(tokens, keep, np.array([7], np.uint64), kept, sentence)
    np.testing.assert_allclose(np.bincount(kept[:count]) / 5000, keep, atol=0.03)
    assert (np.diff(sentence[:count]) >= 0).all() and sentence[count - 1] == 4999


# --- only theorems ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_loops_are_printed_from_theorems_of_the_catalogue(model: str) -> None:
    source = proved_loops(Settings(model=model))
    for variable, theorem in source.theorems.items():
        assert type(theorem) is Theorem
        assert repr(theorem.claim) == repr(find(LOOP_SCHEDULES[model, "negative-sampling"].gradients[variable]).build())
    assert {type(t) for t in source.licences} == {Theorem} and len(source.licences) >= 5


def test_what_is_no_theorem_is_not_printed() -> None:
    claim: Any = find("negative-sampling/block-centres").build()
    for forged in (claim, "|- grad(J, v) == 0", None):
        with pytest.raises(ForgedTheorem):
            printed_loops({"Vb": forged}, Settings())


def test_a_turned_sign_in_the_catalogue_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    right = find("negative-sampling/block-centres").build()

    class Row:
        @staticmethod
        def build() -> Any:
            return type(right)(right.left, -right.right)

    monkeypatch.setattr(loop_training, "find", lambda id: Row)
    with pytest.raises(NotProved):
        proved_loops(Settings())


def test_the_schedule_holds_no_arithmetic_of_gradients() -> None:
    """Rows are copied, weights are 0 or 1 or a share; products and sums of vectors stand in printed source alone."""
    text = Path(windows.__file__).read_text()
    assert " @ " not in text and "inputs[" not in text and "outputs[" not in text


# --- around numba -----------------------------------------------------------------------------------------------------


def test_loops_without_numba_are_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from numeric.training import chosen_backend, make_engine
    from numeric.vocabulary import encode

    monkeypatch.setattr(generated, "has_numba", lambda: False)
    monkeypatch.setattr("numeric.training.has_numba", lambda: False)
    text = encode([["a", "b"]] * 5, 1)
    with pytest.raises(GradproofError, match=r"without numba.*pip install 'gradproof\[fast\]'"):
        make_engine(text, Settings(backend="loops"), "loops")
    assert chosen_backend(Settings()) == "arrays"


def test_settings_that_loops_do_not_cover() -> None:
    from numeric.training import chosen_backend, make_engine
    from numeric.vocabulary import encode

    assert chosen_backend(Settings(negative=21)) == "arrays"
    with pytest.raises(GradproofError, match=r'negative=21; expected at most 20 negatives; try backend="arrays"'):
        make_engine(encode([["a", "b"]] * 5, 1), Settings(negative=21, backend="loops"), "loops")


def test_a_changed_file_of_the_cache_is_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    path = generated._written(tmp_path, "some", b"x = 1\n")
    path.write_text("x = 2\n")
    assert generated._written(tmp_path, "some", b"x = 1\n") == path and path.read_text() == "x = 1\n"
    assert [p.name for p in tmp_path.iterdir()] == ["some.py"]


def test_where_the_cache_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert generated.cache_folder() == tmp_path / "loops"
    monkeypatch.setenv(CACHE_VARIABLE, "")
    assert generated.cache_folder() == generated.cache_folder() != Path("loops")
    closed = tmp_path / "file"
    closed.write_text("no folder")
    assert generated._written(closed / "inside", "some", b"x = 1\n").read_bytes() == b"x = 1\n"


