"""Judges that do to their worker what a document says, a word per line: each line is a block with one step."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from checks.courses import LEFT_OUT
from checks.messages import Begun, Failed, Finished, Item, Message, Outline, Reached, Task
from derive.reading.reports import DocumentReport, StepReport
from derive.verdicts import UNDECIDED


def obey(task: Task, tell: Callable[[Message], None]) -> None:
    """The verdict each line names, `told` that of the environment, `long` with a long reason.

    `slow`, `raise`, `die`, `hog`, `write`, `pause` do so when their step is judged; `before` and `after` never end
    before it is begun and when it is reached. `unread` alone cannot be read, `endless` alone never ends; nor does the
    end of a document that ends with two line ends.
    """
    text = Path(task.given.path).read_text() if task.given.content is None else task.given.content.decode()
    words = text.split()
    if words == ["unread"]:
        tell(Failed("no words"))
        return
    if words == ["endless"]:
        time.sleep(600)
    tell(Outline(tuple(Item(f"{at + 1}:1", at, step(at, UNDECIDED)) for at in range(len(words)))))
    steps = [followed(at, word, task, tell) for at, word in enumerate(words) if at not in task.without]
    if text.endswith("\n\n"):
        time.sleep(600)
    tell(Finished(DocumentReport(task.given.path, task.setting or "fake", {"rows": "words"}, tuple(steps), ("seen",))))


def followed(at: int, word: str, task: Task, tell: Callable[[Message], None]) -> StepReport:
    """One step, as the judge of the product tells of it."""
    place = f"{at + 1}:1"
    if word == "before":
        time.sleep(600)
    if place in task.skip:
        found = step(at, UNDECIDED, LEFT_OUT)
    else:
        tell(Begun(place))
        found = judged(at, word)
    tell(Reached(place, found))
    if word == "after" and place not in task.skip:
        time.sleep(600)
    return found


def judged(at: int, word: str) -> StepReport:
    if word == "slow":
        time.sleep(600)
    if word == "raise":
        raise ValueError("a fault of ours")
    if word == "die":
        os._exit(7)
    if word == "hog":
        hold = [bytearray(1 << 24) for _ in range(1 << 12)]
        del hold
    if word == "write":
        Path("written.txt").write_text("by a document")
    if word == "after":
        word = "proved"
    if word == "told":
        word = os.environ["GRADPROOF_TOLD"]
    if word == "long":
        return step(at, "proved", "long " * 60_000)
    if word == "pause":
        time.sleep(0.3)
        word = "proved"
    return step(at, word)


def step(at: int, verdict: str, reason: str = "as told") -> StepReport:
    return StepReport(at + 1, 1, at + 1, 9, "1", f"a_{at}", "b", "=", verdict, reason)
