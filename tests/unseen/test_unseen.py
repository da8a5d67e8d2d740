"""Documents written before the reader was run on them, as other people write: the figures of the specification.

Labels were settled before the first run, and no document was changed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unseen.bars import BARS, Judged, judged


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.__name__)
def test_bar(bar: Callable[[Judged], None]) -> None:
    bar(judged(Path(__file__).parent / "false.txt"))
