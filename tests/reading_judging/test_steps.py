"""Single steps: text in, verdict out."""

# ruff: noqa: E501  (one step a line)

from __future__ import annotations

import pytest

from derive import verdicts
from derive.reading.judging import judge
from derive.reading.reports import StepReport

PROVED, REFUTED, ILL, UNDECIDED = verdicts.PROVED, verdicts.REFUTED, verdicts.ILL_TYPED, verdicts.UNDECIDED

STEPS = [
    # naive softmax
    (r"\frac{\partial J}{\partial v_c} = U^T(\hat y - y)", PROVED),
    (r"\frac{\partial J}{\partial v_c} = U(\hat y - y)", PROVED),
    (r"\frac{\partial J}{\partial v_c} = U^T(y - \hat y)", REFUTED),
    (r"\frac{\partial J}{\partial u_w} = (\hat y_w - y_w) v_c", PROVED),
    (r"\frac{\partial J}{\partial u_w} = \hat y_w v_c \quad \text{if } w \ne o", PROVED),
    (r"\frac{\partial J}{\partial u_w} = \hat y_w v_c", REFUTED),
    (r"\frac{\partial J}{\partial U} = v_c(\hat y - y)^T", PROVED),
    (r"\frac{\partial J}{\partial u_w} = \begin{cases} (\hat y_o - 1) v_c & w = o \\ \hat y_w v_c & w \ne o \end{cases}", PROVED),
    (r"\frac{\partial J}{\partial u_w} = \begin{cases} \hat y_o v_c & w = o \\ \hat y_w v_c & w \ne o \end{cases}", REFUTED),
    (r"\frac{\partial J}{\partial v_c} = -u_o + \sum_{w=1}^V \hat y_w u_o", REFUTED),
    # negative sampling
    (r"\frac{\partial J_{neg-sample}}{\partial u_o} = (\sigma(u_o^T v_c) - 1) v_c", PROVED),
    (r"\frac{\partial J_{neg-sample}}{\partial u_k} = \sigma(u_k^T v_c) v_c", PROVED),
    (r"\frac{\partial J_{neg-sample}}{\partial u_k} = \sum_{k=1}^K \sigma(u_k^T v_c) v_c", REFUTED),
    (r"\frac{\partial J_{neg-sample}}{\partial v_c} = (\sigma(u_o^T v_c) - 1) u_o + \sum_{k=1}^K \sigma(u_k^T v_c) u_k", PROVED),
    (r"\frac{\partial J_{neg-sample}}{\partial v_c} = (\sigma(u_o^T v_c) - 1) u_o + \sigma(u_k^T v_c) u_k", REFUTED),
    (r"\frac{\partial J_{neg-sample}}{\partial u_{w_s}} = \sum_{t: w_t = w_s} \sigma(u_{w_t}^T v_c) v_c", PROVED),
    # windows
    (r"\frac{\partial J_{skip-gram}}{\partial v_c} = \sum_{-m \le j \le m, j \ne 0} \frac{\partial F(w_{c+j}, v_c)}{\partial v_c}", PROVED),
    (r"\frac{\partial J_{skip-gram}}{\partial v_c} = \sum_{-m \le j \le m} \frac{\partial F(w_{c+j}, v_c)}{\partial v_c}", REFUTED),
    (r"\frac{\partial J_{CBOW}}{\partial U} = \sum_{-m \le j \le m, j \ne 0} \frac{\partial F(w_c, \hat v)}{\partial U}", REFUTED),
    (r"\frac{\partial J_{CBOW}}{\partial v_j} = 0, \quad j \notin \{c-m, \dots, c+m\}", PROVED),
    # sigmoid, softmax
    (r"\sigma'(x) = \sigma(x)\sigma(-x)", PROVED),
    (r"\sigma'(x) = \sigma(x)(\sigma(x) - 1)", REFUTED),
    (r"softmax(x + c) = softmax(x)", PROVED),
    (r"softmax(c x) = softmax(x)", REFUTED),
    (r"CE(y, \hat y) = -\sum_i y_i \log(\hat y_i)", PROVED),
    (r"\frac{\partial CE}{\partial \theta} = \hat y - y", PROVED),
    (r"\frac{\partial CE}{\partial \theta_i} = \hat y_i - y_i", PROVED),
    (r"\frac{\partial CE}{\partial \theta} = \hat y_i - y_i", ILL),
    # a condition is no loophole: k = 1, ..., K is every k
    (r"\frac{\partial J_{neg-sample}}{\partial u_k} = \sigma(u_k^T v_c) v_c, \quad k = 1, \dots, K", PROVED),
    # what nothing gives a meaning to is never refuted, and never proved by its absence
    (r"\frac{\partial Q}{\partial U_0} = 0", UNDECIDED),
    (r"\frac{\partial Q}{\partial q} = Q", UNDECIDED),
    (r"A B = B A", UNDECIDED),
    (r"\mathbf{A} \mathbf{x} = \mathbf{x} \mathbf{A}", UNDECIDED),
    (r"\frac{\partial}{\partial x} x^T A x = 2 A x", UNDECIDED),
    (r"(a + q)^2 = a^2 + 2 a q + q^2", PROVED),
    (r"(a + q)^2 = a^2 + q^2", UNDECIDED),
]


