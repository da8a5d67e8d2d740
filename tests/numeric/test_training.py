"""Training by compiled theorems, against updates written out by hand, one pair at a time (here and nowhere else)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from numpy.typing import NDArray

import numeric
from derive.errors import ForgedTheorem, GradproofError
from derive.exercises.catalogue import find
from derive.kernel import Theorem
from numeric.array_training import Objective, compiled, proved_steps
from numeric.minibatches import Minibatch, minibatches
from numeric.progress import Moment, shown_progress
from numeric.schedules import SCHEDULES, Parameters, descend
from numeric.settings import LOSSES, MODELS, Settings
from numeric.training import initial_parameters, train_encoded
from numeric.vocabulary import EncodedText, encode

Array = NDArray[np.float64]
KINDS = [(model, loss) for model in MODELS for loss in LOSSES]
every_kind = pytest.mark.parametrize(("model", "loss"), KINDS)


# --- the oracle: one pair at a time -----------------------------------------------------------------------------------


def logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


Example = tuple[list[int], int, list[int], float]


def examples(batch: Minibatch, model: str) -> Iterator[Example]:
    """Of each pair: input words (their mean is the vector), the word to predict, the block's negatives, its weight."""
    weights = batch.weights(np.dtype(float))
    for b, i in np.ndindex(*batch.centres.shape):
        near = np.flatnonzero(weights[b, i])
        around, centre = [int(batch.contexts[b, j]) for j in near], int(batch.centres[b, i])
        negatives = [int(n) for n in batch.negatives[b]]
        if model == "cbow" and around:
            yield around, centre, negatives, 1.0
        elif model == "skip-gram":
            yield from (([centre], word, negatives, float(weights[b, i, j]))
                        for word, j in zip(around, near, strict=True))


def sampling_update(inputs: Array, outputs: Array, example: Example, each: float, rate: float) -> float:
    """Mikolov 2013 eq. 4 for one pair, in place, every negative with the weight `each`; the loss before it."""
    words, target, negatives, counts = example
    v = inputs[words].mean(axis=0)
    weights = [(target, 1.0, 1.0)] + [(n, 0.0, each) for n in negatives if n != target]
    loss, back, moves = 0.0, np.zeros_like(v), []
    for word, label, weight in weights:
        score = float(outputs[word] @ v)
        weight *= counts
        loss += weight * float(np.logaddexp(0, -score if label else score))
        error = weight * (logistic(score) - label)
        back += error * outputs[word]
        moves.append((word, error * v))
    for word, move in moves:
        outputs[word] -= rate * move
    for word in words:
        inputs[word] -= rate * back / len(words)
    return loss


def softmax_update(inputs: Array, outputs: Array, example: Example, each: float, rate: float) -> float:
    """Cross entropy of the softmax over all words for one pair, in place; the loss before it."""
    words, target, _, counts = example
    assert counts == 1
    v = inputs[words].mean(axis=0)
    scores = outputs @ v
    yhat = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
    loss, error = -float(np.log(yhat[target])), yhat - np.eye(len(yhat))[target]
    back, move = outputs.T @ error, np.outer(error, v)
    outputs -= rate * move
    for word in words:
        inputs[word] -= rate * back / len(words)
    return loss


UPDATES = {"negative-sampling": sampling_update, "naive-softmax": softmax_update}


def small_case(model: str, loss: str) -> tuple[EncodedText, Settings, Minibatch, Parameters]:
    """A minibatch in which words repeat, sentences end, and negatives meet targets; vectors in float64."""
    rng = np.random.default_rng(5)
    text = encode([[f"w{n}" for n in rng.integers(0, 12, rng.integers(1, 9))] for _ in range(50)], 1)
    settings = Settings(model=model, loss=loss, vector_size=7, window=3, min_count=1, sample=0)
    with mock.patch("numeric.minibatches.MOST_REPETITIONS", 100):  # several blocks at once
        batch = next(iter(minibatches(text, settings, 0)))
    shape = (len(text.vocabulary), settings.vector_size)
    return text, settings, batch, Parameters(rng.standard_normal(shape), rng.standard_normal(shape))


