"""The README's commands exist, and what it shows of the report is what the report prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def blocks(kind: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def without_times(text: str) -> str:
    return re.sub(r"[\d.]+ (ms|s)\b", r"T \1", re.sub(r" +(?=\d+ ms)", " ", text))


@pytest.mark.parametrize("block", blocks("console"))
def test_the_shown_output_is_the_real_one(block: str, tmp_path: Path) -> None:
    (tmp_path / "homework.md").write_text(blocks("markdown")[0], encoding="utf-8")
    assert block.startswith("$ python -m ")
    for each in re.split(r"^\$ python ", block, flags=re.MULTILINE)[1:]:
        command, _, shown = each.partition("\n")
        environment = {"COLUMNS": "96", "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)}
        found = subprocess.run([sys.executable, *command.split()], cwd=tmp_path, capture_output=True, encoding="utf-8",
                               env=os.environ | environment, check=False, timeout=120)
        assert found.stderr == "" and found.returncode == ("\nFAIL" in shown)
        assert without_times(found.stdout) == without_times(shown)


def test_there_are_two_commands_that_do_their_own_set_up() -> None:
    report, tests = (block.strip() for block in blocks("bash")[:2])
    set_up = r"python3 -m venv \S+ && \S+/python -m pip install "
    assert re.fullmatch(set_up + r".* && \S+/python -m checks\.report", report)
    assert re.fullmatch(set_up + r".*'\.\[dev\]' && \S+/python -m pytest", tests)


def test_every_option_of_the_report_is_explained() -> None:
    shown = subprocess.run([sys.executable, "-m", "checks.report", "--help"], cwd=ROOT, capture_output=True,
                           encoding="utf-8", check=True, timeout=60).stdout
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    options = set(re.findall(r"^  (--[a-z-]+)", shown, re.MULTILINE)) - {"--version"}
    assert "--only" in options
    assert not {option for option in options if f"`{option}" not in text}
