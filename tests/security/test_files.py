"""What documents may read, write and run: their own folder, nothing, nothing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from checks import report

EQUATION = r"$$\sigma(x) = \frac{1}{1 + e^{-x}}$$"
SECRET = "$$secret_{4711} = secret_{4712}$$"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    place = tmp_path / "handed in"
    place.mkdir()
    monkeypatch.chdir(place)
    (tmp_path / "secret.tex").write_text(SECRET)
    return place


def documents(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[dict[str, Any]], str]:
    """What is found, and all that is printed."""
    report.main(["--format", "json", *arguments])
    printed = capsys.readouterr()
    found: list[dict[str, Any]] = json.loads(printed.out)["documents"]
    return found, printed.out + printed.err


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["../secret", "../secret.tex", "{absolute}", "link", "link.tex", "down/../../secret",
                                   "down/link", "~/secret", "|cat ../secret.tex", "file:../secret.tex", "."])
def test_nothing_is_pulled_in_from_outside(capsys: pytest.CaptureFixture[str], folder: Path, named: str) -> None:
    secret = folder.parent / "secret.tex"
    (folder / "down").mkdir()
    for link in ("link.tex", "down/link.tex", "link.sty"):
        (folder / link).symlink_to(secret)
    commands = (r"\input{%s}", r"\include{%s}", r"\input %s ", r"\usepackage{%s}")
    pulled = " ".join(command % named.format(absolute=secret) for command in commands)
    (folder / "a.tex").write_text(f"\\begin{{document}}{pulled}\n{EQUATION}\\end{{document}}")
    (document,), printed = documents(capsys, "a.tex")
    assert "4711" not in printed and "no document may do" not in printed  # refused by the reader, not by the last wall
    assert [step["verdict"] for step in document["steps"]] == ["proved"]


def test_a_link_in_a_folder_does_not_lead_out_of_it(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "a.tex").symlink_to(folder.parent / "secret.tex")
    (folder / "b.md").write_text(EQUATION)
    (folder / "c.md").symlink_to(folder / "b.md")
    (folder / "d").symlink_to(folder.parent)
    found, printed = documents(capsys, ".")
    assert [Path(document["path"]).name for document in found] == ["a.tex", "b.md", "c.md"]
    assert "4711" not in printed and "a link out of ." in printed
    assert [len(document["steps"]) for document in found] == [0, 1, 1]


def test_a_link_that_is_named_itself_is_followed(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "a.md").symlink_to(folder.parent / "secret.tex")
    (document,), _ = documents(capsys, "a.md")
    assert len(document["steps"]) == 1


# --- writing and running ----------------------------------------------------------------------------------------------

HOSTILE = {
    "shell.tex": r"\immediate\write18{touch pwned} \input|'touch pwned' \directlua{os.execute('touch pwned')}",
    "write.tex": r"\newwrite\f \immediate\openout\f=pwned \immediate\write\f{x} "
                 r"\begin{filecontents}{pwned}x\end{filecontents}",
    "python.md": "$$__import__('os').system('touch pwned') = eval('1') = {}.__class__ = \\lambda x: open('pwned')$$",
    "code.md": "```python\nopen('pwned', 'w')\n```\n<script>x</script> `$(touch pwned)` {{ x }} {% x %} ${x}",
    "yaml.md": "---\naxes: !!python/object/apply:os.system ['touch pwned']\nscalars:\n"
               "  a: __import__('os').system('touch pwned')\ndefinitions:\n  b: \\operatorname{eval}(x)\n---\n",
    "cells.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": "open('pwned', 'w')"},
                                         {"cell_type": "markdown", "source": "%run x\n!touch pwned\n$a=a$"}]}),
    "pickle.md": "\x80\x04\x95cposix\nsystem\n(S'touch pwned'\ntR.",
}


def test_nothing_a_document_says_is_run_and_nothing_is_written(capsys: pytest.CaptureFixture[str],
                                                               folder: Path) -> None:
    for name, text in HOSTILE.items():
        ends = r"\begin{document}" + text + EQUATION + r"\end{document}" if name.endswith("tex") else text + EQUATION
        (folder / name).write_text(text if name.endswith("ipynb") else ends)
    before = content(folder.parent)
    found, printed = documents(capsys, ".")
    assert content(folder.parent) == before
    assert len(found) == len(HOSTILE) and "no document may do" not in printed
    right = [document["path"] for document in found if "proved" in [step["verdict"] for step in document["steps"]]]
    assert len(right) == len(HOSTILE), found


def test_the_wall_behind_the_reader_stops_what_gets_past_it() -> None:
    """In a process of its own: an audit hook cannot be taken back."""
    import subprocess

    tries = ("open('/etc/hosts')", "open('x', 'w')", "os.open('x', os.O_CREAT)", "os.system('true')", "os.remove('x')",
             "subprocess.run(['true'])", "socket.socket()", "os.mkdir('x')", "ctypes.CDLL(None)", "os.fork()",
             "os.rename('a.md', 'b.md')", "os.symlink('a', 'b')", "shutil.rmtree('x')", "os.kill(1, 0)")
    program = f"""
import ctypes, os, shutil, socket, subprocess
from checks.confinement import confine
told = []
confine('a.md', told.append)
for number, each in enumerate({tries!r}):
    try:
        eval(each)
    except PermissionError as error:
        assert 'a document may not' in str(error), each
    assert len(told) > number, each
open('a.md').close()
import statistics
print(len(told))
"""
    Path("a.md").write_text("")
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False,
                           env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])})
    assert found.stderr == "" and int(found.stdout) >= len(tries)
    assert os.listdir() == ["a.md"]
