"""Training by generated loops on threads.

The text is trained in chunks of 20,000 words; each has its own seed and its own share of the falling rate. Chunks are
handed to plain threads: compiled code holds no lock, and neither do the vectors (Niu 2011, "Hogwild"), so several
threads give other vectors at each run, and one thread always the same.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from derive.exercises.catalogue import find
from derive.kernel import Theorem
from derive.prover import prove
from numeric import windows
from numeric.engines import Portion, Tell
from numeric.generated import imported, module_source, vector_width
from numeric.loop_compiling import LoopSource, compile_loops
from numeric.loops import Extent
from numeric.reaches import band, drawn_reaches, nearness
from numeric.schedules import SCHEDULES, Parameters
from numeric.settings import Settings
from numeric.vocabulary import GUIDE_BITS, EncodedText, noise_guide

CHUNK = 20_000  # words with one seed
ROUND = 128  # chunks between two looks at the vectors
ALIGNED = 64  # bytes: a row begins with a cache line
SHARED_NEGATIVES = {"skip-gram": 5, "cbow": 8}  # of one step at least, weighted to count as `negative` for each pair
MOST_NEGATIVES = 20  # they are written out in the source, and its compilation slows down
MOST_UNMEASURED = 64  # one window in so many has its loss measured, in float64: more of them where there are few

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LoopSchedule:
    """How the variables of a model's theorems are called in the schedule.

    arguments: the parameters of the printed step, in the order of `windows`; extents: of the theorems' axes, with
    'centres', 'predicted' and 'row' for those that depend on the settings; whole: variables that are all of their
    matrix; in_place: variables whose rows are read where they lie; short: extents of a window or a few.
    """

    arguments: tuple[str, ...]
    extents: dict[str, int | str]
    whole: frozenset[str] = frozenset()
    in_place: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset({"n"})


LOOP_SCHEDULES = {
    ("skip-gram", "negative-sampling"): LoopSchedule(
        ("Vb", "Z", "W", "T"), {"B": "n", "C": "predicted", "D": "row"}, in_place=frozenset({"Vb"})),
    ("cbow", "negative-sampling"): LoopSchedule(
        ("Z", "R", "Y", "m", "N", "A"), {"B": "centres", "C": "n", "K": "negatives", "D": "row"},
        in_place=frozenset("ZRY")),
    ("skip-gram", "naive-softmax"): LoopSchedule(
        ("Vb", "_share", "U", "T"), {"V": "n", "C": "m", "B": windows.BLOCK, "D": "row"}, frozenset("U"),
        short=frozenset("m")),
    ("cbow", "naive-softmax"): LoopSchedule(
        ("Z", "A", "U", "T"), {"V": "n", "C": "m", "B": windows.BLOCK, "D": "row"}, frozenset("U"),
        short=frozenset("m")),
}


def covers(settings: Settings) -> bool:
    """Whether loops are printed for these settings."""
    return settings.loss == "naive-softmax" or settings.negative <= MOST_NEGATIVES


class LoopEngine:
    """Trains an encoded text by loops printed from theorems.

    workers: threads; portion: chunks in one call of `advance`. GradproofError: numba is not installed, or settings that
    loops do not cover.
    """

    def __init__(self, text: EncodedText, settings: Settings, workers: int, portion: int | None = None) -> None:
        if not covers(settings):
            raise GradproofError(f'backend="loops" with negative={settings.negative}',
                                 f"at most {MOST_NEGATIVES} negatives", 'backend="arrays"')
        self._text, self._settings, self._portion = text, settings, portion or ROUND
        self.source = proved_loops(settings)
        self._module = compiled_windows(settings)
        vocabulary = text.vocabulary
        self._keep = np.round(vocabulary.keep_probabilities(settings.sample) * 2.0**31).astype(np.uint32)
        self._noise: tuple[Any, ...] = ()
        if settings.loss == "negative-sampling":
            self._noise = noise_guide(vocabulary.noise_steps())
        self._every = max(1, min(MOST_UNMEASURED, len(text.tokens) // CHUNK))
        self._room = [_Room(settings, self.source, len(vocabulary)) for _ in range(workers)]
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None

    @property
    def measured(self) -> float:
        """Share of the windows whose loss is taken."""
        return 1 / self._every

    def laid_out(self, parameters: Parameters) -> Parameters:
        """Copies with rows that begin with a cache line and are padded with zeros to whole ones."""
        return Parameters(_padded(parameters.input_vectors), _padded(parameters.output_vectors))

    def advance(self, parameters: Parameters, epoch: int, position: int, factor: float, tell: Tell) -> Portion:
        """Train on the next tokens, in place; all threads have stopped when it returns.

        position: of the first token, a multiple of `CHUNK` or the end of the text; factor: on the learning rate.
        """
        tokens = len(self._text.tokens)
        tell((epoch + position / tokens) / self._settings.epochs, 0.0, 0)
        end = min(tokens, position + CHUNK * self._portion)
        starts = iter(range(position, end, CHUNK))
        stop = False

        def work(room: _Room) -> list[tuple[int, float, float, float]]:
            found = []
            for start in starts:  # an iterator over a range hands out each number once, to whichever thread asks
                if stop:
                    break
                found.append((start, *self._chunk(parameters, epoch, start, factor, room)))
            return found

        if self._pool is None:
            found = work(self._room[0])
        else:
            futures = [self._pool.submit(work, room) for room in self._room]
            try:
                found = [entry for future in futures for entry in future.result()]
            except BaseException:
                stop = True
                for future in futures:
                    future.exception()
                raise
        found.sort()  # sums in the order of the text, whatever the threads' order was
        return Portion(end, sum(pairs for _, pairs, _, _ in found), sum(measured for _, _, measured, _ in found),
                       float(sum(loss for _, _, _, loss in found)))

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()

    def _chunk(self, parameters: Parameters, epoch: int, start: int, factor: float,
               room: _Room) -> tuple[float, float, float]:
        text, settings = self._text, self._settings
        chunk = text.chunk(start, start + CHUNK)
        rates = [factor * settings.rate((epoch + place / len(text.tokens)) / settings.epochs)
                 for place in (start, start + len(chunk))]
        train = self._module.train_windows if self._noise else self._module.train_blocks
        found: tuple[float, float, float] = train(
            chunk, self._keep, *self._noise, _state(settings.seed, epoch, start // CHUNK),
            parameters.input_vectors, parameters.output_vectors, settings.window, *rates,
            settings.input_scale, self._every, room.lists, room.rows, room.weights, *room.usual, room.stages)
        return found


def proved_loops(settings: Settings) -> LoopSource:
    """The theorems of a model with a loss, proved now and printed as loops: those of the array path.

    NotProved: a theorem of the catalogue does not hold.
    """
    theorems = {name: prove(find(id).build())
                for name, id in SCHEDULES[settings.model, settings.loss].gradients.items()}
    return printed_loops(theorems, settings)


def printed_loops(theorems: dict[str, Theorem], settings: Settings) -> LoopSource:
    """Loops of some theorems. ForgedTheorem where anything else than a Theorem is given."""
    schedule = LOOP_SCHEDULES[settings.model, settings.loss]
    shared = shared_negatives(settings)
    sizes = {"centres": windows.CENTRES, "negatives": shared, "predicted": windows.CENTRES + shared,
             "row": trained_size(settings.vector_size)}
    extents: dict[str, Extent] = {axis: sizes.get(str(extent), extent) for axis, extent in schedule.extents.items()}
    return compile_loops(theorems, schedule.arguments, extents, schedule.whole, schedule.in_place,
                         schedule.short)


def compiled_windows(settings: Settings) -> ModuleType:
    """The compiled module of a model: `step`, `loss` and the schedule around them."""
    source = proved_loops(settings)
    shared = shared_negatives(settings)
    constants = {"ROW": trained_size(settings.vector_size), "NEGATIVE": shared,
                 "EACH": np.float32(settings.negative / shared), "MEAN": settings.model == "cbow",
                 "CENTRES": windows.CENTRES, "AHEAD": windows.AHEAD, "GUIDE_BITS": GUIDE_BITS, "BLOCK": windows.BLOCK}
    functions: list[Callable[..., Any]] = [windows.draw, windows.draw_below, windows.copy_row, windows.thin]
    if settings.loss == "negative-sampling":
        functions += [windows.prefetch_row, windows.draw_words, windows.take_means, windows.weigh,
                      windows.train_windows]
    else:
        functions.append(windows.train_blocks)
    return imported(module_source(f"{settings.model}, {settings.loss}", constants, [source.step, source.loss],
                                  functions))


def shared_negatives(settings: Settings) -> int:
    """Negatives of one step, for all its pairs."""
    return max(SHARED_NEGATIVES[settings.model], settings.negative)


def trained_size(vector_size: int) -> int:
    """Numbers of a row that steps go through: whole vector registers."""
    return -(-vector_size // vector_width()) * vector_width()


def padded_size(vector_size: int) -> int:
    """Numbers in a row that ends with a cache line: a multiple of 16."""
    return -(-vector_size // 16) * 16


class _Room:
    """The arrays that one thread works in."""

    def __init__(self, settings: Settings, source: LoopSource, words: int) -> None:
        most, row = 2 * settings.window, padded_size(settings.vector_size)
        self.lists: tuple[Any, ...]
        self.rows: Any
        self.weights: tuple[Floats, ...]
        self.usual: tuple[tuple[Floats, ...], ...]
        if settings.loss == "naive-softmax":
            most += windows.BLOCK
            self.lists = (np.empty(CHUNK, np.int32), np.empty(CHUNK, np.int32), np.zeros(most, np.int64))
            self.rows = aligned((most, row))
            self.weights, self.usual = (aligned((windows.BLOCK, most)), aligned((windows.BLOCK, words))), ()
            self.stages = _temporaries(source, {"n": words, "m": most})
            return
        centres, shared = windows.CENTRES, shared_negatives(settings)
        most += centres
        mean = settings.model == "cbow"
        reaches = drawn_reaches(settings)
        self.lists = (np.empty(CHUNK, np.int32), np.empty(CHUNK, np.int32),
                      np.empty((CHUNK // centres + 1) * shared, np.int32), np.array(reaches),
                      np.empty(most, np.int64), np.empty(centres + shared, np.int64))
        self.rows = (aligned((most, row)), aligned((centres + shared, row)))
        shapes = ((centres, shared), (1, centres)) if mean else ((most, centres + shared),) * 2
        self.weights = (aligned(shapes[0]), aligned(shapes[1]), aligned((centres, most)))
        near = near_places(settings, centres)
        pairs, true, means = (aligned((len(reaches), *shape)) for shape in (*shapes, (centres, most)))
        each = settings.negative / shared
        if mean:
            pairs[:], true[:] = each, 1
            means[:] = (near / near.sum(axis=1, keepdims=True)).transpose(0, 2, 1)
        else:
            true[:, :, :centres] = pairs[:, :, :centres] = near
            pairs[:, :, centres:] = near.sum(axis=2, keepdims=True) * each
        # One argument of the schedule, none of that for the softmax.
        self.usual = ((pairs, true, means, true.sum(axis=(1, 2)), near),)
        self.stages = _temporaries(source, {"n": most})


def _temporaries(source: LoopSource, lengths: dict[str, int]) -> tuple[Floats, ...]:
    return tuple(aligned(tuple(lengths[size] if isinstance(size, str) else size for size in sizes))
                 for sizes in source.stages)


def aligned(shape: tuple[int, ...]) -> Floats:
    """Zeros whose memory begins with a cache line, and one more behind them, that a last vector may reach into."""
    numbers = int(np.prod(shape))
    raw = np.zeros(4 * numbers + 2 * ALIGNED, np.uint8)
    first = -raw.ctypes.data % ALIGNED
    return raw[first:first + 4 * numbers].view(np.float32).reshape(shape)


def _padded(matrix: NDArray[Any]) -> Floats:
    wide = aligned((len(matrix), padded_size(matrix.shape[1])))
    wide[:, :matrix.shape[1]] = matrix
    return wide


def _state(seed: int, epoch: int, chunk: int) -> NDArray[np.uint64]:
    state = np.random.SeedSequence((seed, epoch, chunk)).generate_state(1, np.uint64)
    return np.maximum(state, np.uint64(1))  # xorshift stays at 0


def near_places(settings: Settings, centres: int) -> Floats:
    """(window, centres + 2 window, centres): what a pair counts in a step of each reach, by the place of its word, from
    the first within reach on, and by its centre."""
    found = np.zeros((settings.window, centres + 2 * settings.window, centres), np.float32)
    for part, weights in enumerate(nearness(settings)):
        found[part, :centres + 2 * len(weights)] = band(weights, centres).T
    return found
