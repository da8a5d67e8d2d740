"""How chains end: in what they began with, in what was asked, in something that is still to be done."""

from __future__ import annotations

from derive.reading.dossier import Watch
from derive.reading.judging import judge, judge_reading
from derive.reading.parsing import read_text

OWN_LOSS = r"""
The forward pass is $z_1 = xW_1 + b_1$, $a_1 = \sigma(z_1)$, $z_2 = a_1W_2+b_2$, $a_2 = OUTPUT$ and $J = LOSS$.

$$\frac{\partial J}{\partial z_2} = RESULT$$
"""
SIX_SQUARED = OWN_LOSS.replace("OUTPUT", r"\sigma(z_2)").replace("LOSS", r"\frac12 \sum_k (a_2 - y)_k^2").replace(
    "RESULT", r"(a_2 - y)\circ a_2 \circ (1-a_2)")
AS_ASKED = OWN_LOSS.replace("OUTPUT", r"softmax(z_2)").replace("LOSS", r"-\sum_k y_k \log (a_2)_k").replace(
    "RESULT", r"a_2 - y")

CHAIN_RULE = r"$$\frac{\partial J}{\partial x} = \frac{\partial J}{\partial z_2}\frac{\partial z_2}{\partial h}" \
             r"\frac{\partial h}{\partial z_1}\frac{\partial z_1}{\partial x}$$"
SETUP = r"$h = \sigma(xW_1 + b_1)$, $\hat y = softmax(hW_2 + b_2)$, $z_1 = xW_1+b_1$, $z_2 = hW_2 + b_2$." + "\n\n"


def test_every_step_right_but_not_what_was_asked() -> None:
    report = judge(SIX_SQUARED, kind="md")
    assert {step.verdict for step in report.steps} == {"proved", "definition"}
    assert any("not what was asked" in finding for finding in report.findings)


def test_own_names_for_what_was_asked_are_no_finding() -> None:
    report = judge(AS_ASKED, kind="md")
    assert {step.verdict for step in report.steps} <= {"proved", "definition"}
    assert report.findings == ()


def test_a_wrong_middle_and_a_right_end() -> None:
    chain = r"$$\frac{\partial J}{\partial v_c} = U^T(y - \hat y) = U^T(\hat y - y)$$"
    report = judge(chain, kind="md")
    assert [step.verdict for step in report.steps] == ["refuted", "refuted"]
    assert any("right result at the end" in finding for finding in report.findings)


def test_a_chain_rule_that_nothing_carries_out() -> None:
    report = judge(SETUP + CHAIN_RULE, kind="md")
    assert any("not carried out" in finding for finding in report.findings)


def test_a_chain_rule_that_is_carried_out_later() -> None:
    end = "\n\n" + r"$$\frac{\partial J}{\partial x} = ((\hat y - y) W_2^T \circ h \circ (1-h)) W_1^T$$"
    report = judge(SETUP + CHAIN_RULE + end, kind="md")
    assert all(step.verdict in ("proved", "definition") for step in report.steps)
    assert report.findings == ()


def test_a_watch_is_told_every_piece_and_can_leave_one_out() -> None:
    reading = read_text(r"$$\sigma'(x) = \sigma(x)(1 - \sigma(x)) = \sigma(x) + 1$$", "md", "text")
    begun: list[str] = []
    full = judge_reading(reading, watch=Watch(begun.append))
    assert [step.verdict for step in full.steps] == ["proved", "refuted"]
    first, second = (f"text:{step.line}:{step.column}" for step in full.steps)
    assert begun == [first, second, f"{second} offer", f"{second} repair"]
    short = judge_reading(reading, watch=Watch(skip=frozenset({first}), why="time ran out: more than 5 s"))
    assert [step.verdict for step in short.steps] == ["undecided", "refuted"]
    assert short.steps[0].reason == "time ran out: more than 5 s"
    assert short.steps[1].first_error
