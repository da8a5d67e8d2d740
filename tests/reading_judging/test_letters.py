"""What names mean that a document gives in passing: behind their use, with indices, by letters of its own."""

from __future__ import annotations

import pytest

from derive import verdicts
from derive.reading.judging import judge

PROVED, REFUTED, UNDECIDED = verdicts.PROVED, verdicts.REFUTED, verdicts.UNDECIDED
DEFINED, ILL_TYPED = verdicts.DEFINITION, verdicts.ILL_TYPED

ROWS = "---\naxes: N, D\ntensors:\n  X: N x D\n  y: N\n  w: D\nrows:\n  x: X\n---"
PAIRS = "---\naxes: V, D\ntensors:\n  W: V x D\n  U: V x D\n  F: V x V\nrows:\n  w: W\n  u: U\n  f: F\n---"
SCALARS = "---\nscalars:\n  x:\n  alpha: > 0\n---"
Z = r"$$J = -\log \hat y_o = -u_o^T v_c + \log Z$$"
SCORES = r"Let $z_i = w^T x_i$ and $p_i = \sigma(z_i)$."
ERRORS = r"Put $e_{ij} = w_i^T u_j$ and $J = \frac{1}{2} \sum_{i,j} f_{ij} e_{ij}^2$."

DOCUMENTS = {
    "explained behind its use": ((Z, r"where $Z = \sum_w \exp(u_w^T v_c)$ is a constant."), (PROVED, PROVED, DEFINED)),
    "explained wrongly": ((Z, r"where $Z = \sum_w u_w^T v_c$ is a constant."), (PROVED, REFUTED, DEFINED)),
    "explained in words": ((r"$$p_i = \frac{e^{z_i}}{\Sigma}$$", r"where $\Sigma$ stands for $\sum_k e^{z_k}$."),
                           (PROVED,)),
    "explained in other words": ((r"$$p_i = \frac{e^{z_i}}{\Sigma}$$", r"where $\Sigma$ stands for $\sum_k z_k$."),
                                 (REFUTED,)),
    "never explained": ((Z, r"The sum is long."), (PROVED, UNDECIDED)),
    "a name for each of two letters": (
        (r"Abbreviate $s_o = \sigma(u_o^T v_c)$ and $s_k = \sigma(-u_k^T v_c)$.",
         r"$$\frac{\partial J_{neg}}{\partial u_o} = (s_o - 1) v_c$$",
         r"$$\frac{\partial J_{neg}}{\partial u_o} = (1 - s_o) v_c$$"), (DEFINED, DEFINED, PROVED, REFUTED)),
    "entries, then their vector": (
        (ROWS, SCORES, r"$$\sum_{i=1}^N (p_i - y_i) x_i = X^T (p - y)$$",
         r"$$\sum_{i=1}^N (p_i - y_i) x_i = X^T (y - p)$$"),
        (DEFINED, DEFINED, PROVED, REFUTED)),
    "differentiated by entries of its own": (
        (ROWS, SCORES, r"Let $L = \sum_i (p_i - y_i)^2$.",
         r"$$\frac{\partial L}{\partial z_i} = 2 (p_i - y_i) p_i (1 - p_i)$$",
         r"$$\frac{\partial L}{\partial z_i} = 2 (p_i - y_i) p_i$$"), (DEFINED, DEFINED, DEFINED, PROVED, REFUTED)),
    "entries with two indices, and their matrix": (
        (PAIRS, ERRORS, r"$$\nabla_{w_k} J = \sum_j f_{kj} e_{kj} u_j$$",
         r"$$\nabla_{w_k} J = \sum_j f_{kj} e_{kj} w_j$$",
         r"$$\nabla_W J = (F \odot E) U$$", r"$$\nabla_W J = (F \odot E)^T U$$"),
        (DEFINED, DEFINED, PROVED, REFUTED, PROVED, REFUTED)),
    "a loss upon a loss": (
        (ROWS, r"Let $J = \|X w - y\|^2$.", r"$$J_2 = J + \|w\|^2$$", r"$$\nabla_w J_2 = 2 X^T (X w - y) + 2 w$$",
         r"$$\nabla_w J_2 = 2 X^T (X w - y)$$"), (DEFINED, DEFINED, PROVED, REFUTED)),
    "a function by cases": (
        (SCALARS, r"Let $$g(x) = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x < 0 \end{cases}$$",
         r"$$g'(x) = \begin{cases} 1 & x > 0 \\ g(x) + \alpha & x < 0 \end{cases}$$",
         r"$$g'(x) = \begin{cases} 1 & x > 0 \\ g(x) - \alpha & x < 0 \end{cases}$$"), (DEFINED, PROVED, REFUTED)),
    "a case with zero": (
        (SCALARS, r"$$\max(0, x) = \begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}$$",
         r"$$\max(0, x) = \begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}$$"), (PROVED, REFUTED)),
    "a target of another letter": (
        (r"With $p_i = e^{z_i} / \sum_k e^{z_k}$ and $L = -\sum_i t_i \log p_i$, where $t$ is one-hot:",
         r"$$\frac{\partial L}{\partial z_j} = p_j - t_j$$", r"$$\frac{\partial L}{\partial z_j} = t_j - p_j$$"),
        (PROVED, PROVED, PROVED, REFUTED)),
    "a centre without a subscript": (
        (r"With $\hat y = \text{softmax}(U v)$ and $J = -\log \hat y_o$:", r"$$\nabla_{u_o} J = (\hat y_o - 1) v$$",
         r"$$\nabla_{u_o} J = (1 - \hat y_o) v$$"), (PROVED, PROVED, PROVED, REFUTED)),
    "a factor of another letter": (
        (r"Let $u_x = \gamma u_y$ with $\gamma > 0$.", r"$$\frac{u_x}{\|u_x\|_2} = \frac{u_y}{\|u_y\|_2}$$",
         r"$$\|u_x\|_2 = \gamma^2 \|u_y\|_2$$"), (PROVED, PROVED, REFUTED)),
    "a loss is no size": ((r"$$J = -\sum_i y_i \log \hat y_i$$", r"$$J = \sum_i y_i \log \hat y_i$$"),
                          (PROVED, REFUTED)),
}

