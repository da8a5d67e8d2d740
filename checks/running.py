"""Claims, compiled steps and training, run one after the other and collected as plain data.

    >>> from derive.exercises.softmax import EXERCISES
    >>> outcome = judge(EXERCISES[0])
    >>> outcome.exercise.id, outcome.verdict.kind, outcome.passed
    ('softmax/definition', 'proved', True)

What is run comes in as `Parts`, so that a test can put other parts in their place. Real parts are imported when they
are needed: a report that trains nothing loads no trainer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from checks.certificates import write
from derive.errors import AxisError, ForgedTheorem, GradproofError, InternalDisagreement
from derive.statements import statement
from derive.verdicts import ILL_TYPED, PROVED, REFUTED, UNDECIDED, Verdict

if TYPE_CHECKING:
    from derive.claims import Claim
    from derive.exercises.exercise import Exercise
    from derive.kernel import Theorem
    from derive.terms import Term
    from numeric.differences import CheckResult

Decide = Callable[["Claim"], Verdict]
Watch = Callable[[float, str], None]  # share of the work that is done, and a few words on it

# Words with plain neighbours in prose about programs and mathematics.
_SHOWN_WORDS = ("true", "file", "matrix", "polynomial", "thread", "integer")
_NEAREST = 4


@dataclass(frozen=True)
class Outcome:
    """One exercise, decided and rechecked.

    claim: None where it could not be written down; fault: an internal error, which is never a verdict and never a pass;
    disagreement: whether it is that two ways to a verdict contradict each other.
    """

    exercise: Exercise
    claim: Claim | None
    verdict: Verdict
    fault: str = ""
    disagreement: bool = False

    @property
    def passed(self) -> bool:
        """Whether what was expected came out, with what makes it believable."""
        if self.fault or self.verdict.kind != self.exercise.expected:
            return False
        return self.verdict.counterexample is not None if self.verdict.kind == REFUTED else True

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """What the claim assumes, as text."""
        from derive.rendering import hypothesis_text

        return () if self.claim is None else tuple(hypothesis_text(h) for h in self.claim.hypotheses)

    @property
    def known_error(self) -> bool:
        """Whether this exercise is there to be refused."""
        return self.exercise.expected != PROVED


@dataclass(frozen=True)
class StepCheck:
    """One compiled step beside finite differences of what it differentiates.

    difference: largest relative difference found; detail: sizes and number types tried, or what went wrong.
    """

    id: str
    passed: bool
    difference: float | None
    seconds: float
    detail: str = ""


@dataclass(frozen=True)
class Neighbours:
    """The nearest words of one word, with their cosines, nearest first."""

    word: str
    nearest: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Training:
    """A small training run.

    words: corpus words read, all epochs together; losses: mean loss per trained pair, one per epoch; problem: why there
    are no vectors, if there are none.
    """

    model: str
    corpus: str
    words: int
    vocabulary: int
    seconds: float
    words_per_second: float
    losses: tuple[float, ...]
    neighbours: tuple[Neighbours, ...] = ()
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether it ran and the loss fell."""
        return not self.problem and len(self.losses) > 1 and self.losses[-1] < self.losses[0]


@dataclass(frozen=True)
class Report:
    """Everything one run found out. known: ids of the whole catalogue; training: None where it was not run."""

    outcomes: tuple[Outcome, ...]
    steps: tuple[StepCheck, ...] = ()
    training: Training | None = None
    known: frozenset[str] = frozenset()
    seconds: float = 0.0

    @cached_property
    def misnamed(self) -> tuple[str, ...]:
        """Known errors whose right claim does not exist, or was run and is not proved."""
        failed = {o.exercise.id for o in self.outcomes if not o.passed or o.known_error}
        return tuple(o.exercise.id for o in self.outcomes
                     if o.known_error and (o.exercise.right not in self.known or o.exercise.right in failed))

    @cached_property
    def failures(self) -> tuple[str, ...]:
        """Ids of everything that is not as expected, in the order of the report."""
        found = [o.exercise.id for o in self.outcomes if not o.passed or o.exercise.id in self.misnamed]
        found += [f"compiled step {s.id}" for s in self.steps if not s.passed]
        return (*found, *(["training"] if self.training and not self.training.passed else []))

    @property
    def disagreement(self) -> bool:
        """Whether two ways to one verdict contradict each other somewhere: a defect of ours."""
        return any(o.disagreement for o in self.outcomes)

    @property
    def passed(self) -> bool:
        """Whether every expectation holds."""
        return bool(self.outcomes) and not self.failures


