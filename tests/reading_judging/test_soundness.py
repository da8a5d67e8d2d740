"""False steps that were once proved, and true ones that were refuted: each beside its neighbours.

A document, and what may be said of each of its steps: one verdict, or several where more than one is honest.
"""

# ruff: noqa: E501  (one step a line)

from __future__ import annotations

import pytest

from derive import verdicts
from derive.reading.judging import judge

P, R, U, D, ILL = verdicts.PROVED, verdicts.REFUTED, verdicts.UNDECIDED, verdicts.DEFINITION, verdicts.ILL_TYPED
NOT = f"{R} {U} {ILL} {D}"
"""Anything but proved."""
RIGHT = f"{P} {U} {D}"
"""Anything but wrong."""

VECTORS = "---\naxes: n\ntensors:\n  x: n\n  y: n\n  A: n x n\nscalars:\n  a:\n---\n"
SQUARES = "---\naxes: n\ntensors:\n  w: n\n  v: n\nscalars:\n  x: > 0\ndefinitions:\n  J: w^T w\n  L: x^3\n---\n"

DOCUMENTS: dict[str, tuple[str, list[tuple[str, str]]]] = {
    # --- which exercise a chain is about
    "a gradient that vanishes in another exercise": ("", [
        (r"\frac{\partial J}{\partial v_c} = -u_o + \sum_w \hat y_w u_w", P),
        (r"\frac{\partial J}{\partial v_c} = 0", R),
        (r"\frac{\partial J}{\partial v_c} + u_o = u_o", R),
        (r"\frac{\partial J}{\partial v_c} = 2 \frac{\partial J}{\partial v_c}", R)]),
    "targets are not zero": ("", [(r"y_i = 0", NOT), (r"y_i y_j = 0", NOT), (r"\delta_{ok} = 0", NOT),
        (r"y_w = 0, \quad w \ne c", NOT)]),
    "a target is zero elsewhere": ("", [(r"y_w = 0, \quad w \ne o", P), (r"y_w = 1, \quad w \ne o", NOT)]),
    "a class called c": ("", [(r"CE(y, \hat y) = -\log \hat y_c", P), (r"y_i = 0, \quad i \ne c", P)]),
    "a gradient without its target": ("", [
        (r"\frac{\partial J}{\partial u_k} = (\hat y_k - y_k) v_c = \hat y_k v_c", f"{P};{NOT}")]),
    "targets over K classes": ("# Softmax\n\nThe targets sum to one:\n\n", [
        (r"\sum_{k=1}^K y_k = 1", P), (r"\sum_{k=1}^K y_k = 0", R)]),
    # --- what stands in the brackets of a loss
    "arguments of a loss": ("", [
        (r"CE(\hat y, y) = CE(y, \hat y)", NOT), (r"CE(y, y) = CE(y, \hat y)", NOT),
        (r"CE(2 y, \hat y) = CE(y, \hat y)", NOT), (r"CE(\hat y, y) = -\sum_i y_i \log \hat y_i", NOT),
        (r"CE(y, \hat y) = -\sum_i y_i \log \hat y_i", P),
        (r"J(\theta + 1) = 2 J(\theta) - J(0)", NOT)]),
    "arguments of a loss of words": ("", [
        (r"J_{naive}(o, 2 v_c, U) = J_{naive}(o, v_c, U)", NOT), (r"J_{naive}(c, v_o, U) = J_{naive}(o, v_c, U)", NOT),
        (r"\frac{\partial J_{naive}(w, v_c, U)}{\partial v_c} = -u_o + \sum_x \hat y_x u_x", NOT),
        (r"\frac{\partial J_{naive}(o, v_c, U)}{\partial v_c} = -u_o + \sum_x \hat y_x u_x", P),
        (r"\frac{\partial J_{neg-sample}(v_c, o, U)}{\partial u_o} = (\sigma(u_o^T v_c) - 1) v_c", P)]),
    "arguments of a loss of the front matter": (SQUARES, [
        (r"J(w) = w^T w", P), (r"J(2 w) = w^T w", NOT), (r"J(0) = w^T w", NOT), (r"J(v) = w^T w", NOT),
        (r"\frac{\partial J(v)}{\partial w} = 2w", NOT), (r"\frac{\partial J(w)}{\partial w} = 2w", P),
        (r"L(2) = x^3", NOT), (r"L(2) = 8", RIGHT), (r"J(2w) = 4 J(w)", RIGHT)]),
    "labels of losses": ("", [
        (r"J_1 + J_2 = 2 J", NOT), (r"J_{reg} = J + 1", D), (r"J_{reg} = J", R),
        (r"\frac{\partial J_{naive}}{\partial v_c} = -u_o + \sum_w \hat y_w u_w", P)]),
    "labels of losses that nothing defines": ("", [
        (r"\frac{\partial J_{reg}}{\partial v_c} = -u_o + \sum_w \hat y_w u_w", NOT), (r"J + 1 = J^* + 1", NOT),
        (r"\dot{J} + 1 = J + 1", NOT), (r"J + 1 = J_{neg, reg} + 1", NOT)]),
    "another name for a loss": ("", [
        (r"J_{reg} = J", D), (r"\frac{\partial J_{reg}}{\partial v_c} = -u_o + \sum_w \hat y_w u_w", RIGHT),
        (r"\frac{\partial J_{reg}}{\partial v_c} = 0", NOT)]),
    "a loss of the document's own": ("Let $J_2 = 2 J$.\n\n", [("", D), (r"J_2 = J", R), (r"J_2 = J + J", P)]),
    # --- one letter, one thing
    "sizes of one axis under two letters": ("", [
        (r"V = D", NOT), (r"K = V", NOT), (r"\sum_{w=1}^{V} 1 = D", NOT), (r"V D = D^2", NOT),
        (r"\sum_{i=1}^{n} 1 = n", P), (r"\sum_{i=1}^{n} \hat y_i = 1", P)]),
    "a sum in a family": (
        "---\naxes: n\ntensors:\n  A: n x n\n  x: n\n  v: n\ndefinitions:\n  z_i: \\sum_j A_{ij} x_j\n---\n", [
            (r"z_j = \sum_j A_{jj} x_j", R), (r"z_j = \sum_k A_{jk} x_k", P), (r"\sum_j v_j z_j = v^T A x", P),
            (r"\sum_k v_k z_k = v^T A x", P)]),
    "a sum in a family of the text": ("", [
        (r"s_k = \sum_w u_k^T u_w", D), (r"s_w = \sum_w u_w^T u_w", NOT), (r"s_w = \sum_x u_w^T u_x", P)]),
    "a sum in a family over a letter with a prime": (
        "---\naxes: n\ntensors:\n  A: n x n\ndefinitions:\n  z_k: \\sum_{k'} A_{kk'}\n---\n", [
            (r"z_j = \sum_i A_{ji}", P), (r"z_j = \sum_i A_{ij}", R)]),
    "a sum in a function": ("---\naxes: n\ntensors:\n  x: n\n  y: n\nfunctions:\n  f(u): \\sum_i u y_i\n---\n", [
        (r"f(x_i) = \sum_i x_i y_i", R), (r"f(x_i) = x_i \sum_j y_j", P)]),
    "a bold one": (VECTORS, [
        (r"n = \mathbf{1}^T \mathbf{1} = 1", f"{P};{NOT}"), (r"\mathbf{1} \mathbf{1}^T = 1", NOT),
        (r"n x_i = \mathbf{1}^T \mathbf{1} x_i = x_i", f"{P};{NOT}"), (r"\mathbf{1}^T x = \sum_i x_i", P)]),
    "a matrix called delta": ("---\naxes: n\ntensors:\n  x: n\n  \\delta: n x n\n---\n", [
        (r"\delta_{ij} = 0, \quad i \ne j", R), (r"\delta_{ii} = 1", R), (r"\sum_j \delta_{ij} x_j = x_i", R),
        (r"\sum_j \delta_{ij} x_j = (\delta x)_i", P)]),
    "Kronecker's delta": (VECTORS, [(r"\sum_j \delta_{ij} x_j = x_i", P), (r"\delta_{ii} = 0", R)]),
    "numbers called e and sigma": ("---\nscalars:\n  e:\n  \\sigma: > 0\n  x:\n  m:\n---\n", [
        (r"e^2 = \exp(2)", NOT), (r"e^2 = e \cdot e", P), (r"\sigma (x - m) = \frac{1}{1 + \exp(-(x-m))}", NOT),
        (r"\sigma (x - m) = \sigma x - \sigma m", P)]),
    "the number e and the logistic function": ("---\nscalars:\n  x:\n---\n", [
        (r"e^x = \exp(x)", P), (r"\sigma(x) = \frac{1}{1 + e^{-x}}", P), (r"\sigma(x) = \frac{1}{1 + e^{x}}", R)]),
    # --- one side of a chain, one meaning; one name, one meaning
    "a chain that changes its reading": (VECTORS, [
        (r"x^T y = x \cdot y = x \circ y", f"{P};{NOT}"), (r"x^T y \, x = x \cdot y \, x = x \circ y \circ x", f"{P};{NOT}"),
        (r"A A = A * A = A \circ A", f"{P};{NOT}"), (r"x^T y = x \cdot y = \sum_i x_i y_i", f"{P};{P}"),
        (r"\|x\|^2 = x^T x = \sum_i x_i^2", f"{P};{P}")]),
    "two meanings after a wrong chain": (VECTORS, [
        (r"s = x^T x = x^T x + 1", f"{D};{R}"), (r"s = x^T x + 1", NOT), (r"s - s = 1", R), (r"s = \sum_i x_i^2 + 1", P)]),
    "two meanings after a right chain": (VECTORS, [
        (r"s = x^T x = \sum_i x_i^2", f"{D};{P}"), (r"s + 1 = x^T x + 1", P)]),
    "two true classes": ("", [
        (r"CE(y, \hat y) = -\log \hat y_k", P), (r"CE(y, \hat y) = -\log \hat y_j", NOT), (r"y_i = 1", NOT),
        (r"CE(y, \hat y) = -\log \hat y_k", P)]),
    # --- what the prose and the front matter assume
    "not only under a condition": ("For all $i$, not only for $i = k$:\n\n", [
        ("", D), (r"\frac{\partial \hat y_i}{\partial \theta_k} = \hat y_i (1 - \hat y_i)", R)]),
    "under a condition": ("For $i = k$:\n\n", [
        ("", D), (r"\frac{\partial \hat y_i}{\partial \theta_k} = \hat y_i (1 - \hat y_i)", P)]),
    "unless": ("Unless $i = k$:\n\n", [
        ("", D), (r"\frac{\partial \hat y_i}{\partial \theta_k} = -\hat y_i \hat y_k", P),
        (r"\frac{\partial \hat y_i}{\partial \theta_k} = \hat y_i (1 - \hat y_i)", R)]),
    "a claim is no hypothesis": ("---\naxes: n, m\ntensors:\n  W: n x m\n---\nWe get $\\sum_j W_{ij} = 1$, hence\n\n", [
        ("", R), (r"\sum_i \sum_j W_{ij} = n", NOT)]),
    "a hypothesis in passing": ("---\naxes: n, m\ntensors:\n  W: n x m\n---\nWe work where $\\sum_j W_{ij} = 1$, hence\n\n", [
        ("", D), (r"\sum_i \sum_j W_{ij} = n", P), (r"\sum_i \sum_j W_{ij} = m", R)]),
    "a prediction of the document's own": ("Let $\\hat y = \\sigma(\\theta)$ and $CE = -\\sum_i y_i \\log \\hat y_i$.\n\n", [
        ("", D), ("", f"{D} {P}"), (r"\frac{\partial CE}{\partial \theta} = \hat y - y", NOT)]),
    "a loss that is let": ("Let $J = v_c^T v_c$.\n\n", [
        ("", D), (r"\frac{\partial J}{\partial v_c} = 2 v_c", P), (r"\frac{\partial J}{\partial v_c} = v_c", R)]),
    "a family that is let": ("Let $s_i = \\sum_j \\theta_i \\theta_j$.\n\n", [
        ("", D), (r"s_j = \theta_j \sum_i \theta_i", P), (r"s_j = \theta_j \sum_i \theta_j", NOT)]),
    "two names that are let": ("Let $z = W x + b$ and $a = \\sigma(z)$.\n\n", [
        ("", RIGHT), ("", D), (r"\frac{\partial a_i}{\partial z_i} = a_i (1 - a_i)", RIGHT)]),
    "what stands on a name that is let": ("Let $\\theta = 2 x$, so that\n\n", [
        ("", D), (r"\hat y_i = \frac{e^{2x_i}}{\sum_j e^{2 x_j}}", RIGHT)]),
    "hypotheses that lead to each other": (
        "---\naxes: n\ntensors:\n  x: n\n  y: n\nscalars:\n  a: > 0\n  b:\nhypotheses:\n  - a = b\n  - x_i = y_i\n---\n", [
            (r"|b| = b", RIGHT), (r"x = y", P), (r"x_j = y_j", P), (r"x_j = 2 y_j", R), (r"x_j = y_i", NOT)]),
    "a range that is not read": ("---\nscalars:\n  w: over 3\n---\n", [(r"|w| = w", U), (r"w = w + 0", P)]),
    "a fraction as a bound": ("---\nscalars:\n  x: in (0, 0.5)\n---\n", [(r"\frac{x^2}{x} = x", P), (r"x = 2", R)]),
    # --- what a sum runs over
    "parts of an axis": ("", [(rf"\sum_{{{limits}}} \hat y_i = 1", NOT) for limits in (
        "i=1}^{n-1", "i=1}^{3", "i=0}^{n", "i=j}^{n", "i=1}^{j", "i=1}^{2n", "i=1}^{n+1", "i=n}^{1", r"1 \le i < n",
        r"i \in S", r"i \in \{o\}")]),
    "the whole of an axis": ("", [(rf"\sum_{{{limits}}} \hat y_i = 1", P) for limits in (
        "i", "i=1}^{n", "i=0}^{n-1", "i=1}^{|V|", r"1 \le i \le n", r"0 \le i < n", "i=1")]),
    "parts of a window": ("", [(rf"J_{{\text{{skip-gram}}}} = \sum_{{{limits}}} F(w_{{c+j}}, v_c)", NOT) for limits in (
        r"1 \le j \le m", "j=1}^{m", r"-m < j < m, j \ne 0", r"-2m \le j \le 2m, j \ne 0", r"j=-m, j \ne 0}^{0")]),
    "the whole of a window": ("", [(rf"J_{{\text{{skip-gram}}}} = \sum_{{{limits}}} F(w_{{c+j}}, v_c)", P) for limits in (
        r"-m \le j \le m, j \ne 0", r"j=-m, j \ne 0}^{m")]),
    "two letters below one sum": (VECTORS, [
        (r"\sum_{i,j=1}^n x_i y_j = \sum_i x_i \sum_j y_j", P), (r"\sum_{i=1,j=1}^n x_i y_j = \sum_i x_i \sum_j y_j", P),
        (r"\sum_{(i,j)} x_i y_j = \sum_i x_i \sum_j y_j", P), (r"\sum_{i,j=1}^n x_i y_j = \sum_i x_i y_i", NOT),
        (r"\sum_{i,j \ne i} x_i x_j = \left(\sum_i x_i\right)^2 - \sum_i x_i^2", RIGHT)]),
    "dots that end early": (VECTORS, [(r"x_1 + x_2 + \dots + x_n = \sum_{i=1}^n x_i", P),
        (r"x_1 + x_2 + \dots + x_k = \sum_{i=1}^n x_i", NOT),
        (r"\begin{pmatrix} x_1 \\ \vdots \\ x_{n-1} \end{pmatrix} = x", NOT)]),
    # --- marks that mean something
    "norms": (VECTORS, [(r"\|x\|_1 = \|x\|_2", NOT), (r"\|x\|_1 = \sum_i |x_i|", P), (r"\|x\|_2^2 = x^T x", P),
        (r"\|x\|_\infty = \sqrt{\sum_i x_i^2}", NOT), (r"\|A\|_F^2 = \sum_{i,j} A_{ij}^2", P),
        (r"\|A\|_2 = \sqrt{\sum_i \sum_j A_{ij}^2}", NOT)]),
    "brackets and accents": ("", [(r"\lfloor \hat y_i \rfloor = \hat y_i", NOT), (r"\lceil x \rceil = x", NOT),
        (r"\check{x} + 1 = x + 1", NOT), (r"\dot{x} + 1 = x + 1", NOT), (r"\vec{x} = x", f"{P} {D}")]),
    "unless and except": ("", [
        (r"\frac{\partial \hat y_i}{\partial \theta_k} = \hat y_i (1 - \hat y_k) \quad \text{unless } i = k", NOT),
        (r"\frac{\partial \hat y_i}{\partial \theta_k} = -\hat y_i \hat y_k \quad \text{unless } i = k", P),
        (r"\frac{\partial \hat y_i}{\partial \theta_k} = \hat y_i(1 - \hat y_k) \text{ except when } i = k", NOT),
        (r"\frac{\partial \hat y_i}{\partial \theta_k} = \hat y_i(1 - \hat y_k) \text{ or } i = k", NOT),
        (r"\frac{\partial \hat y_i}{\partial \theta_k} = \hat y_i(1 - \hat y_k) \text{ if } i = k", P)]),
    "after an inequality": ("", [(r"\sigma(x) \le \sigma(x) + 1 = \sigma(x)", R),
        (r"J \approx -2\log \hat y_o = -2 \log p(o|c)", P)]),
    "under a brace": ("", [(r"\underbrace{\sum_i \hat y_i}_{=2} \theta_k = \theta_k", f"{NOT} {P};{NOT}"),
        (r"\underbrace{\sum_i \hat y_i}_{=1} \theta_k = \theta_k", f"{P};{P}")]),
    "stated shapes": ("---\naxes: n, m\ntensors:\n  x: n\n  A: n x m\n---\n", [
        (r"x \in \mathbb{R}^{2n}", NOT), (r"x \in \mathbb{R}^{3}", NOT), (r"x \in \mathbb{R}^m", NOT),
        (r"A \in \mathbb{R}^{n \times m}", P), (r"A \in \mathbb{R}^{m \times n}", NOT)]),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_soundness(name: str) -> None:
    before, steps = DOCUMENTS[name]
    text = before + "\n\n".join(f"$${step}$$" for step, _ in steps if step)
    found = [step.verdict for step in judge(text, kind="md", repairs=False).steps]
    allowed = [each.split() for _, said in steps for each in said.split(";")]
    assert len(found) == len(allowed), found
    wrong = [(at, verdict) for at, (verdict, may) in enumerate(zip(found, allowed, strict=True), 1) if verdict not in may]
    assert not wrong, found
