"""Documents judged side by side, each in a process of its own that can be killed.

A process per document: whatever a document does to its worker ends with it, memory stays flat over a thousand of them,
and no verdict depends on what was judged before. Where the system can, workers are forked from a server that has loaded
everything, which takes milliseconds; elsewhere each starts from nothing.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Container, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from checks.confinement import confine
from checks.courses import Course, Limits
from checks.documents import STANDARD_INPUT, Given, Judged, unread
from checks.messages import Message, Place, Task

REAL = "checks.judges:judge_document"
"""The judge of the product: a module, and a function in it from a Task and a function to tell messages."""
_START_SECONDS = 60.0  # until a worker has loaded what it needs, on a busy machine
_AHEAD = 16  # how many documents may be done before one that is still being judged, per job
_OURS = "internal error, please report it: "

T = TypeVar("T")
_Context = ForkServerContext | SpawnContext


def usual_jobs() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judged(givens: Sequence[Given], *, judge: str = REAL, setting: str = "", front_matter: bool = True,
           jobs: int = 0, limits: Limits | None = None, begin: Callable[[Given], None] = lambda given: None,
           bell: Connection | None = None) -> Generator[tuple[int, Judged], None, None]:
    """What is found of each document, with its number, as soon as it is known: see `in_order`.

    setting, front_matter: see `messages.Task`; jobs: how many at a time, 0 for one per core; begin: called with each
    document when its turn comes; bell: when it becomes readable, nothing more is judged and what is not finished is
    left out.
    """
    plain = Task(Given(""), setting, front_matter)
    pool = _Pool(_context(judge), judge, plain, limits or Limits(), begin, bell)
    try:
        yield from pool.run(givens, max(1, jobs or usual_jobs()))
    finally:
        pool.kill()


def in_order(found: Iterable[tuple[int, T]]) -> Iterator[T]:
    """What is numbered from 0, by its numbers; what follows a gap that is never filled comes last.

    >>> list(in_order([(1, "b"), (0, "a"), (3, "d")]))
    ['a', 'b', 'd']
    """
    held: dict[int, T] = {}
    number = 0
    for at, each in found:
        held[at] = each
        while number in held:
            yield held.pop(number)
            number += 1
    yield from (held[at] for at in sorted(held))


def _context(judge: str) -> _Context:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([judge.partition(":")[0]])
    return context


# --- in the calling process -------------------------------------------------------------------------------------------


@dataclass
class _Worker:
    """A process on an attempt. since: when the attempt began; before `started`, when the process was made."""

    number: int
    course: Course
    process: BaseProcess
    since: float
    started: bool = False
    told: bool = False  # to begin no further step

    def seconds(self) -> float:
        return monotonic() - self.since

    def left(self) -> float:
        """Seconds until it is late."""
        return self.course.left_within(self.seconds()) if self.started else _START_SECONDS - self.seconds()


class _Pool:
    """The workers that are running, and the documents that wait for one."""

    def __init__(self, context: _Context, judge: str, plain: Task, limits: Limits, begin: Callable[[Given], None],
                 bell: Connection | None) -> None:
        self.context, self.judge, self.plain, self.limits, self.begin = context, judge, plain, limits, begin
        self.bell = bell
        self.running: dict[Connection, _Worker] = {}
        self.done: list[tuple[int, Judged]] = []
        self.unfinished: set[int] = set()

    def run(self, givens: Sequence[Given], jobs: int) -> Iterator[tuple[int, Judged]]:
        waiting = deque(enumerate(givens))
        while (waiting or self.running) and not self.stopped():
            # Whoever puts the results in order holds those that come before their turn: there are never many.
            while waiting and len(self.running) < jobs and waiting[0][0] < self.first(waiting) + _AHEAD * jobs:
                self.admit(*waiting.popleft(), givens)
            if self.running and not self.done:
                self.listen(givens)
            yield from self.done
            self.done.clear()

    def stopped(self) -> bool:
        return self.bell is not None and self.bell.poll()

    def first(self, waiting: deque[tuple[int, Given]]) -> int:
        """The first document that is not finished."""
        return min(self.unfinished, default=waiting[0][0])

    def admit(self, number: int, given: Given, givens: Sequence[Given]) -> None:
        self.begin(given)
        if given.problem:
            self.done.append((number, unread(given.path, given.problem)))
        else:
            self.unfinished.add(number)
            self.start(number, Course(given.path, self.limits), givens)

    def start(self, number: int, course: Course, givens: Sequence[Given]) -> None:
        """Begin the next attempt at a document, or be done with it."""
        attempt = course.next()
        if attempt is None:
            self.unfinished.discard(number)
            self.done.append((number, course.result()))
            return
        ours, theirs = self.context.Pipe()
        task = replace(self.plain, given=givens[number], skip=attempt.skip, without=attempt.without)
        process = self.context.Process(target=_work, args=(self.judge, task, self.limits, theirs), daemon=True)
        process.start()
        theirs.close()
        self.running[ours] = _Worker(number, course, process, monotonic())

    def listen(self, givens: Sequence[Given]) -> None:
        """Hear what the workers tell, until one is late or the bell rings."""
        nearest = min(worker.left() for worker in self.running.values())
        soonest = min((w.course.until_enough(w.seconds()) for w in self.running.values() if w.started and not w.told),
                      default=nearest)
        ears: list[Any] = [*self.running, *([self.bell] if self.bell is not None else [])]
        for connection in wait(ears, max(0.0, min(nearest, soonest))):
            # All it has told so far: what it said while nobody listened must not make it late.
            while connection in self.running and connection.poll():
                self.hear(connection, givens)
        for connection, worker in list(self.running.items()):
            if worker.left() <= 0:
                self.end(connection, givens, worker.course.late() if worker.started else _OURS + "no worker started")
            elif worker.started and not worker.told and worker.course.until_enough(worker.seconds()) <= 0:
                worker.told = True
                with suppress(OSError):
                    connection.send_bytes(b"enough")

    def hear(self, connection: Connection, givens: Sequence[Given]) -> None:
        worker = self.running[connection]
        try:
            kind, said = connection.recv()
        except (EOFError, OSError):
            worker.process.join(1)
            self.end(connection, givens, f"{_OURS}the worker ended with {_exit(worker.process)}")
            return
        if kind == "started":
            worker.since, worker.started = monotonic(), True
        elif kind == "broken":
            self.end(connection, givens, said)
        else:
            worker.course.told(said, worker.seconds())
            if worker.course.done:
                self.end(connection, givens)

    def end(self, connection: Connection, givens: Sequence[Given], fault: str = "") -> None:
        """Be rid of a worker that is done, broke down or is late. Then on with its document."""
        worker = self.running.pop(connection)
        _kill(worker.process)
        connection.close()
        if fault:
            worker.course.stopped(worker.seconds() if worker.started else 0.0, fault)
        self.start(worker.number, worker.course, givens)

    def kill(self) -> None:
        """End every worker that is left."""
        for connection, worker in self.running.items():
            _kill(worker.process)
            connection.close()
        self.running.clear()


def _kill(process: BaseProcess) -> None:
    process.kill()
    process.join()
    process.close()


def _exit(process: BaseProcess) -> str:
    code = process.exitcode
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"status {code}"


# --- in the worker ----------------------------------------------------------------------------------------------------


def _work(judge: str, task: Task, limits: Limits, connection: Connection) -> None:
    """Judge one document and tell of it; what goes wrong is told too."""
    _shut_in(limits)
    module, _, name = judge.partition(":")
    function = getattr(importlib.import_module(module), name)
    enough = threading.Event()
    threading.Thread(target=_obey, args=(connection, enough), daemon=True).start()
    connection.send(("started", None))

    def tell(message: Message) -> None:
        connection.send((type(message).__name__, message))

    def caught(what: str) -> None:
        connection.send(("broken", f"{_OURS}the document tried what no document may do: {what}"))

    try:
        given = task.given
        confine("" if given.content is not None or given.path == STANDARD_INPUT else given.path, caught)
        function(replace(task, skip=_Skipped(task.skip, enough)), tell)
    except BrokenPipeError:  # nobody listens any more
        return
    except MemoryError:
        connection.send(("broken", f"memory ran out: more than {limits.memory} MB"))
    except Exception as error:  # one document must not cost the others
        connection.send(("broken", f"{_OURS}{type(error).__name__}: {str(error)[:200]} ({_place(error)})"))


@dataclass(frozen=True)
class _Skipped:
    """Places of steps to leave out; all of them once the caller has said that it is enough."""

    places: Container[Place]
    enough: threading.Event

    def __contains__(self, place: object) -> bool:
        return self.enough.is_set() or place in self.places


def _obey(connection: Connection, enough: threading.Event) -> None:
    """Wait for the caller to say that it is enough. If it is gone, so is this process."""
    try:
        connection.recv_bytes()
        enough.set()
        connection.recv_bytes()
    except (EOFError, OSError):
        os._exit(1)


def _shut_in(limits: Limits) -> None:
    """No noise on the terminal, no endless memory, and an end even if the caller is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):  # meant for the caller, who ends this process
        signal.signal(number, signal.SIG_IGN)
    with open(os.devnull, "w") as nowhere:
        for stream in (1, 2):
            with suppress(OSError):
                os.dup2(nowhere.fileno(), stream)
    try:
        import resource
    except ImportError:  # not on Windows
        return
    cpu, memory = int(limits.document + _START_SECONDS) + 1, limits.memory << 20
    for which, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, resource.getrlimit(which)[1]))


def _place(error: BaseException) -> str:
    trace: Any = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "no place"