@dataclass(frozen=True)
class Parts:
    """What a report is made of.

    catalogue: the exercises; decide: the prover; check_steps: theorems by id to checks of what they compile to, and a
    function it calls with each id it begins; train: the training run, given a function it tells its progress.
    """

    catalogue: Callable[[], tuple[Exercise, ...]]
    decide: Decide
    check_steps: Callable[[dict[str, Theorem], Callable[[str], None]], Iterable[StepCheck]]
    train: Callable[[Watch], Training]


def real_parts() -> Parts:
    """The parts of the product itself."""
    from derive.exercises.catalogue import catalogue
    from derive.prover import decide

    return Parts(catalogue, decide, _check_steps, _train)


def select(exercises: Iterable[Exercise], wanted: Iterable[str]) -> tuple[Exercise, ...]:
    """The exercises of the topics, ids and names wanted, in the order of the catalogue; all of them if none is.

    GradproofError: a name that nothing has, with the nearest that something has.
    """
    every, asked = tuple(exercises), tuple(wanted)
    for name in asked:
        if not any(name in _names(e) for e in every):
            raise GradproofError(f"--only {name}", f"a topic ({', '.join(topics(every))}) or the name of a claim",
                                 _nearest(name, every))
    return tuple(e for e in every if not asked or any(name in _names(e) for name in asked))


def topics(exercises: Iterable[Exercise]) -> tuple[str, ...]:
    """The topics, each once, in the order of the catalogue."""
    return tuple(dict.fromkeys(e.topic for e in exercises))


def judge(exercise: Exercise, decide: Decide | None = None) -> Outcome:
    """Write the claim down, decide it, and make its theorem again before anyone calls it proved."""
    from derive import prover

    try:
        claim = exercise.build()
    except AxisError as error:
        return Outcome(exercise, None, Verdict(ILL_TYPED, str(error)))
    try:
        verdict = (decide or prover.decide)(claim)
        fault = _recheck(claim, verdict.theorem) if verdict.kind == PROVED else ""
    except InternalDisagreement as error:
        return replace(_faulty(exercise, claim, f"two ways to a verdict disagree: {error}"), disagreement=True)
    except Exception as error:  # a defect of ours in one claim must not hide the others
        return _faulty(exercise, claim, f"{type(error).__name__}: {error}")
    return Outcome(exercise, claim, verdict, fault)


def certify(outcome: Outcome, folder: Path | None) -> None:
    """Write the certificate of a proved claim, where certificates are wanted and the second opinion has one to give."""
    verdict = outcome.verdict
    if folder is not None and verdict.theorem is not None and verdict.second_opinion is not None and not outcome.fault:
        write(folder, outcome.exercise.id, statement(verdict.theorem.claim), verdict.second_opinion)


def theorems(outcomes: Iterable[Outcome]) -> dict[str, Theorem]:
    """The theorems of the claims that passed, by id."""
    return {o.exercise.id: o.verdict.theorem for o in outcomes if o.passed and o.verdict.theorem is not None}


def trained(train: Callable[[Watch], Training], watch: Watch) -> Training:
    """The training run; one that cannot be made says why in `problem`."""
    try:
        return train(watch)
    except GradproofError as error:
        return Training("", "", 0, 0, 0.0, 0.0, (), problem=str(error))


