"""Two more sets by authors who had never seen the reader: the exercises, and other topics. See README.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unseen.bars import BARS, Judged, judged


def is_other_topic(name: str) -> bool:
    return name.startswith("topic_")


def is_exercise(name: str) -> bool:
    return not is_other_topic(name)


SETS = {"false_a.txt": is_exercise, "false_b.txt": is_other_topic}


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.__name__)
@pytest.mark.parametrize("labels", SETS)
def test_bar(labels: str, bar: Callable[[Judged], None]) -> None:
    bar(judged(Path(__file__).parent / labels, SETS[labels]))


def test_every_document_belongs_to_a_set_with_labels() -> None:
    names = {path.name for path in (Path(__file__).parent / "documents").iterdir()}
    assert names and all(any(belongs(name) for belongs in SETS.values()) for name in names)
