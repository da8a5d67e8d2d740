"""Macros are expanded with places kept, and never without end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from derive.reading.macros import MAX_EXPANSION, definitions, expand
from derive.reading.outline import outline_statement
from derive.reading.parsing import Row, read_text
from derive.reading.positions import ReadingError, Source, verbatim

EXPANSIONS = [
    (r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}", r"\pd{J}{v_c} = \pd J x", "D(J; v_c) = D(J; x)"),
    (r"\newcommand\vc{\mathbf{v}_c}", r"\vc^\top \vc = 1", "(v_c^top ~ v_c) = 1"),
    (r"\def\bu{\mathbf{u}}\def\by{\mathbf y}", r"\bu_o = \hat\by", "u_o = hat:y"),
    (r"\newcommand{\E}[2][x]{\mathbb{E}_{#1}[#2]}", r"\E{y} = \E[z]{y}", "E_x@square(y) = E_z@square(y)"),
    (r"\DeclareMathOperator{\softmax}{softmax}", r"\softmax(x) = y", "softmax@paren(x) = y"),
    (r"\DeclareMathOperator*{\argmax}{arg\,max}", r"\argmax_w x = y", "argmax_w@x = y"),
    (r"\renewcommand{\vec}[1]{\mathbf{#1}}", r"\vec{u} = v", "u = v"),
    (r"\let\eps=\epsilon", r"\eps x = 1", "(epsilon ~ x) = 1"),
    (r"\newcommand{\a}{\b}\newcommand{\b}{c}", r"\a d = 1", "(c ~ d) = 1"),
    (r"\newcommand{\J}[1]{J_{\text{#1}}}", r"\J{neg-sample} = 1", "J_{neg-sample} = 1"),
]


@pytest.mark.parametrize(("defined", "written", "expected"), EXPANSIONS)
def test_expansion(defined: str, written: str, expected: str) -> None:
    (block,) = read_text(f"{defined}\n$${written}$$", "md").blocks
    (row,) = block.rows
    assert isinstance(row, Row)
    assert outline_statement(row.statements[0]) == expected


def test_places_of_arguments_are_their_own() -> None:
    text = r"\pd{J}{v}"
    macros, _ = definitions(r"\newcommand{\pd}[2]{#2/#1}")
    body = expand(verbatim(text, 0, len(text)), macros, Source("a", text))
    assert body.text == "v/J"
    assert [body.span(at, at + 1) for at in range(3)] == [(7, 8), (0, 9), (4, 5)]


TEN = r"\x{0}" * 10
ENDLESS = [
    r"\newcommand{\x}{\x}",
    r"\newcommand{\x}{\x\x}",
    r"\def\x{\y\y\y}\def\y{\x}",
    r"\newcommand{\x}[1][\x]{#1 \x}",
    "".join(rf"\newcommand{{\x{a}}}{{{TEN.format(b)}}}" for a, b in pairwise("abcdefghija")) + r"\def\x{\xa}",
]


@pytest.mark.parametrize("defined", ENDLESS)
def test_endless_expansion_is_one_error(defined: str) -> None:
    macros, _ = definitions(defined)
    with pytest.raises(ReadingError, match="expands without end"):
        expand(verbatim(r"\x y", 0, 4), macros, Source("a", r"\x y"))
    assert MAX_EXPANSION < 1_000_000


def test_missing_argument() -> None:
    macros, _ = definitions(r"\newcommand{\pd}[2]{#2/#1}")
    with pytest.raises(ReadingError, match="nothing to take"):
        expand(verbatim(r"\pd{J}", 0, 6), macros, Source("a", r"\pd{J}"))


@pytest.mark.parametrize("broken", [r"\newcommand{\x", r"\def\x#1", r"\newcommand", r"\let\x", r"\newcommand{\x}[9"])
def test_broken_definitions_are_none(broken: str) -> None:
    assert definitions(broken) == ({}, [])
