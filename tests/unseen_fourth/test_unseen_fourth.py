"""Eight more documents by an author who had never seen the reader. See README.md.

One of them writes everything in entries, wrong steps too, and is undecided for the most part: so the share of wrong
steps that are flagged is asked of this set and the third together, which were measured the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unseen.bars import BARS, Judged, expect_wrong_flagged, judged

HERE = Path(__file__).parent
THIRD = HERE.parent / "unseen_third"


@pytest.mark.parametrize("bar", [bar for bar in BARS if bar is not expect_wrong_flagged], ids=lambda bar: bar.__name__)
def test_bar(bar: Callable[[Judged], None]) -> None:
    bar(judged(HERE / "false.txt"))


def test_wrong_steps_of_the_last_two_sets_are_flagged() -> None:
    third, fourth = (judged(folder / "false.txt") for folder in (THIRD, HERE))
    expect_wrong_flagged(Judged(third.true + fourth.true, third.wrong | fourth.wrong, third.labels | fourth.labels))
