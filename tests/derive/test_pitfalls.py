"""What SymPy 1.14 gets wrong on expressions like ours: each a claim that is not proved or a construct never used.

Every pitfall stands beside the right claim, which is proved, and is refuted with numbers unless said otherwise.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from derive import verdicts
from derive.claims import Claim
from derive.components import Delta, Entry, Index, TensorSymbol
from derive.components import Sum as TypedSum
from derive.derivative import derivative, with_indices
from derive.errors import AxisError, NotProved, OutsideTheory, UnboundIndexError
from derive.kernel import by_normal_form
from derive.normal_form import Normalizer, normal_form_text
from derive.prover import decide, prove
from derive.terms import (
    absolute,
    as_term,
    component,
    cross_entropy,
    delta,
    diag,
    exp,
    grad,
    identity,
    log,
    maximum,
    onehot,
    ones,
    outer,
    sigma,
    size,
    softmax,
    sqrt,
    sum_over,
    tensor,
    total,
    where_positive,
    zeros,
)
from numeric.compiling import compile_value
from tests.cases.letters import A, B, D, K, U, V, c, i, j, k, n, o, q, s, t, v, w, x, y

LOOPS = (ast.For, ast.While, ast.GeneratorExp, ast.ListComp)

# number in the list, and what it is about -> the right claim, and what SymPy makes of it
CLAIMS: dict[str, tuple[Claim, Claim]] = {
    "1 bound index in diff": (grad(log(sum_over(j, exp(x[j]))) - x[j], x[j]) == softmax(x)[j] - 1,
                              grad(log(sum_over(j, exp(x[j]))) - x[j], x[j]) == 0),
    "1 diff of a sum": (grad(sum_over(i, x[i]), x[i]) == 1, grad(sum_over(i, x[i]), x[i]) == size(n)),
    "2 simplify captures": (x[i] * sum_over(i, y[i]) + sum_over(i, y[i] * x[i]) == x[i] * total(y) + x @ y,
                            x[i] * sum_over(i, y[i]) + sum_over(i, y[i] * x[i]) == 2 * sum_over(i, y[i] * x[i])),
    "3 substitution captures": (sum_over(i, A[i, k]) == sum_over(j, A[j, k]),
                                sum_over(i, A[i, k]) == sum_over(i, A[i, i])),
    "4 gradient of a dot product": (grad(U[o] @ v, v) == U[o], grad(U[o] @ v, v) == zeros(D)),
    "4 gradient of two entries": (grad(x[i] * x[j], x) == x[j] * onehot(i) + x[i] * onehot(j),
                                  grad(x[i] * x[j], x) == zeros(n)),
    "4 gradient of a trace": (grad(sum_over(i, A[i, i]) + 1, A) == identity(n),
                              grad(sum_over(i, A[i, i]) + 1, A) == zeros(n, n)),
    "5 softmax off the diagonal": (grad(exp(x) / total(exp(x)), x) == diag(softmax(x)) - outer(softmax(x), softmax(x)),
                                   grad(exp(x) / total(exp(x)), x) == diag(softmax(x) - softmax(x) ** 2)),
    "7 a condition keeps its index": (
        sum_over(i, where_positive(x[i], x[i] ** 2, 0)) == sum_over(j, where_positive(x[j], x[j] ** 2, 0)),
        (sum_over(i, where_positive(x[i], x[i] ** 2, 0)) == where_positive(x[i], total(x**2), 0)).every(i)),
    "8 a delta of a map does not contract": (
        sum_over(q, delta(w(q), o) * c) == c * sum_over(q, delta(o, w(q))), sum_over(q, delta(w(q), o) * c) == c),
    "9 a delta needs no range": (sum_over(j, delta(i, j) * x[j]) == x[i], (total(x) == x[i]).every(i)),
    "10 a sum of an indexed square": (sum_over(i, x[i] ** 2) == x @ x,
                                      (sum_over(i, x[i] ** 2) == size(n) * x[i] ** 2).every(i)),
    "13 bound names do not matter": (sum_over(i, x[i]) - sum_over(j, x[j]) == 0,
                                    (sum_over(i, x[i]) - x[j] == 0).every(j)),
    "16 ranges are never empty": (sum_over(i, s) / size(n) == s, sum_over(i, s) == -size(n) * s),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_the_right_claim_is_proved_and_what_sympy_makes_of_it_is_refuted(name: str) -> None:
    right, wrong = CLAIMS[name]
    assert decide(right).kind == verdicts.PROVED
    with pytest.raises(NotProved):
        prove(wrong)
    verdict = decide(wrong)
    assert verdict.kind == verdicts.REFUTED and verdict.counterexample is not None


# --- those that are about a construct ---------------------------------------------------------------------------------


def test_1_a_bound_index_is_renamed_away_from_the_entry() -> None:
    tensor_x = TensorSymbol("x", n)
    found = derivative(TypedSum(j, Entry(tensor_x, j)), Entry(tensor_x, j))
    assert found == TypedSum(Index("j1", n), Delta(Index("j1", n), j))
    assert normal_form_text(found) == "1"


def test_3_substitution_under_a_binder_captures_nothing() -> None:
    body = TypedSum(i, Entry(TensorSymbol("A", n, n), i, k))
    moved = with_indices(body, {k: i})
    assert moved == TypedSum(Index("i1", n), Entry(TensorSymbol("A", n, n), Index("i1", n), i))
    assert with_indices(body, {i: k}) == body


def test_6_the_shape_of_a_gradient_is_that_of_its_variable() -> None:
    un = tensor("U_n", K, D)
    loss = -total(log(sigma(-(un @ v))))
    assert grad(loss, v).axes == (D,)
    assert decide(grad(loss, v) == sigma(un @ v) @ un).kind == verdicts.PROVED
    with pytest.raises(AxisError, match=r"left side .* has axes \(D\), right side .* has axes \(D, K\)"):
        Claim(grad(loss, v), outer(v, ones(K)))


def test_11_a_contracted_delta_keeps_its_free_index() -> None:
    product = sum_over(j, delta(i, j) * x[j] * y[j])
    assert product.free == {i}
    assert decide(product == x[i] * y[i]).kind == verdicts.PROVED
    with pytest.raises(UnboundIndexError, match="index i of axis n is free"):
        by_normal_form(x @ y == product)


def test_12_the_derivative_of_a_cross_entropy_is_computed_for_symbolic_sizes() -> None:
    gradient = grad(cross_entropy(y, softmax(x)), x)
    assert decide(gradient == total(y) * softmax(x) - y).kind == verdicts.PROVED
    assert decide(gradient == softmax(x) - y).kind == verdicts.REFUTED


def test_13_bound_names_are_the_same_in_the_normal_form() -> None:
    left, right = component(sum_over(i, x[i])), component(sum_over(j, x[j]))
    assert left != right
    normalizer = Normalizer()
    assert normalizer.poly(left) == normalizer.poly(right)


@pytest.mark.parametrize("ill", [log(s - s) - log(s - s), log(-1 - total(x) ** 2 + total(x) ** 2) - 1])
def test_14_a_side_is_looked_at_before_it_can_cancel(ill: object) -> None:
    with pytest.raises(OutsideTheory):
        by_normal_form(Claim(ill, ill))  # type: ignore[arg-type]


def test_14_an_ill_typed_side_does_not_exist() -> None:
    with pytest.raises(AxisError):
        total(x - B)
    with pytest.raises(UnboundIndexError):
        by_normal_form(total(x) - total(x) == x[i] - x[i])


def test_14_a_difference_is_never_built_as_one_expression() -> None:
    """left - right is formed between normal forms, where both sides have been read already."""
    kernel = (DERIVE / "kernel.py").read_text(encoding="utf-8")
    assert "component(claim.left" in kernel and "component(claim.left - " not in kernel


def test_15_an_index_is_its_name_and_its_axis() -> None:
    assert Index("i", n) == i and hash(Index("i", n)) == hash(i)
    assert Index("i", V) != i and str(Index("i", V)) == str(i)
    assert decide(sum_over(Index("i", n), x[i]) == total(x)).kind == verdicts.PROVED
    with pytest.raises(AxisError, match=r"x\[i\] with indices on \(V\); expected indices on the leading axes of \(n\)"):
        x[Index("i", V)]


def test_15_a_sum_over_the_same_letter_of_another_axis_binds_nothing() -> None:
    assert sum_over(Index("i", V), x[i]).free == {i}
    assert decide(sum_over(Index("i", V), x[i]) == size(V) * x[i]).kind == verdicts.PROVED
    assert decide(sum_over(Index("i", V), x[i]) == x[i]).kind == verdicts.REFUTED


def test_16_ranks_and_ranges_are_checked() -> None:
    with pytest.raises(AxisError, match="indices on the leading axes"):
        x[i, j]
    with pytest.raises(AxisError):
        total(x[i] + A[i])
    with pytest.raises(AxisError, match="expected an Index to bind"):
        sum_over(5, x)  # type: ignore[arg-type]


def test_17_compiled_code_has_no_python_loop_and_evaluates_no_branch_it_should_not() -> None:
    ratio = where_positive(x, x * x / x, absolute(x))
    step = compile_value(prove(ratio == absolute(x)), side="right")
    gathered = compile_value(prove(sum_over(q, U[w(q)] @ v) == ones(K) @ sum_over(q, outer(onehot(q), U[w(q)])) @ v))
    for source in (step.source, gathered.source):
        assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, LOOPS)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert step(x=np.array([0.0, -2.0, 3.0])).tolist() == [0.0, 2.0, 3.0]


@pytest.mark.parametrize(("written", "shown"), [
    (r"\frac{\partial J}{\partial v_c}", "D(J; v_c)"), (r"u^T v", "(u^T ~ v)"), (r"\hat y", "hat:y"),
    (r"\text{softmax}(x)", "softmax@paren(x)"), ("a = b = c", "(a = b = c)"),
])
def test_18_formulas_are_read_by_our_own_reader(written: str, shown: str) -> None:
    from derive.reading.outline import outline
    from derive.reading.parsing import parse

    assert outline(parse(written)) == shown


# --- what is never reached --------------------------------------------------------------------------------------------

DERIVE = Path(__file__).resolve().parents[2] / "derive"
FILES = sorted(DERIVE.rglob("*.py"))

# All that derive uses of SymPy: nodes, exact numbers, printers, factorisation. Whatever decides, sums, substitutes or
# differentiates is absent. A name is added here with the reason why it decides nothing.
USED = {
    "Abs", "Add", "AtomicExpr", "Basic", "E", "Expr", "I", "Integer", "LatexPrinter", "Mul", "Poly", "Pow", "Rational",
    "PRECEDENCE", "S", "StrPrinter", "Tuple", "core", "exp", "factorint", "log", "nan", "oo", "pi", "sign", "symbols",
    "translate", "zoo",
}
NEVER = {
    "Derivative", "Idx", "IndexedBase", "KroneckerDelta", "MatrixSymbol", "Piecewise", "Symbol", "Wild", "as_explicit",
    "cancel", "diff", "doit", "equals", "lambdify", "limit", "match", "nsimplify", "powsimp", "refine", "rewrite",
    "simplify", "solve", "subs", "summation", "together", "xreplace",
}


def names_from_sympy(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sympy":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sympy":
            yield node.attr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(DERIVE).as_posix())
def test_only_a_few_names_of_sympy_are_used_on_the_way_to_a_verdict(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert set(names_from_sympy(tree)) <= USED
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)} & (NEVER - {"match"})
    assert "evaluate" not in {keyword.arg for call in calls for keyword in call.keywords}  # evaluate=False is no cure


def test_the_two_lists_do_not_meet() -> None:
    assert not USED & NEVER


# --- what automatic simplification may and may not do -----------------------------------------------------------------


@pytest.mark.parametrize(("right", "wrong"), [
    (sqrt(s * s) == absolute(s), sqrt(s * s) == s),
    (exp(log(s)) == s, exp(log(s)) == absolute(s) - 1),
    (maximum(s, t) == maximum(t, s), maximum(s, t) == s),
    ((s * s - t * t) / (s - t) == s + t, (s * s - t * t) / (s - t) == s - t),
])
def test_sympy_rewrites_on_construction_only_where_both_sides_are_defined(right: Claim, wrong: Claim) -> None:
    assert decide(right).kind == verdicts.PROVED
    assert decide(wrong).kind == verdicts.REFUTED


# Open when it was written: SymPy gives 1/zoo = 0 and zoo**0 = 1, so a side without any value looks like a number.
@pytest.mark.parametrize("claim", [
    1 / (1 / as_term(0)) == 0, 1 / log(s - s) == 0, s + 1 / (1 / (s - s)) == s, (s / (s - s)) ** 0 == 1,
    grad(s / (1 / (s - s)), s) == 0, total(x) / (1 / (s - s)) == 0,
], ids=repr)
def test_what_has_no_value_anywhere_is_not_proved(claim: Claim) -> None:
    assert decide(claim).kind == verdicts.UNDECIDED
