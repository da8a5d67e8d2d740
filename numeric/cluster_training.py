"""Training on a Dask cluster: the rounds of `shards`, each shard on a machine that need not have the text.

Between two rounds the cluster holds nothing: a round sends out the vectors and the tokens of its shards, and brings
back the mean. So a worker may go or come at any time: what was lost with it is trained again from the same vectors, to
the same bits, which are those of `backend="processes"` with as many workers.

Vectors travel as a few parts, each a range of rows. Parts lie on different workers, and the mean of each is taken on
one of them, so that no link carries more than some copies of all vectors, however many workers there are.

Workers run the functions below; each proves its theorems itself. Their source text has to be the same as ours.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from derive.errors import GradproofError
from numeric.engines import Portion, Tell
from numeric.loop_training import aligned
from numeric.schedules import Parameters
from numeric.settings import Settings
from numeric.shards import Floats, Shards, Sums, inner_backend, part_of, shard_text, shards_of, take_mean, train_shard
from numeric.vocabulary import EncodedText

PARTS = 8  # of the vectors, at most: the mean of each is a task for each worker, and a task costs a millisecond
PATIENCE = 60.0  # seconds without a worker, or without the scheduler, before the run gives up
LOOKS = 0.5  # seconds between two looks at what is done
SENDING = 600.0  # seconds for a part of the vectors to come back
MOST_LOST = 5  # rounds one after the other that lost what they had sent
OURS = "numeric.cluster_training"  # what workers import
KEPT_ENGINES = 2  # runs whose engines a worker keeps

# What a worker is told of a run: builtins and arrays only, which another version can read, too.
Told = tuple[dict[str, Any], NDArray[np.int64], int, int]
# A distributed.Client, a cluster object of Dask, or the address of a scheduler.
Cluster = Any


class ClusterEngine:
    """Trains an encoded text on a Dask cluster.

    cluster: a synchronous `distributed.Client`, a cluster object, or the address of a scheduler; workers: shards in a
    round, None for one on each thread of the cluster. GradproofError: distributed is not installed, nobody answers
    there, no worker comes.
    """

    def __init__(self, text: EncodedText, settings: Settings, cluster: Cluster, workers: int | None) -> None:
        self._text, self._shards = text, shards_of(text, settings, inner_backend(settings))
        self.measured = self._shards.engine(text).measured
        self._cluster = _Connection(cluster)
        try:
            self.workers = workers or self._cluster.threads()
        except BaseException:
            self._cluster.close()
            raise
        self._parts = [part_of(len(text.vocabulary), n, self._most_parts) for n in range(self._most_parts)]

    @property
    def _most_parts(self) -> int:
        return min(PARTS, self.workers, len(self._text.vocabulary))

    def laid_out(self, parameters: Parameters) -> Parameters:
        """Copies as they are: what is padded is padded where it is trained."""
        return Parameters(parameters.input_vectors.copy(), parameters.output_vectors.copy())

    def advance(self, parameters: Parameters, epoch: int, position: int, factor: float, tell: Tell) -> Portion:
        """Train one round: a shard for each worker, then the mean. Where it raises, the parameters are as they were."""
        shards = self._shards
        starts = shards.starts(position, self.workers)

        def told(finished: int) -> None:
            read = min(shards.tokens, position + finished * shards.size)
            tell((epoch + read / shards.tokens) / shards.settings.epochs, 0.0, 0)

        told(0)
        for tries_left in reversed(range(MOST_LOST)):
            try:
                found, means = self._round(parameters, epoch, starts, factor * len(starts), told)
                break
            except (CancelledError, OSError) as error:  # sent data went with the worker that held it, or a link broke
                self._cluster.check(error, tries_left)
        for rows, mean in zip(self._parts, means, strict=True):
            parameters.input_vectors[rows], parameters.output_vectors[rows] = mean
        return shards.portion(starts, found)

    def close(self) -> None:
        """Let the workers forget the run, and the client be closed where it is ours."""
        self._cluster.close(key_of(self._told))

    @property
    def _told(self) -> Told:
        shards = self._shards
        return asdict(shards.settings), shards.counts, shards.tokens, shards.read_words

    def _round(self, parameters: Parameters, epoch: int, starts: range, rate: float,
               told: Callable[[int], None]) -> tuple[list[Sums], list[Floats]]:
        shards, scatter, submit = self._shards, self._cluster.client.scatter, self._cluster.submit
        vectors = [np.stack((parameters.input_vectors[rows], parameters.output_vectors[rows])) for rows in self._parts]
        tokens = [self._text.chunk(start, shards.end(start)) for start in starts]
        run, *sent = scatter([self._told, *vectors, *tokens], hash=False)
        parts, texts = sent[:len(vectors)], sent[len(vectors):]
        trained = [submit("train_on_worker", run, parts, tokens, epoch, start, rate)
                   for tokens, start in zip(texts, starts, strict=True)]
        pieces = [[submit("piece_of", one, n) for one in trained] for n in range(len(parts))]
        means = [submit("mean_of", row) for row in pieces]
        try:
            self._cluster.wait(means, lambda: told(sum(one.done() for one in trained)))
            results = [self._cluster.result(mean) for mean in means]
        except BaseException:
            with suppress(Exception):  # what is still running is for nobody
                self._cluster.client.cancel([*trained, *means])
            raise
        return results[0][0], [mean for _, mean in results]


class _Connection:
    """A client of a cluster, whose errors are told as ours and whose calls end."""

    def __init__(self, cluster: Cluster) -> None:
        distributed = _distributed()
        self._distributed = distributed
        self._own = not isinstance(cluster, distributed.Client)
        self.client = _connected(distributed, cluster) if self._own else cluster
        if self.client.asynchronous:
            raise GradproofError("an asynchronous Client", "one that waits for its results",
                                 "distributed.Client(address)")
        if self.client.status not in ("running", "connecting"):
            raise GradproofError(f"a Client whose status is {self.client.status!r}", "a running one",
                                 "distributed.Client(address)")
        self.where = self.client.scheduler.address

    def submit(self, name: str, *arguments: Any, **named: Any) -> Any:
        """A future of what a function below gives on a worker."""
        return self.client.submit(_call, OURS, name, own_code(), *arguments, key=f"{name}-{uuid4().hex}", **named)

    def threads(self) -> int:
        """Threads of all workers; waits for the first one."""
        self._expect_workers(None)
        return int(sum(self._nthreads().values()))

    def wait(self, futures: Sequence[Any], look: Callable[[], None]) -> None:
        """Until all are done, looking at what is done now and then. GradproofError: nobody is left to do it."""
        seen = time.monotonic()
        while True:
            with suppress(TimeoutError):
                self._all_done(futures, LOOKS)
                look()
                return
            look()
            if self._nthreads():
                seen = time.monotonic()
            elif time.monotonic() - seen > PATIENCE:
                raise self._nobody(None)

    def result(self, future: Any) -> Any:
        """What a task gave. GradproofError: what it raised, as far as we know what to do about it."""
        error = future.exception(timeout=SENDING)
        if error is None:
            return future.result(timeout=SENDING)
        if isinstance(error, self._distributed.KilledWorker):
            raise GradproofError(f"workers of {self.where} died again and again while they trained a shard",
                                 "memory for the vectors and a copy of them for each of its threads",
                                 "workers with fewer threads or more memory; their logs say more")
        if isinstance(error, GradproofError):
            raise GradproofError(f"on a worker of {self.where}: {error.found}", error.expected, error.hint)
        if isinstance(error, ImportError | AttributeError):
            raise GradproofError(f"a worker of {self.where} cannot train: {error}", f"gradproof on it, as here "
                                 f"({own_code()})", "installing what is installed here on every worker")
        if isinstance(error, OSError | MemoryError):  # of the task: not a link that broke
            raise GradproofError(f"a worker of {self.where} cannot train: {type(error).__name__}: {error}",
                                 "memory for some copies of the vectors, and a cache folder", "its log says more")
        raise error

    def check(self, error: BaseException, tries_left: int) -> None:
        """Whether a round may be tried again: after a while, as long as somebody is there. GradproofError: not."""
        self._expect_workers(error)
        if not tries_left:
            raise GradproofError(f"{MOST_LOST} rounds one after the other were lost on {self.where} ({_said(error)})",
                                 "workers that live for a round", "a smaller round_words, or fewer workers") from None

    def close(self, run: str | None = None) -> None:
        """Forget a run on the workers, and close a client that was made here."""
        with suppress(Exception):
            if run is not None:
                calls = [self.submit("forget", run, workers=[worker]) for worker in self._nthreads()]
                self._all_done(calls, 5)
        if self._own:
            with suppress(Exception):
                self.client.close(timeout=5)

    def _all_done(self, futures: Sequence[Any], timeout: float) -> None:
        with self.client.as_current():  # which it need not be
            self._distributed.wait(futures, timeout=timeout)

    def _nthreads(self) -> dict[str, int]:
        """Threads of each worker; none where the scheduler does not answer."""
        if self.client.status != "running":
            return {}
        try:
            return dict(self.client.nthreads())
        except (OSError, CancelledError):
            return {}

    def _expect_workers(self, error: BaseException | None) -> None:
        until = time.monotonic() + PATIENCE
        while not self._nthreads():
            if time.monotonic() > until or self.client.status == "closed":
                raise self._nobody(error) from None
            time.sleep(min(LOOKS, 0.1))

    def _nobody(self, error: BaseException | None) -> GradproofError:
        why = f" ({_said(error)})" if error is not None else ""
        if self.client.status != "running":
            return GradproofError(f"the scheduler at {self.where} does not answer any more{why}",
                                  "one that runs until the training ends", "--resume, or resume=True, once it is back")
        return GradproofError(f"no worker at {self.where} for {PATIENCE:g} seconds{why}", "one worker at least",
                              f"`dask worker {self.where}` on each machine, or its scale(n)")


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise GradproofError(f"a cluster, and distributed cannot be imported ({error})", "Dask's distributed",
                             "`pip install 'gradproof[cluster]'`") from None
    return distributed


def _connected(distributed: Any, cluster: Cluster) -> Any:
    if not isinstance(cluster, str) and not hasattr(cluster, "scheduler_address"):
        raise GradproofError(f"cluster={cluster!r} (type={type(cluster).__name__})",
                             "a distributed.Client, a cluster of Dask, or the address of a scheduler",
                             "cluster='tcp://host:8786'")
    try:
        return distributed.Client(cluster, timeout=min(PATIENCE, 10), set_as_default=False)
    except (OSError, ValueError) as error:
        raise GradproofError(f"no scheduler answers at {cluster!r} ({_said(error)})",
                             "the address that `dask scheduler` prints",
                             "cluster='tcp://host:8786'; a firewall may be in between") from None


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


@cache
def own_code() -> str:
    """A digest of our source text: what has to be the same on every worker for the same bits."""
    root, digest = Path(__file__).resolve().parents[1], hashlib.sha256()
    for path in sorted(path for package in ("derive", "numeric") for path in (root / package).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"sources {digest.hexdigest()[:12]}"


# --- on a worker ------------------------------------------------------------------------------------------------------


def _sent_as_text() -> Callable[..., Any]:
    """A function that travels as its code and not as a name: a worker that cannot find a name ends, in some versions
    of distributed, and takes others' work with it."""

    def call(module: str, name: str, code: str, *arguments: Any) -> Any:
        import importlib

        return importlib.import_module(module).called(name, code, *arguments)

    return call


