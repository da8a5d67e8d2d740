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
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic
from typing import Any

from checks.courses import Course, Limits
from checks.documents import Given, Judged, unread
from checks.messages import Message, Task

REAL = "checks.judges:judge_document"
"""The judge of the product: a module, and a function in it from a Task and a function to tell messages."""
_START_SECONDS = 60.0  # until a worker has loaded what it needs, on a busy machine
_AHEAD = 16  # how many documents may be done before one that is still being judged, per job
_MOST_BYTES = 4 << 30  # address space of a worker

_Context = ForkServerContext | SpawnContext


def usual_jobs() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judged(givens: Sequence[Given], *, judge: str = REAL, setting: str = "", jobs: int = 0,
           limits: Limits | None = None, begin: Callable[[str], None] = lambda path: None) -> Iterator[Judged]:
    """What is found of each document, in their order, whatever ends first.

    jobs: how many at a time, 0 for one per core; begin: called with each path when its turn comes.
    """
    pool = _Pool(_context(judge), judge, setting, limits or Limits(), begin)
    try:
        yield from pool.run(givens, max(1, jobs or usual_jobs()))
    finally:
        pool.kill()


def _context(judge: str) -> _Context:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([judge.partition(":")[0]])
    return context


# --- in the calling process -------------------------------------------------------------------------------------------


@dataclass
class _Worker:
    """A process on an attempt. since: when the clock of `course.seconds` began; before `started`, when it was made."""

    number: int
    course: Course
    process: BaseProcess
    since: float
    started: bool = False

    @property
    def deadline(self) -> float:
        return self.since + (self.course.seconds if self.started else _START_SECONDS)


class _Pool:
    """The workers that are running, and the documents that wait for one."""

    def __init__(self, context: _Context, judge: str, setting: str, limits: Limits,
                 begin: Callable[[str], None]) -> None:
        self.context, self.judge, self.setting, self.limits, self.begin = context, judge, setting, limits, begin
        self.running: dict[Connection, _Worker] = {}
        self.done: dict[int, Judged] = {}

    def run(self, givens: Sequence[Given], jobs: int) -> Iterator[Judged]:
        waiting = deque(enumerate(givens))
        for number in range(len(givens)):
            while number not in self.done:
                while waiting and len(self.running) < jobs and waiting[0][0] < number + _AHEAD * jobs:
                    self.admit(*waiting.popleft(), givens)
                if number not in self.done:
                    self.listen(givens)
            yield self.done.pop(number)

    def admit(self, number: int, given: Given, givens: Sequence[Given]) -> None:
        self.begin(given.path)
        if given.problem:
            self.done[number] = unread(given.path, given.problem)
        else:
            self.start(number, Course(given.path, self.limits), givens)

    def start(self, number: int, course: Course, givens: Sequence[Given]) -> None:
        """Begin the next attempt at a document, or be done with it."""
        attempt = course.next()
        if attempt is None:
            self.done[number] = course.result()
            return
        ours, theirs = self.context.Pipe(duplex=False)
        task = Task(givens[number], self.setting, attempt.blocks)
        process = self.context.Process(target=_work, args=(self.judge, task, self.limits.document, theirs), daemon=True)
        process.start()
        theirs.close()
        self.running[ours] = _Worker(number, course, process, monotonic())

    def listen(self, givens: Sequence[Given]) -> None:
        """Hear what the workers tell, until the first deadline."""
        nearest = min(worker.deadline for worker in self.running.values())
        for connection in wait(list(self.running), max(0.0, nearest - monotonic())):
            if isinstance(connection, Connection):
                self.hear(connection, givens)
        for connection, worker in list(self.running.items()):
            if monotonic() >= worker.deadline:
                self.end(connection, givens, late=True)

    def hear(self, connection: Connection, givens: Sequence[Given]) -> None:
        worker = self.running[connection]
        try:
            kind, said = connection.recv()
        except (EOFError, OSError):
            worker.process.join(1)
            self.end(connection, givens, f"internal error, please report it: the worker ended with "
                                         f"{_exit(worker.process)}")
            return
        match kind:
            case "started":
                worker.since, worker.started = monotonic(), True
            case "broken":
                self.end(connection, givens, f"internal error, please report it: {said}")
            case "Outline":
                worker.course.outlined(said, monotonic() - worker.since)
                worker.since = monotonic()
            case "Failed":
                worker.course.failed(said.problem)
                self.end(connection, givens)
            case "Finished":
                worker.course.finished(said.report, monotonic() - worker.since)
                self.end(connection, givens)

    def end(self, connection: Connection, givens: Sequence[Given], fault: str = "", late: bool = False) -> None:
        """Be rid of a worker that is done, broke down or is late. Then on with its document."""
        worker = self.running.pop(connection)
        _kill(worker.process)
        connection.close()
        if fault or late:
            worker.course.ran_out(monotonic() - worker.since, fault)
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


def _work(judge: str, task: Task, seconds: float, connection: Connection) -> None:
    """Judge one document and tell of it; what goes wrong is told too."""
    _shut_in(seconds)
    module, _, name = judge.partition(":")
    function = getattr(importlib.import_module(module), name)
    connection.send(("started", None))

    def tell(message: Message) -> None:
        connection.send((type(message).__name__, message))

    try:
        function(task, tell)
    except BrokenPipeError:  # nobody listens any more
        return
    except Exception as error:  # one document must not cost the others
        connection.send(("broken", f"{type(error).__name__}: {str(error)[:200]} ({_place(error)})"))


def _shut_in(seconds: float) -> None:
    """No noise on the terminal, no endless memory, and an end even if the caller is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(os.devnull, "w") as nowhere:
        for stream in (1, 2):
            with suppress(OSError):
                os.dup2(nowhere.fileno(), stream)
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for which, most in ((resource.RLIMIT_AS, _MOST_BYTES), (resource.RLIMIT_CPU, int(seconds + _START_SECONDS) + 1),
                        (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, resource.getrlimit(which)[1]))


def _place(error: BaseException) -> str:
    trace: Any = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "no place"
