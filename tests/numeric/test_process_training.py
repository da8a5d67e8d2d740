"""Several processes: the same bits at every run, whatever dies on the way, and vectors that have learnt."""

from __future__ import annotations

import importlib.util
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric import process_training, shards, training
from numeric.engines import Portion
from numeric.process_training import ProcessEngine
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.training import initial_parameters, train_encoded
from numeric.vectors import Vectors
from numeric.vocabulary import EncodedText, encode

WITH_NUMBA = importlib.util.find_spec("numba") is not None
SETTINGS = Settings(vector_size=16, min_count=1, sample=0, epochs=2, workers=2, backend="processes")


@pytest.fixture(scope="module")
def text() -> EncodedText:
    """Words a0..a19 stand together, and b0..b19: 300,000 of them, so that each process has shards."""
    rng = np.random.default_rng(2)
    lines = np.char.add(np.repeat(rng.choice(["a", "b"], 20_000), 15), rng.integers(0, 20, 300_000).astype(str))
    return encode((line.tolist() for line in lines.reshape(20_000, 15)), 1)


@pytest.fixture(autouse=True)
def arrays_in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops would be compiled first, which takes longer than this test; one test has them."""
    monkeypatch.setattr(shards, "has_numba", lambda: False)


def learnt(vectors: Vectors) -> bool:
    nearest = [word for word, _ in vectors.most_similar("a3", 15)]
    return all(word.startswith("a") for word in nearest)


def ignore(*heard: object) -> None:
    """Nobody watches."""


def test_the_same_bits_at_every_run_and_learnt_words(text: EncodedText) -> None:
    first, again = train_encoded(text, SETTINGS, ignore), train_encoded(text, SETTINGS, ignore)
    assert first.input_vectors.tobytes() == again.input_vectors.tobytes()
    assert first.history is not None and again.history is not None
    assert first.history.losses == again.history.losses and first.history.losses[1] < first.history.losses[0]
    assert learnt(first)


def by_hand(text: EncodedText, settings: Settings) -> Parameters:
    """One round: every shard from the same vectors at the rate times their number, then the mean."""
    one = training.make_engine(text, Settings(**{**vars(settings), "backend": "arrays", "workers": 1}), "arrays")
    start = one.laid_out(initial_parameters(len(text.vocabulary), settings))
    shards = []
    for first in (0, 131_072):
        own = Parameters(start.input_vectors.copy(), start.output_vectors.copy())
        for position in (first, first + 65_536):
            one.advance(own, 0, position, 2.0, ignore)
        shards.append(own)
    return Parameters(np.mean([s.input_vectors for s in shards], axis=0),
                      np.mean([s.output_vectors for s in shards], axis=0))


def one_round(engine: ProcessEngine, text: EncodedText) -> tuple[Portion, Parameters]:
    parameters = engine.laid_out(initial_parameters(len(text.vocabulary), SETTINGS))
    portion = engine.advance(parameters, 0, 0, 1.0, ignore)
    return portion, Parameters(parameters.input_vectors.copy(), parameters.output_vectors.copy())


@pytest.mark.parametrize("killed", [False, True])
def test_a_round_is_the_mean_of_its_shards_even_if_a_process_is_killed(text: EncodedText, killed: bool) -> None:
    engine = ProcessEngine(text, SETTINGS, 2)
    try:
        if killed:
            os.kill(engine._workers[1].process.pid, signal.SIGKILL)
        portion, found = one_round(engine, text)
    finally:
        engine.close()
    expected = by_hand(text, SETTINGS)
    assert portion.end == 262_144 and portion.pairs > 262_144
    assert found.input_vectors.tobytes() == np.asarray(expected.input_vectors, np.float32).tobytes()
    assert found.output_vectors.tobytes() == np.asarray(expected.output_vectors, np.float32).tobytes()
    assert all(worker.process.poll() is not None for worker in engine._workers)
    assert not Path(engine._folder.name).exists()


def test_processes_that_keep_dying_are_an_error(text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_training, "MOST_DEATHS", 1)
    engine = ProcessEngine(text, SETTINGS, 2)

    class Dead(process_training._Worker):
        def answer(self) -> tuple[int, int, float]:
            raise EOFError

    monkeypatch.setattr(process_training, "_Worker", Dead)
    try:
        os.kill(engine._workers[0].process.pid, signal.SIGKILL)
        with pytest.raises(GradproofError, match=r"2 training processes ended unasked; .*fewer workers"):
            one_round(engine, text)
    finally:
        engine.close()


def test_sharing_processes_learn_too(text: EncodedText) -> None:
    vectors = train_encoded(text, Settings(**{**vars(SETTINGS), "backend": "arrays"}), ignore)
    assert learnt(vectors)


@pytest.mark.skipif(not WITH_NUMBA, reason="the extra `fast` is not installed")
def test_processes_train_by_loops_where_they_can(text: EncodedText, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "has_numba", lambda: True)
    settings: dict[str, Any] = {**vars(SETTINGS), "epochs": 1}
    assert learnt(train_encoded(text, Settings(**settings), ignore))
