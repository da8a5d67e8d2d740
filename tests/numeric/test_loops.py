"""Generated loops, step by step, against the theorems they were printed from: in float64, and on the array path."""

from __future__ import annotations

import importlib.util
from collections import Counter
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
from numeric import generated, loop_training, windows
from numeric.array_training import Objective, compiled
from numeric.caches import CACHE_VARIABLE
from numeric.loop_compiling import compile_loops
from numeric.loop_training import (
    compiled_windows,
    padded_size,
    printed_loops,
    proved_loops,
    shared_negatives,
)
from numeric.reaches import drawn_reaches
from numeric.schedules import SCHEDULES
from numeric.settings import Settings
from numeric.vocabulary import noise_guide
from numeric.windows import CENTRES

Array = NDArray[Any]
MODELS = ("skip-gram", "cbow")
needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra `fast` is not installed")
SMALL = {"vector_size": 13, "window": 3, "negative": 4}  # 13: rows are padded


@pytest.fixture(scope="module", autouse=True)
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


class Steps:
    """Random steps over a few words, so that words repeat and negatives meet centres; vectors of some size."""

    def __init__(self, model: str, seed: int, words: int = 6) -> None:
        self.settings = Settings(model=model, **SMALL)  # type: ignore[arg-type]
        rng = np.random.default_rng(seed)
        self.words, wide = words, padded_size(self.settings.vector_size)
        self.inputs, self.outputs = (loop_training.aligned((self.words, wide)) for _ in "io")
        for matrix in (self.inputs, self.outputs):
            matrix[:, :13] = rng.standard_normal((self.words, 13))
        self.room = loop_training._Room(self.settings, proved_loops(self.settings), self.words)
        self.rng = rng

    def draw(self) -> tuple[Array, Array, list[Array]]:
        """Words around, predicted words, and weights: of pairs, what of them is true, shares of means."""
        n, shared = int(self.rng.integers(1, 11)), shared_negatives(self.settings)
        predicted = CENTRES + shared
        shapes = ((n, predicted),) * 2 if self.settings.model == "skip-gram" else ((CENTRES, shared), (1, CENTRES))
        means = self.rng.random((CENTRES, n)) + 0.01
        weights = [self.rng.random(shape) * self.rng.integers(0, 2, shape) for shape in shapes]
        return (self.rng.integers(0, self.words, n), self.rng.integers(0, self.words, predicted),
                [*weights, means / means.sum(axis=1, keepdims=True)])

    def arguments(self, around: Array, predicted: Array, weights: list[Array]) -> list[Any]:
        """What the schedule hands to a step, float64 weights as it holds them."""
        rows, room = self.room.rows, self.room.weights
        rows[0][:len(around)] = self.inputs[around]
        rows[1][:] = self.outputs[predicted]
        for own, given in zip(room, weights, strict=True):
            own[:given.shape[0], :given.shape[1]] = given
        if self.settings.model == "skip-gram":
            return [len(around), *rows, *room[:2]]
        pairs, true, means = room
        return [len(around), *rows, rows[1][CENTRES:], true[0], pairs, means]

    def step(self, module: ModuleType, around: Array, predicted: Array, weights: list[Array], rate: float) -> None:
        arguments = self.arguments(around, predicted, weights)
        places = [self.inputs, around, self.outputs, predicted]
        rates = [np.float32(rate * self.settings.input_scale), np.float32(rate)]
        if self.settings.model == "cbow":
            places, rates = [*places, self.outputs, predicted[CENTRES:]], [*rates, rates[1]]
        module.step(*arguments, *places, *rates, *self.room.stages)


@cache
def array_path(model: str) -> Objective:
    """The theorems of the loops, compiled to arrays."""
    schedule = SCHEDULES[model, "negative-sampling"]
    return compiled({name: prove(find(id).build()) for name, id in schedule.gradients.items()},
                    ("Vb", "Z", "W", "T") if model == "skip-gram" else ("A", "Z", "R", "Y", "N", "m"))


