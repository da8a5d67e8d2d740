"""What every test shares: a quiet environment, and property tests that give the same examples on every machine."""

from __future__ import annotations

import pytest
from hypothesis import settings

settings.register_profile("gradproof", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("gradproof")


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours, no width and no locale of the person who runs the tests."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TERM", "PYTHONIOENCODING", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
