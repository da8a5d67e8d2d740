"""Training of word vectors by steps made from theorems.

- `train(text, settings)`: from a text to `Vectors`.
- `train_encoded`: the same for a text that is already numbers.

Engines do the work, chosen by `Settings.backend`: generated loops (`loop_training`), arrays (`array_training`), or
either in several processes (`process_training`); or, where one is given, a Dask cluster (`cluster_training`).
What happens around them is here: the learning rate and the loss told, divergence rolled back, checkpoints.

    >>> from numeric.settings import Settings
    >>> text = [["the", "king", "rules"], ["the", "queen", "rules"]] * 20
    >>> vectors = train(text, Settings(vector_size=4, sample=0, epochs=2))
    >>> vectors
    Vectors(4 words x 4)
    >>> first, last = vectors.history.losses
    >>> last < first
    True
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

import numpy as np

from derive.errors import GradproofError
from numeric.array_training import ArrayEngine
from numeric.checkpoints import AVERAGE, Progress, load_checkpoint, save_checkpoint
from numeric.cluster_training import Cluster, ClusterEngine
from numeric.corpus import Source
from numeric.engines import Engine, Portion
from numeric.loop_training import LoopEngine
from numeric.process_training import ProcessEngine
from numeric.progress import Moment, Watch, shown_progress, shown_reading
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.shards import inner_backend
from numeric.vectors import History, Vectors
from numeric.vocabulary import EncodedText, encode_source

LONG = 1_000_000  # tokens; a shorter text is trained before several threads pay, and then the seed fixes the vectors
KEPT_EVERY = 10.0  # seconds between two states that a divergence can be rolled back to
SAVED_EVERY = 60.0  # seconds between two checkpoints
MOST_ROLLBACKS = 6
ROLLBACK = 0.25  # of the learning rate that diverged
LOST = 1.5  # natural units a bit of knowing nothing (which costs 0.7 of them): no training that works comes near


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during training. vectors: as they were trained until then, complete and usable."""

    def __init__(self, vectors: Vectors) -> None:
        super().__init__("training was interrupted; .vectors holds what was trained until then")
        self.vectors = vectors


def train(text: Source | None = None, settings: Settings = Settings(), *, prose: bool = False,  # noqa: B008
          watch: Watch | None = None, show_progress: bool = True, checkpoint: str | Path | None = None,
          resume: bool = False, cluster: Cluster | None = None) -> Vectors:
    """Train word vectors (Mikolov 2013) with gradients that were proved and compiled.

    text: a path (plain, gzip or zstd, a sentence a line; the numbers of a large file are kept in the user's cache
    folder), an iterable of sentences, each a list of words, or None for the prose that is installed with Python and our
    dependencies; prose: of a path, take lower-case words without punctuation; watch: called with a `Moment` many times
    an epoch; show_progress: a bar, on a terminal; checkpoint: a file that is written every minute and when the run is
    interrupted, and removed when it is done; resume: go on from there, to the same vectors as a run in one go (with one
    worker, or averaged); cluster: where to train instead of here: a `distributed.Client`, which stays open, a cluster
    object of Dask, or the address of a scheduler. Vectors are averaged there as by backend="processes", to the same
    bits for as many workers (None for all threads of the cluster); settings.backend says what trains a shard.
    Raises GradproofError: a text that cannot be read or has too few words (see `corpus`, `vocabulary`); training that
    diverges at ever smaller rates; a checkpoint of another run; a cluster that is not there, or goes. Interrupted:
    Ctrl-C; it carries usable vectors.
    """
    with shown_reading(show_progress) as read:
        encoded = encode_source(text, settings.min_count, prose, read)
    _expect_fewer_negatives(len(encoded.vocabulary), settings)
    with shown_progress(show_progress) as bar:
        return train_encoded(encoded, settings, watch_both(bar, watch), checkpoint, resume, cluster)


def train_encoded(text: EncodedText, settings: Settings, watch: Watch, checkpoint: str | Path | None = None,
                  resume: bool = False, cluster: Cluster | None = None) -> Vectors:
    """Train on a text that is already numbers."""
    if resume and checkpoint is None:
        raise GradproofError("resume=True without a checkpoint", "the file to go on from", "checkpoint='some.file'")
    path, backend = None if checkpoint is None else Path(checkpoint), chosen_backend(settings)
    way = backend if cluster is None and backend != "processes" else AVERAGE + inner_backend(settings)
    progress, parameters = Progress(), initial_parameters(len(text.vocabulary), settings)
    if resume and path is not None:
        progress, parameters = load_checkpoint(path, text, settings, way)
    engine = make_engine(text, settings, backend, cluster)
    try:
        run = _Run(text, settings, engine, engine.laid_out(parameters), watch, progress, path, way)
        trained = run.trained()
    finally:
        engine.close()
    if path is not None:
        path.unlink(missing_ok=True)
    return trained