def _names(exercise: Exercise) -> tuple[str, str, str]:
    return exercise.topic, exercise.id, exercise.name


def _nearest(name: str, exercises: tuple[Exercise, ...]) -> str:
    known = dict.fromkeys(n for e in exercises for n in _names(e))
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    return " or ".join(close) if close else "python -m checks.report --no-train, which lists every name"


def _faulty(exercise: Exercise, claim: Claim, fault: str) -> Outcome:
    return Outcome(exercise, claim, Verdict(UNDECIDED, "internal error"), fault)


def _recheck(claim: Claim, theorem: Theorem | None) -> str:
    """What is wrong with the theorem of a claim that is called proved, or nothing."""
    from derive.kernel import require

    try:
        again = require(theorem)
    except ForgedTheorem as error:
        return f"the theorem does not stand up to recheck: {error}"
    return "" if _alike(again.claim, claim) else f"the theorem says something else: {again!r}"


def _alike(one: object, other: object) -> bool:
    """Whether two claims, or parts of claims, are written the same: `==` between them would build a claim."""
    from derive.terms import Term

    if type(one) is not type(other):
        return False
    if isinstance(one, Term) and isinstance(other, Term):
        return one.same(other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if is_dataclass(one):
        return all(_alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


def _check_steps(proved: dict[str, Theorem], begin: Callable[[str], None]) -> Iterator[StepCheck]:
    """Every theorem on gradients that has numbers, compiled and compared with finite differences."""
    from numeric.differences import can_check

    for id, theorem in proved.items():
        begin(id)
        if "grad" in _operations(theorem.claim.left) and can_check(theorem):
            yield _check_step(id, theorem)


def _check_step(id: str, theorem: Theorem) -> StepCheck:
    from numeric.differences import check_step

    started = perf_counter()
    try:
        found = check_step(theorem)
    except GradproofError as error:
        return StepCheck(id, False, None, perf_counter() - started, str(error))
    except Exception as error:  # as in `judge`
        return StepCheck(id, False, None, perf_counter() - started, f"internal error: {type(error).__name__}: {error}")
    return StepCheck(id, found.ok, found.max_relative_error, perf_counter() - started, _compared(found))


def _compared(found: CheckResult) -> str:
    if not found.ok:
        return (f"off by {found.max_abs_error_central:.1e} (central differences), {found.max_abs_error_complex:.1e} "
                f"(complex step), {found.max_abs_error_single:.1e} (float32) beside entries up to {found.scale:.2g}, "
                "or float32 does not stay float32")
    points = (", ".join(f"{axis} = {size}" for axis, size in point.items()) for point in found.sizes)
    return "; ".join(point or "scalars" for point in points)


def _operations(term: Term) -> set[str]:
    return {term.op}.union(*(_operations(a) for a in term.args if isinstance(a, type(term))))


def _train(watch: Watch) -> Training:
    from numeric.settings import Settings
    from numeric.training import train

    watch(0.0, "reading the text")
    settings = Settings(vector_size=64, epochs=3)
    vectors = train(None, settings, show_progress=False,
                    watch=lambda moment: watch(moment.done, f"{moment.words_per_second:,.0f} words/s"))
    history = vectors.history
    if history is None:
        raise GradproofError("vectors without the history of their training", "losses and speed")
    words = [word for word in _SHOWN_WORDS if word in vectors] or list(vectors.words[:3])
    return Training(
        model=f"{settings.model}, {settings.loss}, {settings.vector_size} numbers a word",
        corpus="prose installed with Python and our dependencies",
        words=history.words, vocabulary=len(vectors), seconds=history.seconds,
        words_per_second=history.words_per_second, losses=history.losses,
        neighbours=tuple(Neighbours(word, tuple(vectors.most_similar(word, _NEAREST))) for word in words))
