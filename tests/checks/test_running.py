"""The parts of the product behind the report: the catalogue, the compiled steps, the training."""

from __future__ import annotations

from dataclasses import replace

import pytest

import numeric.differences
import numeric.training
from checks.running import Report, judge, real_parts, select, theorems, topics, trained
from derive.errors import GradproofError
from derive.exercises.catalogue import TOPICS, find
from derive.kernel import Theorem
from numeric.differences import CheckResult

TEXT = [["the", "king", "rules"], ["the", "queen", "rules"], ["true", "file"]] * 20


def proved(*ids: str) -> dict[str, Theorem]:
    return theorems(judge(find(id)) for id in ids)


def test_the_topics_are_the_promised_ones() -> None:
    assert topics(real_parts().catalogue()) == TOPICS == (
        "softmax", "sigmoid", "cross-entropy", "network", "word2vec", "negative-sampling", "windows")


def test_ids_are_distinct_and_no_name_hides_a_topic() -> None:
    every = real_parts().catalogue()
    assert len({e.id for e in every}) == len(every)
    assert not {e.name for e in every} & set(TOPICS)
    for topic in TOPICS:
        assert {e.topic for e in select(every, [topic])} == {topic}


def test_gradients_are_checked_and_identities_are_not() -> None:
    begun: list[str] = []
    found = list(real_parts().check_steps(proved("softmax/sums-to-one", "softmax/jacobian", "word2vec/v_c-rows"),
                                          begun.append))
    assert begun == ["softmax/sums-to-one", "softmax/jacobian", "word2vec/v_c-rows"]
    assert [s.id for s in found] == begun[1:]
    for step in found:
        assert step.passed and step.difference is not None and step.difference < 1e-8
    assert "V = " in found[1].detail


def test_a_step_that_is_off_fails_and_says_by_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    off = CheckResult(0.25, 0.25, 0.0, 1.0, ({"n": 2},), False)
    monkeypatch.setattr(numeric.differences, "check_step", lambda theorem: off)
    found, = real_parts().check_steps(proved("softmax/jacobian"), lambda id: None)
    assert not found.passed and found.difference == 0.25
    assert "off by 2.5e-01 (central differences)" in found.detail
    assert Report((judge(find("softmax/jacobian")),), (found,)).failures == ("compiled step softmax/jacobian",)


def test_a_step_that_cannot_be_checked_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(theorem: object) -> CheckResult:
        raise GradproofError("no instance of y")

    monkeypatch.setattr(numeric.differences, "check_step", refuse)
    found, = real_parts().check_steps(proved("softmax/jacobian"), lambda id: None)
    assert not found.passed and found.detail == "no instance of y"


def test_training_is_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = numeric.training.train
    monkeypatch.setattr(numeric.training, "train", lambda text, settings, **rest: whole(
        TEXT, replace(settings, min_count=1, sample=0, vector_size=8, learning_rate=0.1), **rest))
    told: list[float] = []
    run = trained(real_parts().train, lambda share, facts: told.append(share))
    assert run.passed and len(run.losses) == 3 and run.words == 3 * 160 and run.vocabulary == 6
    assert [row.word for row in run.neighbours] == ["true", "file"]
    assert all(len(row.nearest) == 4 for row in run.neighbours)
    assert told == sorted(told) and told[0] == 0.0 and told[-1] == 1.0


def test_a_training_that_cannot_be_made_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = numeric.training.train
    monkeypatch.setattr(numeric.training, "train", lambda text, settings, **rest: whole([], settings, **rest))
    run = trained(real_parts().train, lambda share, facts: None)
    assert run.problem and not run.passed