def copies(parameters: Parameters) -> tuple[Array, Array]:
    return np.array(parameters.input_vectors, np.float64), np.array(parameters.output_vectors, np.float64)


@every_kind
def test_a_minibatch_moves_as_far_as_its_pairs_one_by_one(model: str, loss: str) -> None:
    """To first order in the rate: the sums are not averaged away, and nothing is lost or counted twice."""
    _, settings, batch, parameters = small_case(model, loss)
    before, rate = copies(parameters), 1e-7
    one_by_one = copies(parameters)
    counted = 0.0
    for example in examples(batch, model):
        UPDATES[loss](*one_by_one, example, settings.negative / batch.negatives.shape[1], rate)
        counted += example[3]
    work = SCHEDULES[model, loss].arrange(parameters, batch, settings)
    assert work.pairs == pytest.approx(counted) and counted > 20
    descend(proved_steps(settings).steps, work, rate)
    scales = (settings.input_scale, 1.0)
    for start, wanted, found, scale in zip(before, one_by_one, copies(parameters), scales, strict=True):
        moved, expected = found - start, scale * (wanted - start)
        assert np.abs(expected).max() > 5 * rate  # more than a single pair's worth
        np.testing.assert_allclose(moved, expected, atol=2e-5 * np.abs(expected).max())


@every_kind
def test_the_compiled_loss_is_the_sum_over_pairs(model: str, loss: str) -> None:
    _, settings, batch, parameters = small_case(model, loss)
    each = settings.negative / batch.negatives.shape[1]
    expected = sum(UPDATES[loss](*copies(parameters), example, each, 0.0) for example in examples(batch, model))
    work = SCHEDULES[model, loss].arrange(parameters, batch, settings)
    found = float(np.sum(proved_steps(settings).loss(**work.arguments)))
    assert found == pytest.approx(expected, rel=1e-10)


@every_kind
def test_float32_gives_the_same_step_to_rounding(model: str, loss: str) -> None:
    _, settings, batch, parameters = small_case(model, loss)
    low = Parameters(*(a.astype(np.float32) for a in copies(parameters)))
    for these in (parameters, low):
        descend(proved_steps(settings).steps, SCHEDULES[model, loss].arrange(these, batch, settings), 0.01)
    for a, b in zip(copies(parameters), copies(low), strict=True):
        np.testing.assert_allclose(b, a, atol=2e-4)
    assert low.input_vectors.dtype == low.output_vectors.dtype == np.float32


def test_the_oracle_notices_an_averaged_minibatch() -> None:
    """The comparison above can fail: the mean over the pairs in the place of their sum is far from it."""
    _, settings, batch, parameters = small_case("skip-gram", "negative-sampling")
    before = copies(parameters)[0]
    work = SCHEDULES["skip-gram", "negative-sampling"].arrange(parameters, batch, settings)
    one_by_one = copies(parameters)
    for example in examples(batch, "skip-gram"):
        sampling_update(*one_by_one, example, settings.negative / batch.negatives.shape[1], 1e-7)
    descend(proved_steps(settings).steps, work, 1e-7 / work.pairs)
    moved, expected = copies(parameters)[0] - before, one_by_one[0] - before
    assert np.abs(moved).max() < 0.05 * np.abs(expected).max()


# --- only theorems ----------------------------------------------------------------------------------------------------


@every_kind
def test_every_step_comes_from_a_theorem_of_the_catalogue(model: str, loss: str) -> None:
    objective = proved_steps(Settings(model=model, loss=loss))
    schedule = SCHEDULES[model, loss]
    for variable, theorem in objective.steps.theorems.items():
        assert type(theorem) is Theorem
        assert repr(theorem.claim) == repr(find(schedule.gradients[variable]).build())
        assert theorem.claim.left.op == "grad" and theorem.claim.left.args[1].args[0].name == variable


