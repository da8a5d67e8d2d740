"""What a training run tells while it works, and the bar that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


@dataclass(frozen=True)
class Moment:
    """A training run at one moment.

    done: share of all epochs, 0 to 1; epoch, epochs: the current one, counted from 1, and how many; words_per_second:
    so far, of the text as read; loss: mean for each trained pair in this epoch so far, None before the first
    measurement; rate: learning rate now; note: what a person should be told, once: a divergence that was rolled back.
    """

    done: float
    epoch: int
    epochs: int
    words_per_second: float
    loss: float | None
    rate: float
    note: str = ""


Watch = Callable[[Moment], None]


@contextmanager
def shown_progress(show: bool = True) -> Iterator[Watch]:
    """A watcher that draws a bar on standard error, with notes above it; only notes where that is no terminal."""
    console = Console(stderr=True)
    if not show or not console.is_terminal:
        yield lambda moment: _tell_note(moment, console, show)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
               _Facts(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Training", total=1.0, moment=None)

        def watch(moment: Moment) -> None:
            _tell_note(moment, progress.console, show)
            progress.update(task, completed=moment.done, moment=moment,
                            description=f"Epoch {moment.epoch}/{moment.epochs}")

        yield watch


@contextmanager
def shown_reading(show: bool = True) -> Iterator[Callable[[float], None]]:
    """A function to call with the share of a file that has been read, 0 to 1; the bar is drawn on a terminal only."""
    console = Console(stderr=True)
    if not show or not console.is_terminal:
        yield lambda share: None
        return
    columns = (TextColumn("Reading"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Reading", total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _tell_note(moment: Moment, console: Console, show: bool) -> None:
    if show and moment.note:
        console.print(f"note: {moment.note}", soft_wrap=True, highlight=False, markup=False)


class _Facts(ProgressColumn):
    def render(self, task: Task) -> Text:
        moment: Moment | None = task.fields["moment"]
        return Text(facts(moment) if moment else "")


def facts(moment: Moment) -> str:
    """Speed, loss and learning rate on one line.

    >>> facts(Moment(0.5, 1, 2, 123456.7, 2.5, 0.01))
    '123,457 words/s  loss 2.500  rate 0.0100'
    """
    loss = "" if moment.loss is None else f"  loss {moment.loss:.3f}"
    return f"{moment.words_per_second:,.0f} words/s{loss}  rate {moment.rate:.4f}"
