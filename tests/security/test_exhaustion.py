"""Input that is made to take for ever, or all memory, takes a bounded share of either and costs nobody else a thing."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from checks import report

ROOT = Path(__file__).resolve().parents[2]
RIGHT = r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$"
BOMBS = {
    "brackets": "$$" + "(" * 20_000 + "a" + ")" * 20_000 + " = a$$",
    "braces": "$$" + "{" * 20_000 + "a" + "}" * 20_000 + " = a$$",
    "fractions": "$$" + r"\frac{1}{" * 5_000 + "a" + "}" * 5_000 + " = a$$",
    "powers": "$$a" + "^{a" * 3_000 + "}" * 3_000 + " = a$$",
    "exponent": "$$2^{99999999999999} = 10^{10^{10^{10}}}$$",
    "factorials": r"$$\prod_{i=1}^{99999999} i^{99999999} = (1 + x)^{99999999}$$",
    "terms": "$$" + " + ".join(f"a_{{{at}}}" for at in range(20_000)) + " = 0$$",
    "product": "$$" + "".join(f"(1 + a_{{{at}}})" for at in range(60)) + " = 0$$",
    "sums": "$$" + "".join(rf"\sum_{{i_{{{at}}}=1}}^n" for at in range(40)) + " x = x$$",
    "primes": "$$f" + "'" * 50_000 + "(x) = 0$$",
    "derivatives": "$$" + r"\frac{\partial}{\partial x} " * 300 + r"\sigma(x) = \tanh(x)$$",
    "dollars": "$" * 2_000_000,
    "opened": r"\[ " * 300_000,
    "begun": r"\begin{align}" * 50_000,
    "laughs": r"\newcommand{\la}{lol}" + "".join(
        rf"\newcommand{{\l{after}}}{{{f'{chr(92)}l{before}' * 10}}}" for before, after in pairwise("abcdefghijklm"))
        + r"$$\lm = 1$$",
    "recursive": r"\newcommand{\a}{\a\a}\def\b{\c}\def\c{\b}$$\a = \b$$",
    "one line": "a = " + "b + " * 200_000 + "c",
    "relations": "$$" + "a = " * 5_000 + "a$$",
    "front matter": "---\naxes: " + "n, " * 100_000 + "\nscalars:\n" + "".join(
        f"  a{at}:\n" for at in range(20_000)) + "---\n",
    "spaces": "$$a" + " " * 1_000_000 + "= b$$",
    "comments": "<!--" * 100_000 + "`" * 100_001,
}
NOTEBOOK = '{"cells": ' + "[" * 200_000


def test_a_bomb_costs_its_own_document_its_limit_and_no_more(capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in BOMBS.items():
        Path(f"{name}.md").write_text(f"{text}\n\n{RIGHT}\n")
        Path(f"{name} and then.md").write_text(RIGHT)
    started = monotonic()
    limits = ("--step-seconds", "1", "--document-seconds", "2", "--memory-mb", "600")
    status = report.main([".", "--format", "json", "--jobs", "2", *limits])
    # Two seconds each, two at a time, and the documents between them; a machine may have other work to do.
    assert monotonic() - started < 6 * len(BOMBS) and status in (0, 1, 3)
    for document in json.loads(capsys.readouterr().out)["documents"]:
        proved = [step["left"] for step in document["steps"] if step["verdict"] == "proved"]
        if "and then" in document["path"]:
            assert proved == [r"\sigma(x)"], document["path"]
        else:
            assert set(proved) <= {r"\sigma(x)", "a"} and "internal error" not in json.dumps(document), document["path"]


def test_a_notebook_that_is_too_deep_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(NOTEBOOK)
    assert report.main([str(tmp_path / "a.ipynb")]) == 3
    assert "no notebook" in " ".join(capsys.readouterr().out.split())


# --- files of vectors and corpora -------------------------------------------------------------------------------------

MEASURED = """
import json, resource, sys
from pathlib import Path
from derive.errors import GradproofError
from numeric.corpus import sentences
from numeric.formats import load

def said(call):
    try:
        return repr(eval(call))
    except GradproofError as error:
        return str(error)

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for call in json.load(sys.stdin):
    print(json.dumps([call, said(call), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before]))
"""
BEGINNINGS = (b"", b"2 3\nking ", b"9 999999999\nking ", b"999999999999 3\nking ", b"the king ",
              b"2 3\nking 1 2 3\n")


def bomb(path: Path, first: bytes) -> None:
    """64 MB of zeros behind a beginning, as 64 kB."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(first)
        file.writelines(bytes(1 << 20) for _ in range(64))
    assert path.stat().st_size < 1 << 20


def measured(folder: Path, *calls: str) -> Iterator[tuple[str, str, float]]:
    """Each call, what it says, and the megabytes that it and those before it took at most."""
    run = subprocess.run([sys.executable, "-c", MEASURED], input=json.dumps(calls), cwd=folder, text=True, check=False,
                         env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120)
    assert run.returncode == 0, run.stderr
    for line in run.stdout.splitlines():
        call, said, kilobytes = json.loads(line)
        yield call, said, kilobytes / (1 << (20 if sys.platform == "darwin" else 10))


def test_what_unpacks_to_more_than_there_is_is_refused_before_it_is_there(tmp_path: Path) -> None:
    calls = []
    for number, first in enumerate(BEGINNINGS):
        bomb(tmp_path / f"{number}.gz", first)
        kinds = (True, False) if first[-1:] in (b"", b"\n") else (True,)
        calls += [f"load(Path('{number}.gz'), binary={binary})" for binary in kinds]
        calls.append(f"list(sentences(Path('{number}.gz')))")
    for call, said, megabytes in measured(tmp_path, *calls):
        assert megabytes < 40 and "expected" in said and "; try " in said, (call, said, megabytes)


def test_a_pickle_is_no_vectors(tmp_path: Path) -> None:
    class Pwned:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "pwned"),)

    head = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n"
    (tmp_path / "f.bin").write_bytes(pickle.dumps(Pwned()))
    (tmp_path / "f.npy").write_bytes(head + pickle.dumps(Pwned()))
    calls = [f"load(Path('{name}'), binary={binary})" for name in ("f.bin", "f.npy") for binary in (True, False, None)]
    for call, said, _ in measured(tmp_path, *calls):
        assert "expected" in said, (call, said)
    assert not (tmp_path / "pwned").exists()
