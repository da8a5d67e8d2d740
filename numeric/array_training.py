"""Training by compiled array steps: NumPy and SciPy alone, a minibatch at a time.

- `proved_steps(settings)`: the theorems of a model with a loss, proved and compiled.
- `ArrayEngine`: trains a text with them, a chunk of it at a time.

The products of a block are too small for a BLAS library to use threads. With the naive softmax they are large, and on a
busy machine OPENBLAS_NUM_THREADS=1 (set before Python starts) is the faster choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from derive.errors import ForgedTheorem
from derive.exercises.catalogue import find
from derive.kernel import Theorem, require
from derive.prover import prove
from numeric.compiling import CompiledStep, CompiledSteps, compile_loss, compile_steps
from numeric.engines import Portion, Tell
from numeric.minibatches import CHUNK, Drawing
from numeric.schedules import SCHEDULES, Parameters, Work, descend
from numeric.settings import Settings
from numeric.vocabulary import EncodedText

MEASURED_EVERY = 512  # minibatches; a measurement in float64 takes several times as long as training on one
MEASURED_AT_LEAST = 16  # minibatches an epoch, where there are as many


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


class ArrayEngine:
    """Trains an encoded text by compiled array steps."""

    def __init__(self, text: EncodedText, settings: Settings) -> None:
        self._text, self._settings = text, settings
        self._objective = proved_steps(settings)
        self._drawing = Drawing.of(text, settings)

    @property
    def measured(self) -> float:
        """Share of the minibatches whose loss is taken."""
        return 1 / self._every

    @cached_property
    def _expected(self) -> float:
        """Minibatches of an epoch, about."""
        vocabulary = self._text.vocabulary
        kept = float(vocabulary.counts @ vocabulary.keep_probabilities(self._settings.sample))
        return kept / self._drawing.words

    @cached_property
    def _every(self) -> int:
        return max(1, min(MEASURED_EVERY, int(self._expected / MEASURED_AT_LEAST)))

    def laid_out(self, parameters: Parameters) -> Parameters:
        """Copies as they are."""
        return Parameters(parameters.input_vectors.copy(), parameters.output_vectors.copy())

    def advance(self, parameters: Parameters, epoch: int, position: int, factor: float, tell: Tell) -> Portion:
        """Train on one chunk. position: a multiple of `minibatches.CHUNK`."""
        arrange = SCHEDULES[self._settings.model, self._settings.loss].arrange
        total, measured, pairs = 0.0, 0.0, 0.0
        trained = int(self._expected * position / len(self._text.tokens))  # in this epoch: what is measured goes on
        for minibatch in self._drawing.chunk(epoch, position):
            work = arrange(parameters, minibatch, self._settings)
            if not work.pairs:
                continue
            with np.errstate(over="ignore", invalid="ignore"):  # a divergence is told by who asked, as an error
                if trained % self._every == 0:
                    total, measured = total + self._loss(work), measured + work.pairs
                    tell(minibatch.done, total, measured)
                descend(self._objective.steps, work, factor * self._settings.rate(minibatch.done))
            trained, pairs = trained + 1, pairs + work.pairs
        return Portion(min(position + CHUNK, len(self._text.tokens)), pairs, measured, total)

    def close(self) -> None:
        """Nothing was started."""

    def _loss(self, work: Work) -> float:
        arguments = {name: array.astype(np.float64) for name, array in work.arguments.items()}
        return float(np.sum(self._objective.loss(**arguments)))
