"""Judges that do to their worker what a document says, a word per line: each line is a block with one step."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from checks.messages import Failed, Finished, Message, Outline, Task
from derive.reading.reports import DocumentReport, StepReport
from derive.verdicts import UNDECIDED


def obey(task: Task, tell: Callable[[Message], None]) -> None:
    """The verdict each line names; `slow`, `raise`, `die`, `pause` do so when their block is judged."""
    text = Path(task.given.path).read_text() if task.given.content is None else task.given.content.decode()
    words = text.split()
    if words == ["unread"]:
        tell(Failed("no words"))
        return
    if words == ["endless"]:
        time.sleep(600)
    every = tuple(range(len(words)))
    if task.blocks is None:
        tell(Outline(len(words), tuple((at, step(at, UNDECIDED)) for at in every)))
    steps = [judged(at, words[at]) for at in (every if task.blocks is None else task.blocks)]
    tell(Finished(DocumentReport(task.given.path, task.setting or "fake", {"rows": "words"}, tuple(steps), ("seen",))))


def judged(at: int, word: str) -> StepReport:
    if word == "slow":
        time.sleep(600)
    if word == "raise":
        raise ValueError("a fault of ours")
    if word == "die":
        os._exit(7)
    if word == "pause":
        time.sleep(0.3)
        word = "proved"
    return step(at, word)


def step(at: int, verdict: str) -> StepReport:
    return StepReport(at + 1, 1, at + 1, 9, "1", f"a_{at}", "b", "=", verdict, "as told")
