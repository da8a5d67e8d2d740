"""Whole documents: chains across rows and blocks, the write-ups, bad input, and properties."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from derive.reading.__main__ import main
from derive.reading.outline import outline, outline_statement
from derive.reading.parsing import Reading, Row, Unreadable, chains, parse, read_file, read_text
from derive.reading.positions import ReadingError, Source, verbatim
from derive.reading.printing import latex
from derive.reading.syntax import Node, children, walk
from derive.reading.tokens import tokenize

SEEDS = sorted((Path(__file__).parents[3] / "shared" / "seeds").glob("*.txt"))
needs_seeds = pytest.mark.skipif(not SEEDS, reason="the write-ups are not here")

CHAINS = [
    ("$$a = b$$ so $$= c$$", ["a b c"]),
    ("$$a = b =$$ $$= c = d$$", ["a b c d"]),
    ("$$a = b =$$ $$c$$", ["a b c"]),
    ("$$a = b$$ where $x$ is a number $$= c$$", ["a b c", "x"]),
    (r"$$\begin{aligned} a &= b \\ &= c \\ d &= e \end{aligned}$$", ["a b c", "d e"]),
    (r"$$\begin{aligned} a & \\ =& b \\ =& c \end{aligned}$$", ["a b c"]),
    (r"$$a = b \implies = c$$", ["a b", "c"]),
    (r"$$a = b$$ $$c + = $$ $$= d$$", ["a b", "d"]),
    ("$w^2, b =$ $$= H$$", ["w^2", "b H"]),
]


@pytest.mark.parametrize(("text", "expected"), CHAINS)
def test_chains(text: str, expected: list[str]) -> None:
    found = [" ".join(map(outline, chain.operands)) for chain in chains(read_text(text, "md"))]
    assert found == expected


def test_steps_of_a_chain() -> None:
    (chain,) = chains(read_text("$$a = b$$ $$\\le c$$", "md"))
    assert [(left.written, sign.text, right.written) for left, sign, right in chain.steps()] == [
        ("a", "=", "b"),
        ("b", "\\le", "c"),
    ]
    (broken,) = chains(read_text("$$= b = c$$", "md"))
    assert broken.open_left
    assert [(left.written, right.written) for left, _, right in broken.steps()] == [("b", "c")]


@needs_seeds
def test_write_ups_are_read() -> None:
    started = time.perf_counter()
    readings = [read_file(path) for path in SEEDS]
    seconds = time.perf_counter() - started
    displays = [block for reading in readings for block in reading.blocks if block.math.display]
    read = [block for block in displays if not any(isinstance(row, Unreadable) for row in block.rows)]
    assert len(read) >= 0.97 * len(displays)
    assert sum(len(reading.blocks) for reading in readings) == 254
    assert seconds < 2.0  # half a second is asked for; a busy machine gets more


@needs_seeds
def test_write_ups_print_and_parse() -> None:
    for path in SEEDS:
        for side in sides(read_file(path)):
            assert parse(latex(side)) == side


def sides(reading: Reading) -> list[Node]:
    rows = [row for block in reading.blocks for row in block.rows if isinstance(row, Row)]
    return [side for row in rows for statement in row.statements for side in statement.operands]


def check_spans(reading: Reading) -> None:
    """Spans lie inside the source, and those of children inside those of their parents."""
    for block in reading.blocks:
        length = len(block.source.text)
        for row in block.rows:
            if isinstance(row, Unreadable):
                assert 0 <= row.error.span[0] <= length
                assert str(row.error)
                continue
            for statement in row.statements:
                for side in statement.operands:
                    for node in walk(side):
                        assert 0 <= node.span[0] <= node.span[1] <= length
                        for child in children(node):
                            assert node.span[0] <= child.span[0] and child.span[1] <= node.span[1]


@needs_seeds
def test_spans_of_write_ups() -> None:
    for path in SEEDS:
        check_spans(read_file(path))


HOSTILE = {
    "dollars": "$" * 10_000_000,
    "pairs": "$a " * 200_000,
    "opened": "\\( x= " * 100_000,
    "environments": "\\begin{align} " * 50_000,
    "sum": "$$" + " + ".join(["x"] * 100_000) + "$$",
    "factors": "$$" + "x " * 50_000 + "$$",
    "sides": "$$" + "=".join(["x"] * 50_000) + "$$",
    "rows": "$$" + "\\\\ ".join(["x=1"] * 5_000) + "$$",
    "brackets": "$$" + "(" * 50_000 + "x" + ")" * 50_000 + "$$",
    "braces": "$$" + "{" * 50_000 + "$$",
    "fractions": "$$" + "\\frac{" * 5_000 + "x" + "}{y}" * 5_000 + "$$",
    "scripts": "$$" + "x^{" * 5_000 + "y" + "}" * 5_000 + "$$",
    "carets": "$$" + "x^" * 50_000 + "x$$",
    "accents": "$$" + "\\hat" * 20_000 + "x$$",
    "signs": "$$" + "-" * 50_000 + "x$$",
    "sums": "$$" + "\\sum_i " * 20_000 + "x$$",
    "logarithms": "$$" + "\\log " * 20_000 + "x$$",
    "exponent": "$$x^{" + "9" * 500_000 + "}$$",
    "bars": "$$" + "|" * 30_000 + "$$",
    "boxes": "$$" + "\\boxed{" * 5_000 + "x=1" + "}" * 5_000 + "$$",
    "texts": "$\\text{" * 20_000,
    "macros": "\\newcommand{\\a}{" * 20_000,
    "recursion": "\\newcommand{\\x}{\\x\\x} $$\\x$$",
    "noise": "".join(chr(1 + (i * i * 7919) % 0x2FFF) for i in range(100_000)),
}


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "md") for name in HOSTILE), *((name, "tex") for name in HOSTILE), ("macros", "txt")]
)
def test_hostile_input_is_bounded(name: str, kind: str) -> None:
    started = time.perf_counter()
    try:
        reading = read_text(HOSTILE[name], kind)
        chains(reading)
        for row in reading.unreadable():
            assert len(str(row.error)) < 1_000
        for side in sides(reading)[:100]:
            latex(side)
    except ReadingError as error:
        assert len(str(error)) < 1_000
    assert time.perf_counter() - started < 20  # about a second each; a busy machine gets more


PIECES = st.sampled_from(
    r"""
    a b x y_i u_o^T v_c \hat{y} \mathbf{x} \theta 1 2.5 + - = \cdot \times / . , ; : ( ) [ ] \{ \} { } | ||
    \left( \right) \frac{a}{b} \frac \frac{\partial{}J}{\partial{}x} \frac{\partial}{\partial{}x} \partial d \nabla_x
    \sum_{i=1}^n \sum \prod_i \log \exp( \sigma( \sigma' ' ^ _ ^{2} _{ij} ^T & \\ \quad \text{if} \text{softmax}(
    \text{for~all} \begin{cases} \end{cases} \begin{bmatrix} \end{bmatrix} \begin{aligned} \end{aligned} \in \ne \le
    \Rightarrow \dots ... 1[ \mathbb{1} \underbrace{x}_{1} \boxed{ \sqrt{x} P(O=o|C=c) \max \circ \not ! $ $$ % # ~
    \foo \hat \substack{ \over \atop é σ ∑ − ² 中 softmax log if \forall \mid \big| \stackrel{a}{=} \color{red} \tag{1}
    a) (i) 6( \limits \operatorname{tr} \mathrm{d} \cancel{x} \bu \left\{ \right. \vec \bm{ {\bf \overset{a}{x} \1
    """.split()  # noqa: SIM905
)


@given(st.lists(PIECES, max_size=25).map(" ".join))
@example("a=b\\\\")
def test_nothing_but_reading_errors(text: str) -> None:
    for kind in ("md", "tex"):
        reading = read_text(f"$${text}$$", kind)
        chains(reading)
        check_spans(reading)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_print_then_parse(text: str) -> None:
    try:
        tree = parse(text)
    except ReadingError:
        return
    printed = latex(tree)
    again = parse(printed)
    assert outline(again) == outline(tree)
    assert again == tree


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    for kind in ("md", "tex", "txt", "ipynb"):
        try:
            check_spans(read_text(text, kind))
        except ReadingError as error:
            assert str(error)


@given(st.text(max_size=60))
def test_tokens_cover_the_text(text: str) -> None:
    source = Source("a", text)
    try:
        tokens = tokenize(verbatim(text, 0, len(text)), source)
    except ReadingError:
        return
    assert tokens[-1].kind == "end"
    for token in tokens:
        assert 0 <= token.start <= token.end <= len(text)


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text("$a = b$", encoding="utf-8")
    bad.write_bytes(b"$$a = ($$ $x + $ \xff\xfe")
    assert main([str(good)]) == 0
    assert main([str(bad)]) == 1
    assert main([str(tmp_path / "none")]) == 3
    assert main([]) == 2
    shown = capsys.readouterr()
    assert "good.md:1:2: a = b" in shown.out
    assert "found the end of the row, expected an operand" in shown.out
    assert "Traceback" not in shown.out + shown.err


def test_statement_outline_names_everything() -> None:
    (block,) = read_text(r"$$(a)\ x = 6(y) \text{ if } i = k$$", "md").blocks
    (row,) = block.rows
    assert isinstance(row, Row)
    assert outline_statement(row.statements[0]) == "<a> x = sigma@paren(y) | if (i = k) !6->\\sigma"
