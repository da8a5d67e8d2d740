"""The same input gives the same bytes, seconds aside: on every run, for any number of workers, under any hash seed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {
    # Several findings, conventions, readings, a counterexample with names, and a repair: all that could lose its order.
    "a.md": r"""2. (a) The loss is $$J = -\log \hat y_o = -u_o^T v_c + \log \sum_w \exp(u_w^T v_c)$$
$$\frac{\partial J}{\partial v_c} = -u_o + \sum_w \hat y_w u_w = U^T(y - \hat y)$$
(b) $$\frac{\partial J}{\partial u_w} = \hat y_w v_c, w \neq o$$
$$\frac{\partial J}{\partial U} = (\hat y - y)^T v_c$$
""",
    "b.tex": r"""\documentclass{article}\newcommand{\s}{\sigma}\input{none}
\begin{document}\begin{align} \s(-x) &= 1 - \s(x) \\ &= \s(x) - 1 \\ \s'(x) &= \s(x)(1 + \s(x) \end{align}\end{document}
""",
    "c.md": """---
axes: N, D
tensors:
  X: N x D
  w: D
  y: N
definitions:
  p: \\sigma(X w)
  L: -\\sum_{n=1}^N (y_n \\log p_n + (1 - y_n) \\log(1 - p_n))
---
$$\\frac{\\partial L}{\\partial w} = X^T (y - p)$$
""",
    # Its derivatives may lie in two ways: which one is a convention that no set may choose.
    "e.md": r"""$$\frac{\partial CE}{\partial \theta} = \frac{\partial CE}{\partial \hat y} \frac{\partial \hat y}{\partial \theta}$$
""",  # noqa: E501
    "d.txt": "sigma'(x) = sigma(x) (1 - sigma(x))\nfoo = }\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("documents")
    for name, text in TEXTS.items():
        (place / name).write_text(text)
    return place


def report(folder: Path, seed: str, jobs: str, format: str = "json") -> str:
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    found = subprocess.run([sys.executable, "-m", "checks.report", *TEXTS, "--jobs", jobs, "--format", format],
                           cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert found.returncode == 1 and found.stderr == "", found
    return re.sub(r'("seconds": )[\d.e-]+|\d+\.\d s$', r"\1", found.stdout)


def test_the_same_input_gives_the_same_bytes(folder: Path) -> None:
    first = report(folder, "0", "1")
    assert first.count('"path"') == len(TEXTS) and first.count('"verdict"') >= 9
    assert first.count("refuted") > 3 and '"repair": {' in first and '"counterexample": {' in first
    for seed, jobs in (("1", "2"), ("2", "4"), ("random", "1")):
        assert report(folder, seed, jobs) == first, (seed, jobs)


def test_so_does_the_report_for_a_person(folder: Path) -> None:
    assert report(folder, "3", "4", "text") == report(folder, "4", "1", "text")