def by_theorem(model: str, inputs: Array, outputs: Array, around: Array, predicted: Array, weights: list[Array],
               rate: float) -> tuple[Array, Array, float]:
    """The same step by the array path in float64: new inputs, new outputs, and the loss before."""
    objective = array_path(model)
    pairs, true, means = weights
    if model == "skip-gram":
        given = {"Vb": inputs[around], "Z": outputs[predicted], "W": pairs, "T": true}
    else:
        own, negatives = predicted[:CENTRES], predicted[CENTRES:]
        given = {"A": means, "Z": inputs[around], "R": outputs[own], "Y": outputs[negatives], "N": pairs, "m": true[0]}
    batch = {name: value[None] for name, value in given.items()}
    gradients = {name: value[0] for name, value in objective.steps(**batch).items()}
    new_inputs, new_outputs = inputs.copy(), outputs.copy()
    scale = Settings(model=model, **SMALL).input_scale  # type: ignore[arg-type]
    np.add.at(new_inputs, around, -scale * rate * gradients["Vb" if model == "skip-gram" else "Z"])
    moved = gradients["Z"] if model == "skip-gram" else np.concatenate([gradients["R"], gradients["Y"]])
    np.add.at(new_outputs, predicted, -rate * moved)
    return new_inputs, new_outputs, float(np.sum(objective.loss(**batch)))


@needs_numba
@pytest.mark.parametrize("model", MODELS)
def test_a_step_moves_as_the_theorems_say(model: str) -> None:
    """Repeated words around, negatives that repeat, negatives that are a centre: all of them occur among 60 steps."""
    case, met = Steps(model, 3), {"repeated": 0, "own negative": 0, "twice drawn": 0}
    module = compiled_windows(case.settings)
    for _ in range(60):
        around, predicted, weights = case.draw()
        met["repeated"] += len(set(around.tolist())) < len(around)
        met["own negative"] += bool({*predicted[:CENTRES].tolist()} & {*predicted[CENTRES:].tolist()})
        met["twice drawn"] += len(set(predicted[CENTRES:].tolist())) < len(predicted) - CENTRES
        before = case.inputs.astype(float), case.outputs.astype(float)
        *wanted, loss = by_theorem(model, *before, around, predicted, weights, 0.1)
        found = module.loss(*case.arguments(around, predicted, weights), *case.room.stages)
        assert found == pytest.approx(loss, rel=1e-5, abs=1e-5)
        case.step(module, around, predicted, weights, 0.1)
        for matrix, expected in zip((case.inputs, case.outputs), wanted, strict=True):
            np.testing.assert_allclose(matrix, expected, rtol=2e-6, atol=4e-6)
    assert min(met.values()) > 10
    assert not case.inputs[:, 13:].any() and not case.outputs[:, 13:].any()  # the padding never moves


@needs_numba
def test_sigma_is_within_its_bound_everywhere() -> None:
    from numba import njit

    from numeric.lanes import LANES, load, sigma, store

    @njit  # type: ignore[untyped-decorator]
    def every(xs: Array, found: Array) -> None:
        for i in range(0, xs.shape[1], LANES):
            store(found, 0, i, sigma(load(xs, 0, i)))

    dense = np.concatenate([np.linspace(-30, 30, 400_000), np.geomspace(1e-30, 3e38, 2000),
                            -np.geomspace(1e-30, 3e38, 2000), np.arange(-40, 40, np.log(2) / 2)])
    dense = np.concatenate([dense, np.zeros(-len(dense) % 16)])[None]
    xs, found = loop_training.aligned(dense.shape), loop_training.aligned(dense.shape)
    xs[:] = dense
    every(xs, found)
    exact = 1 / (1 + np.exp(-xs.astype(float).clip(-700, 700)))
    assert np.abs(found - exact).max() <= 2**-21
    assert np.abs(found / exact - 1)[exact > 1e-37].max() <= 2**-17  # small ones keep their digits
    xs[:] = np.resize([np.inf, -np.inf, np.nan, 0.0], xs.shape)
    every(xs, found)
    np.testing.assert_allclose(found[0, :4], [1, 0, np.nan, 0.5], atol=1e-37)


# --- the schedule around the step -------------------------------------------------------------------------------------


