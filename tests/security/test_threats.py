"""SECURITY.md: each line names a test, and the test is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def rows() -> list[str]:
    """The rows of the tables on what may not be done."""
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## What none of it may do")[2]
    return [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| may not")]


def test_every_threat_names_a_test_that_exists() -> None:
    assert len(rows()) > 20
    for row in rows():
        named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", row)
        assert named, row
        for file, name in named:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert name in found or (not name and any(each.startswith("test_") for each in found)), row