def _expect_fewer_negatives(words: int, settings: Settings) -> None:
    """The usual number is good for a demonstration with three words; asking for more than there are is a mistake."""
    if settings.loss == "negative-sampling" and settings.negative > max(words, Settings().negative):
        raise GradproofError(f"negative={settings.negative} with a vocabulary of {words} words",
                             "at most as many negative samples as words", f"negative={min(words, Settings().negative)}")


def chosen_backend(settings: Settings) -> str:
    """'loops' or 'arrays': as pinned, else loops where numba is installed and they cover the settings."""
    return settings.backend or inner_backend(settings)


def make_engine(text: EncodedText, settings: Settings, backend: str, cluster: Cluster | None = None) -> Engine:
    """The engine of a backend, or of a cluster. GradproofError: it cannot run there, or not with these settings."""
    if cluster is not None:
        return ClusterEngine(text, settings, cluster, settings.workers or (None if len(text.tokens) >= LONG else 1))
    workers = settings.workers or (available_cores() if len(text.tokens) >= LONG else 1)
    if backend == "loops":
        return LoopEngine(text, settings, workers)
    if backend == "processes" or workers > 1:
        return ProcessEngine(text, replace(settings, backend=backend), workers)
    return ArrayEngine(text, settings)


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def initial_parameters(words: int, settings: Settings) -> Parameters:
    """Input vectors uniform on +-1/(2 D), output vectors zero, as in the C implementation of Mikolov 2013."""
    rng = np.random.default_rng((settings.seed, 1 << 32))  # apart from the streams of the minibatches
    rows = (rng.random((words, settings.vector_size), dtype=np.float32) - 0.5) / settings.vector_size
    return Parameters(rows.astype(np.float32), np.zeros((words, settings.vector_size), dtype=np.float32))


def watch_both(first: Watch, second: Watch | None) -> Watch:
    """One watcher that tells two."""
    if second is None:
        return first

    def tell(moment: Moment) -> None:
        first(moment)
        second(moment)

    return tell