def test_a_step_without_a_theorem_is_refused() -> None:
    objective = proved_steps(Settings())
    claim: Any = find("negative-sampling/block-centres").build()

    def homemade(**arrays: Any) -> dict[str, Any]:
        return {}

    with pytest.raises(ForgedTheorem, match="in the place of a compiled step"):
        Objective(objective.loss, homemade)  # type: ignore[arg-type]
    with pytest.raises(ForgedTheorem, match="in the place of a compiled step"):
        Objective(homemade, objective.steps)  # type: ignore[arg-type]
    with pytest.raises(ForgedTheorem, match=r"expected a derive\.kernel\.Theorem"):
        compiled({"Vb": claim}, ("Vb", "X", "Y", "M", "N"))
    with pytest.raises(ForgedTheorem, match="constructed directly"):
        compiled({"Vb": Theorem()}, ("Vb", "X", "Y", "M", "N"))


def test_a_wrong_theorem_of_the_catalogue_stops_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign turned in the catalogue is not proved, so nothing is trained with it."""
    from derive.errors import NotProved
    from numeric import array_training

    wrong = find("negative-sampling/block-centres").build()
    turned = type(wrong)(wrong.left, -wrong.right)

    class Row:
        @staticmethod
        def build() -> Any:
            return turned

    monkeypatch.setattr(array_training, "find", lambda id: Row)
    with pytest.raises(NotProved):
        proved_steps(Settings())


TRANSCENDENTAL = {"exp", "expm1", "exp2", "log", "log1p", "log2", "logaddexp", "tanh", "expit", "logit", "sigmoid",
                  "softmax", "log_softmax", "logsumexp", "einsum", "dot", "vdot", "inner", "outer", "matmul",
                  "tensordot"}
# Sums of rows that repeat, and of counts: linear, and about no derivative.
PRODUCTS = {("array_training.py", "_expected")}


def test_no_gradient_is_written_by_hand() -> None:
    """On the way from text to vectors nobody calls exp or log, and matrix products stand where they are listed."""
    package = Path(numeric.__file__).parent
    found = set()
    for name in ("minibatches.py", "rows.py", "schedules.py", "training.py", "array_training.py", "vocabulary.py",
                 "train.py", "windows.py", "loop_training.py", "engines.py", "reaches.py"):
        tree = ast.parse((package / name).read_text(encoding="utf-8"))
        for function in [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]:
            for node in ast.walk(function):
                word = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
                assert word not in TRANSCENDENTAL, f"{name}, {function.name}: {word}"
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
                    found.add((name, function.name))
    assert found == PRODUCTS


# --- whole runs -------------------------------------------------------------------------------------------------------


def two_topics(sentences: int = 400) -> list[list[str]]:
    """Words a0..a7 stand together, and b0..b7: what vectors must learn."""
    rng = np.random.default_rng(2)
    return [[f"{topic}{n}" for n in rng.integers(0, 8, 8)] for topic in rng.choice(["a", "b"], sentences)]


@every_kind
def test_words_of_one_topic_come_together(model: str, loss: str) -> None:
    settings = Settings(model=model, loss=loss, vector_size=16, sample=0, epochs=8, min_count=1)
    vectors = numeric.train(two_topics(), settings)
    assert vectors.history is not None
    assert vectors.history.losses[-1] < vectors.history.losses[0]
    for topic in "ab":
        for word in (f"{topic}0", f"{topic}3"):
            nearest = [w for w, _ in vectors.most_similar(word, 7)]
            assert sorted(nearest) == sorted({f"{topic}{n}" for n in range(8)} - {word})


@every_kind
def test_the_first_loss_is_that_of_knowing_nothing(model: str, loss: str) -> None:
    """Output vectors start at zero: every sigma is 1/2, every softmax uniform."""
    moments: list[Moment] = []
    settings = Settings(model=model, loss=loss, min_count=1, sample=0, epochs=1, vector_size=8, backend="arrays")
    numeric.train(two_topics(50), settings, watch=moments.append)
    first = moments[0].loss
    assert first is not None
    if loss == "naive-softmax":
        assert first == pytest.approx(np.log(16), rel=1e-9)
    else:  # one positive and five negatives, less those that were the target: one in about 16
        assert 6 * np.log(2) * 0.9 < first < 6 * np.log(2)


def test_the_same_seed_gives_the_same_vectors() -> None:
    settings = Settings(min_count=1, sample=0, epochs=2, vector_size=8)
    first, again = numeric.train(two_topics(), settings), numeric.train(iter(two_topics()), settings)
    other = numeric.train(two_topics(), Settings(min_count=1, sample=0, epochs=2, vector_size=8, seed=2))
    assert first.input_vectors.tobytes() == again.input_vectors.tobytes()
    assert first.history is not None and again.history is not None
    assert first.history.losses == again.history.losses
    assert first.input_vectors.tobytes() != other.input_vectors.tobytes()


def test_what_is_told_on_the_way() -> None:
    moments: list[Moment] = []
    settings = Settings(min_count=1, sample=0, epochs=3, vector_size=8, backend="arrays")
    vectors = numeric.train(two_topics(), settings, watch=moments.append)
    assert [m.done for m in moments] == sorted(m.done for m in moments)
    assert moments[0].done == 0 and moments[-1].done == 1
    assert {m.epoch for m in moments} == {1, 2, 3} and {m.epochs for m in moments} == {3}
    assert all(m.words_per_second > 0 for m in moments[1:])
    assert moments[0].rate == pytest.approx(0.025) and moments[-1].rate < 1e-5
    assert vectors.history is not None
    assert vectors.history.words == 3 * 400 * 8
    assert vectors.history.losses == tuple(m.loss for m in moments if m.done * 3 == pytest.approx(m.epoch))


def test_no_bar_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_progress(True) as watch:
        watch(Moment(0.5, 1, 1, 1000.0, 2.0, 0.01))
    assert capsys.readouterr() == ("", "")


def test_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with shown_progress(True) as watch:
        watch(Moment(0.5, 2, 5, 123456.0, 2.345, 0.01))
    shown = capsys.readouterr()
    assert shown.out == ""
    for fact in ("Epoch 2/5", "123,456 words/s", "loss 2.345", "50%"):
        assert fact in shown.err


def test_divergence_is_an_error_and_not_a_warning() -> None:
    message = r"training diverged: loss (nan|inf|\d+.*) in epoch \d.*6 smaller rates before.*; try learning_rate=1e\+15"
    with pytest.raises(GradproofError, match=message):
        numeric.train(two_topics(), Settings(min_count=1, sample=0, learning_rate=2e19, epochs=3, backend="arrays"))


@pytest.mark.parametrize("rate", [10, 50])
def test_a_divergence_is_told_and_mended_at_a_smaller_rate(rate: float, capsys: pytest.CaptureFixture[str]) -> None:
    moments: list[Moment] = []
    settings = Settings(min_count=1, sample=0, learning_rate=rate, epochs=3, backend="arrays", vector_size=16)
    vectors = numeric.train(two_topics(), settings, watch=moments.append)
    notes = [m.note for m in moments if m.note]
    assert 1 <= len(notes) <= 6 and "rolled back to" in notes[0] and "times the learning rate" in notes[0]
    assert notes[0] in capsys.readouterr().err
    assert np.isfinite(vectors.input_vectors).all()
    assert vectors.history is not None and len(vectors.history.losses) == 3
    assert max(vectors.history.losses) < 2 * 6 * np.log(2)


def test_a_text_without_neighbours() -> None:
    message = "no word of epoch 1 has another beside it; expected sentences of two words"
    with pytest.raises(GradproofError, match=message):
        numeric.train([["a"], ["b"]] * 10, Settings(min_count=1, sample=0))


def test_more_negatives_than_words() -> None:
    text = encode([["a", "b"]] * 10, 1)
    vectors = train_encoded(text, Settings(negative=40, sample=0, vector_size=4, epochs=1), lambda moment: None)
    assert np.isfinite(vectors.input_vectors).all()


def test_first_vectors_are_small_and_seeded() -> None:
    one, other = (initial_parameters(50, Settings(seed=seed, vector_size=20)) for seed in (1, 2))
    assert np.abs(one.input_vectors).max() <= 0.5 / 20 and not one.output_vectors.any()
    assert (one.input_vectors != other.input_vectors).any()
    assert np.array_equal(one.input_vectors, initial_parameters(50, Settings(seed=1, vector_size=20)).input_vectors)