def only(text: str) -> StepReport:
    steps = judge(f"$${text}$$", kind="md").steps
    assert len(steps) == 1
    return steps[0]


@pytest.mark.parametrize(("text", "verdict"), STEPS)
def test_verdict(text: str, verdict: str) -> None:
    step = only(text)
    assert (step.verdict, step.reason) == (verdict, step.reason)
    assert (step.counterexample is not None) == (verdict == REFUTED)


def test_a_lost_mark_is_offered_and_proves_nothing() -> None:
    step = only(r"6(x) = \frac{1}{1+e^{-x}}")
    assert step.verdict == UNDECIDED
    assert any(reading.offered for reading in step.readings)
    lost = only(r"\frac{\partial J}{\partial u_w} = \frac{\partial}{\partial u_w}(-u_o v_c + \log \sum_x \exp(u_x^T v_c))")
    assert lost.verdict == ILL
    assert any(reading.offered for reading in lost.readings)


def test_a_repair_is_proved_and_marked() -> None:
    step = only(r"\frac{\partial J}{\partial v_c} = U^T(y - \hat y)")
    assert step.repair is not None
    assert r"\boxed" in step.repair.marked
    assert only(rf"\frac{{\partial J}}{{\partial v_c}} = {step.repair.latex}").verdict == PROVED


def test_two_steps_that_need_different_layouts_are_reported_together() -> None:
    report = judge("(a) $$\\frac{\\partial J}{\\partial v_c} = U^T(\\hat y - y)$$\n\n"
                   "(b) $$\\frac{\\partial J}{\\partial U} = v_c(\\hat y - y)^T$$", kind="md")
    assert [s.verdict for s in report.steps] == [PROVED, PROVED]
    assert any("rows of U" in finding and "columns of U" in finding for finding in report.findings)


def test_a_right_end_after_a_wrong_middle_is_said() -> None:
    report = judge(r"$$\sigma'(x) = e^{-x} = \sigma(x)(1-\sigma(x))$$", kind="md")
    assert [s.verdict for s in report.steps] == [REFUTED, REFUTED]
    assert [s.first_error for s in report.steps] == [True, False]
    assert any("right result at the end" in finding for finding in report.findings)


def test_prose_conditions_hold_for_the_display_after_them() -> None:
    report = judge("When $w \\neq o$:\n\n$$\\frac{\\partial J}{\\partial u_w} = \\hat y_w v_c$$", kind="md")
    assert report.steps[-1].verdict == PROVED
    assert any("w != o" in h for h in report.steps[-1].hypotheses)


@pytest.mark.parametrize("text", [
    "$$" * 50, "$$x = " + "(" * 200 + "$$", "$$a^{99999999999} = b$$", "$$" + "x + " * 3000 + "x = y$$",
    "---\naxes: [\ntensors:\n  x: a x b x c\n  : y\ndefinitions:\n  p: \\frac\n---\n$$p = x$$",
    r"$$\sum_{}^{} = \frac{\partial}{\partial} = \begin{cases} \end{cases}$$", r"$$\frac{\partial J}{\partial 0} = 0_0^0$$",
    r"$$f(x) = f(x) + 1$$ $$f(f(x)) = 2$$", r"$$s_k = s_k + s_{k_k}$$ $$s_j = 1$$",
])
def test_nothing_escapes(text: str) -> None:
    judge(text, kind="md", repairs=False)
