"""What a training run is told: one frozen record, checked when it is made.

    >>> Settings(vector_size=50).window
    5
    >>> Settings(epochs=2.5)
    Traceback (most recent call last):
    derive.errors.GradproofError: Expected int but got epochs=2.5 (type=float); try epochs=2
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.errors import GradproofError

MODELS = ("skip-gram", "cbow")
LOSSES = ("negative-sampling", "naive-softmax")
BACKENDS = ("loops", "arrays", "processes")

# Initial rates of the C implementation of Mikolov 2013.
USUAL_RATE = {"skip-gram": 0.025, "cbow": 0.05}
NO_RATE_LEFT = 1e-4  # the linear decay ends at this share of the initial rate


@dataclass(frozen=True)
class Settings:
    """Settings of a training run; names as in the tools everybody knows.

    model: 'skip-gram' or 'cbow' (mean of the context vectors).
    loss: 'negative-sampling' or 'naive-softmax' (time per word grows with the vocabulary).
    vector_size: entries of each vector.
    window: words on each side; how far it reaches is drawn anew for each step of training (see `reaches`).
    min_count: rarer words are left out of the text.
    negative: weight of the negative samples, in samples for each trained pair.
    sample: words with a larger share of the text than this are thinned out; 0 keeps all.
    epochs: passes over the text.
    learning_rate: at the start, then falling linearly; None for the model's usual one (`USUAL_RATE`).
    seed: the same seed, text and settings give the same vectors with one worker, or with backend='processes'.
    workers: threads of the loops, processes of the others; None for one on a text of less than a million words, for all
    cores on a longer one. Several that move the same vectors without locks give other vectors at each run.
    backend: 'loops', generated loops compiled by numba; 'arrays', NumPy and SciPy; 'processes', either of them in
    processes whose vectors are averaged, to the same bits for the same number of workers; None for loops where numba
    is installed and they cover the settings, else arrays.
    round_words: where vectors are averaged, the words that each worker trains between two averages, at least.

    Raises GradproofError for a value of another type or out of range.
    """

    model: str = "skip-gram"
    loss: str = "negative-sampling"
    vector_size: int = 100
    window: int = 5
    min_count: int = 5
    negative: int = 5
    sample: float = 1e-3
    epochs: int = 5
    learning_rate: float | None = None
    seed: int = 1
    workers: int | None = None
    backend: str | None = None
    round_words: int = 100_000

    def __post_init__(self) -> None:
        _check_choice("model", self.model, MODELS)
        _check_choice("loss", self.loss, LOSSES)
        if self.backend is not None:
            _check_choice("backend", self.backend, BACKENDS)
        if self.workers is not None:
            _check_whole("workers", self.workers, 1)
        for name, least in _LEAST_WHOLE.items():
            _check_whole(name, getattr(self, name), least)
        _check_number("sample", self.sample, "0 or more", lambda x: 0 <= x < float("inf"), 1e-3)
        if self.learning_rate is not None:
            _check_number("learning_rate", self.learning_rate, "more than 0", lambda x: 0 < x < float("inf"),
                          USUAL_RATE[self.model])

    @property
    def initial_rate(self) -> float:
        """The learning rate of the first minibatch."""
        return USUAL_RATE[self.model] if self.learning_rate is None else self.learning_rate

    @property
    def input_scale(self) -> float:
        """Input vectors move at so many times the learning rate.

        The derivative of CBOW's mean divides what each context vector receives by their number, window + 1 on average;
        the C implementation of Mikolov 2013 gives each the whole. Here the gradient is the true one, the rate larger.
        """
        return self.window + 1.0 if self.model == "cbow" else 1.0

    def rate(self, done: float) -> float:
        """The learning rate after a share `done` (0 to 1) of the run: linear decay."""
        return self.initial_rate * max(NO_RATE_LEFT, 1.0 - done)


_LEAST_WHOLE = {"vector_size": 1, "window": 1, "min_count": 1, "negative": 1, "epochs": 1, "seed": 0, "round_words": 1}


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        shown = " or ".join(repr(c) for c in choices)
        raise GradproofError(f"Expected {shown} but got {name}={value!r} (type={type(value).__name__})",
                             hint=f"{name}={choices[0]!r}")


def _check_whole(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        usable = isinstance(value, float) and value >= least and value < float("inf")
        raise GradproofError(f"Expected int but got {name}={value!r} (type={type(value).__name__})",
                             hint=f"{name}={int(value) if usable else least}")  # type: ignore[call-overload]
    if value < least:
        raise GradproofError(f"Expected {least} or more but got {name}={value!r}", hint=f"{name}={least}")


def _check_number(name: str, value: object, range_text: str, inside: Callable[[float], bool], usual: float) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise GradproofError(f"Expected float but got {name}={value!r} (type={type(value).__name__})",
                             hint=f"{name}={usual}")
    if not inside(value):
        raise GradproofError(f"Expected {range_text} but got {name}={value!r}", hint=f"{name}={usual}")