_call = _sent_as_text()


def called(name: str, code: str, *arguments: Any) -> Any:
    """What a function of this module gives. GradproofError: the code that asks is another than ours."""
    if code != own_code():
        raise GradproofError(f"gradproof from other {own_code()}", code,
                             "installing on every worker what is installed where the training was started")
    return globals()[name](*arguments)


def train_on_worker(run: Told, parts: list[Floats], tokens: NDArray[np.int32], epoch: int, start: int,
                    factor: float) -> tuple[Sums, list[Floats]]:
    """Train a shard. parts: of the vectors, each (2, rows, D); the sums, and the trained vectors in such parts."""
    with _borrowed(run) as desk:
        return desk.train(parts, tokens, epoch, start, factor)


def piece_of(trained: tuple[Sums, list[Floats]], part: int) -> tuple[Sums, Floats]:
    """One part of what a shard gave, to be sent on without the others."""
    sums, parts = trained
    return sums, parts[part]


def mean_of(pieces: list[tuple[Sums, Floats]]) -> tuple[list[Sums], Floats]:
    """The sums of all shards, and the mean of one part of their vectors."""
    out = np.empty_like(pieces[0][1])
    take_mean([vectors for _, vectors in pieces], out)
    return [sums for sums, _ in pieces], out


def forget(key: str) -> None:
    """Give back what a run has on this worker."""
    with _LOCK:
        _FREE.pop(key, None)