@dataclass
class _Run:
    """One run of training: what is trained, how far it is, and the last state that is known to be good."""

    text: EncodedText
    settings: Settings
    engine: Engine
    parameters: Parameters
    watch: Watch
    progress: Progress
    checkpoint: Path | None
    backend: str
    rollbacks: int = 0

    def __post_init__(self) -> None:
        self.good: tuple[Progress, Parameters] = (self.progress, self._copied())
        self.kept = self.saved = time.perf_counter()
        self.started = self.kept - self.progress.seconds

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def trained(self) -> Vectors:
        """Train what is left. Raises as `finish`; Interrupted, with usable vectors, for Ctrl-C."""
        try:
            self.finish()
        except KeyboardInterrupt:
            self.save()
            if not self._finite():
                self._restore()
            raise Interrupted(self.vectors()) from None
        return self.vectors()

    def finish(self) -> None:
        """Train what is left. Raises GradproofError: no pairs, or a divergence that smaller rates do not mend."""
        while self.progress.epoch < self.settings.epochs:
            before = self.progress
            if before.position == 0 and before is not self.good[0]:
                self._keep()
            portion = self.engine.advance(self.parameters, before.epoch, before.position, before.factor, self._heard)
            after = replace(before, position=portion.end, loss=before.loss + portion.loss, pairs=before.pairs +
                            portion.pairs, measured=before.measured + portion.measured)
            if self._diverged(portion) or (self._is_end(after) and not self._finite()):
                self._roll_back(portion)
            elif self._is_end(after):
                self._end_epoch(after)
            else:
                self.progress = after
                self._tell(self._done(after.position), _mean(after.loss, after.measured))
                self._keep_now_and_then()

    def vectors(self) -> Vectors:
        """What is trained, without the engine's padding, and how it went."""
        wide, size = self.parameters, self.settings.vector_size
        words = int(self._done(self.progress.position) * self.settings.epochs * self.text.read_words)
        history = History(self.progress.losses, self.engine.measured, words, self.seconds)
        return Vectors(self.text.vocabulary.words, wide.input_vectors[:, :size], wide.output_vectors[:, :size], history)

    def save(self) -> None:
        """Write the last good state as the checkpoint, where one is asked for."""
        if self.checkpoint is not None:
            progress, parameters = self.good
            size = self.settings.vector_size
            save_checkpoint(self.checkpoint, progress, Parameters(parameters.input_vectors[:, :size],
                                                                  parameters.output_vectors[:, :size]),
                            self.text, self.settings, self.backend)
        self.saved = time.perf_counter()

    # --- an epoch's end -----------------------------------------------------------------------------------------------

    def _is_end(self, progress: Progress) -> bool:
        return progress.position >= len(self.text.tokens)

    def _end_epoch(self, after: Progress) -> None:
        if not after.pairs:
            raise GradproofError(f"no word of epoch {after.epoch + 1} has another beside it",
                                 "sentences of two words or more", "a longer text, a lower min_count, or sample=0")
        mean = _mean(after.loss, after.measured)
        self._tell((after.epoch + 1) / self.settings.epochs, mean)
        self.progress = Progress(after.epoch + 1, 0, after.factor, (*after.losses, mean or 0.0), seconds=self.seconds)

    # --- good states --------------------------------------------------------------------------------------------------

    def _keep_now_and_then(self) -> None:
        if time.perf_counter() - self.kept > KEPT_EVERY and self._finite():
            self._keep()
            if time.perf_counter() - self.saved > SAVED_EVERY:
                self.save()

    def _keep(self) -> None:
        self.good = (replace(self.progress, seconds=self.seconds), self._copied())
        self.kept = time.perf_counter()

    def _restore(self) -> None:
        self.progress, parameters = self.good
        self.parameters.input_vectors[:] = parameters.input_vectors
        self.parameters.output_vectors[:] = parameters.output_vectors

    def _copied(self) -> Parameters:
        return Parameters(self.parameters.input_vectors.copy(), self.parameters.output_vectors.copy())

    def _finite(self) -> bool:
        with np.errstate(over="ignore", invalid="ignore"):
            return all(isfinite(float(np.sum(matrix)))
                       for matrix in (self.parameters.input_vectors, self.parameters.output_vectors))

    def _diverged(self, portion: Portion) -> bool:
        return not portion.loss <= LOST * self._bits_of_knowing_nothing() * portion.measured

    def _bits_of_knowing_nothing(self) -> int:
        """One for each sigma, or those of a number of a word."""
        return len(self.text.vocabulary).bit_length() if self.settings.loss == "naive-softmax" else (
            1 + self.settings.negative)

    def _roll_back(self, portion: Portion) -> None:
        """To the last good state, at a smaller rate."""
        epoch, lost = self.progress.epoch + 1, _mean(portion.loss, portion.measured)
        factor = ROLLBACK * self.progress.factor
        found = f"training diverged: loss {lost} in epoch {epoch} of {self.settings.epochs}"
        if self.rollbacks == MOST_ROLLBACKS:
            raise GradproofError(f"{found}, and at {MOST_ROLLBACKS} smaller rates before", "a loss that stays finite",
                                 f"learning_rate={self.settings.initial_rate * factor:.1g}")
        self.rollbacks += 1
        self._restore()
        self.progress = replace(self.progress, factor=factor)
        self.good = (self.progress, self.good[1])
        done = self._done(self.progress.position)
        self._tell(done, None, f"{found}; rolled back to {done:.0%} of the run, at {factor:g} times the learning rate")

    # --- what is told -------------------------------------------------------------------------------------------------

    def _done(self, position: float) -> float:
        return (self.progress.epoch + position / len(self.text.tokens)) / self.settings.epochs

    def _heard(self, done: float, loss: float, measured: float) -> None:
        """Told by the engine from inside a portion."""
        self._tell(done, _mean(self.progress.loss + loss, self.progress.measured + measured))

    def _tell(self, done: float, loss: float | None, note: str = "") -> None:
        read = done * self.settings.epochs * self.text.read_words
        self.watch(Moment(done, self.progress.epoch + 1, self.settings.epochs, read / max(self.seconds, 1e-9), loss,
                          self.progress.factor * self.settings.rate(done), note))


def _mean(total: float, number: float) -> float | None:
    return total / number if number else None
