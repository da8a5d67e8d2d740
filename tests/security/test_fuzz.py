"""The fuzzer finds what is planted, and nothing in the parsers that are quick; `benchmarks/fuzz.md` is a long run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import fuzz, parsers
from benchmarks.parsers import Parser


def planted(parse: Callable[[bytes], object]) -> Parser:
    return Parser("planted", parse, lambda: iter((b"begin{a} $x$ = 1",)), ("tests/security/",), (ValueError,))


def deep(data: bytes) -> None:
    """Three lines that only coverage leads to."""
    if b"{" not in data:
        raise ValueError("documented")
    if data.count(b"$") > 3:
        found = data.count(b"=")
        if found > 2 and data.count(b"x") > 2:
            raise KeyError("planted")


def slow(data: bytes) -> None:
    while data.count(b"1") > 1:
        pass


def test_a_crash_behind_several_conditions_is_found_and_made_small() -> None:
    tally = fuzz.fuzz(planted(deep), 200_000, seed=1)
    (what, data), = tally.crashes.items()
    assert what.startswith("KeyError at test_fuzz.py:") and 0 < tally.refused < tally.inputs
    assert sorted(data) == sorted(b"{$$$$===xxx") and tally.lines > tally.real


def test_what_takes_too_long_is_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "LIMIT", 0.02)
    monkeypatch.setattr(fuzz, "_TRACED", 1.0)
    tally = fuzz.fuzz(planted(slow), 20_000, seed=1)
    assert tally.crashes == {"more than 0.02 s": b"11"}


@pytest.mark.parametrize("name", ["vectors, text", "vectors, binary", "journal of a report"])
def test_the_quick_parsers_do_not_break(tmp_path: Path, name: str) -> None:
    parser, = (each for each in parsers.parsers(tmp_path) if each.name == name)
    tally = fuzz.fuzz(parser, 20_000, seed=3)
    assert tally.crashes == {} and tally.bytes >= 20_000 and tally.real > 20
