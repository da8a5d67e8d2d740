"""Training by several processes over shared memory, each on its own part of the text.

Two ways to bring together what they learn:

- averaging (`backend="processes"`): each process trains its shard from the same vectors, at the learning rate times the
  number of processes, then all take the mean (local SGD; Stich 2019, arXiv 1805.09767). Nothing depends on which
  process is faster: a fixed number of them gives the same bits at every run, and a shard whose process died is trained
  again from the same vectors.
- sharing (`backend="arrays"` with several workers): all move the same rows without locks (Niu 2011), as threads do.

Processes are started afresh and spoken to through pipes; vectors and tokens lie in files that all of them map, in
memory where the system has a folder for that. Averaging moves 3 x 8 x V x D bytes for each process and round.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.array_training import ArrayEngine
from numeric.engines import Engine, Portion, Tell
from numeric.generated import has_numba
from numeric.loop_training import CHUNK as LOOP_CHUNK
from numeric.loop_training import LoopEngine, covers, padded_size
from numeric.minibatches import CHUNK as ARRAY_CHUNK
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.vocabulary import EncodedText, Vocabulary

SHARD = 100_000  # tokens of a process between two averages, at least: the round of the measured full quality
SHARED_SHARD = 500_000  # the same where they share, and wait for each other at the end of a round only
MOST_DEATHS = 3  # processes lost before the run gives up

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """What a process is told when it starts.

    settings: of the run, with the backend it trains with; counts: (V,); tokens: file, first byte and number; vectors:
    file of (1 + workers) x 2 x V x row numbers, the average first; number: of this process, 0 to workers - 1;
    averaging: else all share the first vectors.
    """

    settings: Settings
    counts: NDArray[np.int64]
    read_words: int
    tokens: tuple[str, int, int]
    vectors: str
    row: int
    workers: int
    number: int
    averaging: bool

    @property
    def shard(self) -> int:
        """Tokens of one process in one round: whole chunks."""
        return -(-(SHARD if self.averaging else SHARED_SHARD) // self.chunk) * self.chunk

    @property
    def chunk(self) -> int:
        """Tokens that an engine takes at once."""
        return LOOP_CHUNK if self.settings.backend == "loops" else ARRAY_CHUNK

    def mapped(self) -> Floats:
        """(1 + workers, 2, V, row), writeable; one instead of 1 + workers where it is shared."""
        shape = (1 + self.workers * self.averaging, 2, len(self.counts), self.row)
        return np.asarray(np.memmap(self.vectors, np.float32, "r+", shape=shape))  # operations of a memmap are slower

    def engine(self) -> Engine:
        """The engine that trains a shard."""
        path, begin, number = self.tokens
        tokens = np.memmap(path, np.int32, "r", begin, (number,))
        text = EncodedText(Vocabulary(("",) * len(self.counts), self.counts), tokens, self.read_words)
        if self.settings.backend == "loops":
            return LoopEngine(text, self.settings, 1, self.shard // LOOP_CHUNK)
        return ArrayEngine(text, self.settings)


class ProcessEngine:
    """Trains an encoded text by processes.

    settings.backend: 'processes' to average, training by loops where numba is installed; 'arrays' to share.
    """

    def __init__(self, text: EncodedText, settings: Settings, workers: int) -> None:
        averaging = settings.backend == "processes"
        inner = "loops" if averaging and has_numba() and covers(settings) else "arrays"
        row = padded_size(settings.vector_size) if inner == "loops" else settings.vector_size
        self._folder = tempfile.TemporaryDirectory(prefix="gradproof-", dir=_memory_folder())
        folder = Path(self._folder.name)
        self._plan = Plan(replace(settings, backend=inner, workers=1), text.vocabulary.counts, text.read_words,
                          _token_file(text, folder), str(folder / "vectors"), row, workers, 0, averaging)
        self._numbers = 2 * len(text.vocabulary) * row
        with open(self._plan.vectors, "wb") as file:
            file.truncate(4 * self._numbers * (1 + workers * averaging))
        self._workers = [_Worker(replace(self._plan, number=n)) for n in range(workers)]
        self._deaths = 0
        self.measured = self._all("ready", [() for _ in self._workers])[0][2]

    def laid_out(self, parameters: Parameters) -> Parameters:
        """The shared vectors, set to these."""
        first = self._plan.mapped()[0]
        first[:] = 0
        for own, given in zip(first, (parameters.input_vectors, parameters.output_vectors), strict=True):
            own[:, :given.shape[1]] = given
        return Parameters(*first)

    def advance(self, parameters: Parameters, epoch: int, position: int, factor: float, tell: Tell) -> Portion:
        """Train one round: a shard for each process, then the average; or chunks, each for whoever is free."""
        plan = self._plan
        tell((epoch + position / plan.tokens[2]) / plan.settings.epochs, 0.0, 0)
        end = min(plan.tokens[2], position + plan.shard * plan.workers)
        starts = range(position, end, plan.shard if plan.averaging else plan.chunk)
        if plan.averaging:
            found = self._all("train", [(epoch, start, plan.shard, factor * len(starts)) for start in starts])
            self._all("average", [(len(starts), n, len(starts)) for n in range(len(starts))])
        else:
            found = self._shared_out("train", [(epoch, start, plan.chunk, factor) for start in starts])
        sums = [sum(values) for values in zip(*found, strict=True)]
        return Portion(end, int(sums[0]), int(sums[1]), float(sums[2]))

    def close(self) -> None:
        """End the processes and give back the shared memory."""
        for worker in self._workers:
            worker.end()
        self._folder.cleanup()

    def _all(self, task: str, arguments: list[tuple[Any, ...]]) -> list[tuple[int, int, float]]:
        """The answers of the first processes, one task each; what a lost process was at is done again."""
        for worker, given in zip(self._workers, arguments, strict=False):
            worker.ask(task, given)
        return [self._answer(number, task, given) for number, given in enumerate(arguments)]

    def _shared_out(self, task: str, arguments: list[tuple[Any, ...]]) -> list[tuple[int, int, float]]:
        """The answers to all tasks, in no order: the next one goes to the process that is free first."""
        waiting = iter(arguments)

        def served(number: int) -> list[tuple[int, int, float]]:
            found = []
            for given in waiting:
                self._workers[number].ask(task, given)
                found.append(self._answer(number, task, given))
            return found

        with ThreadPoolExecutor(len(self._workers)) as pool:
            return [answer for answers in pool.map(served, range(len(self._workers))) for answer in answers]

    def _answer(self, number: int, task: str, given: tuple[Any, ...]) -> tuple[int, int, float]:
        while True:
            try:
                return self._workers[number].answer()
            except EOFError:
                self._deaths += 1
                if self._deaths > MOST_DEATHS:
                    raise GradproofError(f"{self._deaths} training processes ended unasked", "processes that live",
                                         "fewer workers, if memory is short, or workers=1") from None
                self._workers[number].end()
                self._workers[number] = _Worker(replace(self._plan, number=number))
                self._workers[number].ask(task, given)


class _Worker:
    """A process and the two pipes to it."""

    def __init__(self, plan: Plan) -> None:
        root = Path(__file__).resolve().parents[1]
        one = {name: "1" for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
        path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
        # Its own session: Ctrl-C is for the process that asked, which lets the others finish.
        self.process = subprocess.Popen([sys.executable, "-c", "from numeric.process_training import serve; serve()"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
                                        env={**os.environ, **one, "PYTHONPATH": path})
        self._send(plan)

    def ask(self, task: str, arguments: tuple[Any, ...]) -> None:
        self._send((task, arguments))

    def answer(self) -> tuple[int, int, float]:
        """EOFError: the process has ended."""
        assert self.process.stdout is not None
        try:
            found = pickle.load(self.process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise EOFError from None
        if isinstance(found, Exception):
            raise found
        return tuple(found)

    def end(self) -> None:
        with suppress(OSError):
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _send(self, what: object) -> None:
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # a lost process is noticed where its answer is waited for
            pickle.dump(what, self.process.stdin)
            self.process.stdin.flush()


# --- in the process ---------------------------------------------------------------------------------------------------


def serve() -> None:
    """What a process does: told a plan, then tasks, until its input ends."""
    with suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints, prints elsewhere
    tasks: IO[bytes] = sys.stdin.buffer
    plan: Plan = pickle.load(tasks)
    shard = _Shard(plan)
    while True:
        try:
            task, arguments = pickle.load(tasks)
        except EOFError:
            return
        try:
            found: object = getattr(shard, task)(*arguments)
        except GradproofError as error:
            found = error
        pickle.dump(found, answers)
        answers.flush()


class _Shard:
    """The vectors and the engine of one process."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._vectors, self._engine = plan, plan.mapped(), plan.engine()

    def ready(self) -> tuple[int, int, float]:
        """The share of pairs whose loss is taken: what the first answer tells, once the steps are compiled."""
        return 0, 0, self._engine.measured

    def train(self, epoch: int, start: int, tokens: int, factor: float) -> tuple[int, int, float]:
        """Pairs, measured pairs and their loss of the tokens from a start."""
        own = self._vectors[1 + self._plan.number if self._plan.averaging else 0]
        if self._plan.averaging:
            own[:] = self._vectors[0]
        end, position, sums = min(start + tokens, self._plan.tokens[2]), start, [0, 0, 0.0]
        while position < end:
            portion = self._engine.advance(Parameters(*own), epoch, position, factor, lambda *heard: None)
            position = portion.end
            sums = [a + b for a, b in zip(sums, (portion.pairs, portion.measured, portion.loss), strict=True)]
        return int(sums[0]), int(sums[1]), float(sums[2])

    def average(self, number: int, part: int, parts: int) -> tuple[int, int, float]:
        """The mean of the first processes' vectors, for one part of the rows; in their order, so in the same bits."""
        words = self._vectors.shape[2]
        rows = slice(part * words // parts, (part + 1) * words // parts)
        np.mean(self._vectors[1:1 + number, :, rows], axis=0, out=self._vectors[0, :, rows])
        return 0, 0, 0.0


def _memory_folder() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None


def _token_file(text: EncodedText, folder: Path) -> tuple[str, int, int]:
    """Where the tokens lie: in the file they are mapped from, or in one written now."""
    if text.file is not None and text.file.path.is_file():
        return str(text.file.path), text.file.begin, len(text.tokens)
    path = folder / "tokens"
    path.write_bytes(np.ascontiguousarray(text.tokens, dtype=np.int32).tobytes())
    return str(path), 0, len(text.tokens)
