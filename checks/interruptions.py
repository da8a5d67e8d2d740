"""SIGINT and SIGTERM while documents are judged: what was finished is still written, whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import Pipe
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether the command was told to stop. bell: becomes readable then, so that nobody waits any longer."""

    def __init__(self) -> None:
        self.bell, self._rope = Pipe(duplex=False)
        self.signal = 0

    @property
    def status(self) -> int:
        """The exit status a shell expects of a command that was stopped so; 0 if it was not."""
        return 128 + self.signal if self.signal else 0

    def ring(self, number: int, frame: FrameType | None = None) -> None:
        """Stop soon. Whoever asks a second time is obeyed at once."""
        if not self.signal:
            self.signal = number
            self._rope.send_bytes(b"!")
        _restore(dict.fromkeys(_SIGNALS, signal.SIG_DFL) | {signal.SIGINT: signal.default_int_handler})

    def close(self) -> None:
        """Give the pipe back."""
        self.bell.close()
        self._rope.close()


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Signals ring while this lasts; in another thread than the main one, which gets no signals, nothing does."""
    interruption, before = Interruption(), {}
    try:
        if threading.current_thread() is threading.main_thread():
            before = {number: signal.signal(number, interruption.ring) for number in _SIGNALS}
        yield interruption
    finally:
        _restore(before)
        interruption.close()


def _restore(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
