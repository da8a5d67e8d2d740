"""A run that is stopped and goes on ends where a run in one go ends, to the last bit; and what is no checkpoint."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.errors import GradproofError
from numeric import loop_training, minibatches, training
from numeric.checkpoints import Progress, load_checkpoint, save_checkpoint
from numeric.progress import Moment
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.training import Interrupted, initial_parameters, train_encoded
from numeric.vocabulary import EncodedText, encode

needs_numba = pytest.mark.skipif(importlib.util.find_spec("numba") is None, reason="the extra `fast` is not installed")
BACKENDS = ["arrays", pytest.param("loops", marks=needs_numba)]
SETTINGS = Settings(vector_size=8, window=3, negative=4, min_count=1, sample=0, epochs=3, workers=1)


@pytest.fixture
def text(monkeypatch: pytest.MonkeyPatch) -> EncodedText:
    """Several portions an epoch, each kept and saved."""
    rng = np.random.default_rng(3)
    monkeypatch.setattr(loop_training, "CHUNK", 500)
    monkeypatch.setattr(loop_training, "ROUND", 2)
    monkeypatch.setattr("numeric.array_training.CHUNK", 1000)
    monkeypatch.setattr(minibatches, "CHUNK", 1000)
    monkeypatch.setattr(training, "KEPT_EVERY", 0.0)
    monkeypatch.setattr(training, "SAVED_EVERY", 0.0)
    return encode([[f"w{n}" for n in rng.integers(0, 40, 9)] for _ in range(500)], 1)


def stopping_at(share: float) -> Callable[[Moment], None]:
    def watch(moment: Moment) -> None:
        if moment.done >= share:
            raise KeyboardInterrupt

    return watch


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("share", [0.15, 0.5, 0.9])
def test_a_stopped_run_ends_where_a_run_in_one_go_ends(backend: str, share: float, text: EncodedText,
                                                       tmp_path: Path) -> None:
    settings, path = replace(SETTINGS, backend=backend), tmp_path / "run"
    whole = train_encoded(text, settings, lambda moment: None)
    with pytest.raises(Interrupted) as stopped:
        train_encoded(text, settings, stopping_at(share), path)
    assert np.isfinite(stopped.value.vectors.input_vectors).all()
    assert stopped.value.vectors.input_vectors.tobytes() != whole.input_vectors.tobytes()
    progress, _ = load_checkpoint(path, text, settings, backend)
    assert 0 < progress.epoch * len(text.tokens) + progress.position <= share * 3 * len(text.tokens)
    resumed = train_encoded(text, settings, lambda moment: None, path, resume=True)
    assert resumed.input_vectors.tobytes() == whole.input_vectors.tobytes()
    assert resumed.output_vectors is not None and whole.output_vectors is not None
    assert resumed.output_vectors.tobytes() == whole.output_vectors.tobytes()
    assert resumed.history is not None and whole.history is not None
    assert resumed.history.losses == whole.history.losses
    assert not path.exists() and not list(tmp_path.iterdir())


@needs_numba
def test_several_threads_stop_together_and_train_what_one_does(text: EncodedText) -> None:
    settings = replace(SETTINGS, backend="loops", workers=3)
    with pytest.raises(Interrupted) as stopped:
        train_encoded(text, settings, stopping_at(0.5))
    assert np.isfinite(stopped.value.vectors.input_vectors).all()
    several = train_encoded(text, settings, lambda moment: None)
    one = train_encoded(text, replace(settings, workers=1), lambda moment: None)
    assert several.history is not None and one.history is not None
    np.testing.assert_allclose(several.history.losses, one.history.losses, rtol=0.01)


def saved(tmp_path: Path, text: EncodedText, settings: Settings = SETTINGS) -> Path:
    path = tmp_path / "run"
    save_checkpoint(path, Progress(1, 0, losses=(2.5,)), initial_parameters(len(text.vocabulary), settings), text,
                    settings, "arrays")
    return path


def test_what_is_saved_comes_back(tmp_path: Path, text: EncodedText) -> None:
    path = saved(tmp_path, text)
    progress, parameters = load_checkpoint(path, text, SETTINGS, "arrays")
    assert progress == Progress(1, 0, losses=(2.5,))
    assert np.array_equal(parameters.input_vectors, initial_parameters(40, SETTINGS).input_vectors)
    load_checkpoint(path, text, replace(SETTINGS, workers=7), "arrays")  # another number of threads may go on


@pytest.mark.parametrize(("settings", "message"), [
    (replace(SETTINGS, seed=9), "is of a run with seed 1; expected 9; try seed=1"),
    (replace(SETTINGS, vector_size=9), "is of a run with vector_size 8; expected 9"),
    (replace(SETTINGS, window=9), "is of a run with window 3; expected 9"),
])
def test_a_checkpoint_of_other_settings(tmp_path: Path, text: EncodedText, settings: Settings, message: str) -> None:
    with pytest.raises(GradproofError, match=message):
        load_checkpoint(saved(tmp_path, text), text, settings, "arrays")


def test_a_checkpoint_of_another_vocabulary_or_backend(tmp_path: Path, text: EncodedText) -> None:
    path = saved(tmp_path, text)
    with pytest.raises(GradproofError, match=r"run with the text or min_count '40 words, digest .*; expected '2 words"):
        load_checkpoint(path, encode([["a", "b"]] * 9, 1), SETTINGS, "arrays")
    with pytest.raises(GradproofError, match=r"with backend 'arrays'; expected 'loops'; try backend='arrays'$"):
        load_checkpoint(path, text, SETTINGS, "loops")
    with pytest.raises(GradproofError, match=r"expected 'average of loops'; try backend='arrays', and no cluster$"):
        load_checkpoint(path, text, SETTINGS, "average of loops")
    with pytest.raises(GradproofError, match="with round_words 100000; expected 9; try round_words=100000, or"):
        load_checkpoint(path, text, replace(SETTINGS, round_words=9), "arrays")


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-300])


def spoil(path: Path) -> None:
    path.write_bytes(b"\x00binary noise" * 40)


def strip(path: Path) -> None:
    np.savez(path.with_suffix(".npz"), other=np.ones(3))
    path.with_suffix(".npz").replace(path)


@pytest.mark.parametrize("damage", [shorten, spoil, strip])
def test_what_is_no_whole_checkpoint(tmp_path: Path, text: EncodedText, damage: Callable[[Path], Any]) -> None:
    path = saved(tmp_path, text)
    damage(path)
    with pytest.raises(GradproofError, match=r"is no whole checkpoint .*; try a run from the start"):
        load_checkpoint(path, text, SETTINGS, "arrays")


def test_no_checkpoint_and_numbers_that_are_not_finite(tmp_path: Path, text: EncodedText) -> None:
    with pytest.raises(GradproofError, match=r"no checkpoint .*absent"):
        load_checkpoint(tmp_path / "absent", text, SETTINGS, "arrays")
    parameters = initial_parameters(40, SETTINGS)
    parameters.output_vectors[3, 2] = np.nan
    path = tmp_path / "nan"
    save_checkpoint(path, Progress(), Parameters(*vars(parameters).values()), text, SETTINGS, "arrays")
    with pytest.raises(GradproofError, match="not finite"):
        load_checkpoint(path, text, SETTINGS, "arrays")


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path, text: EncodedText,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, text)
    before = path.read_bytes()

    def full(*arguments: Any, **named: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(GradproofError, match=r"cannot write .*No space left"):
        saved(tmp_path, text)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_resumed_run_needs_a_file(text: EncodedText) -> None:
    with pytest.raises(GradproofError, match="resume=True without a checkpoint"):
        train_encoded(text, SETTINGS, lambda moment: None, resume=True)
