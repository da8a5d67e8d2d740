"""The generator as Hypothesis strategies: every decision is one that Hypothesis makes, and shrinks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from tests.generation.choices import Choices, Exhausted
from tests.generation.specimens import Specimen, specimen


@st.composite
def specimens(draw: Callable[[Any], Any], true: bool | None = None) -> Specimen:
    """Labelled claims; with `true`, only those that are true by construction, or only changed ones."""
    try:
        return specimen(Choices(lambda count: int(draw(st.integers(0, count - 1)))), true)
    except Exhausted:
        reject()
