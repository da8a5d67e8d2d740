"""Certificates: what holds holds without SymPy, and what was changed is refused."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from checks.audit import main
from checks.certificates import Unfit, audited, certificate, file_name
from checks.report import main as report
from derive.claims import Claim, sums_to_one
from derive.components import Axis, Index
from derive.opinion import Opinion, Statement, digest, examine, text
from derive.prover import decide
from derive.statements import statement
from derive.terms import cross_entropy, grad, log, onehot, ones, softmax, tensor, total

ROOT = Path(__file__).resolve().parents[2]
n = Axis("n")
x, y, k = tensor("x", n), tensor("y", n), Index("k", n)
CLAIMS = {
    "cross entropy": grad(cross_entropy(y, softmax(x)), x) == softmax(x) - y,
    "one hot": grad(-log(softmax(x)[k]), x) == softmax(x) - onehot(k),
    "a sum": total(softmax(x)) == 1,
}
FALSE = {"one too many": total(ones(n)) == 3, "sign": grad(-log(softmax(x)[k]), x) == onehot(k) - softmax(x)}


def certified(claim: Claim, title: str = "a claim") -> str:
    made = statement(claim)
    found = examine(made)
    assert isinstance(found, Opinion)
    return certificate(title, made, found)


def sealed(source: str) -> str:
    """With a seal that fits, as a forger would write it."""
    body = source.split("\n")[:-2]
    return "\n".join([*body, f"seal: {sha256(chr(10).join(body).encode()).hexdigest()}", ""])


@pytest.mark.parametrize("name", CLAIMS)
def test_what_is_proved_holds(name: str) -> None:
    claim = CLAIMS[name].given(sums_to_one(y)) if name == "cross entropy" else CLAIMS[name]
    assert decide(claim).kind == "proved"
    found = audited(certified(claim))
    assert found.opinion.error_bound is not None and found.opinion.error_bound < 1e-12


def test_a_changed_byte_is_refused() -> None:
    source, random_ = certified(CLAIMS["one hot"]), random.Random(5)
    for at in random_.sample(range(len(source)), 120):
        other = random_.choice([c for c in "a1 :\n}" if c != source[at]])
        with pytest.raises(Unfit):
            audited(source[:at] + other + source[at + 1:])


@pytest.mark.parametrize("name", FALSE)
def test_a_false_statement_is_refused_whatever_its_seal(name: str) -> None:
    true, false = statement(CLAIMS["one hot"]), statement(FALSE[name])
    forged = certified(CLAIMS["one hot"]).replace(text(true), text(false)).replace(digest(true), digest(false))
    with pytest.raises(Unfit, match="differ"):
        audited(sealed(forged))


@pytest.mark.parametrize(("line", "instead"), [
    ("claim: ", "claim: 1 == 2"), ("sizes: ", "sizes: n=1,2,3,4,5,6,7"), ("digest: ", "digest: " + "0" * 64),
    ("opinion: ", "opinion: 9 trials at each of 1000 points, error at most 1e-99"), ("point: ", "point: n=77"),
])
def test_no_line_says_more_than_the_statement(line: str, instead: str) -> None:
    lines = certified(CLAIMS["one hot"]).split("\n")
    at = next(number for number, each in enumerate(lines) if each.startswith(line))
    lines[at] = instead
    with pytest.raises(Unfit, match="the statement gives"):
        audited(sealed("\n".join(lines)))


def test_lines_that_nothing_asks_for_are_refused() -> None:
    lines = certified(CLAIMS["a sum"]).split("\n")
    with pytest.raises(Unfit, match="lines"):
        audited(sealed("\n".join([*lines[:-2], "point: n=9", *lines[-2:]])))


@pytest.mark.parametrize("source", [
    "", "x" * 100, "gradproof certificate 1\n", "gradproof certificate 2\ntitle: a\n",
    sealed("gradproof certificate 1\ntitle: a\nclaim: b\nstatement: " + "[" * 100_000 + "\ndigest: c\n\n"),
    sealed('gradproof certificate 1\ntitle: a\nclaim: b\nstatement: {"left":1}\ndigest: c\n\n'),
])
def test_what_is_no_certificate_is_refused(source: str) -> None:
    with pytest.raises(Unfit):
        audited(source)


def test_a_title_acts_on_no_terminal() -> None:
    source = certified(CLAIMS["a sum"], "\x1b]0;owned\x07\nseal: 0")
    assert "\x1b" not in source and audited(source).title.startswith("?]0;owned")
    assert "/" not in file_name("../../etc/passwd", Statement(statement(CLAIMS["a sum"]).left,
                                                               statement(CLAIMS["a sum"]).right))


def test_the_command_needs_the_standard_library_only(tmp_path: Path) -> None:
    (tmp_path / "a.certificate").write_text(certified(CLAIMS["a sum"]))
    blocked = ("import sys\n"
               "class No:\n"
               "    def find_spec(self, name, path=None, target=None):\n"
               "        if name.split('.')[0] in ('sympy', 'numpy', 'rich', 'scipy', 'mpmath'):\n"
               "            raise ImportError(name)\n"
               "sys.meta_path.insert(0, No())\n"
               f"from checks.audit import main\nsys.exit(main([{str(tmp_path)!r}]))")
    run = subprocess.run([sys.executable, "-S", "-c", blocked], cwd=ROOT, capture_output=True, text=True,
                         env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("1 of 1 certificates hold\n")


def test_the_command_refuses_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.certificate").write_bytes(b"\xff\xfe")
    (tmp_path / "b.certificate").write_text(certified(CLAIMS["a sum"]))
    assert main([str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "refused" in out and "1 of 2 certificates hold; 1 refused" in out
    assert main([str(tmp_path / "nothing-here")]) == 1
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty")]) == 2


def test_reports_write_certificates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(["--only", "softmax/sums-to-one", "--certificate", str(tmp_path / "catalogue")]) == 0
    document = tmp_path / "a.md"
    document.write_text(r"$$\sigma'(x) = \sigma(x)(1-\sigma(x)) = \sigma(x)$$", encoding="utf-8")
    assert report([str(document), "--certificate", str(tmp_path / "document")]) == 1
    assert len(list((tmp_path / "catalogue").iterdir())) == len(list((tmp_path / "document").iterdir())) == 1
    assert main([str(tmp_path / "catalogue"), str(tmp_path / "document")]) == 0
    assert "2 of 2 certificates hold" in capsys.readouterr().out


def test_a_place_for_certificates_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert report(["--only", "softmax", "--certificate", str(tmp_path / "file" / "in")]) == 2
    assert "--certificate" in capsys.readouterr().err
