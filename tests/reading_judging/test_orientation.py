"""How vectors lie is settled for a whole document; a document's own names; what may have been left out."""

from __future__ import annotations

import pytest

from derive.reading.judging import judge
from derive.reading.reports import StepReport

ROWS = "$z_1 = x W_1 + b_1$, $z_2 = h W_2 + b_2$\n\n"
COLUMNS = "$z_1 = W_1 x + b_1$, $z_2 = W_2 h + b_2$\n\n"


def last(text: str) -> StepReport:
    """The last step of a document."""
    return judge(text, kind="md").steps[-1]


@pytest.mark.parametrize(("definitions", "right", "verdict"), [
    (ROWS, r"h^T (\hat y - y)", "proved"), (ROWS, r"(\hat y - y) h^T", "ill-typed"),
    (COLUMNS, r"(\hat y - y) h^T", "proved"), (COLUMNS, r"h^T (\hat y - y)", "ill-typed"),
    ("", r"h^T (\hat y - y)", "proved"), ("", r"(\hat y - y) h^T", "proved"),
])
def test_definitions_say_how_vectors_lie(definitions: str, right: str, verdict: str) -> None:
    assert last(rf"{definitions}$$\frac{{\partial J}}{{\partial W_2}} = {right}$$").verdict == verdict


def test_the_convention_is_reported() -> None:
    assert judge(COLUMNS, kind="md").conventions["network vectors"] == "vectors are columns"


def test_prose_about_storage_pins_nothing() -> None:
    step = last(r"Vectors are stored as rows in $U$. $$\frac{\partial J}{\partial v_c} = U^T (\hat y - y)$$")
    assert step.verdict == "proved"


@pytest.mark.parametrize(("step", "verdict"), [
    (r"\frac{\partial}{\partial v_c} \log \sigma(z) = (1 - \sigma(z)) u_o", "proved"),
    (r"\frac{\partial}{\partial v_c} \log \sigma(z) = \sigma(z) u_o", "refuted"),
    (r"\frac{d}{dz} \sigma(z) = \sigma(z) (1 - \sigma(z))", "proved"),
    (r"\frac{d}{dz} \sigma(z) = \sigma(z)", "ill-typed"),
])
def test_a_letter_in_passing_is_the_documents(step: str, verdict: str) -> None:
    assert last(rf"Let $z = u_o^T v_c$. $${step}$$").verdict == verdict


@pytest.mark.parametrize(("step", "verdict"), [
    (r"-\sum_w y_w \log \hat y_w = -\log \hat y_w", "ill-typed"), (r"(\log \sigma(x))' = 1 - \sigma(x)", "proved"),
    (r"(\log \sigma(x))' = \sigma(x)", "refuted"), (r"\sum_{-m \le j \le m, j \ne 0} 1 = 2m", "proved"),
    (r"\frac{x}{\|x\|} = \frac{y}{\|y\|}", "refuted"),
])
def test_single_steps(step: str, verdict: str) -> None:
    assert last(f"$${step}$$").verdict == verdict


def test_what_an_equation_brings_in_is_assumed_too() -> None:
    step = last(r"If $x = \alpha y$ and $\alpha > 0$ then $$\frac{x}{\|x\|} = \frac{y}{\|y\|}$$")
    assert (step.verdict, step.hypotheses) == ("proved", ("x == alpha * y", "alpha > 0"))


@pytest.mark.parametrize(("step", "edit"), [
    (r"\frac{\partial J}{\partial v_c} = -u_o + \hat y_w u_w", "sum over w added"),
    (r"\frac{\partial J_{\text{neg-sample}}}{\partial u_k} = \sigma(u_k^T v_c) u_k", "v_c for u_k"),
    (r"D_x H + H + H D_y + D_y = (D_x + 1) H + H D_y", "1 added"),
    (r"\frac{\partial \hat y_i}{\partial \theta_j} = \delta_{ij} \hat y_i - \hat y_i^2", "index j for i in one factor"),
])
def test_what_was_left_out_is_found(step: str, edit: str) -> None:
    repair = last(f"$${step}$$").repair
    assert repair is not None and repair.edit == edit