def walked(model: str, inputs: Array, outputs: Array, chunk: dict[str, Any], monkeypatch: pytest.MonkeyPatch,
           ) -> tuple[float, float, float]:
    """The plain Python schedule, with the array path in float64 in the place of the printed step."""
    losses: list[float] = []

    def taken(*arguments: Any) -> None:
        around, predicted, weights, rate = heard(model, arguments)
        found = by_theorem(model, inputs, outputs, around, predicted, [w.astype(float) for w in weights], rate)
        inputs[:], outputs[:] = found[0], found[1]
        losses.append(found[2])

    for name, value in {"ROW": 16, **constants_of(model), "MEAN": model == "cbow", "step": taken,
                        "loss": lambda *a: 0.0}.items():
        monkeypatch.setattr(windows, name, value)
    trained, measured, _ = windows.train_windows(**chunk, inputs=inputs, outputs=outputs)
    return trained, measured, sum(losses)


def heard(model: str, arguments: tuple[Any, ...]) -> tuple[Array, Array, list[Array], float]:
    """Of what the schedule hands to a step: words around and predicted, weights (pairs, true, means), the rate."""
    if model == "skip-gram":
        n, _, _, pairs, true, _, around, _, predicted, _, rate, *_ = arguments
        return around[:n].copy(), predicted.copy(), [pairs[:n].copy(), true[:n].copy(), np.zeros((0, n))], float(rate)
    n, _, _, _, true, pairs, means, _, around, _, predicted, _, negatives, _, rate, same, *_ = arguments
    assert rate == same and np.shares_memory(predicted, negatives) and len(negatives) == pairs.shape[1]
    return around[:n].copy(), predicted.copy(), [pairs.copy(), true[None].copy(), means[:, :n].copy()], float(rate)


def constants_of(model: str) -> dict[str, Any]:
    shared = shared_negatives(Settings(model=model, **SMALL))  # type: ignore[arg-type]
    return {"NEGATIVE": shared, "EACH": np.float32(4 / shared)}


def parts_of_all(probabilities: Array) -> Array:
    """As the schedule takes them: in units of 2^-31."""
    return np.round(probabilities * 2.0**31).astype(np.uint32)


def chunk_of(case: Steps, tokens: Array) -> dict[str, Any]:
    steps, guide = noise_guide(np.cumsum(np.full(case.words, 1 / case.words)))
    return {"tokens": tokens, "keep": parts_of_all(np.linspace(0.3, 1, case.words)), "steps": steps,
            "guide": guide, "window": 3, "first_rate": 0.05, "last_rate": 0.01, "every": 1,
            "scale": case.settings.input_scale, "lists": case.room.lists, "rows": case.room.rows,
            "weights": case.room.weights, "usual": case.room.usual[0], "stages": case.room.stages}


