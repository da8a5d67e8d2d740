"""Expressions are read as written, refused with a place, and printed back unchanged.

In an outline `~` is juxtaposition and `?` "application or product"; see `derive.reading.outline`.
"""

from __future__ import annotations

import pytest

from derive.reading.outline import outline, outline_statement
from derive.reading.parsing import Row, Unreadable, parse, read_text
from derive.reading.positions import ReadingError
from derive.reading.printing import latex

READ = [
    # derivatives
    (r"\frac{\partial J}{\partial v_c}", "D(J; v_c)"),
    (r"\frac{\partial{J}}{\partial{\bm v_c}}", "D(J; v_c)"),
    (r"\frac{\partial}{\partial \theta}\left(-\theta_k\right)", "D*(paren(-theta_k); theta)"),
    (r"\frac{d}{dx}\sigma(x) \cdot y", "(d*(sigma@paren(x); x) \\cdot y)"),
    (r"\frac{\text{d} J}{\text{d} x} + \frac{\mathrm{d}J}{\mathrm{d}x}", "(d(J; x) + d(J; x))"),
    (r"\partial J / \partial v_c + dJ/dx", "(D(J; v_c) + d(J; x))"),
    (r"\nabla_{v_c} J(v_c, o, U)", "nabla*(J@paren([v_c , o , U]); v_c)"),
    (r"\frac{-\partial}{\partial U_k} \log x", "-D*(log@x; U_k)"),
    (r"\frac{\partial J}{v_c}", "D(J; v_c !no \\partial below)"),
    (r"\frac{J}{\partial v_c}", "D(J; v_c !no \\partial above)"),
    (r"\frac{\partial^2 f}{\partial x\,\partial y}", "D^2(f; x, y)"),
    (r"\frac{\partial \mathcal{J}}{\partial v}(v_c, w_{c+j}, v)", "D(J; v)@paren([v_c , w_{(c + j)} , v])"),
    (r"\frac{d}{d_k}", "frac(d, d_k)"),
    (r"\left.\frac{\partial f}{\partial x}\right|_{x=0}", "none-abs(D(f; x))_{(x = 0)}"),
    # functions
    (r"softmax(x)_i", "softmax@paren(x)_i"),
    (r"y_i\log \hat y_i v", "(y_i ~ log@(hat:y_i ~ v))"),
    (r"-\log P(o|c)", "-log@P@paren((o given c))"),
    (r"log\sum_{w=1}^{W} e^{u_w^{\top} v_c}", "log@sum_{(w = 1)}^W<e^{(u_w^top ~ v_c)}>"),
    (r"\sigma'(x) \sigma^2(x)", "(sigma'@paren(x) ~ sigma^2@paren(x))"),
    (r"\sigma^2 + \sigma_b", "(sigma^2 + sigma_b)"),
    (r"\log{\frac{a}{b}}", "log@frac(a, b)"),
    (r"\exp\left\{x\right\}", "exp@curly(x)"),
    (r"v_c(\hat y - y)", "(v_c ? paren((hat:y - y)))"),
    (r"\operatorname{tr}(A) \max_w x", "(tr@paren(A) ~ max_w@x)"),
    (r"\mathbb{E}_{x\sim p}[f(x)]", "E_{(x \\sim p)}@square((f ? paren(x)))"),
    (r"P(O=o \mid C=c)", "P@paren(((O = o) given (C = c)))"),
    (r"p(x/c)", "p@paren((x / c))"),
    (r"J_{\text{naive-softmax}}(v_c, o, U)", "J_{naive-softmax}@paren([v_c , o , U])"),
    # sums
    (r"\sum_{-m \le j \le m, j \ne 0} F_j", "sum_{[(-m \\le j \\le m) , (j \\ne 0)]}<F_j>"),
    (r"\sum_{\substack{t \\ w_t = w_s}} x_t", "sum_{[t \\\\ (w_t = w_s)]}<x_t>"),
    (r"\sum_{w\in Vocab} y_w - c", "(sum_{(w \\in Vocab)}<y_w> - c)"),
    (r"\sum\limits_i x_i \sum x", "sum_i<(x_i ~ sum<x>)>"),
    (r"\sum_{-m<=j<=m \atop j != 0} x", "sum_{[(-m \\le j \\le m) \\\\ (j \\ne 0)]}<x>"),
    (r"\prod_{i=1}^{n} -x_i", "prod_{(i = 1)}^n<-x_i>"),
    (r"\sum_{i=1..n} x_i", "sum_{(i = (1 .. n))}<x_i>"),
    # names, scripts, accents
    (r"\hat{\bf y}_o + \bm{\hat y_o} + {\bf \hat{y}}", "(hat:y_o + hat:y_o + hat:y)"),
    (r"J_{naive-softmax} + J_{skip\_gram} + w_{t-m}", "(J_{naive-softmax} + J_{skip_gram} + w_{(t - m)})"),
    (r"\delta_{ij} W^{(2)}_{[i,k]}", "(delta_{(i ~ j)} ~ W_{square([i , k])}^{paren(2)})"),
    (r"u_{w \ne o}^\intercal u_{w=o}", "(u_{(w \\ne o)}^intercal ~ u_{(w = o)})"),
    (r"x^12", "(x^1 ~ 2)"),
    (r"w^{2T} a^{-1} f^{\prime}(x)", "(w^{(2 ~ T)} ~ a^{-1} ~ f'@paren(x))"),
    (r"xW_1 + b_1", "((x ~ W_1) + b_1)"),
    # brackets and grouping
    (r"{A-B-C}\left(D\right)", "(A - B - (C ? paren(D)))"),
    (r"\|x\|_2 = |a| + |b||c|", "(norm(x)_2 = (abs(a) + (abs(b) ~ abs(c))))"),
    (r"\{1,2,\dots,K\}", "curly([1 , 2 , .. , K])"),
    (r"a . b * c \circ d \odot e \otimes f / g", "(a . b * c \\circ d \\odot e \\otimes f / g)"),
    (r"{a + b}^2 {a + b \over c}", "(brace((a + b))^2 ~ frac((a + b), c))"),
    (r"1[i = j] + \mathbb{1}\{w=o\} + \mathbf{1}(x>0)",
     "(indicator(square((i = j))) + indicator(curly((w = o))) + indicator(paren((x > 0))))"),
    (r"[x_1 \quad x_2 \dots]", "square([x_1 \\quad (x_2 .. _)])"),
    (r"\begin{bmatrix} 1 & 0 \\ \vdots & \end{bmatrix}_{2 \times 2}", "bmatrix(1, 0; .., _)_{(2 \\times 2)}"),
    (r"\begin{cases} x & \text{if } x > 0, \\ \alpha x, & \text{otherwise.} \end{cases}",
     "cases(x | if (x > 0); (alpha ~ x) | otherwise)"),
    (r"\left\{\begin{array}{ll} 1 & i=k \\ 0 & i \ne k\end{array}\right.", "cases(1 | (i = k); 0 | (i \\ne k))"),
    (r"\underbrace{x}_{\text{it is } n \times 1} \cancel{y} \textcolor{red}{z}",
     '(underbrace(x, ["it is" & (n \\times 1)]) ~ cancel(y) ~ color(z, "red"))'),
    (r"\sqrt[3]{x} \frac12", "(root(x, 3) ~ frac(1, 2))"),
    (r"x − 1 ≤ ŷ·σ(θ)", "((x - 1) \\le (hat:y \\cdot sigma@paren(theta)))"),
]  # fmt: skip
"""One expression each."""

