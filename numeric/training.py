"""Training of word vectors by steps compiled from theorems.

- `train(text, settings)`: from a text to `Vectors`.
- `proved_steps(settings)`: the theorems of a model with a loss, proved and compiled.

The products of a block are too small for a BLAS library to use threads. With the naive softmax they are large, and on a
busy machine OPENBLAS_NUM_THREADS=1 (set before Python starts) is the faster choice.

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

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from derive.errors import ForgedTheorem, GradproofError
from derive.exercises.catalogue import find
from derive.kernel import Theorem, require
from derive.prover import prove
from numeric.compiling import CompiledStep, CompiledSteps, compile_loss, compile_steps
from numeric.corpus import Source, default_corpus, sentences
from numeric.minibatches import minibatch_words, minibatches
from numeric.progress import Moment, Watch, shown_progress
from numeric.schedules import SCHEDULES, Parameters, Work, descend
from numeric.settings import Settings
from numeric.vectors import History, Vectors
from numeric.vocabulary import EncodedText, encode

MEASURED_EVERY = 32  # minibatches; a measurement in float64 takes as long as a minibatch of training
MEASURED_AT_LEAST = 16  # minibatches an epoch, where there are as many


def train(text: Source | None = None, settings: Settings = Settings(), *, prose: bool = False,  # noqa: B008
          watch: Watch | None = None, show_progress: bool = True) -> Vectors:
    """Train word vectors (Mikolov 2013) with gradients that were proved and compiled.

    text: a path (plain or gzip, a sentence a line), an iterable of sentences, each a list of words, or None for the
    prose that is installed with Python and our dependencies; prose: of a path, take lower-case words without
    punctuation; watch: called after every measured minibatch; show_progress: a bar, on a terminal.
    Raises GradproofError: a text that cannot be read or has too few words (see `corpus`, `vocabulary`); training that
    diverges.
    """
    stream = default_corpus() if text is None else sentences(text, prose)
    encoded = encode(stream, settings.min_count)
    with shown_progress(show_progress) as bar:
        return train_encoded(encoded, settings, watch_both(bar, watch))


def train_encoded(text: EncodedText, settings: Settings, watch: Watch) -> Vectors:
    """Train on a text that is already numbers."""
    objective = proved_steps(settings)
    parameters = initial_parameters(len(text.vocabulary), settings)
    run = _Run(text, settings, objective, parameters, watch)
    losses = tuple(run.epoch(number) for number in range(settings.epochs))
    history = History(losses, 1 / run.every, settings.epochs * text.read_words, run.seconds)
    return Vectors(text.vocabulary.words, parameters.input_vectors, parameters.output_vectors, history)


@dataclass(frozen=True)
class Objective:
    """What is minimised: its loss, and the compiled steps that give its gradient by each trained variable.

    Raises ForgedTheorem for anything that was not compiled from Theorems.
    """

    loss: CompiledStep
    steps: CompiledSteps

    def __post_init__(self) -> None:
        for part, kind in ((self.loss, CompiledStep), (self.steps, CompiledSteps)):
            if not isinstance(part, kind):
                raise ForgedTheorem(f"{part!r} (type {type(part).__name__}) in the place of a compiled step",
                                    f"a {kind.__name__} made from Theorems", "numeric.compiling on a Theorem")
        for theorem in (self.loss.theorem, *self.steps.theorems.values()):
            require(theorem)


def proved_steps(settings: Settings) -> Objective:
    """The theorems of a model with a loss, proved now and compiled.

    Raises NotProved: a theorem of the catalogue does not hold.
    """
    schedule = SCHEDULES[settings.model, settings.loss]
    theorems = {variable: prove(find(id).build()) for variable, id in schedule.gradients.items()}
    return compiled(theorems, schedule.batched)


def compiled(theorems: Mapping[str, Theorem], batched: tuple[str, ...]) -> Objective:
    """The compiled steps of some theorems grad(J, variable) == formula, by variable, and the J of the first.

    Raises ForgedTheorem where anything else than a Theorem is given.
    """
    steps = compile_steps(theorems, batched=batched)
    return Objective(compile_loss(next(iter(theorems.values())), batched=batched), steps)


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
    """One run of training and what it has counted so far."""

    text: EncodedText
    settings: Settings
    objective: Objective
    parameters: Parameters
    watch: Watch
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    @cached_property
    def every(self) -> int:
        """One minibatch in how many is measured."""
        vocabulary = self.text.vocabulary
        kept = float(vocabulary.counts @ vocabulary.keep_probabilities(self.settings.sample))
        expected = kept / minibatch_words(self.text, self.settings)
        return max(1, min(MEASURED_EVERY, int(expected / MEASURED_AT_LEAST)))

    def epoch(self, number: int) -> float:
        """Train for one epoch; the mean loss of its measured minibatches, for each pair."""
        arrange = SCHEDULES[self.settings.model, self.settings.loss].arrange
        total, pairs, trained = 0.0, 0, 0
        for minibatch in minibatches(self.text, self.settings, number):
            work = arrange(self.parameters, minibatch, self.settings)
            if not work.pairs:
                continue
            with np.errstate(over="ignore", invalid="ignore"):  # a divergence is told below, as an error
                if trained % self.every == 0:
                    total, pairs = total + self._loss(work), pairs + work.pairs
                    self._tell(number, minibatch.done, total / pairs)
                descend(self.objective.steps, work, self.settings.rate(minibatch.done))
            trained += 1
        if not trained:
            raise GradproofError(f"no word of epoch {number + 1} has another beside it",
                                 "sentences of two words or more", "a longer text, a lower min_count, or sample=0")
        self._tell(number, (number + 1) / self.settings.epochs, total / pairs)
        return total / pairs

    def _loss(self, work: Work) -> float:
        arguments = {name: array.astype(np.float64) for name, array in work.arguments.items()}
        return float(np.sum(self.objective.loss(**arguments)))

    def _tell(self, epoch: int, done: float, loss: float) -> None:
        if not np.isfinite(loss):
            raise GradproofError(f"training diverged: loss {loss} in epoch {epoch + 1} of {self.settings.epochs}",
                                 "a finite loss", f"learning_rate={self.settings.initial_rate / 2:g}")
        read = done * self.settings.epochs * self.text.read_words
        self.watch(Moment(done, epoch + 1, self.settings.epochs, read / max(self.seconds, 1e-9), loss,
                          self.settings.rate(done)))