OWN = (r"$$a_j = \sum_i x_i M_{ij} + g_j$$", r"$$r_k = \sum_j a_j^2 Q_{jk}$$")
SYSTEMS = {
    "right": (r"$$\frac{\partial r_k}{\partial M_{ij}} = 2 x_i a_j Q_{jk}$$", PROVED),
    "a lost factor": (r"$$\frac{\partial r_k}{\partial M_{ij}} = x_i a_j Q_{jk}$$", REFUTED),
    "indices in the wrong order": (r"$$\frac{\partial r_k}{\partial M_{ij}} = 2 x_j a_i Q_{ik}$$", REFUTED),
    "of a vector": (r"$$\frac{\partial r_k}{\partial g_j} = 2 a_j Q_{jk}$$", PROVED),
    "a letter from nowhere": (r"$$\frac{\partial r_k}{\partial g_j} = 2 a_j Q_{jl}$$", ILL_TYPED),
    "a name that means nothing": (r"$$\frac{\partial r_k}{\partial g_j} = 2 \mathcal{D} a_j Q_{jk}$$", UNDECIDED),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_name_means_what_the_document_says(name: str) -> None:
    parts, expected = DOCUMENTS[name]
    report = judge("\n\n".join(parts), kind="md", repairs=False)
    assert tuple(step.verdict for step in report.steps) == expected


@pytest.mark.parametrize("name", SYSTEMS)
def test_letters_tell_what_has_which_axes(name: str) -> None:
    claim, expected = SYSTEMS[name]
    report = judge("\n\n".join((*OWN, claim)), kind="md", repairs=False)
    assert tuple(step.verdict for step in report.steps) == (DEFINED, DEFINED, expected)
