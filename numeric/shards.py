"""Synchronous data-parallel training, without a word on where it runs: shards, and the mean of what was learnt of them.

In a round each worker trains its shard from the same vectors, at the learning rate times the number of shards, then all
take the mean (local SGD; Stich 2019, arXiv 1805.09767). What a shard draws depends on the seed, the epoch and its place
alone, and the mean adds in the order of the shards. So nothing depends on which worker is faster, a shard can be
trained again wherever a worker was lost, and a number of shards for each round gives the same bits at every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.array_training import ArrayEngine
from numeric.engines import Engine, Portion
from numeric.generated import has_numba
from numeric.loop_training import CHUNK as LOOP_CHUNK
from numeric.loop_training import LoopEngine, covers, padded_size
from numeric.minibatches import CHUNK as ARRAY_CHUNK
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.vocabulary import SENTENCE_END, EncodedText, Vocabulary

Floats = NDArray[np.float32]
Sums = tuple[float, float, float]  # pairs, measured pairs and the sum of their losses


def inner_backend(settings: Settings) -> str:
    """What trains a shard: 'loops' or 'arrays' as pinned, else loops where numba is installed and they cover the
    settings."""
    if settings.backend in ("loops", "arrays"):
        return settings.backend
    return "loops" if has_numba() and covers(settings) else "arrays"


@dataclass(frozen=True)
class Shards:
    """A text cut into shards.

    settings: of the run, with the backend that trains a shard; counts: (V,); tokens: of the text; read_words: of it.
    """

    settings: Settings
    counts: NDArray[np.int64]
    tokens: int
    read_words: int

    @property
    def size(self) -> int:
        """Tokens of a shard: whole chunks, `round_words` at least."""
        chunk = LOOP_CHUNK if self.settings.backend == "loops" else ARRAY_CHUNK
        return -(-self.settings.round_words // chunk) * chunk

    @property
    def row(self) -> int:
        """Numbers in a row of the vectors that are trained: with loops, whole cache lines."""
        size = self.settings.vector_size
        return padded_size(size) if self.settings.backend == "loops" else size

    @property
    def vocabulary(self) -> Vocabulary:
        """Counts without their words, which no engine reads."""
        return Vocabulary(("",) * len(self.counts), self.counts)

    def starts(self, position: int, shards: int) -> range:
        """Where the shards of the round begin that begins at a token: fewer at the end of the text."""
        return range(position, min(self.tokens, position + self.size * shards), self.size)

    def end(self, start: int) -> int:
        """The token after the shard that starts at one."""
        return min(self.tokens, start + self.size)

    def engine(self, text: EncodedText) -> Engine:
        """The engine that trains shards."""
        if self.settings.backend == "loops":
            return LoopEngine(text, self.settings, 1, self.size // LOOP_CHUNK)
        return ArrayEngine(text, self.settings)

    def portion(self, starts: range, found: Sequence[Sums]) -> Portion:
        """What a round trained, from what its shards did."""
        pairs, measured, loss = (sum(values) for values in zip(*found, strict=True))
        return Portion(self.end(starts[-1]), float(pairs), float(measured), float(loss))


def shards_of(text: EncodedText, settings: Settings, backend: str) -> Shards:
    """The shards of a text, trained by one thread each."""
    return Shards(replace(settings, backend=backend, workers=1), text.vocabulary.counts, len(text.tokens),
                  text.read_words)


def train_shard(shards: Shards, engine: Engine, own: Floats, epoch: int, start: int, factor: float) -> Sums:
    """Train the shard that starts at a token, in place. own: (2, V, row); factor: on the settings' rate."""
    end, sums = shards.end(start), (0.0, 0.0, 0.0)
    while start < end:
        portion = engine.advance(Parameters(*own), epoch, start, factor, lambda *heard: None)
        start = portion.end
        sums = (sums[0] + portion.pairs, sums[1] + portion.measured, sums[2] + portion.loss)
    return sums


def take_mean(vectors: Sequence[Floats], out: Floats) -> None:
    """The mean, added up in the order given: the same bits, whoever takes it and whichever rows it is taken of."""
    out[:] = vectors[0]
    with np.errstate(over="ignore", invalid="ignore"):  # a divergence is told by who trains
        for more in vectors[1:]:
            out += more
    out /= np.float32(len(vectors))


def part_of(words: int, part: int, parts: int) -> slice:
    """The rows of one of several parts of a vocabulary."""
    return slice(part * words // parts, (part + 1) * words // parts)


@dataclass(frozen=True)
class ShardText(EncodedText):
    """A text of which one shard at a time is at hand: all that a worker elsewhere has.

    tokens: (N,), for their number; they take no memory and say nothing.
    """

    at_hand: list[tuple[int, NDArray[np.int32]]] = field(default_factory=list, compare=False, repr=False)

    def hold(self, start: int, tokens: NDArray[np.int32]) -> None:
        """From now on the tokens from a place on are these."""
        self.at_hand[:] = [(start, tokens)]

    def chunk(self, start: int, stop: int) -> NDArray[np.int32]:
        """Tokens start to stop. GradproofError: they are not at hand."""
        begin, tokens = self.at_hand[0]
        stop = min(stop, len(self.tokens))
        if start < begin or stop > begin + len(tokens):
            raise GradproofError(f"tokens {start:,} to {stop:,}", f"some of {begin:,} to {begin + len(tokens):,}",
                                 "an engine that reads its shard only")
        return tokens[start - begin:stop - begin]


def shard_text(shards: Shards) -> ShardText:
    """The text of some shards, with none of them at hand."""
    return ShardText(shards.vocabulary, np.broadcast_to(np.int32(SENTENCE_END), (shards.tokens,)), shards.read_words)