ROWS = [
    ("a = b = c", ["a = b = c"]),
    ("= b =", ["= b ="]),
    (r"a)\; J = 0 \checkmark", ["<a> J = 0 #check"]),
    (r"(ii)\quad x = y \quad (3)", ["<ii> <3> x = y"]),
    (r"\textcircled{1} \text{ if } i \ne 0 \Rightarrow J = 1", ["<1> \\Rightarrow: J = 1 | if (i \\ne 0)"]),
    (r"J = 0, \quad j \ne c", ["J = 0 | (j \\ne c)"]),
    (r"J = 0 \quad \text{for all } k \in \{1,\dots,K\}", ["J = 0 | for all (k \\in curly([1 , .. , K]))"]),
    (r"a_{i} = b, \quad i = 1, \dots, n", ["a_i = b | [(i = 1) , .. , n]"]),
    (r"\forall x \in \mathbb{R}, \quad f(x) = 0", ["(f ? paren(x)) = 0 | \\forall (x \\in R)"]),
    (r"1)\, i = k \quad a = 1 \text{ and } b = 2", ["<1> a = 1 | (i = k)", "and: b = 2 | (i = k)"]),
    (r"z = xW + b \quad z \in \mathbb{R}^{1 \times n}", ["z = ((x ~ W) + b)", "z \\in R^{(1 \\times n)}"]),
    (r"1 \times n \quad n \times i", ["(1 \\times n)", "(n \\times i)"]),
    (r"x = 1 \implies y = 2 \therefore z = 3", ["x = 1", "\\Rightarrow: y = 2", "\\therefore: z = 3"]),
    (r"J = 0 \text{ because } 0 \ne \{W_1\}", ["J = 0", "because: 0 \\ne curly(W_1)"]),
    (r"\boxed{\textcolor{red}{a = b}}", ["a = b #boxed #color"]),
    (r"a \stackrel{(a)}{=} b \overset{!}{=} c", ["a = b = c"]),
    (r"\hat y = P(O=o|C=c) \tag{2.1}", ["<2.1> hat:y = P@paren(((O = o) given (C = c)))"]),
    (r"a = b \text{ (chain rule)} = c", ['a = b = c "(chain rule)"']),
    (r"\begin{aligned} a &= b \\ &\quad + c \\ &= d \end{aligned}", ["a = (b + c)", "= d"]),
    (r"\begin{eqnarray} a &=& b \nonumber \\ &=& c \end{eqnarray}", ["a = b", "= c"]),
    (r"\begin{align} a &= b & c &= d \\ e &= f \end{align}", ["a = b", "c = d", "e = f"]),
    (r"\begin{aligned} J &= \left( a \right. \\ &\left. + b \right) \end{aligned}", ["J = paren((a + b))"]),
    (r"\begin{cases} z = h w \\ h = x \end{cases} \Rightarrow y = 1",
     ["z = (h ~ w)", "h = x", "\\Rightarrow: y = 1"]),
    (r"\left\{ \begin{aligned} a &= 1 \\ b &= 2 \quad \text{otherwise} \end{aligned}\right.",
     ["a = 1", "b = 2 | otherwise #braced"]),
    (r"6(x) = \frac{1}{1+e^{-x}}", ["sigma@paren(x) = frac(1, (1 + e^{-x})) !6->\\sigma"]),
    (r"a = (b + c", ["a = paren((b + c)) !->)"]),
    (r"a = b) + c", ["a = (b + c) !)->"]),
    (r"-\log(\sigma(x) - \sum_k y_k",
     ["(-log@paren(sigma@paren(x)) - sum_k<y_k>) !->)"]),
    (r"J = 0\ (\text{when } w \ne c)", ["J = 0 | when (w \\ne c)"]),
    (r"J = b \quad (\text{chain rule})", ['J = b "chain rule"']),
    (r"\hat y = softmax(\theta) \quad where \quad \theta = U", ["hat:y = softmax@paren(theta)", "where: theta = U"]),
    (r"\begin{array}{rcl} a &=& b\\ &=& c\end{array}", ["a = b", "= c"]),
    (
        r"f = \left\{\begin{aligned} 1 & , & x>0 \\ 0 & , & x<0 \end{aligned}\right.",
        ["f = cases(1 | (x > 0); 0 | (x < 0))"],
    ),
    (r"a = b \tag*{(chain)}", ["<(chain)> a = b"]),
    (r"a &lt; b \\\\ c\_d = e", ["a < b", "c_d = e"]),
]  # fmt: skip
"""One block of Markdown each, and its statements."""

