"""Documents are cut where they should be; what is skipped is skipped, and every place survives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.reading.containers import Math, cut, decoded, open_document
from derive.reading.parsing import Row, read_file, read_text
from derive.reading.positions import ReadingError

BLOCKS = [
    ("md", "so $x = 1$ and $$y = 2$$", ["x = 1", "y = 2"]),
    ("md", r"so \(x = 1\) and \[y = 2\]", ["x = 1", "y = 2"]),
    ("md", r"so \\(x = 1\\) and \\[y = 2\\]", ["x = 1", "y = 2"]),
    ("md", "```math\nx = 1\n```\n", ["x = 1"]),
    ("md", "$`x = 1`$", ["x = 1"]),
    ("md", "$$x = 1$$$$y = 2$$", ["x = 1", "y = 2"]),
    ("md", r"$\begin{aligned} a &= b \end{aligned}$", [r"\begin{aligned} a &= b \end{aligned}"]),
    ("md", "\\begin{align}\na &= b\n\\end{align}", ["\\begin{align}\na &= b\n\\end{align}"]),
    ("md", "```python\n$x = 1$\n```\n`$y = 2$` <!-- $z = 3$ --> $w = 4$", ["w = 4"]),
    ("md", "it costs $5 and $6 more, $x = 1$", ["x = 1"]),
    ("md", r"\$5 and $x = 1$", ["x = 1"]),
    ("md", r"$a = b \text{ if $i = k$}$ and $c = d$", [r"a = b \text{ if $i = k$}", "c = d"]),
    ("md", "> $$\n> a = b\n> $$", ["\n a = b\n "]),
    # one broken delimiter does not swallow what follows
    ("md", "$x = 1\n\nthen $y = 2$", ["y = 2"]),
    ("md", "$$x = 1\n\nwords come here $y = 2$", ["x = 1", "y = 2"]),
    ("md", "$$x = 1$\n\nthen $$y = 2$$", ["x = 1", "y = 2"]),
    ("md", "$$\n\nx = 1\n\n= 2\n\n$$", ["\n\nx = 1\n\n= 2\n\n"]),
    ("md", "\\[ x = 1\n\nwords come here \\[ y = 2 \\]", [" x = 1", " y = 2 "]),
    ("md", "$$$$$ $x = 1$", ["x = 1"]),
    ("tex", "a % $x = 1$\n$y = 2$ \\% $z = 3$", ["y = 2", "z = 3"]),
    ("tex", "\\begin{verbatim}$x = 1$\\end{verbatim}\\verb|$y$| $z = 3$", ["z = 3"]),
    ("tex", "\\begin{lstlisting}\n$$x$$\n\\end{lstlisting}\\iffalse $x=1$ \\fi$z = 3$", ["z = 3"]),
    ("tex", "$a = 0$\\begin{document}$x = 1$\\end{document}$y = 2$", ["x = 1"]),
    ("tex", r"\newcommand{\be}{\begin{equation}}\newcommand{\ee}{\end{equation}} \be x = 1 \ee", ["  x = 1 "]),
    ("tex", "\\begin{equation} x = 1 \n\n then \\begin{equation} y = 2 \\end{equation}",
     [" x = 1 ", "\\begin{equation} y = 2 \\end{equation}"]),
    ("txt", "the loss is here\nJ = -log(y)\n  = -u v\n", ["J = -log(y)\n", "  = -u v\n"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected"), BLOCKS)
def test_blocks(kind: str, text: str, expected: list[str]) -> None:
    document = cut(text, kind)
    assert [part.body.text for part in document.segments if isinstance(part, Math)] == expected


@pytest.mark.parametrize(("kind", "text", "expected"), BLOCKS)
def test_segments_are_in_order_and_inside(kind: str, text: str, expected: list[str]) -> None:
    end = 0
    for part in cut(text, kind).segments:
        assert end <= part.span[0] < part.span[1] <= len(text)
        end = part.span[1]


PLACES = [
    ("md", "one\n\n$$a = bc$$", "b", (3, 7)),
    ("md", "$$x\\_o = b$$", "b", (1, 10)),
    ("md", "$$a \u200b&lt; b$$", "b", (1, 11)),
    ("md", "$$\\begin{aligned}\na &= c \\\\\\\\\n&= b\n\\end{aligned}$$", "b", (3, 4)),
    ("tex", "% $x$\n\\newcommand{\\v}[1]{\\mathbf{#1}}\n$a = \\v{b}$", r"\v{b}", (3, 6)),
]


@pytest.mark.parametrize(("kind", "text", "written", "place"), PLACES)
def test_places_survive(kind: str, text: str, written: str, place: tuple[int, int]) -> None:
    (block,) = read_text(text, kind).blocks
    row = block.rows[-1]
    assert isinstance(row, Row)
    side = row.statements[-1].operands[-1]
    start = side.span[0]
    assert block.source.position(start) == place
    assert text[start:].startswith(written)


def test_notebook() -> None:
    cells = [
        {"cell_type": "code", "source": ["$x = 1$"]},
        {"cell_type": "markdown", "source": ["so\n", "$y = 2$"]},
        {"cell_type": "markdown", "source": "$z = 3$"},
    ]
    reading = read_text(json.dumps({"cells": cells}), "ipynb", "a.ipynb")
    assert [block.source.name for block in reading.blocks] == ["a.ipynb[cell 2]", "a.ipynb[cell 3]"]
    assert reading.blocks[0].source.position(reading.blocks[0].math.span[0]) == (2, 1)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": 1}', '{"cells": [1]}', "[" * 100_000])
def test_no_notebook(text: str) -> None:
    with pytest.raises(ReadingError, match="no notebook"):
        cut(text, "ipynb")


def test_front_matter_is_kept_apart() -> None:
    document = cut("---\nsetting: $a$\n---\n$x = 1$", "md")
    assert document.front_matter == "setting: $a$"
    assert [part.body.text for part in document.segments if isinstance(part, Math)] == ["x = 1"]


def test_input_beside_the_document(tmp_path: Path) -> None:
    (tmp_path / "macros.tex").write_text("\\newcommand{\\vc}{v_c}\n", encoding="utf-8")
    (tmp_path / "part.tex").write_text("$\\vc = 1$", encoding="utf-8")
    main = tmp_path / "main.tex"
    main.write_text("\\input{macros}\n\\begin{document}\\input{part.tex} $x = \\vc$\\end{document}", encoding="utf-8")
    reading = read_file(main)
    assert [Path(block.source.name).name for block in reading.blocks] == ["part.tex", "main.tex"]
    assert not list(reading.unreadable())


@pytest.mark.parametrize("name", ["../secret.tex", "/etc/passwd", "missing", "link.tex"])
def test_input_outside_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.tex").write_text("$s = 1$", encoding="utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.tex").symlink_to(tmp_path / "secret.tex")
    main = inside / "main.tex"
    main.write_text(f"\\input{{{name}}} $x = 1$", encoding="utf-8")
    document = open_document(main)
    assert [part.body.text for part in document.segments if isinstance(part, Math)] == ["x = 1"]
    (damage,) = document.damage
    assert "the folder of the document" in damage.message


def test_input_of_itself_ends(tmp_path: Path) -> None:
    main = tmp_path / "main.tex"
    main.write_text("\\input{main} $x = 1$", encoding="utf-8")
    assert len(open_document(main).damage) >= 1


def test_encodings() -> None:
    assert decoded("\ufeff$x$".encode(), "a") == "$x$"
    assert decoded("$x$".encode("utf-16"), "a") == "$x$"
    assert decoded(b"\xe9\n\xc3\xa9\n", "a") == "é\né\n"
    with pytest.raises(ReadingError, match="a zero byte"):
        decoded(b"abc\0\1\2", "a")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="a readable file"):
        open_document(tmp_path / "none.md")
