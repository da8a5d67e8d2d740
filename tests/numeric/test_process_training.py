"""Several processes: the same bits at every run, whatever dies on the way, and vectors that have learnt."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric import process_training, shards, training
from numeric.engines import Portion
from numeric.process_training import ProcessEngine
from numeric.progress import Moment
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.training import Interrupted, initial_parameters, train_encoded
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


def bits(vectors: Vectors) -> tuple[bytes, bytes, tuple[float, ...]]:
    assert vectors.output_vectors is not None and vectors.history is not None
    return vectors.input_vectors.tobytes(), vectors.output_vectors.tobytes(), vectors.history.losses


def ignore(*heard: object) -> None:
    """Nobody watches."""


def test_the_same_bits_at_every_run_and_learnt_words(text: EncodedText) -> None:
    first, again = train_encoded(text, SETTINGS, ignore), train_encoded(text, SETTINGS, ignore)
    assert bits(first) == bits(again)
    assert first.history is not None and first.history.losses[1] < first.history.losses[0]
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


@pytest.fixture(scope="module")
def mixed() -> EncodedText:
    """Three chunks of many words, which are quick to train."""
    rng = np.random.default_rng(2)
    return encode(([f"w{n}" for n in line] for line in rng.integers(0, 600, (5_000, 30))), 1)


QUICK = replace(SETTINGS, vector_size=8, epochs=1, round_words=1)  # a chunk for each process in a round


@pytest.mark.parametrize("task", ["train", "average"])
def test_a_process_killed_at_its_work_changes_no_bit_of_the_run(task: str, mixed: EncodedText,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    expected = bits(train_encoded(mixed, QUICK, ignore))
    ask, killed = process_training._Worker.ask, []

    def ask_and_kill(worker: process_training._Worker, told: str, arguments: tuple[Any, ...]) -> None:
        ask(worker, told, arguments)
        if told == task and len(killed) < 2:
            killed.append(worker.process.pid)
            if task == "train":
                time.sleep(0.05)  # it has begun
            worker.process.kill()

    monkeypatch.setattr(process_training._Worker, "ask", ask_and_kill)
    assert bits(train_encoded(mixed, QUICK, ignore)) == expected
    assert len(set(killed)) == 2


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_stopped_run_goes_on_to_the_same_bits(share: float, mixed: EncodedText, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "KEPT_EVERY", 0.0)
    monkeypatch.setattr(training, "SAVED_EVERY", 0.0)

    def stop(moment: Moment) -> None:
        if moment.done >= share:
            raise KeyboardInterrupt

    expected = bits(train_encoded(mixed, QUICK, ignore))
    with pytest.raises(Interrupted):
        train_encoded(mixed, QUICK, stop, tmp_path / "run")
    assert bits(train_encoded(mixed, QUICK, ignore, tmp_path / "run", resume=True)) == expected


def test_a_checkpoint_of_averaged_arrays_is_not_gone_on_with_otherwise(mixed: EncodedText, tmp_path: Path,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(moment: Moment) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "run"
    with pytest.raises(Interrupted):
        train_encoded(mixed, QUICK, stop, path)
    with pytest.raises(GradproofError, match=r"with backend 'average of arrays'; expected 'arrays'; try "
                                             r"backend='processes', or a cluster"):
        train_encoded(mixed, replace(QUICK, backend="arrays"), ignore, path, resume=True)
    monkeypatch.setattr(shards, "has_numba", lambda: True)
    with pytest.raises(GradproofError, match=r"expected 'average of loops'; try backend='arrays' with a cluster"):
        train_encoded(mixed, QUICK, ignore, path, resume=True)


def test_the_mean_is_numpys_whichever_rows_it_is_taken_of() -> None:
    rng = np.random.default_rng(5)
    several = [rng.standard_normal((2, 7, 5)).astype(np.float32) for _ in range(5)]
    out = np.empty_like(several[0])
    for part in range(3):
        rows = shards.part_of(7, part, 3)
        shards.take_mean([one[:, rows] for one in several], out[:, rows])
    assert out.tobytes() == np.mean(several, axis=0).tobytes()


def test_a_shard_reads_no_other(mixed: EncodedText) -> None:
    cut = shards.shards_of(mixed, QUICK, "arrays")
    text = shards.shard_text(cut)
    text.hold(65_536, mixed.chunk(65_536, 131_072))
    assert text.chunk(65_536, 70_000).tolist() == mixed.chunk(65_536, 70_000).tolist()
    for start, stop in ((0, 65_536), (131_072, 131_073), (65_535, 65_537)):
        with pytest.raises(GradproofError, match=r"expected some of 65,536 to 131,072"):
            text.chunk(start, stop)


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
    settings = replace(SETTINGS, epochs=1)
    vectors = train_encoded(text, settings, ignore)
    assert learnt(vectors)
    assert bits(train_encoded(text, settings, ignore)) == bits(vectors)