UNREADABLE = [
    (r"x = \frac{1}{}", "above and below the line of a fraction"),
    (r"x = \frac{1}{", "a closing }"),
    (r"x = \frac{\frac{\log(1}{2", "a closing bracket"),
    (r"x + = y", "an operand"),
    (r"\frac{1}{\sum_w} = 1", "what \\sum applies to"),
    (r"\foo x = 1", "\\newcommand{\\foo}{...}"),
    (r"\begin{bmatrix} 1 = x", "\\end{bmatrix}"),
    (r"a ^ = b", "an operand"),
    (r"\text{if x = 1", "words in braces after \\text"),
    ("(" * 200 + "x" + ")" * 200, "levels inside each other"),
]
"""Blocks that must be refused, and what their error must say."""


def rows(text: str) -> list[Row | Unreadable]:
    reading = read_text(f"$${text}$$", "md")
    return [row for block in reading.blocks for row in block.rows]


@pytest.mark.parametrize(("written", "expected"), READ)
def test_expression(written: str, expected: str) -> None:
    assert outline(parse(written)) == expected


@pytest.mark.parametrize(("written", "expected"), READ)
def test_print_then_parse(written: str, expected: str) -> None:
    tree = parse(written)
    assert parse(latex(tree)) == tree


@pytest.mark.parametrize(("written", "expected"), ROWS)
def test_rows(written: str, expected: list[str]) -> None:
    read = rows(written)
    assert [row.error.message for row in read if isinstance(row, Unreadable)] == []
    assert [outline_statement(s) for row in read if isinstance(row, Row) for s in row.statements] == expected


@pytest.mark.parametrize(("written", "expected"), UNREADABLE)
def test_unreadable(written: str, expected: str) -> None:
    (row,) = rows(written)
    assert isinstance(row, Unreadable)
    assert expected in row.error.message
    assert "^" in str(row.error)


def test_other_rows_survive() -> None:
    first, second, third = rows(r"a = b \\ c + = \\ d = e")
    assert isinstance(first, Row)
    assert isinstance(second, Unreadable)
    assert isinstance(third, Row)


def test_caret() -> None:
    with pytest.raises(ReadingError) as caught:
        parse("x + * y")
    assert str(caught.value) == "formula:1:5: found *, expected an operand\nx + * y\n    ^"


def test_stacked_label_is_kept() -> None:
    (row,) = rows(r"a \stackrel{(a)}{=} b")
    assert isinstance(row, Row)
    label = row.statements[0].relations[0].label
    assert label is not None and label.text == "(a)"
