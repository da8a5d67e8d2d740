"""Settings are checked when they are made, and every message names the setting, its value and what was expected."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from derive.errors import GradproofError
from numeric import Settings

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"epochs": 2.5}, "Expected int but got epochs=2.5 (type=float); try epochs=2"),
    ({"epochs": 0}, "Expected 1 or more but got epochs=0; try epochs=1"),
    ({"epochs": True}, "Expected int but got epochs=True (type=bool); try epochs=1"),
    ({"epochs": float("nan")}, "Expected int but got epochs=nan (type=float); try epochs=1"),
    ({"vector_size": "100"}, "Expected int but got vector_size='100' (type=str); try vector_size=1"),
    ({"window": -1}, "Expected 1 or more but got window=-1; try window=1"),
    ({"min_count": 0}, "Expected 1 or more but got min_count=0; try min_count=1"),
    ({"negative": 0}, "Expected 1 or more but got negative=0; try negative=1"),
    ({"seed": -1}, "Expected 0 or more but got seed=-1; try seed=0"),
    ({"sample": -0.1}, "Expected 0 or more but got sample=-0.1; try sample=0.001"),
    ({"sample": None}, "Expected float but got sample=None (type=NoneType); try sample=0.001"),
    ({"sample": float("nan")}, "Expected 0 or more but got sample=nan; try sample=0.001"),
    ({"learning_rate": 0.0}, "Expected more than 0 but got learning_rate=0.0; try learning_rate=0.025"),
    ({"learning_rate": float("inf")}, "Expected more than 0 but got learning_rate=inf; try learning_rate=0.025"),
    ({"model": "sg"}, "Expected 'skip-gram' or 'cbow' but got model='sg' (type=str); try model='skip-gram'"),
    ({"round_words": 0}, "Expected 1 or more but got round_words=0; try round_words=1"),
    ({"workers": 0}, "Expected 1 or more but got workers=0; try workers=1"),
    ({"backend": "numba"}, "Expected 'loops' or 'arrays' or 'processes' but got backend='numba' (type=str); "
                           "try backend='loops'"),
    ({"loss": 1}, "Expected 'negative-sampling' or 'naive-softmax' but got loss=1 (type=int); "
                  "try loss='negative-sampling'"),
]


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_wrong_values_are_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(GradproofError) as caught:
        Settings(**given)
    assert str(caught.value) == message


def test_settings_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().epochs = 3  # type: ignore[misc]


def test_the_rate_falls_linearly_and_stays_positive() -> None:
    settings = Settings(learning_rate=0.1)
    assert settings.rate(0.0) == pytest.approx(0.1)
    assert settings.rate(0.25) == pytest.approx(0.075)
    assert 0 < settings.rate(1.0) < 1e-4


def test_each_model_has_its_usual_rate() -> None:
    assert Settings().initial_rate == 0.025
    assert Settings(model="cbow").initial_rate == 0.05
    assert Settings(model="cbow", learning_rate=1).initial_rate == 1
