"""Ten more documents by an author who had never seen the reader. See README.md."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unseen.bars import BARS, Judged, judged


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.__name__)
def test_bar(bar: Callable[[Judged], None]) -> None:
    bar(judged(Path(__file__).parent / "false.txt"))