def key_of(run: Told) -> str:
    """What tells the engines of runs apart: two runs of one text with the same settings may share them."""
    settings, counts, tokens, read_words = run
    digest = hashlib.sha256(repr((sorted(settings.items()), tokens, read_words)).encode())
    digest.update(np.ascontiguousarray(counts).tobytes())
    return digest.hexdigest()


class _Desk:
    """An engine for one thread, the vectors it trains, and the shard it reads."""

    def __init__(self, run: Told) -> None:
        settings, counts, tokens, read_words = run
        self._shards = Shards(Settings(**settings), counts, tokens, read_words)
        self._text = shard_text(self._shards)
        self._engine = self._shards.engine(self._text)
        self._own = aligned((2, len(counts), self._shards.row))

    def train(self, parts: list[Floats], tokens: NDArray[np.int32], epoch: int, start: int,
              factor: float) -> tuple[Sums, list[Floats]]:
        size, ends = self._shards.settings.vector_size, np.cumsum([part.shape[1] for part in parts])
        self._own[:, :, :size] = np.concatenate(parts, axis=1)
        self._text.hold(start, tokens)
        sums = train_shard(self._shards, self._engine, self._own, epoch, start, factor)
        return sums, [part.copy() for part in np.split(self._own[:, :, :size], ends[:-1], axis=1)]


_FREE: dict[str, list[_Desk]] = {}  # desks nobody sits at, by run; the run used last is the last
_LOCK = threading.Lock()


@contextmanager
def _borrowed(run: Told) -> Iterator[_Desk]:
    """A desk of the run. Making one takes seconds, and is not for two threads at once."""
    key = key_of(run)
    with _LOCK:
        free = _FREE.pop(key, [])
        desk = free.pop() if free else _Desk(run)
        _FREE[key] = free
        while len(_FREE) > KEPT_ENGINES:
            del _FREE[next(iter(_FREE))]
    yield desk
    with _LOCK:
        if key in _FREE:
            _FREE[key].append(desk)