@needs_numba
@pytest.mark.parametrize("model", MODELS)
def test_a_chunk_is_trained_as_its_steps_one_by_one(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Steps(model, 7)
    chunk = chunk_of(case, case.rng.integers(-1, case.words, 400).astype(np.int32))
    inputs, outputs = case.inputs.astype(float), case.outputs.astype(float)
    expected = walked(model, inputs, outputs, {**chunk, "state": np.array([12345], np.uint64)}, monkeypatch)
    module = compiled_windows(case.settings)
    given = {**chunk, "state": np.array([12345], np.uint64), "inputs": case.inputs, "outputs": case.outputs}
    names = windows.train_windows.__code__.co_varnames[:windows.train_windows.__code__.co_argcount]
    found = module.train_windows(*(given[name] for name in names))
    assert found[:2] == pytest.approx(expected[:2]) and found[0] == found[1] > 100
    assert found[2] == pytest.approx(expected[2], rel=1e-5)
    np.testing.assert_allclose(case.inputs, inputs, atol=1e-4)
    np.testing.assert_allclose(case.outputs, outputs, atol=1e-4)


def trained_steps(model: str, tokens: Array, monkeypatch: pytest.MonkeyPatch, part: int | None = None,
                  ) -> Iterator[dict[str, Any]]:
    """What the schedule hands to each step of a text. part: the reach that is drawn, by its place, for every step."""
    case, steps = Steps(model, 8, words=300), list[dict[str, Any]]()

    def taken(*arguments: Any) -> None:
        around, predicted, (pairs, true, means), _ = heard(model, arguments)
        steps.append({"around": around.tolist(), "centres": predicted[:CENTRES].tolist(),
                      "negatives": predicted[CENTRES:].tolist(), "pairs": pairs, "true": true, "means": means})

    for name, value in {"ROW": 16, **constants_of(model), "MEAN": model == "cbow", "step": taken,
                        "loss": lambda *a: 0.0}.items():
        monkeypatch.setattr(windows, name, value)
    given = chunk_of(case, tokens) | {"keep": parts_of_all(np.ones(case.words)), "state": np.array([5], np.uint64)}
    if part is not None:
        *tables, near = (np.repeat(table[part:part + 1], len(table), axis=0) for table in given["usual"])
        lists = list(given["lists"])
        lists[3] = np.full_like(lists[3], lists[3][part])
        given |= {"usual": (*tables, near), "lists": tuple(lists)}
    windows.train_windows(**given, inputs=case.inputs, outputs=case.outputs)
    return iter(steps)


def places_near(tokens: Array, reach: int) -> dict[int, set[int]]:
    """For each word of a text of distinct words, the words around it in its sentence."""
    sentence = np.cumsum(tokens < 0)
    return {int(centre): {int(tokens[j]) for j in range(max(0, i - reach), min(len(tokens), i + reach + 1))
                          if j != i and tokens[j] >= 0 and sentence[j] == sentence[i]}
            for i, centre in enumerate(tokens) if centre >= 0}


DISTINCT = np.where(np.isin(np.arange(75), [20, 21, 50]), -1, np.arange(75)).astype(np.int32)


def test_every_pair_of_a_text_is_trained_with_the_mean_of_what_drawing_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """On average over the reaches, each of which is taken for all steps in its turn."""
    found = Counter[tuple[int, int]]()
    reaches = drawn_reaches(Settings(**SMALL))  # type: ignore[arg-type]
    for part, reach in enumerate(reaches):
        for step in trained_steps("skip-gram", DISTINCT, monkeypatch, part):
            for b, word in enumerate(step["around"]):
                for c, centre in enumerate(step["centres"]):
                    found[word, centre] += step["true"][b, c] / len(reaches)
            assert len(step["around"]) <= CENTRES + 2 * reach
    expected = Counter[tuple[int, int]]()
    for reach in (1, 2, 3):
        for centre, words in places_near(DISTINCT, reach).items():
            expected.update({(word, centre): 1 for word in words})
    assert {pair for pair, weight in found.items() if weight} == expected.keys() and len(expected) > 300
    for pair, weight in found.items():
        assert weight == pytest.approx(expected[pair] / 3, abs=1e-6)


def test_means_are_of_the_words_within_some_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    near = [places_near(DISTINCT, reach) for reach in (1, 2, 3)]
    centres, reaches = Counter[int](), set[int]()
    for step in trained_steps("cbow", DISTINCT, monkeypatch):
        for c, centre in enumerate(step["centres"]):
            if not step["true"][0, c]:
                continue
            centres[centre] += 1
            words = {word for b, word in enumerate(step["around"]) if step["means"][c, b]}
            assert words in [each[centre] for each in near]
            reaches.add([each[centre] for each in near].index(words))
            np.testing.assert_allclose(step["means"][c][step["means"][c] > 0], 1 / len(words), rtol=1e-6)
            assert step["true"][0, c] == 1
    assert centres == Counter({word: 1 for word in DISTINCT.tolist() if word >= 0}) and reaches == {0, 1, 2}


@pytest.mark.parametrize("model", MODELS)
def test_negatives_weigh_as_settings_say_and_none_is_the_pairs_own_word(model: str,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    met, each = 0, constants_of(model)["EACH"]
    for step in trained_steps(model, DISTINCT, monkeypatch):
        true, pairs = step["true"], step["pairs"]
        if model == "skip-gram":
            assert not true[:, CENTRES:].any()
            np.testing.assert_array_equal(pairs[:, :CENTRES], true[:, :CENTRES])
            true, pairs = true[:, :CENTRES], pairs[:, CENTRES:]
        else:
            true = np.diag(true[0])  # each mean has its own centre to predict, and no other
        for own_true, own_pairs in zip(true, pairs, strict=True):
            for k, word in enumerate(step["negatives"]):
                own = sum(own_true[c] for c in range(CENTRES) if step["centres"][c] == word)
                met += own > 0
                assert own_pairs[k] == pytest.approx((own_true.sum() - own) * each, abs=1e-6)
    assert met


def test_negatives_have_their_shares_and_one_of_each_part() -> None:
    shares = np.array([0.5, 0.3, 0.15, 0.04, 0.01])
    steps, guide = noise_guide(np.cumsum(shares))
    drawn = np.zeros(40_000, np.int32)
    windows.draw_words(steps, guide, np.array([99], np.uint64), drawn, len(drawn))
    np.testing.assert_allclose(np.bincount(drawn) / len(drawn), shares, atol=0.01)
    each = drawn.reshape(-1, windows.NEGATIVE)
    assert (each[:, :2] == 0).all() and (each[:, 4] > 0).all()  # two fifths of the shares are all the first word's


@pytest.mark.parametrize("seed", range(3))
def test_a_guide_finds_what_a_search_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.random(1000) ** 8)
    whole, guide = noise_guide(steps / steps[-1], 16)
    assert int(whole[-1]) == 2**32 and (np.diff(whole.astype(float)) >= 0).all()
    for place in [0, 2**32 - 1, *rng.integers(0, 2**32, 500).tolist()]:
        word = int(guide[place >> 16])
        assert word == 0 or whole[word - 1] <= place  # never behind what is searched
        while whole[word] <= place:
            word += 1
        assert word == np.searchsorted(whole, np.uint64(place), side="right")


def test_thinning_keeps_each_word_with_its_probability() -> None:
    tokens = np.tile(np.array([0, 1, 2, -1], np.int32), 5000)
    kept, sentence = np.empty(len(tokens), np.int32), np.empty(len(tokens), np.int32)
    keep = np.array([1.0, 0.5, 0.1])
    count = windows.thin(tokens, parts_of_all(keep), np.array([7], np.uint64), kept, sentence)
    np.testing.assert_allclose(np.bincount(kept[:count]) / 5000, keep, atol=0.03)
    assert (np.diff(sentence[:count]) >= 0).all() and sentence[count - 1] == 4999


# --- only theorems ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_loops_are_printed_from_theorems_of_the_catalogue(model: str) -> None:
    source = proved_loops(Settings(model=model))
    for variable, theorem in source.theorems.items():
        assert type(theorem) is Theorem
        assert repr(theorem.claim) == repr(find(SCHEDULES[model, "negative-sampling"].gradients[variable]).build())
    assert {type(t) for t in source.licences} == {Theorem} and len(source.licences) >= 4


def test_what_is_no_theorem_is_not_printed() -> None:
    claim: Any = find("negative-sampling/labelled-centres").build()
    for forged in (claim, "|- grad(J, v) == 0", None):
        with pytest.raises(ForgedTheorem):
            printed_loops({"Vb": forged}, Settings())


def test_a_tensor_that_a_later_gradient_reads_is_not_changed_in_place() -> None:
    settings, schedule = Settings(), loop_training.LOOP_SCHEDULES["skip-gram", "negative-sampling"]
    theorems = proved_loops(settings).theorems
    extents = {axis: 8 if axis != "B" else "n" for axis in schedule.extents}
    with pytest.raises(GradproofError, match="in place, which a gradient after its own reads"):
        compile_loops(theorems, schedule.arguments, extents, in_place=frozenset({"Vb", "Z"}))


def test_a_turned_sign_in_the_catalogue_prints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    right = find("negative-sampling/labelled-centres").build()

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
    monkeypatch.setattr("numeric.shards.has_numba", lambda: False)
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


