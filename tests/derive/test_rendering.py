"""Terms, components and theorems on paper: matrix and component notation, as text and as LaTeX."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from typing import Any

import pytest

from derive import terms
from derive.claims import Claim, at_most, same, sums_to_one
from derive.components import Index
from derive.errors import AxisError, OutsideTheory
from derive.kernel import Theorem, by_bound, by_normal_form
from derive.rendering import (
    claim_component_text,
    claim_latex,
    claim_text,
    component_latex,
    component_text,
    definitions,
    entry_indices,
    latex,
    latex_name,
    text,
)
from derive.terms import (
    MEANING,
    Term,
    absolute,
    as_term,
    cross_entropy,
    delta,
    diag,
    exp,
    grad,
    identity,
    let,
    log,
    maximum,
    norm,
    onehot,
    ones,
    outer,
    parameters,
    sigma,
    sign,
    size,
    softmax,
    sqrt,
    sum_over,
    tensor,
    total,
    where_positive,
    zeros,
)
from tests.cases import letters
from tests.cases.letters import A, B, C, D, K, U, V, b, h, i, j, k, loss, m, n, o, q, s, t, v, w, x, y, z
from tests.derive import random_terms
from tests.derive.random_terms import Maker

# term -> as text, as LaTeX, its entry as text, its entry as LaTeX
PRINTED: list[tuple[Term, str, str, str, str]] = [
    (U.T @ (softmax(U @ v) - onehot(o)), "U.T @ (softmax(U @ v_c) - onehot(o))",
     r"U^{\top} \left(\operatorname{softmax}\left(U v_{c}\right) - e_{o}\right)",
     "sum_v'((-[v' = o] + exp(sum_d'(v_c[d']*U[v', d']))/sum_v'1(exp(sum_d'(v_c[d']*U[v'1, d']))))*U[v', d])",
     r"\sum_{v'} \left(- \delta_{v' o} + \frac{e^{\sum_{d'} v_{c, d'} U_{v' d'}}}{\sum_{v'_{1}} "
     r"e^{\sum_{d'} v_{c, d'} U_{v'_{1} d'}}}\right) U_{v' d}"),
    (x - (y - z), "x - (y - z)", r"x - \left(y - z\right)", "x[n] - y[n] + z[n]", "x_{n} - y_{n} + z_{n}"),
    ((x + y) * z / s, "(x + y) * z / s", r"\frac{\left(x + y\right) \odot z}{s}", "(x[n] + y[n])*z[n]/s",
     r"\frac{\left(x_{n} + y_{n}\right) z_{n}}{s}"),
    ((A @ C).T, "(A @ C).T", r"\left(A C\right)^{\top}", "sum_n'(A[n1, n']*C[n', n])",
     r"\sum_{n'} A_{n_{1} n'} C_{n' n}"),
    (U[w(q)] @ v, "U[w(q)] @ v_c", r"U_{w(q)}^{\top} v_{c}", "sum_d'(v_c[d']*U[w(q), d'])",
     r"\sum_{d'} v_{c, d'} U_{w(q) d'}"),
    (grad(s, U[o]), "grad(s, U[o])", r"\frac{\partial s}{\partial U_{o}}", "d(s)/dU[o, d]",
     r"\frac{\partial}{\partial U_{o d}} \left(s\right)"),
    (loss.partial(1)(o, v, U), "F.partial(1)(o, v_c, U)", r"\partial_{2} F\left(o, v_{c}, U\right)",
     "d2[d] F(o, [v_c[d']], [U[v', d']])",
     r"\partial_{2, d} F\left(o, \left[v_{c, d'}\right], \left[U_{v' d'}\right]\right)"),
    (x.along(m), "x.along(m)", r"\mathbf{1}_{m} \otimes x", "x[n]", "x_{n}"),
    (outer(x, y) @ y, "outer(x, y) @ y", r"\left(x \, y^{\top}\right) y", "sum_n'(x[n]*y[n']**2)",
     r"\sum_{n'} x_{n} y_{n'}^{2}"),
    (norm(x) ** 2, "norm(x)**2", r"\left\|x\right\|_2^{2}", "sqrt(sum_n'(x[n']**2))**2",
     r"\sqrt{\sum_{n'} x_{n'}^{2}}^{2}"),
    (absolute(s), "abs(s)", r"\left|s\right|", "|s|", r"\left|s\right|"),
    (cross_entropy(y, z), "cross_entropy(y, z)", r"\operatorname{CE}\left(y, z\right)", "-sum_n'(log(z[n'])*y[n'])",
     r"- \sum_{n'} \log{\left(z_{n'} \right)} y_{n'}"),
    (identity(n) - ones(n, n), "identity(n) - ones(n, n)", r"I_{n} - \mathbf{1}_{n n}", "[n = n1] - 1",
     r"\delta_{n n_{1}} - 1"),
    (maximum(x, 0), "maximum(x, 0)", r"\max\left(x, 0\right)", "max(x[n], 0)", r"\max\left(x_{n}, 0\right)"),
    (where_positive(x, x, 0), "where(x, x, 0)", r"\begin{cases} x & x > 0 \\ 0 & x < 0 \end{cases}",
     "if_positive(x[n], x[n], 0)", r"\begin{cases} x_{n} & x_{n} > 0 \\ 0 & x_{n} < 0 \end{cases}"),
    (delta(i, k) * size(n), "delta(i, k) * n", r"\delta_{i k} \, n", "n*[i = k]",
     r"n \delta_{i k}"),
    (parameters(B, b), "parameters(B, b)", r"\#\left(B, b\right)", "m*n + m", "m n + m"),
    (exp(-x), "exp(-x)", "e^{-x}", "exp(-x[n])", "e^{- x_{n}}"),
    (h, "h", "h", "sigma(x[n])", r"\sigma\left(x_{n}\right)"),
    (sign(s), "sign(s)", r"\operatorname{sign}\left(s\right)", "s/|s|", r"\frac{s}{\left|s\right|}"),
    (s - sum_over(i, x[i]) + t, "s - sum_over(i, x[i]) + t", r"s - \sum_{i} x_{i} + t", "s + t - sum_i(x[i])",
     r"s + t - \sum_{i} x_{i}"),
    (x @ A @ y, "x @ A @ y", r"\left(x^{\top} A\right)^{\top} y", "sum_n'(y[n']*sum_n'1(x[n'1]*A[n'1, n']))",
     r"\sum_{n'} y_{n'} \sum_{n'_{1}} x_{n'_{1}} A_{n'_{1} n'}"),
    (sqrt(x), "sqrt(x)", r"\sqrt{x}", "sqrt(x[n])", r"\sqrt{x_{n}}"),
    (zeros(K, V), "zeros(K, V)", "0", "0", "0"),
    (log(x)[i], "log(x)[i]", r"\left(\log\left(x\right)\right)_{i}", "log(x[i])", r"\log{\left(x_{i} \right)}"),
]


@pytest.mark.parametrize(("term", "as_text", "as_latex", "entry", "entry_latex"), PRINTED,
                         ids=[row[1] for row in PRINTED])
def test_a_term_is_printed_in_both_notations(term: Term, as_text: str, as_latex: str, entry: str, entry_latex: str
                                             ) -> None:
    assert repr(term) == text(term) == as_text
    assert latex(term) == as_latex
    assert component_text(term) == entry
    assert component_latex(term) == entry_latex


# --- what is printed is what is meant ---------------------------------------------------------------------------------

NAMES: dict[str, Any] = {**{name: getattr(terms, name) for name in dir(terms)},
                         **{name: getattr(letters, name) for name in dir(letters)},
                         "v_c": v, "F": loss, "abs": absolute, "where": where_positive, "Fraction": Fraction}


def read_back(term: Term) -> Term:
    """The text of a term as Python reads it."""
    return as_term(eval(text(term), {}, NAMES))


READ_BACK = [
    U.T @ (softmax(U @ v) - onehot(o)), -(x - y) * z, x - (y - z), (x + y) * z / s, s / (t / s), s / t / s, s * (t / s),
    (A @ C).T, x**-2, (-x) ** 2, -(x**2), A[i, j], A[i][j], (A @ x)[i], U[w(q)] @ v, sum_over(i, x[i] + y[i]) * s,
    sum_over(i, sum_over(j, x[i] * y[j])) - s, grad(-log(softmax(U @ v)[o]), v), grad(s, U[o]), loss(o, 3 * v, U),
    loss.partial(2)(o, v, U), x.along(m), (x + y).along(m), outer(x, y) @ y, norm(x) ** 2, 2 * -x, x @ A @ x,
    x @ (A @ C), (x * y) @ z, x * (y @ z), -x @ y, (s + t) ** 2 * x, softmax(-x), total(x * y) ** 2, A.T @ A,
    (A + A.T)[i], ones(n, m), absolute(x) - sqrt(x), sign(x) * parameters(B, b), diag(x) @ identity(n), zeros(n), h * h,
    maximum(x, y - 1), where_positive(x, x, -x), delta(i, k), cross_entropy(y, softmax(x)), sigma(-x @ y), outer(x, y),
]


@pytest.mark.parametrize("term", READ_BACK, ids=repr)
def test_text_is_what_one_writes_in_python(term: Term) -> None:
    assert read_back(term).same(term), f"{text(term)} was read as {read_back(term)!r}"


@pytest.mark.parametrize("seed", range(60))
def test_random_terms_print_in_every_notation(seed: int) -> None:
    maker = Maker(random.Random(seed))
    term = maker.term(random.Random(seed).choice([(), (random_terms.N,), (random_terms.N, random_terms.M)]), 3)
    for shown in (text(term), latex(term)):
        assert shown and shown.count("(") == shown.count(")") and shown.count("{") == shown.count("}")
        assert shown.count(r"\left") == shown.count(r"\right") and "object at" not in shown
    try:
        entry = component_text(term)
    except OutsideTheory:  # it has no value anywhere, such as 1/(s - s)
        return
    assert re.fullmatch(r"[^@#?]+", entry)
    assert component_latex(term).count("{") == component_latex(term).count("}")


@pytest.mark.parametrize(("shown", "misread"), [
    (text(s ** Fraction(1, 2)), "s**1/2"),
    (latex(total(x) ** 2), r"\mathbf{1}^{\top} x^{2}"),
    (latex(sum_over(i, x[i]) * x[i]), r"\sum_{i} x_{i} \, x_{i}"),
    (component_text(softmax(x)[i] ** 2), "exp(x[i])/sum_n'(exp(x[n']))**2"),
    (component_text(grad(s, x) ** 2), "d(s)/dx[n]**2"),
    (component_latex(grad(s, x) ** 2), r"\frac{\partial}{\partial x_{n}} \left(s\right)^{2}"),
    (component_text(s / softmax(x)[i]), "s/exp(x[i])/sum_n'(exp(x[n']))"),
])
def test_powers_and_products_keep_their_brackets(shown: str, misread: str) -> None:
    assert shown != misread


# --- theorems ---------------------------------------------------------------------------------------------------------


def jacobian() -> Theorem:
    return by_normal_form((grad(-log(softmax(x)[i]), x[k]) == softmax(x)[k] - 1).given(same(i, k)))


def test_a_theorem_renders_in_both_notations() -> None:
    theorem = jacobian()
    assert repr(theorem) == f"|- {theorem.text()}"
    assert theorem.text() == "grad(-log(softmax(x)[i]), x[k]) == softmax(x)[k] - 1  given i = k"
    assert theorem.text("matrix") == theorem.text() and theorem.latex("matrix") == theorem.latex()
    assert theorem.latex() == claim_latex(theorem.claim)
    assert theorem.latex().endswith(r"\left(\operatorname{softmax}\left(x\right)\right)_{k} - 1")
    assert theorem.text("component") == ("d(-log(exp(x[i])/sum_n'(exp(x[n']))))/dx[k] == "
                                         "exp(x[k])/sum_n'(exp(x[n'])) - 1")
    assert theorem.latex("component").startswith(r"\frac{\partial}{\partial x_{k}}")
    for notation in ("", "tensor"):
        with pytest.raises(ValueError, match="expected 'matrix' or 'component'"):
            theorem.text(notation)
        with pytest.raises(ValueError, match="expected 'matrix' or 'component'"):
            theorem.latex(notation)


def test_bounds_print_their_relation() -> None:
    theorem = by_bound(at_most(size(D), size(D) * size(K)))
    assert (theorem.text(), theorem.latex()) == ("D <= D * K", r"D \le D \, K")
    assert theorem.text("component") == "D <= D*K" and r"\le" in theorem.latex("component")


def test_both_sides_of_a_claim_in_components_use_the_same_indices() -> None:
    assert claim_component_text(A.T == C) == "A[n1, n] == C[n, n1]"
    assert claim_component_text(outer(x, y) == A) == "x[n]*y[n1] == A[n, n1]"
    assert [index.name for index in entry_indices(outer(x, onehot(Index("n", n))))] == ["n1", "n2"]


def test_hypotheses_and_definitions_stand_behind_the_claim() -> None:
    outer_let = let("g", h * h)
    claim = (total(outer_let) == h @ h).given(sums_to_one(y))
    assert claim_text(claim) == "total(g) == h @ h  given total(y) == 1  where g = h * h, h = sigma(x)"
    assert list(definitions(claim)) == ["g", "h"]


@pytest.mark.parametrize(("name", "shown"), [
    ("x", "x"), ("v_c", "v_{c}"), ("yhat", r"\hat{y}"), ("alpha", r"\alpha"), ("W1", "W_{1}"), ("vbar", r"\bar{v}"),
    ("theta_1", r"\theta_{1}"), ("U_n", "U_{n}"), ("loss", r"\mathrm{loss}"),
])
def test_names_in_latex(name: str, shown: str) -> None:
    assert latex_name(name) == shown == latex(tensor(name))


def test_every_operation_prints() -> None:
    assert {op for term in [*READ_BACK, *(row[0] for row in PRINTED)] for op in operations(term)} == set(MEANING)


def operations(part: object) -> set[str]:
    """The operations in a term."""
    if isinstance(part, tuple):
        return {op for inner in part for op in operations(inner)}
    return {part.op} | operations(part.args) if isinstance(part, Term) else set()


def test_claims_print_where_they_fail() -> None:
    with pytest.raises(AxisError, match=r"left side U @ v_c has axes \(V\), right side v_c has axes \(D\)"):
        Claim(U @ v, v)
