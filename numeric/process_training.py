"""Training by several processes over shared memory, each on its own part of the text.

Two ways to bring together what they learn:

- averaging (`backend="processes"`): rounds of `shards`, a shard for each process. A fixed number of processes gives the
  same bits at every run, and a shard whose process died is trained again from the same vectors.
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

from derive.errors import GradproofError
from numeric.engines import Portion, Tell
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.shards import Floats, Shards, Sums, inner_backend, part_of, shards_of, take_mean, train_shard
from numeric.vocabulary import EncodedText

SHARED_CHUNKS = 32  # of each process in a round where they share: they wait for each other at its end
MOST_DEATHS = 3  # processes lost before the run gives up


@dataclass(frozen=True)
class Plan:
    """What a process is told when it starts.

    tokens: file and first byte; vectors: file of (1 + workers) x 2 x V x row numbers, the average first; number: of
    this process, 0 to workers - 1; averaging: else all share the first vectors.
    """

    shards: Shards
    tokens: tuple[str, int]
    vectors: str
    workers: int
    number: int
    averaging: bool

    @property
    def each(self) -> int:
        """Shards of a process in one round. With the softmax over all words a chunk is long as it is."""
        return 1 if self.averaging or self.shards.settings.loss == "naive-softmax" else SHARED_CHUNKS

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(1 + workers, 2, V, row); one instead of 1 + workers where it is shared."""
        return 1 + self.workers * self.averaging, 2, len(self.shards.counts), self.shards.row

    def mapped(self) -> Floats:
        """All vectors, writeable."""
        return np.asarray(np.memmap(self.vectors, np.float32, "r+", shape=self.shape))  # a memmap is slower

    def text(self) -> EncodedText:
        """The text, mapped."""
        path, begin = self.tokens
        tokens = np.memmap(path, np.int32, "r", begin, (self.shards.tokens,))
        return EncodedText(self.shards.vocabulary, tokens, self.shards.read_words)


class ProcessEngine:
    """Trains an encoded text by processes.

    settings.backend: 'processes' to average, training by loops where numba is installed; 'arrays' to share.
    """

    def __init__(self, text: EncodedText, settings: Settings, workers: int) -> None:
        averaging = settings.backend == "processes"
        # Those that share take one chunk at a time, so that nobody waits long at a round's end.
        cut = settings if averaging else replace(settings, round_words=1)
        shards = shards_of(text, cut, inner_backend(settings))
        self._folder = tempfile.TemporaryDirectory(prefix="gradproof-", dir=_memory_folder())
        folder = Path(self._folder.name)
        self._plan = Plan(shards, _token_file(text, folder), str(folder / "vectors"), workers, 0, averaging)
        with open(self._plan.vectors, "wb") as file:
            file.truncate(4 * int(np.prod(self._plan.shape)))
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
        plan, shards = self._plan, self._plan.shards
        tell((epoch + position / shards.tokens) / shards.settings.epochs, 0.0, 0)
        starts = shards.starts(position, plan.workers * plan.each)
        if plan.averaging:
            found = self._all("train", [(epoch, start, factor * len(starts)) for start in starts])
            self._all("average", [(len(starts), n, len(starts)) for n in range(len(starts))])
        else:
            found = self._shared_out("train", [(epoch, start, factor) for start in starts])
        return shards.portion(starts, found)

    def close(self) -> None:
        """End the processes and give back the shared memory."""
        for worker in self._workers:
            worker.end()
        self._folder.cleanup()

    def _all(self, task: str, arguments: list[tuple[Any, ...]]) -> list[Sums]:
        """The answers of the first processes, one task each; what a lost process was at is done again."""
        for worker, given in zip(self._workers, arguments, strict=False):
            worker.ask(task, given)
        return [self._answer(number, task, given) for number, given in enumerate(arguments)]

    def _shared_out(self, task: str, arguments: list[tuple[Any, ...]]) -> list[Sums]:
        """The answers to all tasks, in no order: the next one goes to the process that is free first."""
        waiting = iter(arguments)

        def served(number: int) -> list[Sums]:
            found = []
            for given in waiting:
                self._workers[number].ask(task, given)
                found.append(self._answer(number, task, given))
            return found

        with ThreadPoolExecutor(len(self._workers)) as pool:
            return [answer for answers in pool.map(served, range(len(self._workers))) for answer in answers]

    def _answer(self, number: int, task: str, given: tuple[Any, ...]) -> Sums:
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

    def answer(self) -> Sums:
        """EOFError: the process has ended."""
        assert self.process.stdout is not None
        try:
            found = pickle.load(self.process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise EOFError from None
        if isinstance(found, Exception):
            raise found
        pairs, measured, loss = found
        return pairs, measured, loss

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
        self._plan, self._vectors, self._engine = plan, plan.mapped(), plan.shards.engine(plan.text())

    def ready(self) -> Sums:
        """The share of pairs whose loss is taken: what the first answer tells, once the steps are compiled."""
        return 0, 0, self._engine.measured

    def train(self, epoch: int, start: int, factor: float) -> Sums:
        """Train the shard that starts at a token."""
        own = self._vectors[1 + self._plan.number if self._plan.averaging else 0]
        if self._plan.averaging:
            own[:] = self._vectors[0]
        return train_shard(self._plan.shards, self._engine, own, epoch, start, factor)

    def average(self, number: int, part: int, parts: int) -> Sums:
        """The mean of the first processes' vectors, for one part of the rows."""
        rows = part_of(self._vectors.shape[2], part, parts)
        take_mean(list(self._vectors[1:1 + number, :, rows]), self._vectors[0, :, rows])
        return 0, 0, 0.0


def _memory_folder() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None


def _token_file(text: EncodedText, folder: Path) -> tuple[str, int]:
    """Where the tokens lie: in the file they are mapped from, or in one written now."""
    if text.file is not None and text.file.path.is_file():
        return str(text.file.path), text.file.begin
    path = folder / "tokens"
    path.write_bytes(np.ascontiguousarray(text.tokens, dtype=np.int32).tobytes())
    return str(path), 0
